/*
 * The one-time steps that inventory funding needs: the pool must be allowed to take each token that
 * is borrowed there. Drafted through the same fleet, gate and signer as everything else.
 */
#include "turn/prepare.h"
#include "eth/abi.h"
#include "turn/inside.h"

/* An approval costs 30 to 60 k; some tokens behind proxies take more. */
#define APPROVE_GAS 150000

/* Some tokens refuse to change an allowance that is not zero: those are set to zero first. */
bool prepare_is_needed(const struct reserve *reserve)
{
    struct u256 half = U256_MAX;

    half.limb[3] >>= 1;
    return (reserve->flags & RESERVE_BORROWABLE) != 0 && (reserve->flags & RESERVE_DROPPED) == 0 &&
           u256_is_less(&reserve->allowed.value, &half);
}

static enum gate_refusal approve(struct turn_state *state, uint32_t market,
                                 const struct reserve *reserve, const struct u256 *amount)
{
    const struct tracked *tracked = &state->tracked[market];
    enum gate_refusal refusal = GATE_FEE_CEILING;
    struct flight *flight;
    struct address spender;
    uint8_t selector[4];
    struct wei base_fee;
    BUFFER data = {0};

    tracked->protocol->call_target(&spender, selector, &tracked->market);
    abi_add_selector(&data, "approve(address,uint256)");
    abi_add_address(&data, &spender);
    abi_add_u256(&data, amount);
    flight = fleet_draft(&state->fleet, &reserve->asset, buffer_bytes(&data), state->now_ms);
    if (flight == NULL)
        return GATE_IN_FLIGHT;
    flight->gas = APPROVE_GAS;
    flight->market = market;
    flight->debt = RESERVE_NONE;
    flight->collateral = RESERVE_NONE;
    flight->decided_block = state->header.number;
    if (decide_fees(state, &flight->max_fee_per_gas, &flight->max_priority_fee_per_gas, &base_fee))
        refusal = gate_judge(&state->gate, &state->settings, &state->fleet, NULL, flight);
    if (refusal == GATE_ADMITTED) {
        flights_launch(state, flight);
        return GATE_ADMITTED;
    }
    flight_withdraw(&state->fleet, flight);
    flight_release(&state->fleet, flight);
    return refusal;
}

/* What a reserve still needs, in order: to zero where something stands, then to all. */
static enum gate_refusal reserve_prepare(struct turn_state *state, uint32_t market,
                                         const struct reserve *reserve)
{
    const struct u256 all = U256_MAX;
    const struct u256 none = U256_ZERO;
    enum gate_refusal refusal;

    if (!u256_is_zero(&reserve->allowed.value) && !state->prepare_cleared) {
        refusal = approve(state, market, reserve, &none);
        if (refusal != GATE_ADMITTED)
            return refusal;
        state->prepare_cleared = true;
    }
    return approve(state, market, reserve, &all);
}

/* More approvals than may be under way wait until others have landed. */
static void approvals_draft(struct turn_state *state)
{
    while (state->prepare_market < state->tracked_count) {
        const struct market *market = &state->tracked[state->prepare_market].market;

        for (; state->prepare_reserve < market->reserve_count; state->prepare_reserve++) {
            const struct reserve *reserve = &market->reserve[state->prepare_reserve];
            enum gate_refusal refusal = GATE_ADMITTED;

            if (prepare_is_needed(reserve))
                refusal = reserve_prepare(state, state->prepare_market, reserve);
            if (refusal == GATE_IN_FLIGHT && fleet_live(&state->fleet) > 0)
                return;
            state->prepare_failed += refusal != GATE_ADMITTED;
            state->prepare_cleared = false;
        }
        state->prepare_market++;
        state->prepare_reserve = 0;
    }
    state->prepared = true;
}

void prepare_progress(struct turn_state *state)
{
    if (state->phase != PHASE_FOLLOW || !state->is_ready || !state->prepare_go ||
        !state->fleet.nonce_is_known)
        return;
    if (!state->prepared) {
        gate_tick(&state->gate, state->now_ms, state->is_ready);
        approvals_draft(state);
    }
    if (!state->prepared || fleet_live(&state->fleet) > 0)
        return;
    if (state->prepare_failed > 0)
        state_stop(state, 4, "not every approval went through; the journal says which");
    else
        state_stop(state, 0, "prepared");
}
