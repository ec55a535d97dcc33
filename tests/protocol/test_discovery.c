/* A market is found from its root alone, followed from block to block, and never guessed at. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/protocol/fake_pool.h"

static void next_block(struct market *market)
{
    struct header header = {.number = market->block.number + 1, .timestamp_s = 2000};

    market_begin_block(market, &header);
}

static struct market *settled(struct fake_pool *fake)
{
    struct market *market = fake_market();

    next_block(market);
    fake_settle(fake, market, NULL);
    return market;
}

Test(discovery, of_every_version_ends_complete)
{
    static const uint64_t revisions[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

    for (size_t i = 0; i < ARRAY_LENGTH(revisions); i++) {
        struct fake_pool fake;
        fake_pool_init(&fake, revisions[i]);
        struct market *market = settled(&fake);
        cr_expect(market_is_complete(market), "revision %lu", revisions[i]);
        cr_expect(eq(u32, fake.unanswered, 0), "revision %lu", revisions[i]);
        cr_expect(eq(u32, market->revision, (uint32_t)revisions[i]));
        cr_expect(eq(int, (int)market->trust, MARKET_UNPROVED));
        free(market);
    }
}

Test(discovery, reads_each_term_of_a_reserve)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    struct market *market = settled(&fake);
    const struct reserve *reserve = &market->reserve[0];
    cr_expect(eq(str, (char *)reserve->symbol, "TOK"));
    cr_expect(eq(u32, reserve->decimals, 6));
    cr_expect(eq(u32, reserve->ltv_bps, 7000));
    cr_expect(eq(u32, reserve->threshold_bps, 8000));
    cr_expect(eq(u32, reserve->bonus_bps, 10500));
    cr_expect(eq(u32, reserve->protocol_fee_bps, 1000));
    cr_expect(eq(u32, reserve->flags, RESERVE_ACTIVE | RESERVE_BORROWABLE));
    cr_expect(eq(u32, reserve->category, 0));
    cr_expect(eq(u64, reserve->updated_at_s, 1000));
    cr_expect(eq(u64, reserve->grace_until_s, 999));
    cr_expect(eq(u64, reserve->liquidity.value.limb[0], 555));
    cr_expect(eq(u64, reserve->held.value.limb[0], 31));
    cr_expect(eq(u64, reserve->allowed.value.limb[0], 32));
    cr_expect(eq(u64, reserve->price.value.limb[0], 200000000000));
    cr_expect(eq(u64, market->price_unit.limb[0], 100000000));
    free(market);
}

Test(discovery, of_3_0_reads_liquidity_and_categories_in_its_own_way)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 1);
    fake.category_source = (struct address){{0xee}};
    struct market *market = settled(&fake);
    cr_expect(eq(u64, market->reserve[0].liquidity.value.limb[0], 444));
    cr_expect(eq(u32, market->reserve[0].category, 5));
    cr_assert(market->category[5].is_used);
    cr_expect(eq(u32, market->category[5].threshold_bps, 9300));
    cr_expect(eq(u32, market->category[5].bonus_bps, 10100));
    cr_expect(eq(u64, market->category[5].price.value.limb[0], 77));
    free(market);
}

Test(discovery, an_asset_stands_at_the_index_that_the_pool_names)
{
    struct fake_pool fake;
    struct address first = fake_asset(0);
    struct address second = fake_asset(1);
    struct address third = fake_asset(2);

    fake_pool_init(&fake, 10);
    struct market *market = settled(&fake);
    cr_expect(eq(u32, market_reserve(market, &first), 0));
    cr_expect(eq(u32, market_reserve(market, &second), 2));
    cr_expect(eq(u32, market_reserve(market, &third), 3));
    cr_expect(eq(u32, market->reserve_count, 4));
    cr_expect(eq(u32, market->reserve[1].flags, RESERVE_DROPPED));
    cr_expect(eq(u32, market->native, 3));
    cr_expect(eq(u64, market->reserve[2].price.value.limb[0], 100000000));
    free(market);
}

Test(discovery, a_new_reserve_may_take_the_index_of_a_dropped_one)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    fake.reserve_count = 2;
    struct market *market = settled(&fake);
    struct address third = fake_asset(2);
    cr_expect(eq(u32, market_reserve(market, &third), RESERVE_NONE));
    fake.reserve_count = 3;
    fake.id[2] = 1;
    market->stale |= MARKET_STALE_RESERVES;
    fake_settle(&fake, market, NULL);
    cr_expect(market_is_complete(market));
    cr_expect(eq(u32, market_reserve(market, &third), 1));
    free(market);
}

Test(discovery, the_same_list_again_costs_one_read)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    struct market *market = settled(&fake);
    market->stale |= MARKET_STALE_RESERVES;
    cr_expect(eq(sz, fake_round(&fake, market, NULL), 1));
    cr_expect(market_is_complete(market));
    free(market);
}

Test(discovery, a_block_asks_for_prices_and_our_purse_only)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    struct market *market = settled(&fake);
    next_block(market);
    cr_expect(not(market_is_complete(market)));
    cr_expect(eq(sz, fake_round(&fake, market, NULL), 3 * FAKE_RESERVES));
    cr_expect(market_is_complete(market));
    memset(&market->keeper, 0, sizeof(market->keeper)); /* nobody to hold anything */
    next_block(market);
    cr_expect(eq(sz, fake_round(&fake, market, NULL), FAKE_RESERVES));
    cr_expect(market_is_complete(market));
    free(market);
}

Test(discovery, a_sentinel_is_asked_each_block)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    fake.has_sentinel = true;
    struct market *market = settled(&fake);
    cr_expect(market->sentinel_allows);
    next_block(market);
    cr_expect(eq(sz, fake_round(&fake, market, NULL), 3 * FAKE_RESERVES + 1));
    fake.broken = "isLiquidationAllowed()";
    next_block(market);
    fake_settle(&fake, market, NULL);
    cr_expect(not(market->sentinel_allows), "a sentinel that does not answer allows nothing");
    cr_expect(market_is_complete(market));
    free(market);
}

Test(discovery, an_upgrade_loses_trust_and_reads_anew)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 1);
    struct market *market = settled(&fake);
    market->trust = MARKET_TRUSTED;
    fake.revision = 10;
    market_touch_all(market);
    fake_settle(&fake, market, NULL);
    cr_expect(eq(int, (int)market->trust, MARKET_UNPROVED));
    cr_expect(eq(u64, market->reserve[0].liquidity.value.limb[0], 555));
    cr_expect(market_is_complete(market));
    free(market);
}

Test(discovery, the_same_version_again_keeps_trust)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    struct market *market = settled(&fake);
    market->trust = MARKET_TRUSTED;
    market_touch_all(market);
    fake_settle(&fake, market, NULL);
    cr_expect(eq(int, (int)market->trust, MARKET_TRUSTED));
    free(market);
}

/* ---- what is not known */

Test(discovery, an_unknown_revision_is_followed_and_never_trusted)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 12);
    struct market *market = settled(&fake);
    cr_expect(eq(int, (int)market->trust, MARKET_UNKNOWN_REVISION));
    cr_expect(market_is_complete(market));
    free(market);
}

Test(discovery, a_pool_without_a_revision_is_followed_and_never_trusted)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    fake.broken = "POOL_REVISION()";
    struct market *market = settled(&fake);
    cr_expect(eq(int, (int)market->trust, MARKET_UNKNOWN_REVISION));
    cr_expect(market_is_complete(market));
    free(market);
}

Test(discovery, a_price_that_fails_is_missing_for_that_asset_only)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    fake.price[1] = 0;
    struct market *market = settled(&fake);
    cr_expect(eq(int, (int)market->reserve[2].price.status, PRICE_MISSING));
    cr_expect(eq(int, (int)market->reserve[0].price.status, PRICE_OK));
    cr_expect(market_is_complete(market), "it is known to be missing");
    fake.price[1] = 7;
    next_block(market);
    fake_settle(&fake, market, NULL);
    cr_expect(eq(int, (int)market->reserve[2].price.status, PRICE_OK), "and asked again");
    free(market);
}

Test(discovery, what_reverts_or_is_garbled_closes_the_reserve_in_its_own_way)
{
    static const char *const calls[] = {"balanceOf(address)", "allowance(address,address)",
                                        "getVirtualUnderlyingBalance(address)",
                                        "getLiquidationGracePeriod(address)", "symbol()"};

    for (size_t i = 0; i < 2 * ARRAY_LENGTH(calls); i++) {
        struct fake_pool fake;
        fake_pool_init(&fake, 10);
        fake.broken = i % 2 == 0 ? calls[i / 2] : NULL;
        fake.garbled = i % 2 != 0 ? calls[i / 2] : NULL;
        struct market *market = settled(&fake);
        const struct reserve *reserve = &market->reserve[0];
        cr_expect(market_is_complete(market), "%s", calls[i / 2]);
        cr_expect(eq(int, u256_is_zero(&reserve->held.value), i / 2 == 0));
        cr_expect(eq(int, u256_is_zero(&reserve->allowed.value), i / 2 == 1));
        cr_expect(eq(int, u256_is_zero(&reserve->liquidity.value), i / 2 == 2));
        cr_expect(eq(int, reserve->grace_until_s == UINT64_MAX, i / 2 == 3));
        free(market);
    }
}

Test(discovery, what_nothing_can_stand_for_stays_unknown)
{
    static const char *const calls[] = {"getPool()", "getPriceOracle()", "getReservesList()",
                                        "getReserveData(address)", "BASE_CURRENCY_UNIT()"};

    for (size_t i = 0; i < 2 * ARRAY_LENGTH(calls); i++) {
        struct fake_pool fake;
        fake_pool_init(&fake, 10);
        fake.broken = i % 2 == 0 ? calls[i / 2] : NULL;
        fake.garbled = i % 2 != 0 ? calls[i / 2] : NULL;
        struct market *market = settled(&fake);
        cr_expect(not(market_is_complete(market)), "%s", calls[i / 2]);
        fake.broken = NULL;
        fake.garbled = NULL;
        fake_settle(&fake, market, NULL);
        cr_expect(market_is_complete(market), "%s, when it answers again", calls[i / 2]);
        free(market);
    }
}

Test(discovery, refuses_decimals_that_no_unit_holds)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    fake.decimals = 78;
    struct market *market = settled(&fake);
    cr_expect(not(market_is_complete(market)));
    free(market);
}

Test(discovery, refuses_an_index_out_of_bounds_and_two_assets_at_one)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    fake.id[2] = RESERVES_MAX;
    struct market *market = settled(&fake);
    cr_expect(not(market_is_complete(market)));
    free(market);
    fake_pool_init(&fake, 10);
    fake.id[2] = 2;
    market = settled(&fake);
    cr_expect(not(market_is_complete(market)));
    free(market);
}
