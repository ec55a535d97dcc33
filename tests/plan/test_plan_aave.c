/* Plans against Aave V3's own rules: 50,000 USD of WETH against USDC, and what stands in its way.
 */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/plan/pools.h"
#include "tests/submit/fleets.h"

#define NOW_S 1700000000u
#define REVISION_3_0 1u
#define REVISION_3_6 10u

static struct pool *pool;
static const struct protocol *aave;

/* The pool's reserves as Aave holds them, indexes at one, no interest. */
static void aave_begin(void)
{
    pool = pool_new();
    pool->market.protocol = protocol_find("aave-v3");
    aave = protocol_at(pool->market.protocol);
    pool->market.revision = REVISION_3_6;
    pool->market.pool.byte[0] = 1;
    pool->market.sentinel_allows = true;
    pool->market.keeper.byte[3] = 7;
    for (uint32_t i = 0; i < POOL_RESERVES; i++) {
        struct reserve *reserve = &pool->market.reserve[i];

        reserve->flags = RESERVE_ACTIVE;
        reserve->threshold_bps = 8000;
        reserve->bonus_bps = 10500;
        reserve->collateral_index.value = u256_ten_to(27);
        reserve->debt_index.value = u256_ten_to(27);
        reserve->updated_at_s = NOW_S;
        reserve->liquidity.value = u256_ten_to(reserve->decimals + 9);
    }
    pool->terms.timestamp_s = NOW_S;
    pool->terms.deadline_s = NOW_S + 300;
    pool->terms.profit_min.value = U256_ZERO;
}

static void aave_end(void)
{
    free(pool);
}

TestSuite(plan_aave, .init = aave_begin, .fini = aave_end);

/* WETH worth `collateral` USD, and so many USDC owed. */
static void owe(uint64_t collateral, uint64_t debt)
{
    pool->legs[WETH].supplied = (unsigned __int128)collateral * 500000000000000u;
    pool->legs[USDC].owed = (unsigned __int128)debt * 1000000;
}

static struct plan plan_now(void)
{
    const struct plan_candidate candidate = {
        .market = &pool->market, .position = &pool->position, .health = &pool->health};
    struct plan plan;

    cr_assert(aave->prepare(&pool->market, NOW_S));
    cr_assert(eq(int, aave->health(&pool->health, &pool->market, &pool->position), HEALTH_OK));
    plan_choose(&plan, &candidate, &pool->reserved, &pool->terms);
    return plan;
}

static bool repays(const struct plan *plan, uint64_t usdc)
{
    struct u256 expected = pool_amount(pool, USDC, usdc);

    return u256_is_equal(&plan->liquidation.repay.value, &expected);
}

Test(plan_aave, repays_half_above_the_close_factor)
{
    static const uint32_t revisions[] = {REVISION_3_0, REVISION_3_6};

    owe(50000, 40400); /* health 0.990 */
    for (size_t i = 0; i < ARRAY_LENGTH(revisions); i++) {
        pool->market.revision = revisions[i];
        struct plan plan = plan_now();
        cr_assert(eq(int, plan.verdict, VERDICT_LIQUIDATE), "%s", reason_text(plan.reason));
        cr_assert(repays(&plan, 20200));
        cr_assert(eq(u64, plan.gas_expected, aave->gas_expected(&pool->market, &pool->position)));
    }
}

Test(plan_aave, repays_all_below_it)
{
    const struct u256 whole = U256_MAX;

    owe(50000, 42500); /* health 0.941 */
    struct plan plan = plan_now();
    cr_assert(eq(int, plan.verdict, VERDICT_LIQUIDATE));
    cr_assert(repays(&plan, 42500));
    cr_assert(u256_is_equal(&plan.liquidation.repay_argument.value, &whole));
}

Test(plan_aave, repays_what_the_purse_holds)
{
    owe(50000, 40400);
    pool->market.reserve[USDC].held.value = pool_amount(pool, USDC, 5000);
    struct plan plan = plan_now();
    cr_assert(eq(int, plan.verdict, VERDICT_LIQUIDATE));
    cr_assert(not(
        u256_is_less(&pool->market.reserve[USDC].held.value, &plan.liquidation.repay_max.value)));
}

Test(plan_aave, says_no_funds_where_a_small_position_must_close_whole)
{
    owe(1500, 1210);
    pool->market.reserve[USDC].held.value = pool_amount(pool, USDC, 600);
    struct plan plan = plan_now();
    cr_assert(eq(int, plan.reason, REASON_NO_FUNDS), "%s", reason_text(plan.reason));
    cr_assert(repays(&plan, 1210), "and shows what it would take");
    pool->market.reserve[USDC].held.value = pool_amount(pool, USDC, 2000);
    cr_assert(eq(int, plan_now().verdict, VERDICT_LIQUIDATE));
}

Test(plan_aave, leaves_a_healthy_account_alone)
{
    owe(50000, 40000); /* exactly one */
    cr_assert(eq(int, plan_now().reason, REASON_HEALTHY));
}

Test(plan_aave, says_what_the_pool_would_say)
{
    struct reserve *weth = &pool->market.reserve[WETH];
    struct reserve *usdc = &pool->market.reserve[USDC];

    owe(50000, 40400);
    usdc->flags |= RESERVE_PAUSED;
    cr_assert(eq(int, plan_now().reason, REASON_PAUSED));
    usdc->flags = RESERVE_ACTIVE;
    weth->grace_until_s = NOW_S;
    cr_assert(eq(int, plan_now().reason, REASON_GRACE_PERIOD));
    weth->grace_until_s = 0;
    weth->liquidity.value = U256_ZERO;
    cr_assert(eq(int, plan_now().reason, REASON_NO_LIQUIDITY));
    weth->liquidity.value = pool_amount(pool, WETH, 1000);
    weth->bonus_bps = 0;
    cr_assert(eq(int, plan_now().reason, REASON_UNPROFITABLE), "nothing to be seized");
}

Test(plan_aave, holds_fire_while_the_sentinel_says_no)
{
    owe(50000, 40400);
    pool->market.sentinel.byte[0] = 1;
    pool->market.sentinel_allows = false;
    cr_assert(eq(int, plan_now().reason, REASON_PAUSED));
    owe(50000, 42500);
    cr_assert(eq(int, plan_now().verdict, VERDICT_LIQUIDATE), "it stops none below 0.95");
}

Test(plan_aave, never_plans_its_own_account)
{
    owe(50000, 40400);
    pool->position.account = pool->market.keeper;
    cr_assert(eq(int, plan_now().reason, REASON_UNPROFITABLE));
}

/* Whatever stands in the purse and in the account: what is decided is paid for, and adds up. */
Test(plan_aave, never_spends_what_it_does_not_have)
{
    uint64_t seed = 5;
    int liquidated = 0;

    for (int i = 0; i < 1500; i++) {
        struct reserve *usdc = &pool->market.reserve[USDC];
        uint64_t collateral = 200 + random_next(&seed) % 100000;
        pool->market.revision = (uint32_t)(random_next(&seed) % 11 + 1);
        usdc->held.value = u256_of(random_next(&seed) >> (28 + random_next(&seed) % 12));
        usdc->allowed.value = random_next(&seed) % 3 > 0 ? U256_MAX : usdc->held.value;
        pool->reserved.token[USDC].value = u256_of(random_next(&seed) >> 34);
        owe(collateral, collateral * (790 + random_next(&seed) % 120) / 1000);
        struct plan plan = plan_now();
        if (plan.verdict != VERDICT_LIQUIDATE)
            continue;
        struct u256 left = u256_sub_floor(&usdc->held.value, &pool->reserved.token[USDC].value);
        struct u256 sum;
        liquidated++;
        cr_assert(not(u256_is_less(&left, &plan.liquidation.repay_max.value)), "%d", i);
        cr_assert(
            not(u256_is_less(&plan.liquidation.repay_max.value, &plan.liquidation.repay.value)),
            "%d", i);
        cr_assert(not(plan.is_loss || plan.net_is_loss));
        cr_assert(u256_add(&sum, &plan.net.value, &plan.gas_cost.value));
        cr_assert(u256_is_equal(&sum, &plan.gross.value), "%d", i);
    }
    cr_assert(gt(int, liquidated, 100));
}
