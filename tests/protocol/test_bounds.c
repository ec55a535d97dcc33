/* Answers at and past the bounds of what a market may hold: what they are about is refused, by
 * name, and nothing else. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/protocol/a_pool.h"
#include "tests/protocol/fake_pool.h"

static const struct address alice = {{0xa1, 0x1c}};
static const struct address bob = {{0xb0, 0x0b}};

struct scene {
    struct fake_pool fake;
    struct market *market;
    struct book *book;
};

static void scene_settle(struct scene *scene)
{
    struct header header = {.number = scene->market->block.number + 1, .timestamp_s = 2000};

    market_begin_block(scene->market, &header);
    fake_settle(&scene->fake, scene->market, scene->book);
    (void)protocol_at(scene->market->protocol)->prepare(scene->market, header.timestamp_s);
}

static void scene_begin(struct scene *scene)
{
    fake_pool_init(&scene->fake, 10);
    scene->market = fake_market();
    scene->book = book_new(1);
}

static void scene_end(struct scene *scene)
{
    book_free(scene->book);
    free(scene->market);
}

static enum health_error judged(const struct scene *scene, const struct address *account)
{
    struct health health;
    struct position position = book_position(scene->book, book_find(scene->book, account));

    return protocol_at(scene->market->protocol)->health(&health, scene->market, &position);
}

/* Alice holds the odd asset (index 3), Bob does not: one of them owes each. */
static void odd_decimals(uint64_t decimals, bool is_known)
{
    struct scene scene;

    scene_begin(&scene);
    scene.fake.has_odd = true;
    scene.fake.odd_decimals = decimals;
    scene.fake.config = u256_of(2u << 0 | 1u << 6);
    scene_settle(&scene);
    book_touch(scene.book, &alice, RESERVE_NONE);
    scene_settle(&scene);
    scene.fake.config = u256_of(2u << 0 | 1u << 4);
    book_touch(scene.book, &bob, RESERVE_NONE);
    scene_settle(&scene);
    cr_expect(eq(int, (int)judged(&scene, &bob), HEALTH_OK), "%lu", decimals);
    cr_expect_eq(judged(&scene, &alice), is_known ? HEALTH_OK : HEALTH_STALE, "%lu: %d", decimals,
                 (int)judged(&scene, &alice));
    scene_end(&scene);
}

Test(bounds, of_decimals_are_0_and_77_and_past_them_that_asset_alone_is_unknown)
{
    odd_decimals(0, true);
    odd_decimals(77, true);
    odd_decimals(78, false);
    odd_decimals(255, false);
}

Test(bounds, a_list_of_more_reserves_than_there_are_places_makes_the_market_read_only_by_name)
{
    struct scene scene;

    scene_begin(&scene);
    scene.fake.reserve_count = RESERVES_MAX + 1;
    scene_settle(&scene);
    cr_expect(eq(int, (int)scene.market->trust, MARKET_TOO_LARGE));
    cr_expect(eq(u32, scene.market->reserve_count, 0));
    scene.fake.reserve_count = FAKE_RESERVES;
    scene.market->stale |= MARKET_STALE_RESERVES;
    scene_settle(&scene);
    cr_expect(eq(int, (int)scene.market->trust, MARKET_UNPROVED));
    cr_expect(market_is_complete(scene.market));
    scene_end(&scene);
}

/* Each unit of collateral counts for eight tenths of the unit owed beside it. */
Test(bounds, an_account_in_every_reserve_is_judged_exactly)
{
    struct market *market = a_pool(10);
    static struct leg legs[RESERVES_MAX];
    struct position position = {.leg_count = RESERVES_MAX, .legs = legs};
    struct health health;

    for (uint32_t i = 0; i < RESERVES_MAX; i++) {
        struct reserve reserve = market->reserve[WETH];
        struct address asset = {{0x77, (uint8_t)i}};

        market_set_asset(market, i, &asset);
        reserve.asset = asset;
        market->reserve[i] = reserve;
        legs[i] =
            (struct leg){.supplied = 1000000000000000000u,
                         .owed = 1000000000000000000u,
                         .reserve = (uint16_t)i,
                         .flags = LEG_COLLATERAL | LEG_DEBT | LEG_KNOWS_SUPPLIED | LEG_KNOWS_OWED};
    }
    cr_assert(protocol_at(market->protocol)->prepare(market, POOL_AT_S));
    cr_assert_eq(protocol_at(market->protocol)->health(&health, market, &position), HEALTH_OK);
    cr_expect(eq(u64, health.factor.value.limb[0], 800000000000000000u));
    cr_expect(eq(u64, health.debt_value.limb[0], RESERVES_MAX * 200000000000u));
    free(market);
}

Test(bounds, a_block_that_touches_ten_thousand_accounts_loses_none)
{
    struct scene scene;
    const uint32_t accounts = 10000;

    scene_begin(&scene);
    scene_settle(&scene);
    scene.fake.config = u256_of(2u << 0 | 1u << 4);
    for (uint32_t i = 0; i < accounts; i++) {
        struct address account = {{0x10, (uint8_t)(i >> 8), (uint8_t)i}};

        cr_assert_neq(book_touch(scene.book, &account, RESERVE_NONE), TABLE_NONE);
    }
    cr_expect(eq(sz, fake_round(&scene.fake, scene.market, scene.book), 2 * accounts));
    cr_expect(eq(sz, fake_round(&scene.fake, scene.market, scene.book), 2 * accounts));
    cr_expect(eq(u32, book_stale_count(scene.book), 0));
    cr_expect(eq(u32, book_debtors(scene.book), accounts));
    for (uint32_t slot = 0; slot < accounts; slot++)
        cr_assert(eq(u16, book_position(scene.book, slot).leg_count, 2));
    scene_end(&scene);
}

Test(bounds, an_amount_that_no_token_of_the_pool_could_hold_refuses_its_account_alone)
{
    struct scene scene;

    scene_begin(&scene);
    scene.fake.config = u256_of(2u << 0 | 1u << 4);
    scene_settle(&scene);
    book_touch(scene.book, &bob, RESERVE_NONE);
    scene_settle(&scene);
    scene.fake.scaled = (struct u256){{0, 0, 0, (uint64_t)1 << 63}};
    book_touch(scene.book, &alice, RESERVE_NONE);
    scene_settle(&scene);
    cr_expect(eq(int, (int)judged(&scene, &alice), HEALTH_UNSUPPORTED));
    cr_expect(eq(int, (int)judged(&scene, &bob), HEALTH_OK));
    scene_end(&scene);
}

/* Times any amount but nothing it leaves 256 bits, where the pool reverts. */
Test(bounds, a_price_that_overflows_refuses_who_holds_the_asset_and_nobody_else)
{
    struct scene scene;

    scene_begin(&scene);
    scene.fake.config = u256_of(2u << 0 | 1u << 6);
    scene_settle(&scene);
    book_touch(scene.book, &alice, RESERVE_NONE);
    scene_settle(&scene);
    scene.fake.config = u256_of(2u << 0 | 1u << 4);
    book_touch(scene.book, &bob, RESERVE_NONE);
    scene_settle(&scene);
    cr_assert(eq(int, (int)judged(&scene, &alice), HEALTH_OK));
    scene.market->reserve[3].price = (struct price){PRICE_OK, U256_MAX};
    cr_assert(
        protocol_at(scene.market->protocol)->prepare(scene.market, scene.market->timestamp_s));
    cr_expect(eq(int, (int)judged(&scene, &alice), HEALTH_OVERFLOW));
    cr_expect(eq(int, (int)judged(&scene, &bob), HEALTH_OK));
    scene_end(&scene);
}

Test(bounds, the_last_category_is_one_like_others)
{
    struct scene scene;

    scene_begin(&scene);
    scene.fake.config = u256_of(2u << 0 | 1u << 4);
    scene.fake.category = CATEGORIES_MAX - 1;
    scene_settle(&scene);
    book_touch(scene.book, &alice, RESERVE_NONE);
    scene_settle(&scene);
    cr_expect(eq(int, (int)judged(&scene, &alice), HEALTH_OK));
    cr_expect(eq(u32, scene.market->category[CATEGORIES_MAX - 1].threshold_bps, 9300));
    scene_end(&scene);
}

/* The pool's own loop ends at its count of reserves, so that bits behind it count for nothing. */
Test(bounds, a_config_that_names_every_reserve_there_could_be_makes_legs_of_those_there_are)
{
    struct scene scene;

    scene_begin(&scene);
    scene_settle(&scene);
    scene.fake.config = U256_MAX;
    book_touch(scene.book, &alice, RESERVE_NONE);
    scene_settle(&scene);
    struct position position = book_position(scene.book, book_find(scene.book, &alice));
    cr_expect(eq(u16, position.leg_count, FAKE_RESERVES));
    cr_expect(eq(int, (int)judged(&scene, &alice), HEALTH_OK));
    scene_end(&scene);
}
