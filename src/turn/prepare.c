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

static bool approve(struct turn_state *state, uint32_t market, const struct reserve *reserve,
                    const struct u256 *amount)
{
    const struct tracked *tracked = &state->tracked[market];
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
        return false;
    flight->gas = APPROVE_GAS;
    flight->market = market;
    flight->debt = RESERVE_NONE;
    flight->collateral = RESERVE_NONE;
    flight->decided_block = state->header.number;
    if (decide_fees(state, &flight->max_fee_per_gas, &flight->max_priority_fee_per_gas,
                    &base_fee) &&
        gate_judge(&state->gate, &state->settings, &state->fleet, NULL, flight) == GATE_ADMITTED) {
        flights_launch(state, flight);
        return true;
    }
    flight_withdraw(&state->fleet, flight);
    flight_release(&state->fleet, flight);
    return false;
}

static void approvals_draft(struct turn_state *state)
{
    const struct u256 all = U256_MAX;
    const struct u256 none = U256_ZERO;

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct market *market = &state->tracked[i].market;

        for (uint32_t k = 0; k < market->reserve_count; k++) {
            const struct reserve *reserve = &market->reserve[k];
            bool is_set = u256_is_zero(&reserve->allowed.value);

            if (!prepare_is_needed(reserve))
                continue;
            if ((!is_set && !approve(state, i, reserve, &none)) ||
                !approve(state, i, reserve, &all))
                state->prepare_failed++;
        }
    }
}

void prepare_progress(struct turn_state *state)
{
    if (state->phase != PHASE_FOLLOW || !state->is_ready || !state->prepare_go ||
        !state->fleet.nonce_is_known)
        return;
    if (!state->prepared) {
        state->prepared = true;
        gate_tick(&state->gate, state->now_ms, state->is_ready);
        approvals_draft(state);
    }
    if (fleet_live(&state->fleet) > 0)
        return;
    if (state->prepare_failed > 0)
        state_stop(state, 4, "not every approval went through; the journal says which");
    else
        state_stop(state, 0, "prepared");
}
