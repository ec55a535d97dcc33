/*
 * Right before it is signed a liquidation is tried with eth_call at the very block it was decided
 * on: the pool's own word against our mirror's. Policy keeper.simulate: always, never, or unaudited
 * (unless this account was compared with the chain at this block, and with its market's sample
 * equal).
 *
 * What gas it takes is asked at the same time (estimate.c): no further round trip, and a node that
 * cannot say holds nothing up. An answer for an older block is nobody's: the candidate is judged,
 * and asked about, again.
 *
 * Whether the node executed it in that very block is not proved, as it is for reads (multicall.h):
 * it must come from the keeper's own account, so no multicall can be around it, and a second call
 * in the batch would prove nothing of the first. It need not be: this is advice that can only
 * withhold. What is sent was decided on by reads of one block, is judged by the gate, and lands in
 * a later block anyway; a wrong «passes» leaves us where policy never stands, a wrong «fails» costs
 * one block.
 */
#include <string.h>

#include "eth/reaction.h"
#include "turn/inside.h"

bool simulate_is_wanted(const struct turn_state *state, uint32_t market, uint32_t slot)
{
    switch (state->settings.simulate) {
    case SIMULATE_ALWAYS:
        return true;
    case SIMULATE_UNAUDITED:
        return !audit_is_equal(state, market, slot);
    case SIMULATE_NEVER:
        return false;
    }
    return true;
}

void simulation_params(struct text *out, const struct turn_state *state,
                       const struct simulated_call *call, const struct hash32 *block)
{
    text_add(out, "[{\"from\":\"");
    text_add_hex(out, bytes_of(state->settings.account.byte, 20));
    text_add(out, "\",\"to\":\"");
    text_add_hex(out, bytes_of(call->to.byte, 20));
    text_add(out, "\",\"gas\":\"");
    text_add_quantity(out, call->gas);
    text_add(out, "\",\"data\":\"");
    text_add_hex(out, call->data);
    text_add(out, "\"},{\"blockHash\":\"");
    text_add_hex(out, bytes_of(block->byte, 32));
    text_add(out, "\"}]");
}

bool simulation_is_pending(const struct simulation *simulation)
{
    return simulation->id != 0 || simulation->estimates != 0;
}

static struct simulation *simulation_free(struct turn_state *state)
{
    for (uint32_t i = 0; i < SIMULATIONS_MAX; i++) {
        if (!simulation_is_pending(&state->simulation[i]))
            return &state->simulation[i];
    }
    return NULL;
}

uint32_t simulate_pending(const struct turn_state *state)
{
    uint32_t calls = state->simulate_count;

    for (uint32_t i = 0; i < SIMULATIONS_MAX; i++)
        calls += simulation_is_pending(&state->simulation[i]) ? state->simulation[i].count : 0;
    return calls;
}

void simulate_want(struct turn_state *state, const struct simulated_call *call)
{
    struct simulated_call *kept;

    if (state->simulate_count == SIMULATE_WAITING_MAX)
        return; /* its memory stays unasked: the next decision at this block asks for it */
    kept = &state->simulate_wanted[state->simulate_count++];
    *kept = *call;
    if (call->data.size > 0) {
        uint8_t *copy = arena_take(&state->arena, call->data.size);

        memcpy(copy, call->data.data, call->data.size);
        kept->data = bytes_of(copy, call->data.size);
    }
}

static void batch_ask(struct turn_state *state, struct simulation *simulation,
                      const struct simulated_call *calls, uint32_t count)
{
    struct rpc_request request = {0};
    TEXT params = {0};

    simulation->id = ask_list_id(&state->asks);
    simulation->block = state->header.number;
    simulation->count = count;
    rpc_request_begin(&request, simulation->id, count);
    for (uint32_t i = 0; i < count; i++) {
        struct memory *memory = memory_of(state, calls[i].market, &calls[i].account);

        memory->simulated_block = state->header.number;
        memory->simulation = SIMULATION_ASKED;
        memory->gas_estimate = 0;
        simulation->market[i] = calls[i].market;
        simulation->account[i] = calls[i].account;
        text_clear(&params);
        simulation_params(&params, state, &calls[i], &state->header.hash);
        rpc_request_add(&request, "eth_call", text_string(&params));
    }
    rpc_request_end(&request);
    state->counters.simulation_calls += count;
    if (!ask_list_add(&state->asks, &request, "eth_call", state->follow.endpoint))
        simulation->id = 0;
    rpc_request_release(&request);
    estimates_ask(state, simulation, calls);
}

void simulate_ask(struct turn_state *state)
{
    uint32_t first = 0;

    estimates_rest(state);
    while (first < state->simulate_count) {
        uint32_t left = state->simulate_count - first;
        uint32_t count = left < SIMULATION_CALLS ? left : SIMULATION_CALLS;
        struct simulation *simulation = simulation_free(state);

        if (simulation == NULL)
            break;
        batch_ask(state, simulation, &state->simulate_wanted[first], count);
        first += count;
    }
    state->simulate_count = 0;
}

static enum reason reason_of_revert(enum revert_meaning meaning)
{
    switch (meaning) {
    case REVERT_HEALTHY:
        return REASON_HEALTHY;
    case REVERT_PAUSED:
        return REASON_PAUSED;
    case REVERT_GRACE:
        return REASON_GRACE_PERIOD;
    case REVERT_DUST:
        return REASON_DUST;
    case REVERT_NO_FUNDS:
        return REASON_NO_FUNDS;
    case REVERT_NO_LIQUIDITY:
        return REASON_NO_LIQUIDITY;
    case REVERT_NO_DEBT:
        return REASON_LOST_RACE;
    case REVERT_NO_PRICE:
        return REASON_NO_PRICE;
    case REVERT_UNKNOWN:
        return REASON_SIMULATION_FAILED;
    }
    return REASON_SIMULATION_FAILED;
}

/* A liquidation that takes more gas than was given may still be told how much. */
static bool memory_waits(struct memory *memory, bool is_estimated, bool has_passed)
{
    if (is_estimated)
        memory->simulation = has_passed ? SIMULATION_WEIGHED : SIMULATION_SHORT;
    else if (memory->gas_estimate != 0)
        memory->simulation = SIMULATION_PASSED;
    else
        return false;
    return true;
}

static void memory_settle(struct turn_state *state, struct memory *memory,
                          const struct rpc_answer *answer, bool is_estimated)
{
    enum revert_meaning meaning;
    bool is_short = answer != NULL && answer->fault == RPC_FAULT_GAS_CAP;

    enum rpc_reaction reaction =
        answer == NULL ? REACTION_BACK_OFF : rpc_reaction_to(answer, state->answers.original);

    if ((reaction == REACTION_NONE || is_short) &&
        memory_waits(memory, is_estimated, reaction == REACTION_NONE))
        return;
    if (reaction == REACTION_NONE) {
        memory->simulation = SIMULATION_PASSED;
        return;
    }
    memory->simulation = SIMULATION_FAILED;
    memory->simulation_reason = REASON_SIMULATION_FAILED;
    if (reaction != REACTION_REVERT)
        return; /* the node's trouble, not the account's: tried again at the next block */
    meaning = revert_meaning_of(answer->revert);
    memory->simulation_reason = reason_of_revert(meaning);
    if (meaning == REVERT_UNKNOWN)
        memory_back_off(state, memory);
}

void simulation_judge(struct turn_state *state)
{
    for (uint32_t i = 0; i < SIMULATIONS_MAX; i++) {
        const struct simulation *simulation = &state->simulation[i];

        if (simulation_is_pending(simulation) && simulation->block == state->header.number)
            return;
    }
    state->judge_again = true;
}

bool simulate_answer(struct turn_state *state, const struct observation *observation)
{
    struct simulation *simulation = NULL;

    for (uint32_t i = 0; i < SIMULATIONS_MAX && simulation == NULL; i++) {
        if (state->simulation[i].id != 0 && state->simulation[i].id == observation->id)
            simulation = &state->simulation[i];
    }
    if (simulation == NULL)
        return false;
    rpc_answers_parse(&state->answers, observation, observation->id, simulation->count);
    for (uint32_t i = 0; i < simulation->count; i++) {
        struct memory *memory = memory_of(state, simulation->market[i], &simulation->account[i]);
        bool is_answered = state->answers.envelope == RPC_ENVELOPE_OK;

        if (memory->simulated_block == simulation->block && memory->simulation == SIMULATION_ASKED)
            memory_settle(state, memory, is_answered ? &state->answers.answer[i] : NULL,
                          simulation->estimates != 0);
    }
    simulation->id = 0;
    simulation_judge(state);
    return true;
}

void simulate_rewind(struct turn_state *state, uint64_t fork_number)
{
    for (uint32_t i = 0; i < SIMULATIONS_MAX; i++) {
        if (state->simulation[i].block > fork_number)
            state->simulation[i].id = state->simulation[i].estimates = 0;
    }
}
