/* A plan that sizes only what may win is the plan that sizes everything; and no bound lies below.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "plan/inside.h"
#include "tests/base/random.h"
#include "tests/protocol/random_pool.h"

#define POOLS 1200u
#define POSITIONS 120u

struct tally {
    uint64_t candidates;
    uint64_t liquidate;
    uint64_t no_funds;
    uint64_t poor;
};

static struct plan_terms random_terms(uint64_t *state)
{
    return (struct plan_terms){
        .haircut_bps =
            random_below(state, 2) == 0 ? 10000 : 9000 + (uint32_t)random_below(state, 1100),
        .profit_min = {u256_of(random_u64(state) >> (8 + random_below(state, 56)))},
        .gas_price = {u256_of(random_below(state, 100000000000u))},
        .gas_price_max = {u256_of(100000000000u)},
        .fee_max = {u256_of(300000000000u)},
        .tip_share = random_below(state, 2) == 0 ? 0 : (uint32_t)random_below(state, 100),
        .race_needed = {u256_of(random_below(state, 3) == 0 ? random_below(state, 100000000000)
                                                            : 0)},
        .race_share = (uint32_t)random_below(state, 100),
        .gas_balance = {u256_ten_to(17 + (unsigned)random_below(state, 3))},
        .timestamp_s = POOL_AT_S + 12 + random_below(state, 13),
        .deadline_s = POOL_AT_S + 300,
        .receive = (enum receive_token)random_below(state, 3)};
}

static bool wei_is_equal(const struct wei *a, const struct wei *b)
{
    return u256_is_equal(&a->value, &b->value);
}

static bool plan_is_same(const struct plan *a, const struct plan *b)
{
    const struct liquidation *x = &a->liquidation;
    const struct liquidation *y = &b->liquidation;

    return a->verdict == b->verdict && a->reason == b->reason &&
           a->has_liquidation == b->has_liquidation && x->debt == y->debt &&
           x->collateral == y->collateral && x->is_whole == y->is_whole &&
           x->receives_token == y->receives_token &&
           u256_is_equal(&x->repay.value, &y->repay.value) &&
           u256_is_equal(&x->repay_max.value, &y->repay_max.value) &&
           u256_is_equal(&x->repay_argument.value, &y->repay_argument.value) &&
           u256_is_equal(&x->seize.value, &y->seize.value) &&
           u256_is_equal(&x->protocol_fee.value, &y->protocol_fee.value) &&
           a->is_loss == b->is_loss && a->net_is_loss == b->net_is_loss &&
           wei_is_equal(&a->gross, &b->gross) && wei_is_equal(&a->gas_cost, &b->gas_cost) &&
           wei_is_equal(&a->net, &b->net) && wei_is_equal(&a->bid, &b->bid) &&
           a->gas_expected == b->gas_expected && a->gas_limit == b->gas_limit;
}

static void candidate_compare(struct tally *tally, const struct plan_candidate *candidate,
                              const struct plan_reserved *reserved, const struct plan_terms *terms)
{
    struct plan by_bounds;
    struct plan plain;

    plan_choose(&by_bounds, candidate, reserved, terms);
    plan_choose_plainly(&plain, candidate, reserved, terms);
    cr_assert(plan_is_same(&by_bounds, &plain), "candidate %lu: %s, %s",
              (unsigned long)tally->candidates, reason_text(by_bounds.reason),
              reason_text(plain.reason));
    tally->candidates++;
    tally->liquidate += plain.verdict == VERDICT_LIQUIDATE;
    tally->no_funds += plain.reason == REASON_NO_FUNDS;
    tally->poor += plain.reason == REASON_UNPROFITABLE;
    if (plain.verdict == VERDICT_LIQUIDATE)
        cr_assert(plan_bound(candidate, reserved, terms) >= u256_to_double(&plain.net.value),
                  "candidate %lu", (unsigned long)tally->candidates);
}

static void pool_compare(struct tally *tally, struct market *market, uint64_t *state, bool is_wild)
{
    const struct protocol *protocol = protocol_at(market->protocol);
    const struct wad edge = {u256_of(WAD_ONE_U64)};
    const struct plan_terms terms = random_terms(state);
    struct plan_reserved reserved = {0};
    struct random_position held;
    struct health health;

    for (uint32_t i = 0; i < RANDOM_RESERVES; i++)
        if (random_below(state, 3) == 0)
            reserved.token[i].value =
                u256_ten_to(market->reserve[i].decimals + (unsigned)random_below(state, 5));
    if (random_below(state, 8) != 0) /* without, nothing has a bound */
        protocol->reach(market, NULL, terms.timestamp_s, terms.deadline_s);
    for (uint32_t i = 0; i < POSITIONS; i++) {
        const struct plan_candidate candidate = {
            .market = market, .position = &held.position, .health = &health};

        random_position(&held, market, state, is_wild);
        if (protocol->health(&health, market, &held.position) == HEALTH_OK &&
            u256_is_less(&health.factor.value, &edge.value))
            candidate_compare(tally, &candidate, &reserved, &terms);
    }
}

Test(plan_bounds, choose_what_sizing_everything_chooses)
{
    struct tally tally = {0};
    uint64_t state = 11;

    for (uint32_t i = 0; i < POOLS; i++) {
        const bool is_wild = i % 3 == 0;
        struct market *market = random_pool(&state, is_wild);

        pool_compare(&tally, market, &state, is_wild);
        free(market);
    }
    cr_assert(tally.candidates > 20000 && tally.liquidate > 4000 && tally.no_funds > 1000 &&
                  tally.poor > 1000,
              "%lu candidates, %lu liquidated, %lu without funds, %lu poor",
              (unsigned long)tally.candidates, (unsigned long)tally.liquidate,
              (unsigned long)tally.no_funds, (unsigned long)tally.poor);
}
