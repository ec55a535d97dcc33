/* What the running audit keeps: this head's sample, and each market's drifted accounts. */
#ifndef TURN_AUDIT_H
#define TURN_AUDIT_H

#include "base/units.h"

/** Accounts compared with the chain at one head; the rest has its turn at later heads. */
#define AUDIT_MAX 256
/** Drifted accounts of one market that are looked at again at each head; past that the rotation
 *  finds them again. */
#define DRIFTED_MAX 64
/** So many that differ again at a later head are no slip of one account: the market is read-only
 *  until a sample is equal. */
#define DRIFTED_READ_ONLY 3

/** One account whose health the chain was asked for, in the reads of the head. */
struct audited {
    uint32_t market;
    uint32_t slot;
    struct wad theirs;
    bool is_turn; /* of the rotation over the book */
    bool is_answered;
    bool is_equal; /* to ours, at this head's block */
};

struct audit_sample {
    uint32_t count;
    struct audited account[AUDIT_MAX];
};

struct market_audit {
    uint64_t equal;      /* comparisons ever, samples before trust included */
    uint64_t wrong;      /* accounts found to differ, ever */
    uint32_t slot;       /* where the rotation over the book goes on */
    uint32_t near;       /* and the one over those near the edge */
    uint32_t streak;     /* equal ones of the rotation since the last that differed */
    bool wants_terms;    /* an account differed: what all share is read again at the next head */
    uint32_t persisting; /* at this head: differ again, after they were read again */
    uint32_t drifted_count;
    uint32_t drifted[DRIFTED_MAX]; /* slots; decided on again once an audit is equal */
};

#endif
