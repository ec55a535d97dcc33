/* Unknown is a refusal, and each refusal has its own word. */
#include "tests/plan/pools.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct pool *pool;

static void pool_begin(void)
{
    pool = pool_new();
}

static void pool_end(void)
{
    free(pool);
}

TestSuite(plan_refusal, .init = pool_begin, .fini = pool_end);

static enum reason skip_reason(void)
{
    struct plan plan = pool_plan(pool);

    cr_assert(eq(int, plan.verdict, VERDICT_SKIP));
    return plan.reason;
}

/* ---- what cannot be judged */

Test(plan_refusal, is_stale_where_a_part_of_the_account_is)
{
    pool->position.flags = POSITION_STALE;
    cr_assert(eq(int, skip_reason(), REASON_STALE));
    pool->position.flags = 0;
    pool->legs[LONG].flags = LEG_STALE;
    cr_assert(eq(int, skip_reason(), REASON_STALE), "also of a leg that is in no pair");
}

Test(plan_refusal, is_stale_where_the_market_is)
{
    for (uint32_t stale = MARKET_STALE_ADDRESSES; stale <= MARKET_STALE_DATA_PROVIDER_ADDRESS;
         stale *= 2) {
        pool->market.stale = stale;
        cr_assert(eq(int, skip_reason(), REASON_STALE), "%u", stale);
    }
}

Test(plan_refusal, is_stale_where_what_both_reserves_need_is)
{
    static const uint32_t stale[] = {RESERVE_STALE_ASSET, RESERVE_STALE_STATE, RESERVE_STALE_PRICE,
                                     RESERVE_STALE_GRACE};

    for (size_t i = 0; i < ARRAY_LENGTH(stale); i++) {
        pool->market.reserve[USDC].stale = stale[i];
        cr_assert(eq(int, skip_reason(), REASON_STALE), "debt, %u", stale[i]);
        pool->market.reserve[USDC].stale = 0;
        pool->market.reserve[WETH].stale = stale[i];
        cr_assert(eq(int, skip_reason(), REASON_STALE), "collateral, %u", stale[i]);
        pool->market.reserve[WETH].stale = 0;
    }
}

Test(plan_refusal, is_stale_where_the_liquidity_of_the_collateral_is)
{
    pool->market.reserve[WETH].stale = RESERVE_STALE_EXTRA;
    cr_assert(eq(int, skip_reason(), REASON_STALE));
}

Test(plan_refusal, is_stale_where_our_own_purse_is_not_known)
{
    pool->market.reserve[USDC].stale = RESERVE_STALE_HELD;
    cr_assert(eq(int, skip_reason(), REASON_STALE));
    pool->market.reserve[USDC].stale = RESERVE_STALE_ALLOWED;
    cr_assert(eq(int, skip_reason(), REASON_STALE));
}

Test(plan_refusal, is_none_where_what_is_stale_does_not_matter)
{
    pool->market.reserve[WETH].stale =
        RESERVE_STALE_HELD | RESERVE_STALE_ALLOWED | RESERVE_STALE_TOKEN;
    pool->market.reserve[USDC].stale = RESERVE_STALE_TOKEN | RESERVE_STALE_EXTRA;
    pool->market.reserve[WBTC].stale = RESERVE_STALE_STATE;
    cr_assert(eq(int, pool_plan(pool).verdict, VERDICT_LIQUIDATE));
}

Test(plan_refusal, is_unsupported_or_untrusted_by_the_accounts_own_mark)
{
    pool->position.flags = POSITION_UNSUPPORTED;
    cr_assert(eq(int, skip_reason(), REASON_UNSUPPORTED));
    pool->position.flags = POSITION_DRIFTED;
    cr_assert(eq(int, skip_reason(), REASON_UNTRUSTED));
}

Test(plan_refusal, is_untrusted_until_the_market_was_proved_equal)
{
    static const enum market_trust trusts[] = {MARKET_UNPROVED, MARKET_UNKNOWN_REVISION,
                                               MARKET_FAILED_PARITY, MARKET_TOO_LARGE};

    for (size_t i = 0; i < ARRAY_LENGTH(trusts); i++) {
        pool->market.trust = trusts[i];
        cr_assert(eq(int, skip_reason(), REASON_UNTRUSTED), "%zu", i);
        cr_assert(pool_plan(pool).has_liquidation, "and the pair is shown");
    }
}

/* ---- prices */

Test(plan_refusal, is_no_price_where_the_pair_has_none)
{
    static const uint32_t reserves[] = {USDC, WBTC};

    pool_set_leg(pool, WETH, false, false);
    pool_set_leg(pool, WBTC, true, false);
    for (size_t i = 0; i < ARRAY_LENGTH(reserves); i++) {
        struct price *price = &pool->market.reserve[reserves[i]].price;
        const struct price before = *price;
        price->status = PRICE_MISSING;
        cr_assert(eq(int, skip_reason(), REASON_NO_PRICE));
        price->status = PRICE_UNKNOWN;
        cr_assert(eq(int, skip_reason(), REASON_NO_PRICE));
        *price = (struct price){.status = PRICE_OK};
        cr_assert(eq(int, skip_reason(), REASON_NO_PRICE), "a price of 0 is none");
        *price = before;
    }
    cr_assert(eq(int, pool_plan(pool).verdict, VERDICT_LIQUIDATE));
}

Test(plan_refusal, is_no_price_where_gas_cannot_be_priced)
{
    pool_set_leg(pool, WETH, false, false);
    pool_set_leg(pool, WBTC, true, false);
    pool->market.native = RESERVE_NONE;
    cr_assert(eq(int, skip_reason(), REASON_NO_PRICE));
    pool->market.native = pool->market.reserve_count;
    cr_assert(eq(int, skip_reason(), REASON_NO_PRICE));
    pool->market.native = WETH;
    pool->market.reserve[WETH].price.status = PRICE_MISSING;
    cr_assert(eq(int, skip_reason(), REASON_NO_PRICE));
    pool->market.reserve[WETH].price = (struct price){.status = PRICE_OK};
    cr_assert(eq(int, skip_reason(), REASON_NO_PRICE));
    pool->market.reserve[WETH].stale = RESERVE_STALE_PRICE;
    cr_assert(eq(int, skip_reason(), REASON_STALE));
}

Test(plan_refusal, of_one_pair_does_not_stop_another)
{
    pool_set_leg(pool, WBTC, true, false);
    pool->market.reserve[WBTC].price.status = PRICE_MISSING;
    cr_assert(eq(int, pool_plan(pool).verdict, VERDICT_LIQUIDATE));
    pool->market.reserve[WBTC].price.status = PRICE_OK;
    pool_pairs[USDC][WETH].error = LIQUIDATION_PAUSED;
    cr_assert(eq(int, pool_plan(pool).verdict, VERDICT_LIQUIDATE));
}

/* ---- what the pool says */

Test(plan_refusal, is_what_the_pool_says)
{
    static const struct {
        enum liquidation_error error;
        enum reason reason;
    } rows[] = {
        {LIQUIDATION_HEALTHY, REASON_HEALTHY},
        {LIQUIDATION_NOT_SEIZABLE, REASON_UNPROFITABLE},
        {LIQUIDATION_PAUSED, REASON_PAUSED},
        {LIQUIDATION_GRACE, REASON_GRACE_PERIOD},
        {LIQUIDATION_NO_LIQUIDITY, REASON_NO_LIQUIDITY},
        {LIQUIDATION_DUST, REASON_DUST},
        {LIQUIDATION_TOO_SMALL, REASON_UNPROFITABLE}, /* though the purse is full */
        {LIQUIDATION_OVERFLOW, REASON_UNTRUSTED},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        pool_pairs[USDC][WETH].error = rows[i].error;
        cr_assert(eq(int, skip_reason(), rows[i].reason), "%zu", i);
        cr_assert(not(pool_plan(pool).has_liquidation));
    }
}

Test(plan_refusal, is_of_the_first_pair_that_has_anything_to_seize)
{
    pool_set_leg(pool, WBTC, true, false);
    pool_set_leg(pool, LONG, true, false);
    pool_pairs[USDC][WETH].error = LIQUIDATION_NOT_SEIZABLE;
    pool_pairs[USDC][WBTC].error = LIQUIDATION_GRACE;
    pool_pairs[USDC][LONG].error = LIQUIDATION_PAUSED;
    cr_assert(eq(int, skip_reason(), REASON_GRACE_PERIOD));
}

Test(plan_refusal, gives_way_to_a_pair_that_merely_does_not_pay)
{
    pool_set_leg(pool, WBTC, true, false);
    pool_pairs[USDC][WETH].error = LIQUIDATION_PAUSED;
    pool_pairs[USDC][WBTC].bonus_bps = 10000;
    struct plan plan = pool_plan(pool);
    cr_assert(eq(int, plan.reason, REASON_UNPROFITABLE));
    cr_assert(plan.has_liquidation);
}

/* ---- answers that do not hold together */

static void spoil_debt(struct liquidation *liquidation)
{
    liquidation->debt = WBTC;
}

static void spoil_collateral(struct liquidation *liquidation)
{
    liquidation->collateral = WBTC;
}

static void spoil_repay(struct liquidation *liquidation)
{
    liquidation->repay.value = U256_ZERO;
}

static void spoil_seize(struct liquidation *liquidation)
{
    liquidation->seize.value = U256_ZERO;
}

static void spoil_bound(struct liquidation *liquidation)
{
    liquidation->repay_max.value = U256_ONE;
    liquidation->repay_argument.value = U256_ONE;
}

static void spoil_argument(struct liquidation *liquidation)
{
    cr_assert(u256_add(&liquidation->repay_argument.value, &liquidation->repay_max.value,
                       &(struct u256){{1, 0, 0, 0}}));
}

Test(plan_refusal, is_untrusted_where_the_answer_does_not_hold_together)
{
    static void (*const spoils[])(struct liquidation *) = {
        spoil_debt, spoil_collateral, spoil_repay, spoil_seize, spoil_bound, spoil_argument};

    for (size_t i = 0; i < ARRAY_LENGTH(spoils); i++) {
        pool_pairs[USDC][WETH].spoil = spoils[i];
        cr_assert(eq(int, skip_reason(), REASON_UNTRUSTED), "%zu", i);
        cr_assert(not(pool_plan(pool).has_liquidation));
    }
}

static void grow_past_the_cap(struct liquidation *liquidation)
{
    if (u256_bits(&liquidation->repay_max.value) < 200)
        cr_assert(u256_add(&liquidation->repay_max.value, &liquidation->repay_max.value,
                           &(struct u256){{1, 0, 0, 0}}));
}

Test(plan_refusal, is_no_funds_where_interest_could_outgrow_the_purse)
{
    pool->market.reserve[USDC].held.value = pool_amount(pool, USDC, 1000);
    pool_pairs[USDC][WETH].spoil = grow_past_the_cap;
    cr_assert(eq(int, skip_reason(), REASON_NO_FUNDS));
}

static void close_whole(struct liquidation *liquidation)
{
    liquidation->repay_argument.value = U256_MAX;
}

Test(plan_refusal, is_none_where_the_whole_debt_is_closed)
{
    pool_pairs[USDC][WETH].spoil = close_whole;
    cr_assert(eq(int, pool_plan(pool).verdict, VERDICT_LIQUIDATE));
}

/* ---- the words */

Test(plan_refusal, has_a_reason_for_each_error_of_health)
{
    cr_assert(eq(int, reason_of_health(HEALTH_OK), REASON_HEALTHY));
    cr_assert(eq(int, reason_of_health(HEALTH_NO_PRICE), REASON_NO_PRICE));
    cr_assert(eq(int, reason_of_health(HEALTH_STALE), REASON_STALE));
    cr_assert(eq(int, reason_of_health(HEALTH_OVERFLOW), REASON_UNTRUSTED));
    cr_assert(eq(int, reason_of_health(HEALTH_UNSUPPORTED), REASON_UNSUPPORTED));
    cr_assert(eq(int, reason_of_health(HEALTH_DRIFTED), REASON_UNTRUSTED));
}

Test(plan_refusal, has_a_word_of_its_own_for_each_reason)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        for (int j = 0; j < i; j++)
            cr_assert(
                ne(str, (char *)reason_text((enum reason)i), (char *)reason_text((enum reason)j)));
    }
    cr_assert(eq(str, (char *)verdict_text(VERDICT_SKIP), "skip"));
    cr_assert(eq(str, (char *)verdict_text(VERDICT_LIQUIDATE), "liquidate"));
    cr_assert(eq(str, (char *)reason_text(REASON_NO_FUNDS), "no_funds"));
}
