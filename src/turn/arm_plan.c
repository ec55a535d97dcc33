/*
 * What was signed some blocks ago says an amount and a fee of then. It may be fired where the plan
 * of now, held to that amount, comes to the very same call, earns what limits.profit_min asks for
 * and next to what it could, and the fees still buy the place that would be bought now.
 */
#include "turn/arm.h"

#include "turn/inside.h"

/* So small a part of the profit may be given up for being early. */
#define ARM_LOSS_PARTS 64u

bool arm_plan_capped(struct plan *out, const struct turn_state *state,
                     const struct arm_target *target, const struct plan *plan,
                     const struct token_amount *argument)
{
    const struct tracked *tracked = &state->tracked[target->market];
    const uint32_t debt = plan->liquidation.debt;
    const struct reserve *reserve = &tracked->market.reserve[debt];
    struct u256 ours = u256_min(&reserve->held.value, &reserve->allowed.value);
    struct plan_reserved reserved;
    struct plan_terms terms;
    struct u256 others;

    decide_reserved(state, target->market, &reserved);
    decide_terms(state, &terms);
    if (!u256_sub(&others, &ours, &argument->value) ||
        u256_is_less(&others, &reserved.token[debt].value))
        return false; /* not so much is ours */
    reserved.token[debt].value = others;
    plan_choose(out,
                &(struct plan_candidate){.protocol = tracked->protocol,
                                         .market = &tracked->market,
                                         .position = target->position,
                                         .health = target->health},
                &reserved, &terms);
    return out->verdict == VERDICT_LIQUIDATE && out->liquidation.debt == debt &&
           u256_is_equal(&out->liquidation.repay_argument.value, &argument->value);
}

/* Nearly all that could be had. */
static bool is_as_good(const struct plan *fitted, const struct plan *plan)
{
    const struct u256 parts = u256_of(ARM_LOSS_PARTS);
    struct u256 part;
    struct u256 least;

    return u256_div(&part, NULL, &plan->net.value, &parts) &&
           u256_sub(&least, &plan->net.value, &part) && !u256_is_less(&fitted->net.value, &least);
}

/* Whose call is that of the armed one. */
static bool plan_of_call(struct plan *fitted, const struct turn_state *state,
                         const struct arm_target *target, const struct plan *plan,
                         const struct armed *armed)
{
    const struct u256 whole = U256_MAX;

    *fitted = *plan;
    if (u256_is_equal(&plan->liquidation.repay_argument.value, &armed->argument.value))
        return true;
    if (u256_is_equal(&armed->argument.value, &whole) ||
        !arm_plan_capped(fitted, state, target, plan, &armed->argument) ||
        !is_as_good(fitted, plan))
        return false;
    if (fitted->gas_limit < plan->gas_limit)
        fitted->gas_limit = plan->gas_limit; /* somebody said that it takes more */
    return true;
}

/* A dearer tip than would be offered now leaves what it leaves. */
static bool tip_is_paid(struct plan *fitted, const struct turn_state *state,
                        const struct flight *armed, const struct wei *tip)
{
    struct u256 more = u256_sub_floor(&armed->max_priority_fee_per_gas.value, &tip->value);
    struct u256 gas = u256_of(fitted->gas_expected);

    return u256_mul(&more, &more, &gas) &&
           u256_sub(&fitted->net.value, &fitted->net.value, &more) &&
           u256_add(&fitted->gas_cost.value, &fitted->gas_cost.value, &more) &&
           !u256_is_less(&fitted->net.value, &state->settings.limits.profit_min.value);
}

bool arm_plan_fits(struct plan *fitted, const struct turn_state *state,
                   const struct arm_target *target, const struct plan *plan,
                   const struct arm_offer *offer)
{
    const struct tracked *tracked = &state->tracked[target->market];
    const struct armed *armed = offer->armed;
    struct armed_wish wish = {.base_fee = offer->base_fee};
    BUFFER data = {0};

    if (armed->flight.state != FLIGHT_SIGNED || plan->verdict != VERDICT_LIQUIDATE ||
        !plan_of_call(fitted, state, target, plan, armed) ||
        !fleet_next_nonce(&wish.nonce, &state->fleet) ||
        !u256_add(&wish.tip.value, &state->settings.limits.priority_fee_per_gas.value,
                  &fitted->bid.value))
        return false;
    tracked->protocol->liquidation_call(&data, &wish.to, &tracked->market,
                                        &target->position->account, &fitted->liquidation);
    wish.data = buffer_bytes(&data);
    wish.gas = fitted->gas_limit;
    return armed_fits(armed, &wish) && tip_is_paid(fitted, state, &armed->flight, &wish.tip);
}
