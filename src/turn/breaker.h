/*
 * Breakers: each is a sign that the world, the node or this program is not what the decisions take
 * it for. An open one keeps new transactions and dearer replacements from leaving; what is in
 * flight is followed on, and may be cancelled. They are fed with what has happened (heads, answers,
 * receipts, audits, the operator), never with what is expected.
 */
#ifndef TURN_BREAKER_H
#define TURN_BREAKER_H

#include "base/text.h"
#include "turn/settings.h"

enum breaker {
    BREAKER_KILL,        /* the operator: a signal, or the kill file */
    BREAKER_STALE_HEAD,  /* local time since the head last changed > limits.stale_head_max */
    BREAKER_LATENCY,     /* LATENCY_ANSWERS heads in a row took over limits.latency_max */
    BREAKER_REVERT_RATE, /* over limits.revert_rate_max of the last receipts were reverts */
    BREAKER_DRIFT,       /* audits found limits.drift_max accounts that differ */
    BREAKER_FUNDS,       /* a node said that our balance does not cover what we sent */
    BREAKER_FEE_CEILING, /* from here on: limits of gate.h that stop everything while they last */
    BREAKER_GAS_PER_DAY,
    BREAKER_LOSS_PER_DAY
};

#define BREAKER_COUNT 9
/** Answers in a row that must be slow; one that is not closes the breaker. */
#define LATENCY_ANSWERS 4
/** Heads after which a node is asked once more whose word the known balance contradicts; twice as
 *  many each time. */
#define FUNDS_BLOCKS 8
#define FUNDS_BLOCKS_MAX 512
/** limits.revert_window at most: a bit each. */
#define REVERT_WINDOW_MAX 64

/** Zero is a fine beginning. Times are of the turn's clock. */
struct breakers {
    bool is_killed; /* by a signal; only a signal lifts it, and a new process */
    bool has_kill_file;
    int64_t head_ms;                        /* the head last changed; 0: none yet */
    int64_t head_asked_ms;                  /* the head's batch is under way since; 0: none is */
    int64_t latency_ms;                     /* of its last answer */
    uint32_t slow_answers;                  /* in a row */
    uint64_t reverts;                       /* of the last receipts, newest lowest: 1 reverted */
    uint32_t receipts;                      /* bits of it that are known */
    int64_t reverts_ms;                     /* opened then; 0: closed */
    uint32_t drifted[SETTINGS_MARKETS_MAX]; /* since the market's last audit without a difference */
    bool is_unfunded;
    uint64_t unfunded_block;      /* the head at which that was said, */
    struct wei unfunded_balance;  /* what we held for all that we knew, */
    struct wei unfunded_needed;   /* and what it takes, with all that is under way */
    uint64_t unfunded_blocks;     /* heads until it is asked again, where it is contradicted */
    bool was_open[BREAKER_COUNT]; /* as last said */
    uint64_t openings[BREAKER_COUNT];
};

void breakers_head(struct breakers *breakers, int64_t now_ms);
/** The newest head was asked for, and answered. `is_head`: with a head, be it the same; a failure
 *  may be slow, but its speed closes nothing. */
void breakers_asked(struct breakers *breakers, int64_t now_ms);
void breakers_answered(struct breakers *breakers, const struct limit_settings *limits, bool is_head,
                       int64_t now_ms);
/** The receipt of a liquidation. Not of one that was overtaken, nor of a race that another won. */
void breakers_receipt(struct breakers *breakers, const struct limit_settings *limits,
                      bool has_reverted, int64_t now_ms);
/** An audit of a market compared `compared` accounts, of which `wrong` differ. */
void breakers_audit(struct breakers *breakers, uint32_t market, uint64_t compared, uint64_t wrong);
/** A node says that our balance does not cover a transaction: what is known of it is `balance`, at
 *  the head `block`; with all that is under way `needed` may be spent at most. */
void breakers_unfunded(struct breakers *breakers, uint64_t block, const struct wei *balance,
                       const struct wei *needed);
/** A node took a transaction. */
void breakers_funded(struct breakers *breakers);
/** What we hold at that head. Where a later head shows another sum than the node refused, it is
 *  asked once more: more gas money came, or what flights held is free again. Where the sum covers
 *  what it refused, the node is wrong by the chain's own word: it is asked again after some heads.
 */
void breakers_balance(struct breakers *breakers, uint64_t block, const struct wei *balance);
/** "kill", "resume". `is_file`: of the kill file, which never lifts what a signal closed. A
 * signal's "resume" closes revert_rate and funds as well. */
void breakers_command(struct breakers *breakers, bool is_kill, bool is_file);
/** Begins a turn: what closes by time. */
void breakers_tick(struct breakers *breakers, const struct limit_settings *limits, int64_t now_ms);

/** Of the first six; the others are the gate's (false). */
bool breaker_is_open(const struct breakers *breakers, enum breaker which,
                     const struct limit_settings *limits, int64_t now_ms);
/** The name in metrics, events and the page. */
const char *breaker_text(enum breaker which);
/** For an operator: when it closes. */
const char *breaker_closes(const struct breakers *breakers, enum breaker which,
                           const struct limit_settings *limits);
/** For an operator: why it is open, with the figures. */
void breaker_why(struct text *out, const struct breakers *breakers, enum breaker which,
                 const struct limit_settings *limits, int64_t now_ms);

/** What must outlive a restart, as one line of JSON for the journal's key "breakers", and back. The
 *  rest is seen anew, and a kill by a signal ends with the process. */
void breakers_encode(struct text *out, const struct breakers *breakers);
MUST_CHECK bool breakers_restore(struct breakers *breakers, struct bytes json);

/** What is said where one opens or closes. */
struct breaker_turned {
    const char *breaker;
    bool is_open;
    const char *why;
    const char *closes_when; /* of an open one */
};

#endif
