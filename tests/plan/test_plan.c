/* The best pair is chosen, or the reason told why there is none. 1000 USDC owed, 5 % bonus: 50 USD
 * at 2000 USD is 0.025 ether gross; 500,000 gas at 10 gwei is 0.005; 0.02 net. */
#include "tests/plan/pools.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define MILLI 1000000000000000u /* ether / 1000, in wei */

static struct pool *pool;

static void pool_begin(void)
{
    pool = pool_new();
}

static void pool_end(void)
{
    free(pool);
}

TestSuite(plan, .init = pool_begin, .fini = pool_end);

static bool is_wei(const struct wei *value, uint64_t expected)
{
    struct u256 wanted = u256_of(expected);

    return u256_is_equal(&value->value, &wanted);
}

static enum reason skip_reason(void)
{
    struct plan plan = pool_plan(pool);

    cr_assert(eq(int, plan.verdict, VERDICT_SKIP));
    return plan.reason;
}

static void check_pair(const struct plan *plan, uint32_t debt, uint32_t collateral)
{
    cr_assert(plan->has_liquidation);
    cr_assert(eq(u32, plan->liquidation.debt, debt));
    cr_assert(eq(u32, plan->liquidation.collateral, collateral));
}

Test(plan, liquidates_what_pays)
{
    struct plan plan = pool_plan(pool);
    struct u256 repay = pool_amount(pool, USDC, 1000);

    cr_assert(eq(int, plan.verdict, VERDICT_LIQUIDATE));
    cr_assert(eq(int, plan.reason, REASON_PROFITABLE));
    check_pair(&plan, USDC, WETH);
    cr_assert(u256_is_equal(&plan.liquidation.repay.value, &repay));
    cr_assert(is_wei(&plan.gross, 25 * MILLI));
    cr_assert(is_wei(&plan.gas_cost, 5 * MILLI));
    cr_assert(is_wei(&plan.net, 20 * MILLI));
    cr_assert(not(plan.is_loss));
    cr_assert(not(plan.net_is_loss));
    cr_assert(eq(u64, plan.gas_expected, GAS_EXPECTED));
    cr_assert(eq(u64, plan.gas_limit, GAS_LIMIT));
    cr_assert(u256_is_equal(&plan.health.factor.value, &pool->health.factor.value));
}

/* ---- the choice */

Test(plan, takes_the_pair_of_the_highest_net)
{
    pool_set_leg(pool, WBTC, true, false);
    pool_pairs[USDC][WBTC].bonus_bps = 10501;
    struct plan plan = pool_plan(pool);
    check_pair(&plan, USDC, WBTC);
    pool_pairs[USDC][WBTC].bonus_bps = 10499;
    plan = pool_plan(pool);
    check_pair(&plan, USDC, WETH);
}

Test(plan, takes_of_equals_the_lower_debt_then_the_lower_collateral)
{
    pool_set_leg(pool, WBTC, true, false);
    pool_set_leg(pool, LONG, true, true);
    struct plan plan = pool_plan(pool);
    check_pair(&plan, USDC, WETH);
    pool_pairs[USDC][WETH].error = LIQUIDATION_NOT_SEIZABLE;
    plan = pool_plan(pool);
    check_pair(&plan, USDC, WBTC);
    pool_pairs[USDC][WBTC].error = LIQUIDATION_NOT_SEIZABLE;
    pool_pairs[USDC][LONG].error = LIQUIDATION_NOT_SEIZABLE;
    plan = pool_plan(pool);
    check_pair(&plan, LONG, WETH);
}

Test(plan, tries_every_pair_but_none_that_is_not_held_or_owed)
{
    pool_set_leg(pool, WETH, false, false);
    pool_set_leg(pool, WBTC, true, false);
    struct plan plan = pool_plan(pool);
    check_pair(&plan, USDC, WBTC);
    pool->legs[WBTC].supplied = 0;
    cr_assert(eq(int, skip_reason(), REASON_UNPROFITABLE), "nothing to seize");
    pool->legs[WBTC].supplied = 1;
    pool->legs[USDC].owed = 0;
    cr_assert(eq(int, skip_reason(), REASON_UNPROFITABLE), "nothing to repay");
}

Test(plan, may_repay_and_seize_the_same_asset)
{
    pool_set_leg(pool, WETH, false, false);
    pool_set_leg(pool, USDC, true, true);
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.verdict, VERDICT_LIQUIDATE));
    check_pair(&plan, USDC, USDC);
    cr_assert(is_wei(&plan.net, 20 * MILLI));
}

/* ---- profit */

Test(plan, skips_what_earns_less_than_the_minimum)
{
    pool->terms.profit_min.value = u256_of(20 * MILLI);
    cr_assert(eq(int, pool_plan(pool).verdict, VERDICT_LIQUIDATE), "exactly the minimum");
    pool->terms.profit_min.value = u256_of(20 * MILLI + 1);
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.verdict, VERDICT_SKIP));
    cr_assert(eq(int, plan.reason, REASON_UNPROFITABLE));
    check_pair(&plan, USDC, WETH);
    cr_assert(is_wei(&plan.net, 20 * MILLI), "and shows what it would have earned");
}

Test(plan, with_no_minimum_takes_what_breaks_even_but_no_loss)
{
    pool->terms.profit_min.value = U256_ZERO;
    pool->terms.gas_price.value = u256_of(50000000000u); /* 0.025 ether of gas */
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.verdict, VERDICT_LIQUIDATE));
    cr_assert(is_wei(&plan.net, 0));
    pool->terms.gas_price.value = u256_of(50000000001u);
    plan = pool_plan(pool);
    cr_assert(eq(int, plan.reason, REASON_UNPROFITABLE));
    cr_assert(plan.net_is_loss);
    cr_assert(is_wei(&plan.net, GAS_EXPECTED));
}

Test(plan, adds_gas_to_a_gross_loss)
{
    pool_pairs[USDC][WETH].bonus_bps = 9500;
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.reason, REASON_UNPROFITABLE));
    cr_assert(plan.is_loss);
    cr_assert(is_wei(&plan.gross, 25 * MILLI));
    cr_assert(plan.net_is_loss);
    cr_assert(is_wei(&plan.net, 30 * MILLI));
}

Test(plan, shows_the_smallest_of_several_losses)
{
    pool_set_leg(pool, WBTC, true, false);
    pool_pairs[USDC][WETH].bonus_bps = 9500;
    pool_pairs[USDC][WBTC].bonus_bps = 9600;
    struct plan plan = pool_plan(pool);
    check_pair(&plan, USDC, WBTC);
}

Test(plan, cuts_what_is_seized_by_the_haircut)
{
    pool->terms.haircut_bps = 9900; /* 1050 → 1039.5 USD: 39.5 USD, 0.01975 ether */
    struct plan plan = pool_plan(pool);
    cr_assert(is_wei(&plan.gross, 19750000000000000u));
    pool->terms.haircut_bps = 9500;
    cr_assert(eq(int, skip_reason(), REASON_UNPROFITABLE));
    pool->terms.haircut_bps = 20000;
    plan = pool_plan(pool);
    cr_assert(is_wei(&plan.gross, 25 * MILLI), "a haircut never makes hair");
}

Test(plan, calls_a_gas_price_past_256_bits_unprofitable)
{
    pool->terms.gas_price.value = U256_MAX;
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.reason, REASON_UNPROFITABLE));
    cr_assert(not(plan.has_liquidation));
}

static void seize_all(struct liquidation *liquidation)
{
    liquidation->seize.value = U256_MAX;
}

Test(plan, calls_amounts_past_256_bits_unprofitable)
{
    pool_set_leg(pool, WETH, false, false);
    pool_set_leg(pool, WBTC, true, false);
    pool_pairs[USDC][WBTC].spoil = seize_all;
    cr_assert(eq(int, skip_reason(), REASON_UNPROFITABLE));
}

/* ---- our purse */

Test(plan, repays_no_more_than_it_holds)
{
    pool->market.reserve[USDC].held.value = pool_amount(pool, USDC, 600);
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.verdict, VERDICT_LIQUIDATE));
    cr_assert(u256_is_equal(&plan.liquidation.repay.value, &pool->market.reserve[USDC].held.value));
    cr_assert(is_wei(&plan.net, 10 * MILLI)); /* 30 USD less gas */
}

Test(plan, repays_no_more_than_is_allowed)
{
    pool->market.reserve[USDC].allowed.value = pool_amount(pool, USDC, 600);
    struct plan plan = pool_plan(pool);
    cr_assert(
        u256_is_equal(&plan.liquidation.repay.value, &pool->market.reserve[USDC].allowed.value));
}

Test(plan, repays_no_more_than_flights_leave)
{
    struct u256 rest = pool_amount(pool, USDC, 700);

    pool->market.reserve[USDC].held.value = pool_amount(pool, USDC, 5000);
    pool->reserved.token[USDC].value = pool_amount(pool, USDC, 4300);
    struct plan plan = pool_plan(pool);
    cr_assert(u256_is_equal(&plan.liquidation.repay.value, &rest));
    pool->market.reserve[USDC].allowed.value = pool_amount(pool, USDC, 5000);
    pool->market.reserve[USDC].held.value = U256_MAX;
    plan = pool_plan(pool);
    cr_assert(u256_is_equal(&plan.liquidation.repay.value, &rest), "nor of the allowance");
}

Test(plan, says_no_funds_where_the_purse_is_empty_and_shows_the_pair)
{
    struct u256 repay = pool_amount(pool, USDC, 1000);

    pool->market.reserve[USDC].held.value = U256_ZERO;
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.verdict, VERDICT_SKIP));
    cr_assert(eq(int, plan.reason, REASON_NO_FUNDS));
    check_pair(&plan, USDC, WETH);
    cr_assert(u256_is_equal(&plan.liquidation.repay.value, &repay));
}

Test(plan, says_no_funds_where_flights_hold_more_than_there_is)
{
    pool->market.reserve[USDC].held.value = pool_amount(pool, USDC, 10);
    pool->reserved.token[USDC].value = U256_MAX;
    cr_assert(eq(int, skip_reason(), REASON_NO_FUNDS));
}

Test(plan, says_no_funds_where_only_the_cap_leaves_dust)
{
    pool->market.reserve[USDC].held.value = pool_amount(pool, USDC, 600);
    pool_pairs[USDC][WETH].least = pool_amount(pool, USDC, 601);
    cr_assert(eq(int, skip_reason(), REASON_NO_FUNDS));
}

Test(plan, says_no_funds_where_only_the_cap_makes_it_unprofitable)
{
    pool->market.reserve[USDC].held.value = pool_amount(pool, USDC, 100);
    cr_assert(eq(int, skip_reason(), REASON_NO_FUNDS));
}

Test(plan, prefers_a_pair_that_it_can_pay_to_a_better_one_that_it_cannot)
{
    pool_set_leg(pool, LONG, false, true);
    pool_pairs[LONG][WETH].bonus_bps = 12000;
    pool->market.reserve[LONG].held.value = U256_ZERO;
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.verdict, VERDICT_LIQUIDATE));
    check_pair(&plan, USDC, WETH);
}

Test(plan, does_not_blame_the_purse_for_what_would_never_pay)
{
    pool->market.reserve[USDC].held.value = U256_ZERO;
    pool_pairs[USDC][WETH].bonus_bps = 10050; /* 5 USD */
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.reason, REASON_UNPROFITABLE));
    cr_assert(plan.has_liquidation);
}

Test(plan, says_no_funds_where_gas_money_does_not_cover_the_ceiling)
{
    pool->terms.gas_balance.value = u256_of(27 * MILLI); /* 900,000 × 30 gwei */
    cr_assert(eq(int, pool_plan(pool).verdict, VERDICT_LIQUIDATE));
    pool->terms.gas_balance.value = u256_of(27 * MILLI - 1);
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.reason, REASON_NO_FUNDS));
    check_pair(&plan, USDC, WETH);
}

Test(plan, counts_gas_money_that_flights_hold_as_gone)
{
    pool->reserved.gas.value = u256_of(973 * MILLI);
    cr_assert(eq(int, pool_plan(pool).verdict, VERDICT_LIQUIDATE));
    pool->reserved.gas.value = u256_of(973 * MILLI + 1);
    cr_assert(eq(int, skip_reason(), REASON_NO_FUNDS));
    pool->reserved.gas.value = U256_MAX;
    cr_assert(eq(int, skip_reason(), REASON_NO_FUNDS));
}

Test(plan, says_no_funds_where_the_ceiling_leaves_256_bits)
{
    pool->terms.gas_price_max.value = U256_MAX;
    pool->terms.gas_balance.value = U256_MAX;
    cr_assert(eq(int, skip_reason(), REASON_NO_FUNDS));
}
