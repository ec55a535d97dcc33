/* Liquidations that are tried before they are signed: what waits, and what is under way. */
#ifndef TURN_SIMULATION_H
#define TURN_SIMULATION_H

#include "base/bytes.h"
#include "eth/address.h"

/** Calls in one batch of simulations, batches under way, and calls waiting for a batch. */
#define SIMULATION_CALLS 16
#define SIMULATIONS_MAX 32
#define SIMULATE_WAITING_MAX (SIMULATION_CALLS * SIMULATIONS_MAX)

enum simulation_state {
    SIMULATION_NONE,
    SIMULATION_ASKED,
    SIMULATION_PASSED,
    SIMULATION_FAILED /* memory.simulation_reason */
};

/** A batch of eth_calls under way. */
struct simulation {
    uint64_t id; /* 0: free */
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

#endif
