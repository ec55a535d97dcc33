/*
 * The state that turns work on. The shell reads it for status, health and explain; only files of
 * this room write it.
 */
#ifndef TURN_STATE_H
#define TURN_STATE_H

#include "feed/head.h"
#include "feed/history.h"
#include "feed/round.h"
#include "mirror/book.h"
#include "mirror/mirror.h"
#include "plan/plan.h"
#include "risk/watch.h"
#include "turn/audit.h"
#include "turn/gate.h"
#include "turn/simulation.h"
#include "turn/turn.h"

/** Candidates whose last verdict is remembered; past that all are forgotten, and judged as new. */
#define MEMORY_MAX 65536
/** Rounds of reads for one block; a market that still wants more is left out at this block. */
#define ROUNDS_MAX 16
/** Blocks that a failing account waits at most before it is tried again. */
#define BACKOFF_BLOCKS_MAX 64
/** Polls in a row without a head after which the mirror no longer counts as the newest. */
#define HEAD_FAILURES_MAX 3
/** Recent decisions kept for the page. */
#define RECENT_MAX 50

struct tracked {
    struct market market;
    struct book *book;
    struct watch *watch; /* over `book` */
    struct risk_sweep sweep;
    const struct protocol *protocol;
    struct market *copies; /* the market at each checkpoint, BOOK_CHECKPOINTS; NULL: none yet */
    uint32_t copy_next;
    uint64_t read_errors;
    uint64_t undecodable;   /* logs */
    uint64_t audited_block; /* a sample equalled the chain there, whole; 0: never */
    uint64_t parity_asked;  /* accounts of the last sample before trust */
    uint64_t parity_equal;
    uint64_t parity_wrong;
    struct market_audit audit;
    uint32_t unread;        /* reserves whose terms could not be read at the newest block */
    bool is_complete;       /* at the newest block, but for what one reserve lacks */
    bool is_restored;       /* `book` is a kept one, and what happened since is not in it yet */
    struct mirror restored; /* what is known of that one; its book is `book` */
    char why[96];           /* of a market that cannot be read or trusted */
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
    bool wants_gas; /* a node called its gas limit too low: the next has more */
    bool is_void;   /* was said at a block that vanished: said again */
};

struct recent {
    uint64_t block;
    struct address account;
    enum verdict verdict;
    enum reason reason;
    bool net_is_loss;
    struct wei net;
};

/** One receipt that is asked for. */
struct receipt_question {
    uint64_t flight;
    uint32_t attempt;
};

/** In one batch, with a hash each where something is in doubt, and the count of nonces. */
#define RECEIPT_QUESTIONS_MAX (RPC_BATCH_MAX / 2 - 1)

/** Counters for metrics, never decided upon. */
struct turn_counters {
    uint64_t decisions[SETTINGS_MARKETS_MAX][2][REASON_COUNT]; /* by market, verdict */
    uint64_t transactions[FLIGHT_STATE_COUNT];                 /* by enum flight_state reached */
    uint64_t replaced;
    uint64_t overtaken;
    uint64_t lost_races;
    uint64_t missed;
    uint64_t reorgs;
    uint64_t resyncs;
    uint64_t audit_calls; /* of their own, before trust */
    uint64_t audit_reads; /* in the calls of heads */
    uint64_t drifts;      /* accounts found to differ, ever */
    uint64_t receipt_calls;
    uint64_t simulation_calls;
    uint64_t read_calls_at_heads;
    uint64_t heads_decided;
    struct wei gas_spent;
    struct wei profit_realised;
    struct wei loss_realised;
    struct wei gas_balance;
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
    struct history history;
    struct pin pin; /* the blocks behind that history */
    struct read_list wanted;
    uint32_t rounds;
    struct audit_sample sample; /* of `header` */
    bool is_updating;           /* reads for `header` are under way */
    bool is_wide;               /* logs of a wide gap are under way */
    bool is_behind;             /* the reads of the newest head failed: begin them again */
    bool is_ready;              /* the mirror stands at the newest head reported */
    bool is_synchronised;       /* what is not stale in the mirror is of the market's block */
    uint32_t parity_failures;   /* in a row */
    int64_t poll_at_ms;
    uint32_t head_failures; /* polls in a row that brought no head */
    int64_t progress_at_ms; /* when synchronising next says how far it is */
    const char *why;        /* the newest block is not read; NULL: nothing is wrong */
    char not_ready[128];

    struct fleet fleet;
    struct gate gate;
    struct wei gas_balance;
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
    uint64_t send_ask[FLIGHTS_MAX]; /* by slot of the fleet; 0: none under way */
    bool judge_again;               /* since the last decision: judge again */

    struct simulation simulation[SIMULATIONS_MAX];
    struct simulated_call simulate_wanted[SIMULATE_WAITING_MAX]; /* of this turn */
    uint32_t simulate_count;

    bool prepare_go; /* the operator said yes */
    bool prepared;   /* the approvals were drafted */
    uint32_t prepare_failed;
    struct table memory_table;
    struct memory *memory;
    uint32_t memory_capacity;
    struct recent recent[RECENT_MAX]; /* ring */
    uint64_t recent_count;
    struct hash32 said_head; /* of the last head event */
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
