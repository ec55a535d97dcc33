/* Two tokens of different decimals as wei, each rounding against us. */
#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/plan/pools.h"
#include "tests/submit/fleets.h"

static struct pool *pool;

static void pool_begin(void)
{
    pool = pool_new();
}

static void pool_end(void)
{
    free(pool);
}

TestSuite(value, .init = pool_begin, .fini = pool_end);

static struct plan_exchange exchange_of(uint32_t debt, uint64_t repaid, uint32_t collateral,
                                        uint64_t seized)
{
    struct plan_exchange exchange = {.debt = debt, .collateral = collateral};

    exchange.repaid.value = u256_of(repaid);
    exchange.seized.value = u256_of(seized);
    return exchange;
}

static bool values(struct wei *out, bool *is_loss, const struct plan_exchange *exchange)
{
    return plan_value(out, is_loss, &pool->market, exchange, 10000);
}

Test(value, is_the_same_for_tokens_of_any_decimals)
{
    static const uint32_t debts[] = {WETH, USDC, WBTC, LONG};
    struct u256 expected = u256_of(3000000000000000000u); /* 6000 USD */

    for (size_t i = 0; i < ARRAY_LENGTH(debts); i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(debts); j++) {
            struct plan_exchange exchange = {.debt = debts[i], .collateral = debts[j]};
            struct u256 usd = u256_of(60000);
            struct u256 more = u256_of(66000);
            struct u256 base = u256_of(100000000);
            struct reserve *debt = &pool->market.reserve[debts[i]];
            struct reserve *collateral = &pool->market.reserve[debts[j]];
            struct u256 debt_unit = u256_ten_to(debt->decimals);
            struct u256 collateral_unit = u256_ten_to(collateral->decimals);
            struct wei out;
            bool is_loss;
            cr_assert(u256_mul(&usd, &usd, &base) && u256_mul(&more, &more, &base));
            cr_assert(u256_mul_div(&exchange.repaid.value, &usd, &debt_unit, &debt->price.value));
            cr_assert(u256_mul_div(&exchange.seized.value, &more, &collateral_unit,
                                   &collateral->price.value));
            cr_assert(values(&out, &is_loss, &exchange));
            cr_assert(not(is_loss));
            cr_assert(u256_is_equal(&out.value, &expected), "%zu %zu", i, j);
        }
    }
}

Test(value, of_a_loss_says_so)
{
    struct plan_exchange exchange = exchange_of(USDC, 2000000000, WETH, 0);
    struct u256 expected = u256_of(1000000000000000000u);
    struct wei out;
    bool is_loss;

    cr_assert(values(&out, &is_loss, &exchange));
    cr_assert(is_loss);
    cr_assert(u256_is_equal(&out.value, &expected));
}

Test(value, of_one_unit_more_seized_than_a_whole_number_is_cut)
{
    /* 1 unit of LONG is 1e-19 of a base unit: seized it is nothing, repaid it is one */
    struct plan_exchange seized = exchange_of(USDC, 1000000, LONG, 1);
    struct plan_exchange repaid = exchange_of(LONG, 1, USDC, 0);
    struct u256 dollar = u256_of(500000000000000u);
    struct u256 least = u256_of(5000000);
    struct wei out;
    bool is_loss;

    cr_assert(values(&out, &is_loss, &seized));
    cr_assert(is_loss);
    cr_assert(u256_is_equal(&out.value, &dollar));
    cr_assert(values(&out, &is_loss, &repaid));
    cr_assert(is_loss);
    cr_assert(u256_is_equal(&out.value, &least));
}

/* Against exact fractions: with prices p/u, profit ≤ seized·p/u − repaid·p/u, never above it. */
Test(value, never_flatters)
{
    uint64_t seed = 11;

    for (int i = 0; i < 2000; i++) {
        uint32_t debt = (uint32_t)(random_next(&seed) % 2) == 0 ? USDC : WBTC;
        struct plan_exchange exchange = exchange_of(
            debt, random_next(&seed) >> 24, WETH, random_next(&seed) >> (random_next(&seed) % 20));
        struct wei out;
        bool is_loss;
        struct reserve *reserve = &pool->market.reserve[debt];
        reserve->price.value = u256_of(random_next(&seed) >> 30 | 1);
        pool->market.reserve[WETH].price.value = u256_of(random_next(&seed) >> 24 | 1);
        cr_assert(values(&out, &is_loss, &exchange));
        /* in units of 1 / (1e18 × debt unit): exact */
        struct u256 gain, cost, mine, weth = u256_ten_to(18), unit = u256_ten_to(reserve->decimals);
        cr_assert(u256_mul(&gain, &exchange.seized.value, &pool->market.reserve[WETH].price.value));
        cr_assert(u256_mul(&gain, &gain, &unit));
        cr_assert(u256_mul(&cost, &exchange.repaid.value, &reserve->price.value));
        cr_assert(u256_mul(&cost, &cost, &weth));
        cr_assert(u256_mul(&mine, &out.value, &pool->market.reserve[WETH].price.value));
        cr_assert(u256_mul(&mine, &mine, &unit));
        /* a loss is at least the true one, a profit at most */
        cr_assert(is_loss ? u256_add(&gain, &gain, &mine) : u256_add(&cost, &cost, &mine));
        cr_assert(not(u256_is_less(&gain, &cost)), "%d", i);
    }
}

/* Up to so many bits. */
static struct u256 any_below(uint64_t *seed, unsigned bits)
{
    struct u256 value = {{random_next(seed), random_next(seed), 0, 0}};
    const unsigned here = (unsigned)(random_next(seed) % (bits + 1));

    value.limb[0] = here >= 64 ? value.limb[0] : value.limb[0] & (((uint64_t)1 << here) - 1);
    value.limb[1] = here >= 128 ? value.limb[1]
                    : here > 64 ? value.limb[1] & (((uint64_t)1 << (here - 64)) - 1)
                                : 0;
    return value;
}

static void reserve_random(uint32_t index, uint64_t *seed)
{
    struct reserve *reserve = &pool->market.reserve[index];
    const struct u256 price = any_below(seed, random_next(seed) % 8 == 0 ? 70 : 50);

    reserve->decimals = (uint32_t)(random_next(seed) % 24);
    reserve->price.value = u256_is_zero(&price) ? U256_ONE : price;
    reserve->by_price = (struct divisor){0};
    if (random_next(seed) % 4 != 0 && u256_fits_u64(&reserve->price.value))
        reserve->by_price = divisor_of(reserve->price.value.limb[0]);
}

/* By one division each, in 512 bits. */
static bool values_plainly(struct wei *out, bool *is_loss, const struct plan_exchange *exchange,
                           uint32_t haircut_bps)
{
    const struct reserve *debt = &pool->market.reserve[exchange->debt];
    const struct reserve *collateral = &pool->market.reserve[exchange->collateral];
    const struct reserve *native = &pool->market.reserve[pool->market.native];
    const struct u256 haircut = u256_of(haircut_bps), bps = u256_of(10000);
    const struct u256 native_unit = u256_ten_to(native->decimals);
    const struct u256 debt_unit = u256_ten_to(debt->decimals);
    struct u256 unit = u256_ten_to(collateral->decimals), price, seized, repaid;

    if (!u256_mul(&unit, &unit, &bps) || !u256_mul(&price, &collateral->price.value, &haircut) ||
        !u256_mul_div(&seized, &exchange->seized.value, &price, &unit) ||
        !u256_mul_div_up(&repaid, &exchange->repaid.value, &debt->price.value, &debt_unit))
        return false;
    *is_loss = u256_is_less(&seized, &repaid);
    return *is_loss ? u256_sub(&repaid, &repaid, &seized) &&
                          u256_mul_div_up(&out->value, &repaid, &native_unit, &native->price.value)
                    : u256_sub(&seized, &seized, &repaid) &&
                          u256_mul_div(&out->value, &seized, &native_unit, &native->price.value);
}

Test(value, is_that_of_plain_division)
{
    uint64_t seed = 12;

    for (int i = 0; i < 100000; i++) {
        struct plan_exchange exchange = {.debt = random_next(&seed) % 2 == 0 ? USDC : WBTC,
                                         .collateral = random_next(&seed) % 2 == 0 ? WETH : LONG};
        const uint32_t haircut = random_next(&seed) % 2 == 0 ? 10000 : random_next(&seed) % 10001;
        struct wei ours = {U256_ZERO}, theirs = {U256_ZERO};
        bool is_loss = false, costs = false;

        reserve_random(exchange.debt, &seed);
        reserve_random(exchange.collateral, &seed);
        reserve_random(pool->market.native, &seed);
        exchange.repaid.value = any_below(&seed, 128);
        exchange.seized.value = any_below(&seed, 128);
        const bool is_known = values_plainly(&theirs, &costs, &exchange, haircut);
        cr_assert(eq(int, plan_value(&ours, &is_loss, &pool->market, &exchange, haircut), is_known),
                  "%d", i);
        const bool is_same =
            !is_known || (is_loss == costs && u256_is_equal(&ours.value, &theirs.value));
        cr_assert(is_same, "%d", i);
    }
}

Test(value, takes_the_haircut_off_what_is_seized_only)
{
    struct plan_exchange exchange = exchange_of(USDC, 2000000000, USDC, 4000000000);
    struct u256 expected = u256_of(500000000000000000u); /* 3000 − 2000 USD */
    struct wei out;
    bool is_loss;

    cr_assert(plan_value(&out, &is_loss, &pool->market, &exchange, 7500));
    cr_assert(not(is_loss));
    cr_assert(u256_is_equal(&out.value, &expected));
}

Test(value, is_refused_without_each_price_and_reserve)
{
    const struct plan_exchange exchange = exchange_of(USDC, 5, WBTC, 5);
    static const uint32_t reserves[] = {USDC, WBTC, WETH};
    struct plan_exchange strange = exchange;
    struct wei out;
    bool is_loss;

    for (size_t i = 0; i < ARRAY_LENGTH(reserves); i++) {
        struct reserve *reserve = &pool->market.reserve[reserves[i]];
        const struct reserve before = *reserve;
        reserve->price.status = PRICE_MISSING;
        cr_assert(not(values(&out, &is_loss, &exchange)));
        *reserve = before;
        reserve->price.value = U256_ZERO;
        cr_assert(not(values(&out, &is_loss, &exchange)));
        *reserve = before;
        reserve->stale = RESERVE_STALE_PRICE;
        cr_assert(not(values(&out, &is_loss, &exchange)));
        *reserve = before;
        reserve->decimals = 78;
        cr_assert(not(values(&out, &is_loss, &exchange)));
        *reserve = before;
    }
    pool->market.native = RESERVE_NONE;
    cr_assert(not(values(&out, &is_loss, &exchange)));
    pool->market.native = WETH;
    strange.debt = pool->market.reserve_count;
    cr_assert(not(values(&out, &is_loss, &strange)));
    strange.debt = RESERVE_NONE;
    cr_assert(not(values(&out, &is_loss, &strange)));
    cr_assert(values(&out, &is_loss, &exchange));
}

Test(value, is_refused_past_256_bits)
{
    struct plan_exchange exchange = exchange_of(USDC, 0, WBTC, 0);
    struct wei out;
    bool is_loss;

    exchange.seized.value = U256_MAX;
    cr_assert(not(values(&out, &is_loss, &exchange)));
    exchange.seized.value = U256_ZERO;
    exchange.repaid.value = U256_MAX;
    cr_assert(not(values(&out, &is_loss, &exchange)));
    exchange.repaid.value = U256_ZERO;
    exchange.seized.value = U256_ONE;
    pool->market.reserve[WBTC].price.value = U256_MAX;
    cr_assert(not(values(&out, &is_loss, &exchange)), "price × haircut");
}
