/* See pools.h. */
#include "tests/plan/pools.h"

#include <string.h>

#include <criterion/criterion.h>

#define BASE_ONE 100000000u

struct pool_pair pool_pairs[POOL_RESERVES][POOL_RESERVES];

struct u256 pool_amount(const struct pool *pool, uint32_t reserve, uint64_t whole)
{
    struct u256 amount = u256_of(whole);
    struct u256 unit = u256_ten_to(pool->market.reserve[reserve].decimals);

    cr_assert(u256_mul(&amount, &amount, &unit));
    return amount;
}

static struct u256 scaled(const struct u256 *amount, const struct u256 *by, const struct u256 *over)
{
    struct u256 out;

    cr_assert(u256_mul_div(&out, amount, by, over));
    return out;
}

/* What the repay buys, with the bonus. */
static struct u256 seized_for(const struct market *market, const struct liquidation *liquidation,
                              uint32_t bonus_bps)
{
    const struct reserve *debt = &market->reserve[liquidation->debt];
    const struct reserve *collateral = &market->reserve[liquidation->collateral];
    struct u256 debt_unit = u256_ten_to(debt->decimals);
    struct u256 collateral_unit = u256_ten_to(collateral->decimals);
    struct u256 bonus = u256_of(bonus_bps);
    struct u256 one = u256_of(10000);
    struct u256 value = scaled(&liquidation->repay.value, &debt->price.value, &debt_unit);

    value = scaled(&value, &bonus, &one);
    return scaled(&value, &collateral_unit, &collateral->price.value);
}

static enum liquidation_error liquidation(struct liquidation *out, const struct market *market,
                                          const struct position *position,
                                          const struct health *health,
                                          const struct liquidation_request *request)
{
    const struct pool_pair *pair = &pool_pairs[request->debt][request->collateral];
    struct u256 unit = u256_ten_to(market->reserve[request->debt].decimals);
    struct u256 whole = u256_of(pair->repay_max_whole > 0 ? pair->repay_max_whole : 1000);

    (void)position;
    (void)health;
    if (pair->error != LIQUIDATION_OK)
        return pair->error;
    cr_assert(u256_mul(&whole, &whole, &unit));
    *out = (struct liquidation){.debt = request->debt, .collateral = request->collateral};
    out->repay.value = u256_min(&whole, &request->cap.value);
    if (u256_is_zero(&out->repay.value))
        return LIQUIDATION_TOO_SMALL;
    if (u256_is_less(&out->repay.value, &pair->least))
        return LIQUIDATION_DUST;
    out->repay_max = out->repay;
    out->repay_argument = out->repay;
    out->seize.value = seized_for(market, out, pair->bonus_bps > 0 ? pair->bonus_bps : 10500);
    if (pair->spoil != NULL)
        pair->spoil(out);
    return LIQUIDATION_OK;
}

static uint64_t gas_expected(const struct market *market, const struct position *position)
{
    (void)market;
    (void)position;
    return GAS_EXPECTED;
}

static uint64_t gas_limit(const struct market *market, const struct position *position)
{
    (void)market;
    (void)position;
    return GAS_LIMIT;
}

const struct protocol pool_protocol = {.name = "pool",
                                       .liquidation = liquidation,
                                       .gas_expected = gas_expected,
                                       .gas_limit = gas_limit};

static void add_reserve(struct pool *pool, uint32_t decimals, uint64_t usd)
{
    uint32_t index = pool->market.reserve_count++;
    struct reserve *reserve = &pool->market.reserve[index];

    reserve->asset.byte[19] = (uint8_t)(index + 1);
    reserve->decimals = decimals;
    reserve->price.status = PRICE_OK;
    reserve->price.value = u256_of(usd * BASE_ONE);
    reserve->held.value = pool_amount(pool, index, 1000000);
    reserve->allowed.value = U256_MAX;
}

void pool_set_leg(struct pool *pool, uint32_t reserve, bool is_collateral, bool is_debt)
{
    struct leg *leg = &pool->legs[reserve];

    leg->flags = (uint16_t)((is_collateral ? LEG_COLLATERAL : 0) | (is_debt ? LEG_DEBT : 0));
    leg->supplied = is_collateral ? 1000 : 0;
    leg->owed = is_debt ? 1000 : 0;
}

struct pool *pool_new(void)
{
    struct pool *pool = must_alloc(1, sizeof(*pool));

    memset(pool_pairs, 0, sizeof(pool_pairs));
    pool->market.trust = MARKET_TRUSTED;
    pool->market.native = WETH;
    pool->market.price_unit = u256_of(BASE_ONE);
    add_reserve(pool, 18, 2000);
    add_reserve(pool, 6, 1);
    add_reserve(pool, 8, 60000);
    add_reserve(pool, 27, 1);
    for (uint32_t i = 0; i < POOL_RESERVES; i++)
        pool->legs[i].reserve = (uint16_t)i;
    pool->position.legs = pool->legs;
    pool->position.leg_count = POOL_RESERVES;
    pool_set_leg(pool, USDC, false, true);
    pool_set_leg(pool, WETH, true, false);
    pool->health.factor.value = u256_of(990000000000000000u);
    pool->terms.haircut_bps = 10000;
    pool->terms.profit_min.value = u256_of(5000000000000000u);
    pool->terms.gas_price.value = u256_of(10000000000u);
    pool->terms.gas_price_max.value = u256_of(30000000000u);
    pool->terms.gas_balance.value = u256_of(1000000000000000000u);
    pool->terms.timestamp_s = 1700000000;
    pool->terms.deadline_s = 1700000300;
    return pool;
}

struct plan pool_plan(const struct pool *pool)
{
    const struct plan_candidate candidate = {.protocol = &pool_protocol,
                                             .market = &pool->market,
                                             .position = &pool->position,
                                             .health = &pool->health};
    struct plan plan;

    memset(&plan, 0xee, sizeof(plan));
    plan_choose(&plan, &candidate, &pool->reserved, &pool->terms);
    return plan;
}
