/* Liquidations that are tried before they are signed: what waits, and what is under way. */
#ifndef TURN_SIMULATION_H
#define TURN_SIMULATION_H

#include "base/bytes.h"
#include "eth/address.h"

struct memory;
struct observation;
struct turn_state;

/** Calls in one batch of simulations, batches under way, and calls waiting for a batch. */
#define SIMULATION_CALLS 16
#define SIMULATIONS_MAX 32
#define SIMULATE_WAITING_MAX (SIMULATION_CALLS * SIMULATIONS_MAX)

enum simulation_state {
    SIMULATION_NONE,
    SIMULATION_ASKED,
    SIMULATION_WEIGHED, /* passed; what gas it takes is still asked */
    SIMULATION_SHORT,   /* ran out of gas; the same */
    SIMULATION_PASSED,
    SIMULATION_FAILED /* memory.simulation_reason */
};

/** Heads for which a node is not asked for gas that could not say, or took longer than a head. */
#define ESTIMATE_REST_BLOCKS 64

/** A batch of eth_calls under way, and beside it one for what gas each takes. */
struct simulation {
    uint64_t id;        /* 0: answered */
    uint64_t estimates; /* 0: answered, or not asked; with both 0 it is free */
    uint64_t block;
    uint32_t count;
    uint32_t market[SIMULATION_CALLS];
    struct address account[SIMULATION_CALLS];
};

/** One liquidation to be tried. */
struct simulated_call {
    uint32_t market;
    struct address account;
    struct address to;
    uint64_t gas;
    struct bytes data; /* in the turn's arena once it is wanted */
};

/* estimate.c: what gas it takes, asked beside the trial */
/** The same calls as the batch's. */
void estimates_ask(struct turn_state *state, struct simulation *simulation,
                   const struct simulated_call *calls);
bool estimates_answer(struct turn_state *state, const struct observation *observation);
/** A batch of an older head waits still: for a while nobody is asked. */
void estimates_rest(struct turn_state *state);
/** That account's at this head, 0: none. */
uint64_t estimate_of(const struct turn_state *state, const struct memory *memory);

#endif
