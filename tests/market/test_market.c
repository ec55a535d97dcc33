/* What is old, and what stands where. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "market/market.h"

static const struct address root = {{1}};
static const struct address weth = {{2}};
static const struct address usdc = {{3}};
static const struct address nothing = {{0}};

static struct market *a_market(void)
{
    struct market *market = must_alloc(1, sizeof(*market));

    market_init(market, "a name that is longer than what there is room for", 0, &root);
    return market;
}

static void known(struct market *market)
{
    market->stale = 0;
    for (uint32_t i = 0; i < market->reserve_count; i++)
        market->reserve[i].stale = 0;
}

Test(market, begins_knowing_nothing)
{
    struct market *market = a_market();

    cr_expect(eq(str, market->name, "a name that is longer than what"));
    cr_expect(not(market_is_complete(market)));
    cr_expect(eq(u32, market->native, RESERVE_NONE));
    cr_expect(eq(u32, market_reserve(market, &nothing), RESERVE_NONE));
    free(market);
}

Test(market, keeps_the_native_reserve_in_step)
{
    struct market *market = a_market();

    market->native_asset = weth;
    market_set_asset(market, 0, &usdc);
    cr_expect(eq(u32, market->native, RESERVE_NONE));
    market_set_asset(market, 1, &weth);
    cr_expect(eq(u32, market->native, 1));
    market_swap_reserves(market, 1, 3);
    cr_expect(eq(u32, market->native, 3));
    cr_expect(eq(u32, market->reserve_count, 4));
    cr_expect(eq(u32, market->reserve[2].flags, RESERVE_DROPPED));
    market_set_asset(market, 3, &nothing);
    cr_expect(eq(u32, market->native, RESERVE_NONE));
    free(market);
}

Test(market, a_dropped_reserve_lacks_nothing)
{
    struct market *market = a_market();
    struct header header = {.number = 5};

    market_set_asset(market, 0, &nothing);
    known(market);
    cr_expect(market_is_complete(market));
    market_begin_block(market, &header);
    market_touch_all(market);
    cr_expect(eq(u32, market->reserve[0].stale, 0));
    free(market);
}

Test(market, a_block_makes_prices_and_our_purse_old)
{
    struct market *market = a_market();
    struct header header = {.number = 5, .hash = {{7}}, .timestamp_s = 99};

    market->keeper = weth;
    market_set_asset(market, 0, &usdc);
    known(market);
    cr_assert(market_is_complete(market));
    market_begin_block(market, &header);
    cr_expect(eq(u32, market->reserve[0].stale,
                 RESERVE_STALE_PRICE | RESERVE_STALE_HELD | RESERVE_STALE_ALLOWED));
    cr_expect(eq(u32, market->stale, 0));
    cr_expect(eq(u64, market->block.number, 5));
    cr_expect(eq(u64, market->timestamp_s, 99));
    free(market);
}

Test(market, our_purse_matters_only_where_somebody_is_we)
{
    struct market *market = a_market();

    market_set_asset(market, 0, &usdc);
    known(market);
    market->reserve[0].stale = RESERVE_STALE_HELD | RESERVE_STALE_ALLOWED;
    cr_expect(market_is_complete(market));
    market->keeper = weth;
    cr_expect(not(market_is_complete(market)));
    free(market);
}

Test(market, of_a_price_nobody_minds_the_age_unless_told_to)
{
    struct market *market = a_market();
    struct header header = {.number = 5, .timestamp_s = 1000000};
    const uint32_t ages = RESERVE_STALE_SOURCE | RESERVE_STALE_AGE;

    market_set_asset(market, 0, &usdc);
    cr_expect(eq(u32, market->reserve[0].stale & ages, 0));
    market_touch_all(market);
    market_touch_prices(market);
    market_begin_block(market, &header);
    cr_expect(eq(u32, market->reserve[0].stale & ages, 0));
    cr_expect(not(market_price_is_old(market, 0)), "though nobody knows since when it stands");
    free(market);
}

Test(market, the_age_of_a_price_is_of_each_block_where_somebody_minds)
{
    struct market *market = a_market();
    struct header header = {.number = 5};
    const uint32_t ages = RESERVE_STALE_SOURCE | RESERVE_STALE_AGE;

    market->price_age_max_s = 3600;
    market_set_asset(market, 0, &usdc);
    cr_expect(eq(u32, market->reserve[0].stale & ages, ages));
    known(market);
    market->reserve[0].price_source = weth;
    market_begin_block(market, &header);
    cr_expect(eq(u32, market->reserve[0].stale & ages, RESERVE_STALE_AGE), "who gives it stays");
    known(market);
    market->reserve[0].price_source = nothing;
    market_begin_block(market, &header);
    cr_expect(eq(u32, market->reserve[0].stale & ages, ages), "who was not found is looked for");
    known(market);
    market_touch_all(market);
    cr_expect(eq(u32, market->reserve[0].stale & ages, ages));
    known(market);
    market_touch_prices(market);
    cr_expect(eq(u32, market->reserve[0].stale, ages | RESERVE_STALE_PRICE));
    cr_expect(eq(u64, market->price_age_max_s, 3600));
    free(market);
}

Test(market, an_age_that_is_not_known_leaves_the_market_complete)
{
    struct market *market = a_market();

    market->price_age_max_s = 3600;
    market_set_asset(market, 0, &usdc);
    known(market);
    market->reserve[0].stale = RESERVE_STALE_SOURCE | RESERVE_STALE_AGE;
    cr_expect(market_is_complete(market));
    free(market);
}

Test(market, a_price_is_old_past_its_age_to_the_second_or_of_no_age)
{
    static const struct {
        uint64_t at_s;
        uint32_t stale;
        bool is_old;
    } rows[] = {{1000000, 0, false},
                {996400, 0, false},
                {996399, 0, true},
                {1, 0, true},
                {0, 0, true},
                {1000000, RESERVE_STALE_AGE, true},
                {1000000, RESERVE_STALE_SOURCE, true},
                {1000000, RESERVE_STALE_TOKEN, false},
                {1003600, 0, false}, /* a feed's clock runs a little ahead */
                {1003601, 0, true},
                {1000000000, 0, true}, /* milliseconds */
                {UINT64_MAX, 0, true}};
    struct market *market = a_market();

    market->price_age_max_s = 3600;
    market->timestamp_s = 1000000;
    market_set_asset(market, 0, &usdc);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        market->reserve[0].price_at_s = rows[i].at_s;
        market->reserve[0].stale = rows[i].stale;
        cr_expect(eq(int, market_price_is_old(market, 0), rows[i].is_old), "row %zu", i);
    }
    market->price_age_max_s = UINT64_MAX;
    market->reserve[0].price_at_s = 1;
    market->reserve[0].stale = 0;
    cr_expect(not(market_price_is_old(market, 0)));
    free(market);
}

Test(market, a_sentinel_and_a_category_with_a_price_are_of_each_block)
{
    struct market *market = a_market();
    struct header header = {.number = 5};

    market->stale = 0;
    market->sentinel = weth;
    market->category[3].is_used = true;
    market->category[4] = (struct category){.is_used = true, .price_source = usdc};
    market_begin_block(market, &header);
    cr_expect(eq(u32, market->stale, MARKET_STALE_SENTINEL));
    cr_expect(eq(u32, market->category[3].stale, 0));
    cr_expect(eq(u32, market->category[4].stale, CATEGORY_STALE_PRICE));
    cr_expect(not(market_is_complete(market)));
    free(market);
}

Test(market, a_touch_of_all_keeps_what_is_known_and_trusts_it_no_more)
{
    struct market *market = a_market();

    market_set_asset(market, 0, &usdc);
    known(market);
    market->reserve[0].decimals = 6;
    market->category[3].is_used = true;
    market_touch_all(market);
    cr_expect(not(market_is_complete(market)));
    cr_expect(eq(u32, market->reserve[0].decimals, 6));
    cr_expect(eq(u32, market->reserve[0].stale & RESERVE_STALE_ASSET, 0));
    cr_expect(ne(u32, market->reserve[0].stale & RESERVE_STALE_GRACE, 0));
    cr_expect(ne(u32, market->category[3].stale, 0));
    cr_expect(eq(u32, market->category[5].stale, 0));
    free(market);
}

/* One that begins empty, and one that has more than what it becomes. */
Test(market, copies_all_that_is_in_use_of_either)
{
    struct market *from = a_market();
    struct market *empty = must_alloc(1, sizeof(*empty));
    struct market *fuller = a_market();

    market_set_asset(from, 2, &weth);
    from->category[7] = (struct category){.is_used = true, .ltv_bps = 7};
    from->category[CATEGORIES_MAX - 1] = (struct category){.is_used = true, .stale = 1};
    from->price_unit = u256_of(9);
    market_set_asset(fuller, RESERVES_MAX - 1, &usdc);
    fuller->category[8] = (struct category){.is_used = true, .bonus_bps = 8};
    market_become(empty, from);
    cr_expect(eq(int, memcmp(empty, from, sizeof(*from)), 0));
    market_become(fuller, from);
    cr_expect(eq(int, memcmp(fuller, from, sizeof(*from)), 0));
    free(from);
    free(empty);
    free(fuller);
}
