/*
 * Armed bytes on disk say that they might have left, not that they did: the power may have gone
 * between the shot and its record. So an earlier life's are asked for by hash before any nonce is
 * given. What a node knows is a flight like any other; what none knows never left.
 */
#include "turn/arm.h"

#include "eth/result.h"
#include "turn/inside.h"

bool arm_restore(struct turn_state *state, struct bytes json)
{
    struct armed *slot = NULL;
    struct flight flight;

    for (uint32_t i = 0; i < ARMED_MAX && slot == NULL; i++) {
        if (state->arsenal.armed[i].flight.state == FLIGHT_FREE)
            slot = &state->arsenal.armed[i];
    }
    if (slot == NULL || !flight_decode(&flight, json) || flight.state != FLIGHT_SIGNED ||
        flight.attempt_count != 1 || flight.id == UINT64_MAX ||
        arsenal_find(&state->arsenal, flight.id) != NULL)
        return false;
    slot->flight = flight;
    if (state->fleet.next_id <= flight.id)
        state->fleet.next_id = flight.id + 1;
    state->arming.in_doubt = true;
    return true;
}

static void hash_params(struct text *out, const struct flight *flight)
{
    text_clear(out);
    text_add(out, "[\"");
    text_add_hex(out, bytes_of(flight->hash.byte, sizeof(flight->hash.byte)));
    text_add(out, "\"]");
}

static void arm_settled(struct turn_state *state)
{
    state->arming.in_doubt = false;
    state->receipts_block = 0;
}

/* A flight of that nonce is followed already: it is the one that left. */
static void arm_compare(struct turn_state *state)
{
    for (uint32_t i = 0; i < ARMED_MAX; i++) {
        struct armed *armed = &state->arsenal.armed[i];

        for (uint32_t k = 0; k < state->fleet.used && armed->flight.state != FLIGHT_FREE; k++) {
            const struct flight *flight = &state->fleet.flight[k];

            if (flight_is_live(flight) && flight->nonce == armed->flight.nonce)
                arm_forget(state, armed);
        }
    }
    if (arsenal_count(&state->arsenal) == 0)
        arm_settled(state);
}

void arm_ask(struct turn_state *state)
{
    struct arming *arming = &state->arming;
    struct rpc_request request = {0};
    uint32_t calls;
    TEXT params = {0};

    if (!arming->in_doubt || arming->ask != 0 || state->phase != PHASE_FOLLOW ||
        state->now_ms < arming->ask_at_ms)
        return;
    arm_compare(state);
    if (!arming->in_doubt)
        return;
    calls = 2 * arsenal_count(&state->arsenal);
    arming->ask_at_ms = state->now_ms + state->settings.chain.poll_ms;
    arming->ask = ask_list_id(&state->asks);
    rpc_request_begin(&request, arming->ask, calls);
    for (uint32_t i = 0; i < ARMED_MAX; i++) {
        const struct flight *flight = &state->arsenal.armed[i].flight;

        if (flight->state == FLIGHT_FREE)
            continue;
        hash_params(&params, flight);
        rpc_request_add(&request, "eth_getTransactionReceipt", text_string(&params));
        rpc_request_add(&request, "eth_getTransactionByHash", text_string(&params));
    }
    rpc_request_end(&request);
    state->counters.receipt_calls += calls;
    if (!ask_list_add(&state->asks, &request, "eth_getTransactionReceipt", state->follow.endpoint))
        arming->ask = 0;
    rpc_request_release(&request);
}

/* It did leave: a flight in doubt, of which receipts are asked for from here on. */
static void arm_adopt(struct turn_state *state, struct armed *armed)
{
    TEXT json = {0};
    struct flight *flight;

    flight_encode(&json, &armed->flight);
    if (!fleet_restore(&state->fleet, text_bytes(&json)))
        return; /* no place, or its nonce is another's: what of the two lands that one will find */
    flight = fleet_find(&state->fleet, armed->flight.id);
    MUST(flight != NULL);
    flight_sent(flight, SEND_TAKEN, state->now_ms);
    flights_say(state, flight, "sent", NULL);
    flight->in_doubt = true;
    flights_keep(state, flight);
    arm_forget(state, armed);
}

bool arm_answer(struct turn_state *state, const struct observation *observation)
{
    uint32_t calls = 2 * arsenal_count(&state->arsenal);
    const struct rpc_answer *answer;
    uint32_t known[ARMED_MAX];
    uint32_t known_count = 0;

    if (state->arming.ask == 0 || observation->id != state->arming.ask)
        return false;
    state->arming.ask = 0;
    rpc_answers_parse(&state->answers, observation, observation->id, calls);
    answer = state->answers.answer;
    for (uint32_t i = 0; i < calls; i++) {
        if (state->answers.envelope != RPC_ENVELOPE_OK || answer[i].fault != RPC_FAULT_NONE)
            return true; /* all of it again */
    }
    for (uint32_t i = 0, at = 0; i < ARMED_MAX; i++) {
        if (state->arsenal.armed[i].flight.state == FLIGHT_FREE)
            continue;
        if (!result_is_null(answer[at].result) || !result_is_null(answer[at + 1].result))
            known[known_count++] = i;
        at += 2;
    }
    for (uint32_t i = 0; i < known_count; i++)
        arm_adopt(state, &state->arsenal.armed[known[i]]);
    for (uint32_t i = 0; i < ARMED_MAX; i++) {
        if (state->arsenal.armed[i].flight.state != FLIGHT_FREE)
            arm_forget(state, &state->arsenal.armed[i]);
    }
    arm_settled(state);
    return true;
}
