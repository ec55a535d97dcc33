/*
 * An operator who asks why nothing happened wants the answer that the daemon would give, not one
 * like it: so the verdict is plan_choose's, under the same terms. The pairs beside it are those
 * that it chose from.
 */
#include "keeper/explain.h"

#include <stdlib.h>
#include <string.h>

static bool leg_counts(const struct leg *leg, enum leg_flag flag)
{
    return (leg->flags & flag) != 0 && (flag == LEG_DEBT ? leg->owed : leg->supplied) != 0;
}

/* net = gross − gas */
static void pair_worth(struct explained_pair *pair, const struct explanation *explanation)
{
    const struct plan_exchange exchange = {pair->debt, pair->collateral, pair->liquidation.repay,
                                           pair->liquidation.seize};
    const struct u256 *gas = &explanation->gas_cost.value;

    pair->has_worth = plan_value(&pair->gross, &pair->is_loss, &explanation->judged.tracked->market,
                                 &exchange, explanation->terms.haircut_bps);
    if (!pair->has_worth)
        return;
    pair->net_is_loss = pair->is_loss || u256_is_less(&pair->gross.value, gas);
    if (!pair->net_is_loss)
        pair->net.value = u256_sub_floor(&pair->gross.value, gas);
    else if (!pair->is_loss)
        pair->net.value = u256_sub_floor(gas, &pair->gross.value);
    else
        pair->has_worth = u256_add(&pair->net.value, &pair->gross.value, gas);
}

static void pair_size(struct explained_pair *pair, const struct explanation *explanation)
{
    const struct judged *judged = &explanation->judged;
    const struct market *market = &judged->tracked->market;
    const struct reserve *owed = &market->reserve[pair->debt];
    struct liquidation_request request = {
        .debt = pair->debt,
        .collateral = pair->collateral,
        .cap = {u256_min(&owed->held.value, &owed->allowed.value)},
        .timestamp_s = explanation->terms.timestamp_s,
        .deadline_s = explanation->terms.deadline_s};

    pair->is_funded = true;
    pair->error = judged->tracked->protocol->liquidation(
        &pair->liquidation, market, &judged->position, &judged->health, &request);
    if (pair->error == LIQUIDATION_OK || pair->error == LIQUIDATION_HEALTHY)
        return;
    struct liquidation_request uncapped = request;
    uncapped.cap.value = U256_MAX;
    enum liquidation_error error = judged->tracked->protocol->liquidation(
        &pair->liquidation, market, &judged->position, &judged->health, &uncapped);
    if (error != LIQUIDATION_OK)
        return;
    pair->error = LIQUIDATION_OK;
    pair->is_funded = false;
}

static void pair_add(struct explanation *out, uint32_t debt, uint32_t collateral)
{
    struct explained_pair *pair;

    if (out->pair_count == EXPLAIN_PAIRS_MAX) {
        out->pairs_left++;
        return;
    }
    pair = &out->pair[out->pair_count++];
    pair->debt = debt;
    pair->collateral = collateral;
    pair_size(pair, out);
    if (pair->error == LIQUIDATION_OK)
        pair_worth(pair, out);
}

static void pairs_add(struct explanation *out)
{
    const struct position *position = &out->judged.position;

    for (uint16_t i = 0; i < position->leg_count; i++) {
        if (!leg_counts(&position->legs[i], LEG_DEBT))
            continue;
        for (uint16_t k = 0; k < position->leg_count; k++)
            if (leg_counts(&position->legs[k], LEG_COLLATERAL))
                pair_add(out, position->legs[i].reserve, position->legs[k].reserve);
    }
}

static void plan_make(struct explanation *out)
{
    const struct judged *judged = &out->judged;
    const struct plan_candidate candidate = {judged->tracked->protocol,
                                             &judged->tracked->market,
                                             &judged->position,
                                             &judged->health,
                                             false,
                                             0};
    const struct u256 one = u256_of(WAD_ONE_U64);
    struct plan_reserved *none = must_alloc(1, sizeof(*none));

    plan_choose(&out->plan, &candidate, none, &out->terms);
    free(none);
    /* nothing owed, or nothing that counts: there is no pair to say so */
    if (!u256_is_less(&judged->health.factor.value, &one))
        out->plan.reason = REASON_HEALTHY;
}

void explain(struct explanation *out, const struct turn_state *state, const struct tracked *tracked,
             uint32_t slot)
{
    const struct market *market = &tracked->market;

    memset(out, 0, sizeof(*out));
    judged_of(&out->judged, tracked, slot);
    decide_terms(state, &out->terms);
    if (out->judged.error != HEALTH_OK) {
        out->plan.reason = reason_of_health(out->judged.error);
        return;
    }
    out->gas_expected = tracked->protocol->gas_expected(market, &out->judged.position);
    struct u256 gas = u256_of(out->gas_expected);
    if (!u256_mul(&out->gas_cost.value, &gas, &out->terms.gas_price.value))
        out->gas_cost.value = U256_MAX;
    pairs_add(out);
    plan_make(out);
}
