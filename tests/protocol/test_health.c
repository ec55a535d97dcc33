/* Health: exactly the pool's number, or the reason why there is none. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/protocol/a_pool.h"
#include "tests/protocol/recorded.h"

static const uint32_t revisions[] = {1, 4, 6, 7, 8, 9, 10, 11};

static enum health_error error_of(const struct market *market, const struct held *held)
{
    struct health health;

    return protocol_at(market->protocol)->health(&health, market, &held->position);
}

static struct market *prepared(uint32_t revision)
{
    struct market *market = a_pool(revision);

    cr_assert(protocol_at(market->protocol)->prepare(market, POOL_AT_S));
    return market;
}

static void assert_wad(const struct wad *is, const char *should)
{
    char text[U256_TEXT_SIZE];

    u256_format(text, &is->value);
    cr_expect(eq(str, text, (char *)should));
}

Test(health, is_exactly_one_at_the_threshold_in_every_version)
{
    for (size_t i = 0; i < ARRAY_LENGTH(revisions); i++) {
        struct market *market = prepared(revisions[i]);
        struct held held;
        a_loan(&held, market, WETH, 1000000, USDC, 1600000000); /* 1 WETH, 1600 USDC */
        struct health health = health_of(market, &held.position);
        assert_wad(&health.factor, "1000000000000000000");
        cr_expect(eq(u32, health.threshold_bps, 8000));
        free(market);
    }
}

Test(health, of_who_owes_nothing_is_without_end)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 1000000, USDC, 0);
    struct health health = health_of(market, &held.position);
    cr_expect(u256_is_equal(&health.factor.value, &U256_MAX));
    free(market);
}

Test(health, of_nothing_at_all_is_without_end)
{
    struct market *market = prepared(1);
    struct held held;

    a_loan(&held, market, WETH, 0, USDC, 0);
    struct health health = health_of(market, &held.position);
    cr_expect(u256_is_equal(&health.factor.value, &U256_MAX));
    cr_expect(u256_is_zero(&health.collateral_value));
    free(market);
}

/* One unit of USDC is worth 100 in base currency; one satoshi 40000; one wei of WETH nothing. */
Test(health, the_dust_of_a_debt_counts_from_3_5_on)
{
    struct market *market = prepared(8);
    struct held held;

    a_loan(&held, market, USDC, 1000000, WETH, 0);
    const struct leg dust = {.owed = 1, .reserve = WETH, .flags = LEG_DEBT};
    held_add(&held, &dust);
    struct health health = health_of(market, &held.position);
    cr_expect(u256_is_zero(&health.debt_value));
    market->revision = 9;
    health = health_of(market, &held.position);
    cr_expect(u256_is_equal(&health.debt_value, &U256_ONE));
    free(market);
}

Test(health, collateral_without_a_threshold_counts_from_3_6_on)
{
    struct market *market = prepared(9);
    struct held held;

    market->reserve[WETH].threshold_bps = 0;
    a_loan(&held, market, WETH, 1000000, USDC, 1000000);
    struct health health = health_of(market, &held.position);
    cr_expect(u256_is_zero(&health.collateral_value));
    market->revision = 10;
    health = health_of(market, &held.position);
    cr_expect(not(u256_is_zero(&health.collateral_value)));
    cr_expect(u256_is_zero(&health.factor.value));
    free(market);
}

Test(health, a_category_lends_its_threshold_to_what_is_in_it)
{
    struct market *market = prepared(1);
    struct held held;

    market->category[3] = (struct category){.is_used = true, .threshold_bps = 9500};
    market->reserve[WETH].category = 3;
    a_loan(&held, market, WETH, 1000000, USDC, 1900000000);
    held.position.category = 3;
    struct health health = health_of(market, &held.position);
    assert_wad(&health.factor, "1000000000000000000");
    market->reserve[WETH].category = 4;
    health = health_of(market, &held.position);
    cr_expect(eq(u32, health.threshold_bps, 8000));
    market->revision = 10; /* from 3.2 the bitmap says what is in it */
    health = health_of(market, &held.position);
    cr_expect(eq(u32, health.threshold_bps, 8000));
    market->category[3].collateral_bitmap = u256_of(1u << WETH);
    health = health_of(market, &held.position);
    cr_expect(eq(u32, health.threshold_bps, 9500));
    free(market);
}

Test(health, a_categorys_price_stands_for_its_assets_to_3_1)
{
    struct market *market = prepared(4);
    struct held held;

    market->category[3] = (struct category){.is_used = true,
                                            .threshold_bps = 9500,
                                            .price_source = {{9}},
                                            .price = {PRICE_OK, u256_of(100000000000)}};
    market->reserve[WETH].category = 3;
    a_loan(&held, market, WETH, 1000000, USDC, 950000000);
    held.position.category = 3;
    struct health health = health_of(market, &held.position);
    assert_wad(&health.factor, "1000000000000000000");
    cr_expect(u256_is_equal(&health.collateral_value, &(struct u256){{100000000000}}));
    free(market);
}

Test(health, a_dropped_reserve_is_skipped_as_the_pool_skips_it)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 1000000, USDC, 1600000000);
    const struct leg ghost = {.reserve = WBTC, .flags = LEG_COLLATERAL};
    held_add(&held, &ghost);
    market_set_asset(market, WBTC, &(struct address){{0}});
    struct health health = health_of(market, &held.position);
    assert_wad(&health.factor, "1000000000000000000");
    free(market);
}

Test(health, a_leg_with_neither_flag_counts_for_nothing)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 1000000, USDC, 1600000000);
    const struct leg idle = {.supplied = 100000000, .reserve = WBTC};
    held_add(&held, &idle);
    struct health health = health_of(market, &held.position);
    assert_wad(&health.factor, "1000000000000000000");
    free(market);
}

/* ---- refusals */

static void assert_refused(const struct market *market, const struct held *held,
                           enum health_error should)
{
    cr_expect(eq(int, (int)error_of(market, held), (int)should), "%s should be: %s",
              health_error_text(error_of(market, held)), health_error_text(should));
}

Test(health, refuses_an_asset_without_a_price_even_as_dust)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 1000000, USDC, 1);
    market->reserve[USDC].price.status = PRICE_MISSING;
    assert_refused(market, &held, HEALTH_NO_PRICE);
    market->reserve[USDC].price.status = PRICE_UNKNOWN;
    assert_refused(market, &held, HEALTH_STALE);
    free(market);
}

Test(health, does_not_mind_an_asset_that_it_does_not_hold)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 1000000, USDC, 1);
    market->reserve[WBTC].price.status = PRICE_MISSING;
    assert_refused(market, &held, HEALTH_OK);
    free(market);
}

Test(health, refuses_a_category_whose_price_is_missing)
{
    struct market *market = prepared(1);
    struct held held;

    market->category[3] = (struct category){
        .is_used = true, .price_source = {{9}}, .price = {.status = PRICE_MISSING}};
    a_loan(&held, market, WETH, 1000000, USDC, 1);
    held.position.category = 3;
    assert_refused(market, &held, HEALTH_NO_PRICE);
    market->category[3].stale = CATEGORY_STALE_PRICE;
    assert_refused(market, &held, HEALTH_STALE);
    free(market);
}

Test(health, refuses_what_is_stale)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 1000000, USDC, 1);
    held.position.flags = POSITION_STALE;
    assert_refused(market, &held, HEALTH_STALE);
    held.position.flags = 0;
    held.leg[0].flags |= LEG_STALE;
    assert_refused(market, &held, HEALTH_STALE);
    held.leg[0].flags = LEG_COLLATERAL;
    static const uint32_t stale[] = {RESERVE_STALE_ASSET, RESERVE_STALE_STATE, RESERVE_STALE_PRICE};
    for (size_t i = 0; i < ARRAY_LENGTH(stale); i++) {
        market->reserve[WETH].stale = stale[i];
        assert_refused(market, &held, HEALTH_STALE);
    }
    market->reserve[WETH].stale = RESERVE_STALE_EXTRA | RESERVE_STALE_HELD | RESERVE_STALE_TOKEN;
    assert_refused(market, &held, HEALTH_OK);
    held.position.category = 7; /* nobody has read its terms */
    assert_refused(market, &held, HEALTH_STALE);
    free(market);
}

Test(health, refuses_a_reserve_that_is_not_read_yet)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 1000000, USDC, 1);
    const struct leg unknown = {.supplied = 1, .reserve = 77, .flags = LEG_COLLATERAL};
    held_add(&held, &unknown);
    assert_refused(market, &held, HEALTH_STALE);
    free(market);
}

Test(health, refuses_what_is_not_modelled)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 1000000, USDC, 1);
    held.position.flags = POSITION_UNSUPPORTED;
    assert_refused(market, &held, HEALTH_UNSUPPORTED);
    held.position.flags = POSITION_DRIFTED;
    assert_refused(market, &held, HEALTH_DRIFTED);
    held.position.flags = 0;
    market->reserve[USDC].flags |= RESERVE_MINTED;
    assert_refused(market, &held, HEALTH_UNSUPPORTED);
    free(market);
}

Test(health, refuses_a_version_that_nobody_has_read)
{
    struct market *market = prepared(12);
    struct held held;

    a_loan(&held, market, WETH, 1000000, USDC, 1);
    assert_refused(market, &held, HEALTH_UNSUPPORTED);
    market->revision = 0;
    assert_refused(market, &held, HEALTH_UNSUPPORTED);
    free(market);
}

Test(health, refuses_a_product_over_256_bits)
{
    struct market *market = prepared(10);
    struct held held;
    const struct health before = {.threshold_bps = 77};
    struct health health = before;

    a_loan(&held, market, WETH, 1000000, USDC, 1);
    market->reserve[WETH].price.value = U256_MAX;
    cr_expect(eq(int, (int)protocol_at(market->protocol)->health(&health, market, &held.position),
                 HEALTH_OVERFLOW));
    cr_expect(eq(u32, health.threshold_bps, 77), "*out was touched");
    free(market);
}
