/* A price that is too old, or of no known age, holds fire for whoever stands on it, and only them.
 */
#include "tests/plan/pools.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define NOW_S 1700000000u
#define HOUR_S 3600u

static struct pool *pool;

static void age_begin(void)
{
    pool = pool_new();
    pool->market.timestamp_s = NOW_S;
    pool->market.price_age_max_s = HOUR_S;
    for (uint32_t i = 0; i < POOL_RESERVES; i++)
        pool->market.reserve[i].price_at_s = NOW_S - HOUR_S;
}

static void age_end(void)
{
    free(pool);
}

TestSuite(plan_age, .init = age_begin, .fini = age_end);

static void assert_fires(void)
{
    struct plan plan = pool_plan(pool);

    cr_assert(eq(int, plan.verdict, VERDICT_LIQUIDATE));
    cr_assert(eq(int, plan.reason, REASON_PROFITABLE));
}

static void assert_holds(void)
{
    struct plan plan = pool_plan(pool);

    cr_assert(eq(int, plan.verdict, VERDICT_SKIP));
    cr_assert(eq(int, plan.reason, REASON_STALE_PRICE));
    cr_assert(not(plan.has_liquidation));
}

Test(plan_age, of_exactly_the_limit_fires)
{
    assert_fires();
}

Test(plan_age, of_a_second_more_holds_whichever_side_it_is_on)
{
    pool->market.reserve[WETH].price_at_s--;
    assert_holds();
    pool->market.reserve[WETH].price_at_s++;
    pool->market.reserve[USDC].price_at_s--;
    assert_holds();
}

Test(plan_age, that_nobody_knows_holds)
{
    pool->market.reserve[WETH].price_at_s = 0;
    assert_holds();
}

Test(plan_age, that_was_not_read_at_this_block_holds)
{
    pool->market.reserve[USDC].stale = RESERVE_STALE_AGE;
    assert_holds();
    pool->market.reserve[USDC].stale = RESERVE_STALE_SOURCE;
    assert_holds();
}

Test(plan_age, of_a_leg_that_is_in_no_pair_holds_as_well)
{
    pool_set_leg(pool, WBTC, true, false);
    pool_pairs[USDC][WBTC].error = LIQUIDATION_NOT_SEIZABLE;
    pool->market.reserve[WBTC].price_at_s = 0;
    assert_holds();
}

Test(plan_age, of_what_the_position_does_not_stand_on_fires)
{
    pool->market.reserve[WBTC].price_at_s = 0;
    pool->market.reserve[LONG].price_at_s = 1;
    assert_fires();
    pool->legs[WBTC].supplied = 1000; /* held, and no collateral */
    assert_fires();
    pool->legs[LONG].flags = LEG_COLLATERAL; /* of which it has nothing */
    assert_fires();
}

Test(plan_age, of_the_native_token_does_not_stop_whoever_holds_none)
{
    pool_set_leg(pool, WETH, false, false);
    pool_set_leg(pool, WBTC, true, false);
    pool->market.reserve[WETH].price_at_s = 0;
    assert_fires();
}

Test(plan_age, of_a_categorys_own_price_is_known_to_nobody)
{
    pool->position.category = 3;
    assert_fires();
    pool->market.category[3].price_source.byte[0] = 1;
    assert_holds();
    pool->market.price_age_max_s = 0;
    assert_fires();
}

Test(plan_age, is_minded_by_nobody_unless_told_to)
{
    pool->market.price_age_max_s = 0;
    for (uint32_t i = 0; i < POOL_RESERVES; i++)
        pool->market.reserve[i].price_at_s = 0;
    assert_fires();
}

Test(plan_age, gives_way_to_what_is_not_known_of_the_account)
{
    pool->market.reserve[WETH].price_at_s = 0;
    pool->position.flags = POSITION_STALE;
    cr_assert(eq(int, pool_plan(pool).reason, REASON_STALE));
}
