/* Why a receipt says reverted: what it can be, and who is asked about. */
#ifndef TURN_INQUIRY_H
#define TURN_INQUIRY_H

#include "eth/address.h"

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

#endif
