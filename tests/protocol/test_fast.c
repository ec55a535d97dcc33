/* Health by the fast way is health by the slow one: the same number, or the same refusal. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/aave_v3/pair.h"
#include "tests/base/random.h"
#include "tests/protocol/random_pool.h"

#define POOLS 1500u
#define POSITIONS 200u

static bool is_same(const struct health *a, const struct health *b)
{
    return u256_is_equal(&a->factor.value, &b->factor.value) &&
           u256_is_equal(&a->collateral_value, &b->collateral_value) &&
           u256_is_equal(&a->debt_value, &b->debt_value) && a->threshold_bps == b->threshold_bps;
}

/* Counts those that the fast way judged. */
static uint32_t positions_compare(const struct market *market, uint64_t *state, bool is_wild)
{
    const struct aave_rules *rules = aave_rules_of(market->revision);
    struct random_position held;
    uint32_t fast = 0;

    for (uint32_t i = 0; i < POSITIONS; i++) {
        struct health ours = {.threshold_bps = 77};
        struct health slow = {.threshold_bps = 77};
        struct health only = {0};

        random_position(&held, market, state, is_wild);
        enum health_error error = aave_health(&ours, market, &held.position);
        cr_assert(eq(int, error, aave_health_slowly(&slow, market, &held.position)));
        cr_assert(is_same(&ours, &slow));
        if (held.position.flags == 0 && rules != NULL &&
            aave_fast_health(&only, market, &held.position, rules)) {
            cr_assert(is_same(&only, &slow) && error == HEALTH_OK);
            fast++;
        }
    }
    return fast;
}

Test(fast, health_is_that_of_the_slow_way)
{
    uint64_t state = 3;
    uint64_t fast = 0;

    for (uint32_t i = 0; i < POOLS; i++) {
        const bool is_wild = i % 2 == 0;
        struct market *market = random_pool(&state, is_wild);

        fast += positions_compare(market, &state, is_wild);
        free(market);
    }
    cr_assert(fast > (uint64_t)POOLS * POSITIONS / 2 && fast < (uint64_t)POOLS * POSITIONS,
              "%lu of %u", (unsigned long)fast, POOLS * POSITIONS);
}

static bool exchange_is_same(const struct aave_exchange *a, const struct aave_exchange *b)
{
    return u256_is_equal(&a->paid, &b->paid) && u256_is_equal(&a->taken, &b->taken) &&
           u256_is_equal(&a->seize, &b->seize) && u256_is_equal(&a->fee, &b->fee) &&
           a->takes_all == b->takes_all;
}

/* Mostly of this world, now and then any number at all. */
static struct u256 an_amount(uint64_t *state, uint32_t decimals)
{
    struct u256 amount = u256_ten_to(decimals);
    const struct u256 factor = u256_of(random_u64(state) >> random_below(state, 64));

    return random_below(state, 8) == 0 || !u256_mul(&amount, &amount, &factor) ? random_u256(state)
                                                                               : amount;
}

static void pair_make(struct aave_pair *out, const struct market *market, uint64_t *state)
{
    const uint32_t debt = (uint32_t)random_below(state, RANDOM_RESERVES);
    const uint32_t collateral = (uint32_t)random_below(state, RANDOM_RESERVES);

    *out = (struct aave_pair){.market = market,
                              .rules = aave_rules_of(market->revision),
                              .debt = &market->reserve[debt],
                              .collateral = &market->reserve[collateral],
                              .debt_price = market->reserve[debt].price.value,
                              .collateral_price = market->reserve[collateral].price.value,
                              .debt_unit = u256_ten_to(market->reserve[debt].decimals),
                              .collateral_unit = u256_ten_to(market->reserve[collateral].decimals),
                              .bonus_bps = market->reserve[collateral].bonus_bps};
    out->late.supplied = an_amount(state, out->collateral->decimals);
    aave_pair_divisors(out);
}

Test(fast, an_exchange_is_that_of_the_slow_way)
{
    uint64_t state = 4;
    uint64_t fast = 0;

    for (uint32_t i = 0; i < POOLS; i++) {
        struct market *market = random_pool(&state, i % 2 == 0);

        for (uint32_t k = 0; k < POSITIONS && aave_rules_of(market->revision) != NULL; k++) {
            struct aave_pair pair;
            struct aave_exchange quick;
            struct aave_exchange slow;

            pair_make(&pair, market, &state);
            const struct u256 offer = an_amount(&state, pair.debt->decimals);
            const bool is_slow = aave_pair_exchange_slowly(&slow, &pair, &pair.late, &offer);
            if (aave_quick_exchange(&quick, &pair, &pair.late, &offer)) {
                cr_assert(is_slow && exchange_is_same(&quick, &slow));
                fast++;
            }
            if (aave_quick_is_liquid(&pair, &offer))
                cr_assert(is_slow && !u256_is_less(&pair.collateral->liquidity.value, &slow.seize));
        }
        free(market);
    }
    cr_assert(fast > (uint64_t)POOLS * POSITIONS / 4, "%lu", (unsigned long)fast);
}
