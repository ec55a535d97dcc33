/*
 * The state that turns work on. The shell reads it for status, health and explain; only files of
 * this room write it.
 */
#ifndef TURN_STATE_H
#define TURN_STATE_H

#include "feed/head.h"
#include "feed/history.h"
#include "feed/round.h"
#include "turn/arm.h"
#include "turn/counters.h"
#include "turn/doubt.h"
#include "turn/gate.h"
#include "turn/hint.h"
#include "turn/memory.h"
#include "turn/order.h"
#include "turn/pending.h"
#include "turn/send.h"
#include "turn/tracked.h"
#include "turn/turn.h"

/** Rounds of reads for one block; a market that still wants more is left out at this block. */
#define ROUNDS_MAX 16
/** Blocks for which an endpoint that answered from another block is not asked first, where another
 *  one reads too. */
#define STRAYED_BLOCKS 64
/** Polls in a row without a head after which the mirror no longer counts as the newest. */
#define HEAD_FAILURES_MAX 3

/** One receipt that is asked for. */
struct receipt_question {
    uint64_t flight;
    uint32_t attempt;
};

/** In one batch, with a hash each where something is in doubt, and the count of nonces. */
#define RECEIPT_QUESTIONS_MAX (RPC_BATCH_MAX / 2 - 1)

/** What is being decided on at one head, over as many turns as that takes. */
struct judging {
    struct hash32 head;
    struct order order;
    struct plan_terms terms;
    struct plan_reserved reserved[SETTINGS_MARKETS_MAX]; /* before any of this head's flights */
    bool plan_again;   /* what flights hold has changed: who is next is planned once more */
    bool says_at_once; /* more candidates than ORDER_KEPT_MAX */
    size_t fair_next;
    uint64_t turn;  /* in which */
    uint32_t plans; /* were made */
};

struct turn_state {
    struct settings settings;
    enum purpose purpose;
    enum phase phase;
    int64_t now_ms;
    uint64_t turns;
    struct arena arena;
    struct ask_list asks;
    struct actions actions;
    struct rpc_answers answers;

    uint32_t tracked_count;
    struct tracked tracked[SETTINGS_MARKETS_MAX];
    struct log_filter filter;
    struct log_filter history_filter;
    bool filter_is_stale;

    uint64_t greeting_ask;
    uint32_t greeting_failures;
    int64_t greet_at_ms;
    uint64_t history_next; /* first block whose history is not known */
    struct header header;  /* of the block that is being read, or was last */
    uint64_t block_interval_s;
    struct head follow;
    struct round round;
    int strayed;            /* endpoint that answered from another block than was asked */
    uint64_t strayed_block; /* when; 0: none did */
    struct history history;
    struct pin pin; /* the blocks behind that history */
    struct read_list wanted;
    uint32_t rounds;
    struct audit_sample sample; /* of `header` */
    struct doubts doubts;
    bool is_updating;         /* reads for `header` are under way */
    bool is_wide;             /* logs of a wide gap are under way */
    bool is_behind;           /* the reads of the newest head failed: begin them again */
    bool is_ready;            /* the mirror stands at the newest head reported */
    bool is_synchronised;     /* what is not stale in the mirror is of the market's block */
    uint32_t parity_failures; /* in a row */
    int64_t poll_at_ms;       /* by the clock alone */
    int64_t polled_ms;
    struct hint hint;
    uint32_t head_failures; /* polls in a row that brought no head */
    int64_t progress_at_ms; /* when synchronising next says how far it is */
    const char *why;        /* the newest block is not read; NULL: nothing is wrong */
    char not_ready[128];

    struct fleet fleet;
    struct arsenal arsenal;
    struct arming arming;
    struct pending pending;
    struct buffer pool_data; /* calldata of one that is looked at */
    struct gate gate;
    struct wei gas_balance;
    bool fees_wanted;       /* somebody is about to bid */
    bool checkpoint_is_due; /* of the block that was finished: whatever hurries went first */
    uint64_t fees_ask;
    uint64_t fees_block;   /* asked at this head */
    struct wei tip_heard;  /* that the last blocks took; 0: not known */
    struct wei tip_lately; /* the same, as heard before this head was decided on */
    uint64_t tip_block;    /* that head */
    struct wei race_tip;   /* more than lost a race to somebody else; 0: none was lost lately */
    uint64_t race_block;   /* head at which the last was known to be lost */
    uint64_t receipts_ask;
    uint32_t receipts_count;
    struct receipt_question receipts_question[RECEIPT_QUESTIONS_MAX];
    uint32_t receipts_cursor;       /* slot of the fleet from which the next batch begins */
    int64_t receipts_at_ms;         /* not before */
    bool receipts_doubt;            /* the hashes too were asked for */
    uint64_t receipts_block;        /* asked at this head */
    uint64_t counted_block;         /* head at which the count of nonces was last heard */
    uint64_t moved_block;           /* head at which that count last rose */
    uint64_t fallen_block;          /* since then it stands below ours; 0: it does not */
    uint64_t tended_block;          /* head at which what does not move was last looked at */
    uint64_t settled_block;         /* head at which what landed deep was forgotten */
    bool landed_in_doubt;           /* what an earlier life saw land is not asked for yet */
    uint64_t hole_nonce;            /* that nobody fills */
    uint64_t hole_block;            /* since; 0: none */
    bool raise_now;                 /* a node wants more for a nonce than we offered */
    uint64_t send_ask[FLIGHTS_MAX]; /* by slot of the fleet; 0: none under way, or taken already */
    struct sending sending[FLIGHTS_MAX];
    bool judge_again; /* since the last decision: judge again */
    struct judging judging;

    struct inquiries inquiries;
    struct simulation simulation[SIMULATIONS_MAX];
    struct simulated_call simulate_wanted[SIMULATE_WAITING_MAX]; /* of this turn */
    uint32_t simulate_count;
    uint64_t estimate_block; /* no gas is asked for before that head */

    bool prepare_go;         /* the operator said yes */
    bool prepared;           /* the approvals were drafted */
    bool prepare_cleared;    /* of the reserve that is next: set to zero already */
    uint32_t prepare_market; /* whose approval is next */
    uint32_t prepare_reserve;
    uint32_t prepare_failed;
    struct table memory_table;
    struct memory *memory;
    uint32_t memory_capacity;
    struct recent recent[RECENT_MAX]; /* ring */
    uint64_t recent_count;
    struct spelled spelled[SPELLED_MAX]; /* by the address's last byte: what was written last */
    struct hash32 said_head;             /* of the last head event */
    struct turn_counters counters;
};

/**
 * Is this a good moment to keep the mirror? It is whole, nothing flies, nothing is being read.
 * `is_late`: candidates that wait for nothing but a better price are no reason to put it off.
 */
bool turn_may_keep(const struct turn_state *state, bool is_late);
/** Appends the mirror of that market, as turn_restore takes it. False: it is not worth keeping,
 *  since it is not whole or not trusted. */
bool turn_keep(struct buffer *out, const struct turn_state *state, uint32_t market);

/** Pairs for a log line: how far synchronisation is. */
void sync_progress_text(struct text *out, const struct turn_state *state);

/** Tip and ceiling for the next block; false: over the limit (tip and max are then untouched). */
bool decide_fees(const struct turn_state *state, struct wei *max_fee, struct wei *tip,
                 struct wei *base_fee);

/** Whether a breaker stands open now, any of them. */
bool breakers_open(const struct turn_state *state, enum breaker which);

/** What a candidate is judged by at this head: fees, profit floor, timestamps. */
void decide_terms(const struct turn_state *state, struct plan_terms *out);

#endif
