/* Why a receipt says reverted: what it can be, and who is asked about; and what others liquidate.
 * The functions are for this room only. */
#ifndef TURN_INQUIRY_H
#define TURN_INQUIRY_H

#include "eth/address.h"
#include "protocol/revert.h"

struct flight;
struct log;
struct observation;
struct rival;
struct rpc_answer;
struct touched;
struct turn_state;

/** Reverts that are asked about at a time; one more is judged by what is known. */
#define INQUIRIES_MAX 32
/** Heads for which an answer is waited for; then what is known decides. */
#define INQUIRY_BLOCKS 2

enum revert_cause {
    CAUSE_UNKNOWN,      /* for all that is known it is ours */
    CAUSE_OVERTAKEN,    /* the price came back before it landed */
    CAUSE_LOST_RACE,    /* somebody else was first */
    CAUSE_PAUSED,       /* paused, stopped by the sentinel, in a grace period */
    CAUSE_DUST,         /* what would be left was too little */
    CAUSE_SHORTAGE,     /* our balance or allowance */
    CAUSE_GAS,          /* its gas limit was too low */
    CAUSE_NO_LIQUIDITY, /* the collateral could not leave the pool */
    CAUSE_NO_PRICE
};

#define REVERT_CAUSE_COUNT 9

/** The word in events and metrics. */
const char *revert_cause_text(enum revert_cause cause);
/** Neither an error nor a sign of one: no back-off, no part of the rate of reverts. */
bool revert_cause_is_fate(enum revert_cause cause);

/** What one call said. */
enum finding {
    FINDING_NONE, /* not asked, or no answer to go by */
    FINDING_PASSES,
    FINDING_OUT_OF_GAS,
    FINDING_REVERTS
};

struct found {
    enum finding finding;
    enum revert_meaning meaning; /* of REVERTS */
};

/** Both calls of one flight: at the block before, and at its own. */
struct evidence {
    struct found before;
    struct found at;
};

/** A flight that landed, reverted, and is not explained. */
struct inquiry {
    uint64_t flight;
    uint64_t since_block; /* the head at which its receipt was heard; 0: in an earlier life */
    uint32_t market;
    struct address account;
};

/** Its calls in the batch that is under way: at the block before the one that it landed in, and at
 *  that block. */
struct inquiry_question {
    uint64_t flight;
    bool asks_before;
    bool asks_at;
};

/** Plain; zero is none. */
struct inquiries {
    uint32_t count;
    struct inquiry open[INQUIRIES_MAX];
    uint64_t ask; /* 0: none under way */
    uint32_t question_count;
    struct inquiry_question question[INQUIRIES_MAX];
};

/* cause.c: from the evidence to the cause */
struct found found_of(const struct rpc_answer *answer, struct bytes original);
/** `rival`: the first liquidation by another since the flight was decided, or none. */
enum revert_cause cause_found(const struct turn_state *state, const struct flight *flight,
                              const struct evidence *evidence, const struct rival *rival);

/* inquiry.c: why a receipt says reverted */
/** A liquidation whose receipt says so is to be asked about: `flight` is marked unexplained, unless
 *  nobody can be asked. */
void inquiry_begin(struct turn_state *state, struct flight *flight);
/** Of one that is not marked, what is known decides. */
void inquiry_without(struct turn_state *state, struct flight *flight);
/** That account waits for an answer. */
bool inquiry_is_open(const struct turn_state *state, uint32_t market,
                     const struct address *account);
/** Its block vanished. False: it was not open. */
bool inquiry_forget(struct turn_state *state, uint64_t flight);
/** What an earlier life had not heard yet, out of what landed. */
void inquiry_restore(struct turn_state *state);
void inquiry_ask(struct turn_state *state);
bool inquiry_answer(struct turn_state *state, const struct observation *observation);

/* rival.c: what others liquidate */
void rival_note(struct turn_state *state, uint32_t market, const struct touched *touched,
                const struct log *log);
/** That liquidation lies between the flight's decision and its landing. `is_sure`: of the same
 *  block only where both transactions' places in it are known. */
bool rival_came_first(const struct rival *rival, const struct flight *flight, bool is_sure);

#endif
