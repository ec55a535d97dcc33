/* What the running audit keeps: this head's sample, and each market's drifted accounts. */
#ifndef TURN_AUDIT_H
#define TURN_AUDIT_H

#include "base/units.h"
#include "market/position.h"

struct turn_state;

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
    bool is_wrong; /* and no doubt */
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
    bool is_concluded;   /* of this head nothing is in doubt (any more) */
    uint32_t persisting; /* at this head: differ again, after they were read again */
    uint32_t drifted_count;
    uint32_t drifted[DRIFTED_MAX]; /* slots; decided on again once an audit is equal */
};

/* audit.c: our health against the chain's own, account by account */
enum audit_result {
    AUDIT_EQUAL,
    AUDIT_WRONG,   /* drifted: read again whole, and not decided on until it is equal */
    AUDIT_UNJUDGED /* it cannot be judged, hence not compared either */
};
/** Adds this head's sample to the reads that are wanted, where it costs no call of its own. */
void audit_want(struct turn_state *state);
/** The read of one account; false: the market cannot be asked yet. */
bool audit_ask(struct turn_state *state, uint32_t market, uint32_t slot);
/** What the chain says of one account of this head's sample: kept until all reads are applied. */
void audit_take(struct turn_state *state, uint32_t market, const struct account_fact *fact);
enum audit_result audit_compare(struct turn_state *state, uint32_t market, uint32_t slot,
                                const struct wad *theirs);
/** Compares what this head's reads brought; all of them are applied, the market is prepared. */
void audit_judge(struct turn_state *state);
/** The second answer of one that was in doubt. */
void audit_again(struct turn_state *state, uint32_t market, uint32_t slot,
                 const struct wad *theirs);
/** What the head's sample says of each market that has nobody in doubt; once a head. */
void audit_conclude(struct turn_state *state);
/** It was compared with the chain at this head, and equal, as all of its market's sample was. */
bool audit_is_equal(const struct turn_state *state, uint32_t market, uint32_t slot);

#endif
