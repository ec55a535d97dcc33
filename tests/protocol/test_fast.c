/* Health by the fast way is health by the slow one: the same number, or the same refusal. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/aave_v3/fast.h"
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
