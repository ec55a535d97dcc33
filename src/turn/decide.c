/*
 * Candidates of one block, dearest first, each with a verdict and its reason. What several want at
 * once (capital, flights, gas) is given in order of profit.
 */
#include <stdlib.h>
#include <string.h>

#include "turn/judge.h"

/* Was just this the last that was said, at a block that stands? */
static bool memory_is_said(const struct memory *memory, const struct plan *plan)
{
    return !memory->is_void && memory->verdict == plan->verdict && memory->reason == plan->reason;
}

static void memory_say(struct turn_state *state, struct memory *memory, const struct plan *plan)
{
    memory->block = state->header.number;
    memory->verdict = plan->verdict;
    memory->reason = plan->reason;
    memory->is_void = false;
}

static void amount_add(struct u256 *sum, const struct u256 *amount)
{
    if (!u256_add(sum, sum, amount))
        *sum = U256_MAX;
}

void decide_reserved(const struct turn_state *state, uint32_t market, struct plan_reserved *out)
{
    memset(out, 0, sizeof(*out));
    for (uint32_t i = 0; i < state->fleet.used; i++) {
        const struct flight *flight = &state->fleet.flight[i];
        struct u256 gas = u256_of(flight->gas);
        uint32_t reserve;

        if (!flight_is_live(flight))
            continue;
        if (!u256_mul(&gas, &gas, &flight->max_fee_per_gas.value))
            gas = U256_MAX;
        amount_add(&out->gas.value, &gas);
        if (flight->market >= state->tracked_count || flight->debt >= RESERVES_MAX)
            continue;
        reserve =
            market_reserve(&state->tracked[market].market,
                           &state->tracked[flight->market].market.reserve[flight->debt].asset);
        if (reserve != RESERVE_NONE)
            amount_add(&out->token[reserve].value, &flight->reserved.value);
    }
}

void skips_say(struct turn_state *state, uint32_t market)
{
    const struct tracked *tracked = &state->tracked[market];

    for (size_t i = 0; i < tracked->sweep.skip_count; i++) {
        const struct risk_skip *skip = &tracked->sweep.skip[i];
        struct position position = book_position(tracked->book, skip->slot);
        const struct doubt *doubt = doubt_find(state, market, skip->slot);
        struct memory *memory;
        struct plan plan = {.verdict = VERDICT_SKIP, .reason = reason_of_health(skip->error)};

        if (!state_has_room(state))
            return;
        if (doubt != NULL && doubt->block == state->header.number)
            continue; /* it has a word at this head still */
        memory = memory_of(state, market, &position.account);
        if (memory->block != 0 && memory_is_said(memory, &plan))
            continue;
        memory_say(state, memory, &plan);
        event_decision(state, market, &position, &plan, NULL);
    }
}

static enum reason reason_of_gate(enum gate_refusal refusal)
{
    switch (refusal) {
    case GATE_PROFIT_FLOOR:
        return REASON_UNPROFITABLE;
    case GATE_ACCOUNT_BUSY:
        return REASON_IN_FLIGHT;
    case GATE_FUNDS:
        return REASON_NO_FUNDS;
    case GATE_ADMITTED:
        return REASON_PROFITABLE;
    case GATE_NOT_READY:
    case GATE_KILLED:
    case GATE_STALE_HEAD:
    case GATE_LATENCY:
    case GATE_REVERT_RATE:
    case GATE_DRIFT:
    case GATE_FEE_CEILING:
    case GATE_IN_FLIGHT:
    case GATE_GAS_PER_DAY:
    case GATE_LOSS_PER_DAY:
        return REASON_LIMIT;
    }
    return REASON_LIMIT;
}

static void plan_refuse(struct plan *plan, enum reason reason)
{
    plan->verdict = VERDICT_SKIP;
    plan->reason = reason;
}

void decide_describe(struct flight *flight, const struct turn_state *state, uint32_t market,
                     const struct plan *plan)
{
    flight->gas = plan->gas_limit;
    flight->market = market;
    flight->debt = plan->liquidation.debt;
    flight->collateral = plan->liquidation.collateral;
    flight->reserved = plan->liquidation.repay_max;
    flight->gross.value = plan->is_loss ? U256_ZERO : plan->gross.value;
    flight->gas_expected = plan->gas_expected;
    flight->decided_block = state->header.number;
}

/* The flight of an admitted plan, or NULL and the plan says why not. */
static struct flight *flight_of_plan(struct turn_state *state, const struct item *item,
                                     struct plan *plan, const struct position *position)
{
    struct tracked *tracked = &state->tracked[item->market];
    BUFFER data = {0};
    struct address target;
    struct health health = plan->health; /* the plan may be replaced */
    struct flight *flight =
        arm_fire(state, &(struct arm_target){item->market, position, &health}, plan);
    enum gate_refusal refusal = GATE_FEE_CEILING;

    if (flight != NULL)
        return flight;
    tracked->protocol->liquidation_call(&data, &target, &tracked->market, &position->account,
                                        &plan->liquidation);
    flight = fleet_draft(&state->fleet, &target, buffer_bytes(&data), state->now_ms);
    if (flight == NULL) {
        plan_refuse(plan, REASON_LIMIT);
        return NULL;
    }
    decide_describe(flight, state, item->market, plan);
    flight->account = position->account;
    if (decide_bid(state, flight, plan))
        refusal = gate_judge(&state->gate, &state->settings, &state->fleet, plan, flight);
    if (refusal == GATE_GAS_PER_DAY && !u256_is_zero(&plan->bid.value)) {
        plan_bid_drop(plan); /* the day's budget counts ceilings: rather without a bid than not */
        if (decide_bid(state, flight, plan))
            refusal = gate_judge(&state->gate, &state->settings, &state->fleet, plan, flight);
    }
    if (refusal == GATE_ADMITTED)
        return flight;
    flight_withdraw(&state->fleet, flight);
    flight_release(&state->fleet, flight);
    plan_refuse(plan, reason_of_gate(refusal));
    return NULL;
}

/* Reasons that stand before money: is the market believed, is one of ours under way already. */
static bool item_may_fly(const struct turn_state *state, struct item *item,
                         const struct position *position, const struct memory *memory)
{
    const struct tracked *tracked = &state->tracked[item->market];

    if (item->plan.verdict != VERDICT_LIQUIDATE)
        return false;
    if (tracked->market.trust != MARKET_TRUSTED)
        plan_refuse(&item->plan, REASON_UNTRUSTED);
    else if (fleet_of_account(&state->fleet, item->market, &position->account) != NULL ||
             inquiry_is_open(state, item->market, &position->account) ||
             state->header.number < memory->wait_block)
        plan_refuse(&item->plan, REASON_IN_FLIGHT);
    else if (state->header.number < memory->retry_block &&
             memory->simulated_block != state->header.number) /* whose failure is told first */
        plan_refuse(&item->plan, REASON_BACKOFF);
    return item->plan.verdict == VERDICT_LIQUIDATE;
}

/* False: its simulation is not answered yet, so nothing is said yet. */
static bool item_is_simulated(struct turn_state *state, struct item *item,
                              const struct position *position, struct memory *memory)
{
    struct tracked *tracked = &state->tracked[item->market];
    struct simulated_call call = {.market = item->market, .account = position->account};
    BUFFER data = {0};

    if (!simulate_is_wanted(state, item->market, item->slot))
        return true;
    if (memory->simulated_block == state->header.number) {
        if (memory->simulation == SIMULATION_FAILED)
            plan_refuse(&item->plan, memory->simulation_reason);
        return memory->simulation == SIMULATION_FAILED || memory->simulation == SIMULATION_PASSED;
    }
    if (fleet_live(&state->fleet) + simulate_pending(state) >=
        state->settings.limits.in_flight_max) {
        plan_refuse(&item->plan, REASON_LIMIT); /* could not fly: not worth a question */
        return true;
    }
    tracked->protocol->liquidation_call(&data, &call.to, &tracked->market, &position->account,
                                        &item->plan.liquidation);
    call.data = buffer_bytes(&data);
    call.gas = item->plan.gas_limit;
    simulate_want(state, &call);
    return false;
}

bool item_decide(struct turn_state *state, struct item *item, bool plan_again)
{
    struct tracked *tracked = &state->tracked[item->market];
    struct position position = book_position(tracked->book, item->slot);
    struct memory *memory = memory_of(state, item->market, &position.account);
    struct flight *flight = NULL;
    bool is_said;

    if (!memory_is_fresh(memory, state->header.number))
        memory->first_block = state->header.number;
    if (memory->block == state->header.number && !memory->is_void &&
        memory->verdict == VERDICT_LIQUIDATE && state->settings.mode == KEEPER_DRY_RUN)
        return false; /* decided at this block; withheld is no reason to decide again */
    if (plan_again && item->plan.verdict == VERDICT_LIQUIDATE) {
        struct plan_reserved reserved;
        struct plan_terms terms;
        const struct health health = item->plan.health;
        const struct plan_candidate candidate =
            candidate_of(state, item->market, &position, &health);

        decide_reserved(state, item->market, &reserved);
        decide_terms(state, &terms);
        plan_choose(&item->plan, &candidate, &reserved, &terms);
    }
    if (item_may_fly(state, item, &position, memory) &&
        !item_is_simulated(state, item, &position, memory))
        return false;
    if (item->plan.verdict == VERDICT_LIQUIDATE)
        flight = flight_of_plan(state, item, &item->plan, &position);
    is_said = memory->block == state->header.number && memory_is_said(memory, &item->plan) &&
              flight == NULL;
    memory_say(state, memory, &item->plan);
    if (!is_said)
        event_decision(state, item->market, &position, &item->plan, flight);
    if (flight != NULL)
        flights_launch(state, flight);
    return flight != NULL;
}
