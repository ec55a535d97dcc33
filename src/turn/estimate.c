/*
 * What gas a liquidation takes, by the node's own word at the block that it is decided on. It is
 * asked in a request of its own beside the trial's: a node that knows no such question at a block's
 * hash, or that fails at it, must not spoil the trial, nor send it to another endpoint. So an
 * estimate is only ever a help; without one the protocol's table stands.
 */
#include "turn/inside.h"

void estimates_ask(struct turn_state *state, struct simulation *simulation,
                   const struct simulated_call *calls)
{
    struct rpc_request request = {0};
    TEXT params = {0};

    if (simulation->id == 0 || state->header.number < state->estimate_block)
        return;
    simulation->estimates = ask_list_id(&state->asks);
    rpc_request_begin(&request, simulation->estimates, simulation->count);
    for (uint32_t i = 0; i < simulation->count; i++) {
        struct simulated_call call = calls[i];

        call.gas += call.gas / 2; /* as far as the node shall look */
        text_clear(&params);
        simulation_params(&params, state, &call, &state->header.hash);
        rpc_request_add(&request, "eth_estimateGas", text_string(&params));
    }
    rpc_request_end(&request);
    state->counters.simulation_calls += simulation->count;
    if (!ask_list_add(&state->asks, &request, "eth_estimateGas", state->follow.endpoint))
        simulation->estimates = 0;
    rpc_request_release(&request);
}

/* The trial that waited for it goes on. */
static void memory_weigh(struct memory *memory, uint64_t gas)
{
    memory->gas_estimate = gas;
    if (memory->simulation == SIMULATION_WEIGHED ||
        (memory->simulation == SIMULATION_SHORT && gas != 0)) {
        memory->simulation = SIMULATION_PASSED;
    } else if (memory->simulation == SIMULATION_SHORT) {
        memory->simulation = SIMULATION_FAILED;
        memory->simulation_reason = REASON_SIMULATION_FAILED;
    }
}

/* Out: gas, 0 where it is not said. False: it cannot say, of whatever call. */
static bool estimate_read(uint64_t *gas, const struct rpc_answer *answer)
{
    *gas = 0;
    if (answer->fault == RPC_FAULT_REVERT || answer->fault == RPC_FAULT_GAS_CAP)
        return true; /* of this call, not of the question */
    if (answer->fault == RPC_FAULT_NONE && json_quantity(gas, answer->result))
        return true;
    *gas = 0;
    return false;
}

bool estimates_answer(struct turn_state *state, const struct observation *observation)
{
    struct simulation *simulation = NULL;
    bool can_say = false;

    for (uint32_t i = 0; i < SIMULATIONS_MAX && simulation == NULL; i++) {
        if (state->simulation[i].estimates != 0 &&
            state->simulation[i].estimates == observation->id)
            simulation = &state->simulation[i];
    }
    if (simulation == NULL)
        return false;
    rpc_answers_parse(&state->answers, observation, observation->id, simulation->count);
    for (uint32_t i = 0; i < simulation->count; i++) {
        struct memory *memory = memory_of(state, simulation->market[i], &simulation->account[i]);
        uint64_t gas = 0;

        if (state->answers.envelope == RPC_ENVELOPE_OK)
            can_say |= estimate_read(&gas, &state->answers.answer[i]);
        if (memory->simulated_block == simulation->block)
            memory_weigh(memory, gas);
    }
    if (!can_say)
        state->estimate_block = state->header.number + ESTIMATE_REST_BLOCKS;
    simulation->estimates = 0;
    simulation_judge(state);
    return true;
}

void estimates_rest(struct turn_state *state)
{
    for (uint32_t i = 0; i < SIMULATIONS_MAX; i++) {
        struct simulation *simulation = &state->simulation[i];

        if (simulation->estimates == 0 || simulation->block == state->header.number)
            continue;
        simulation->estimates = 0;
        state->estimate_block = state->header.number + ESTIMATE_REST_BLOCKS;
    }
}

uint64_t estimate_of(const struct turn_state *state, const struct memory *memory)
{
    return memory->simulated_block == state->header.number ? memory->gas_estimate : 0;
}
