/* What was said about a candidate, and what it waits for. */
#ifndef TURN_MEMORY_H
#define TURN_MEMORY_H

#include "plan/plan.h"
#include "turn/simulation.h"

/** Candidates whose last verdict is remembered; past that all are forgotten, and judged as new. */
#define MEMORY_MAX 262144
/** Blocks that a failing account waits at most before it is tried again. */
#define BACKOFF_BLOCKS_MAX 64
/** A candidate that was not seen for so many blocks begins anew. */
#define MEMORY_GAP_BLOCKS 4
/** Recent decisions kept for the page. */
#define RECENT_MAX 50
/** Addresses whose EIP-55 form is known. */
#define SPELLED_MAX 64

/** Another's liquidation of an account. */
struct rival {
    uint64_t block; /* 0: none was seen */
    uint32_t index; /* of its transaction in the block; INDEX_UNKNOWN */
    struct address by;
};

/** What was last said about one candidate. Key: market and account. */
struct memory {
    uint64_t block;       /* of the last decision */
    uint64_t first_block; /* first under water, this time */
    enum verdict verdict;
    enum reason reason;
    uint64_t retry_block; /* back-off */
    uint64_t wait_block; /* our own transaction landed there: judged again once the mirror has it */
    uint32_t failures;
    enum simulation_state simulation; /* at simulated_block */
    enum reason simulation_reason;
    uint64_t simulated_block;
    uint64_t gas_estimate; /* a node's, at simulated_block; 0: none */
    bool wants_gas;        /* a node called its gas limit too low: the next has more */
    struct rival rival;    /* the first since the flight under way was decided, or the last */
    bool is_void;          /* was said at a block that vanished: said again */
};

struct recent {
    uint64_t block;
    struct address account;
    enum verdict verdict;
    enum reason reason;
    bool net_is_loss;
    struct wei net;
};

/** EIP-55's form of an address, kept because its checksum is a keccak. */
struct spelled {
    struct address address;
    char text[ADDRESS_TEXT_SIZE]; /* empty: none yet */
};

#endif
