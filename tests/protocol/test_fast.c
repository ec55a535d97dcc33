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
                              .bonus_bps = market->reserve[collateral].bonus_bps,
                              .by_known_bonus = &market->reserve[collateral].by_bonus};
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

static bool liquidation_is_same(const struct liquidation *a, const struct liquidation *b)
{
    return a->debt == b->debt && a->collateral == b->collateral && a->is_whole == b->is_whole &&
           a->receives_token == b->receives_token &&
           u256_is_equal(&a->repay.value, &b->repay.value) &&
           u256_is_equal(&a->repay_max.value, &b->repay_max.value) &&
           u256_is_equal(&a->repay_argument.value, &b->repay_argument.value) &&
           u256_is_equal(&a->seize.value, &b->seize.value) &&
           u256_is_equal(&a->protocol_fee.value, &b->protocol_fee.value);
}

/* What the two ways say, by error; and how often the fast way was asked and knew. */
struct sized {
    uint64_t by_error[LIQUIDATION_OVERFLOW + 1];
    uint64_t whole;
    uint64_t asked;
    uint64_t fast;
};

static struct liquidation_request a_request(const struct market *market,
                                            const struct random_position *held, uint64_t *state)
{
    const uint32_t legs = held->position.leg_count;
    struct liquidation_request request = {
        .debt = held->position.legs[random_below(state, legs)].reserve,
        .collateral = held->position.legs[random_below(state, legs)].reserve,
        .cap = {U256_MAX},
        .timestamp_s = POOL_AT_S + 24,
        .deadline_s = POOL_AT_S + (random_below(state, 32) == 0 ? 60 : 300),
        .receive = (enum receive_token)random_below(state, 3)};

    if (random_below(state, 2) == 0)
        request.cap.value = an_amount(state, market->reserve[request.debt].decimals);
    return request;
}

static void liquidation_compare(struct sized *sized, const struct market *market,
                                const struct random_position *held, uint64_t *state)
{
    const struct liquidation_request request = a_request(market, held, state);
    const struct wad edge = {u256_of(WAD_ONE_U64)};
    struct liquidation ours = {.debt = 77};
    struct liquidation slow = {.debt = 77};
    struct liquidation only = {.debt = 77};
    struct aave_pair pair;
    struct health health;
    enum liquidation_error said;

    if (aave_health(&health, market, &held->position) != HEALTH_OK)
        return;
    if (random_below(state, 8) != 0 && u256_is_less(&edge.value, &health.factor.value))
        health.factor.value = u256_of(WAD_ONE_U64 - random_below(state, WAD_ONE_U64 / 8));
    const enum liquidation_error error =
        aave_liquidation(&ours, market, &held->position, &health, &request);
    cr_assert(
        eq(int, error, aave_liquidation_slowly(&slow, market, &held->position, &health, &request)));
    cr_assert(liquidation_is_same(&ours, &slow));
    sized->by_error[error]++;
    sized->whole += error == LIQUIDATION_OK && slow.is_whole;
    if (error == LIQUIDATION_HEALTHY || error == LIQUIDATION_PAUSED ||
        error == LIQUIDATION_NOT_SEIZABLE || error == LIQUIDATION_GRACE ||
        u256_is_zero(&request.cap.value) ||
        aave_pair_begin(&pair, market, &held->position, &request) != LIQUIDATION_OK)
        return;
    sized->asked++;
    if (aave_quick_liquidation(&only, &said, &pair, &health, &request)) {
        cr_assert(said == error && (said != LIQUIDATION_OK || liquidation_is_same(&only, &slow)));
        sized->fast++;
    }
}

Test(fast, a_liquidation_is_that_of_the_slow_way)
{
    struct sized sized = {0};
    uint64_t state = 5;

    for (uint32_t i = 0; i < POOLS; i++) {
        const bool is_wild = i % 3 == 0;
        struct market *market = random_pool(&state, is_wild);

        for (uint32_t k = 0; k < RANDOM_RESERVES && i % 4 != 0; k++)
            market->reserve[k].liquidity.value = U256_MAX;
        if (i % 16 != 1 && i % 16 != 2)
            aave_reach(market, NULL, POOL_AT_S + 24, POOL_AT_S + 300);
        for (uint32_t k = 0; k < 2 * POSITIONS; k++) {
            struct random_position held;

            random_position(&held, market, &state, is_wild);
            if (i % 16 == 2)
                aave_reach(market, &held.position, POOL_AT_S + 24, POOL_AT_S + 300);
            if (held.position.leg_count > 0)
                liquidation_compare(&sized, market, &held, &state);
        }
        free(market);
    }
    cr_assert(sized.by_error[LIQUIDATION_OK] > 50000 && sized.whole > 5000 &&
                  sized.by_error[LIQUIDATION_DUST] > 300 &&
                  sized.by_error[LIQUIDATION_TOO_SMALL] > 500 &&
                  sized.by_error[LIQUIDATION_NO_LIQUIDITY] > 200 && sized.fast > 30000,
              "%lu sized (%lu whole), %lu dust, %lu too small, %lu dry, %lu of %lu fast",
              (unsigned long)sized.by_error[LIQUIDATION_OK], (unsigned long)sized.whole,
              (unsigned long)sized.by_error[LIQUIDATION_DUST],
              (unsigned long)sized.by_error[LIQUIDATION_TOO_SMALL],
              (unsigned long)sized.by_error[LIQUIDATION_NO_LIQUIDITY], (unsigned long)sized.fast,
              (unsigned long)sized.asked);
}
