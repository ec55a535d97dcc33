/*
 * Price updates that wait in the pool: heard of, understood, held against the chain, and what may
 * be sent to land right behind one. A pool proves nothing: anybody may fill it, and what stands in
 * it may never land. So nothing here ever reaches the mirror; a price that is not on the chain yet
 * stands on a copy of the market, for as long as a plan takes.
 *
 * An update is believed for one head at a time, and only where, at that head's hash, the node still
 * shows it waiting, its sender's next nonce is its own, and the very call goes through. Its feed is
 * believed where the last update that landed said what the oracle said afterwards.
 */
#ifndef TURN_PENDING_H
#define TURN_PENDING_H

#include "feed/pooled.h"
#include "feed/update.h"
#include "submit/fees.h"

struct turn_state;
struct flight;
struct text;

/** Updates that are followed at a time; one more is dropped, and counted. */
#define UPDATES_MAX 16
/** Distinct sources of prices, over all markets; the rest is not watched. */
#define FEEDS_MAX 128
/** Hashes heard of last, lest each is looked at again. */
#define HEARD_MAX 256
/** Hashes whose transactions are not read yet; one more is dropped, and counted. */
#define UNREAD_MAX 128
/** Read at a time. */
#define UNREAD_CALLS 32
/** Questions about updates at one head; then they wait for the next. */
#define PENDING_BATCHES_MAX 8
/** Landed backruns whose update's own block is not known yet; the oldest counts as later. */
#define ENDED_MAX 32

enum pool_count {
    POOL_SEEN,         /* transactions */
    POOL_DROPPED,      /* not looked at: a bound was reached */
    POOL_UNDERSTOOD,   /* updates of a feed that some market asks */
    POOL_UNKNOWN,      /* calls of such a feed that are not understood */
    POOL_GONE,         /* updates that left the pool and never landed */
    POOL_RIGHT,        /* landed, and the oracle says what they said */
    POOL_WRONG,        /* landed, and it does not */
    POOL_OF_NO_PROOF,  /* not sent behind: none of its feed was right yet */
    POOL_OF_NONCE,     /* not sent behind: another of its sender comes first */
    POOL_OF_REVERT,    /* not sent behind: its call reverts */
    POOL_OF_FEE,       /* not sent behind: it offers less than the next base fee, or no tip */
    POOL_OF_CEILING,   /* not sent behind: one step below it is over limits.fee_per_gas_max */
    POOL_OF_CONTRADICT /* not sent behind: another of its feed says another price */
};

#define POOL_COUNT_COUNT 13

enum backrun_outcome {
    BACKRUN_FIRED,
    BACKRUN_BEHIND, /* landed in its update's block */
    BACKRUN_LATER,  /* landed in another */
    BACKRUN_MISSED, /* never landed: cancelled, or its nonce was used by another */
    BACKRUN_REVERTED
};

#define BACKRUN_OUTCOME_COUNT 5

const char *pool_count_text(enum pool_count count);
const char *backrun_outcome_text(enum backrun_outcome outcome);

struct feed {
    struct address source;     /* whom the oracle asks */
    struct address aggregator; /* whom that one asks; itself where it asks nobody */
    bool is_right;             /* its last update that was seen to land said what came */
};

enum update_state {
    UPDATE_FREE,
    UPDATE_HEARD, /* the chain was not asked yet, or it does not stand next */
    UPDATE_NEXT,  /* at `asked`: it waits, is its sender's next, and goes through */
    UPDATE_LANDED,
    UPDATE_GONE,   /* no node has it */
    UPDATE_REFUSED /* its call reverts */
};

/** One transaction that waits. */
struct pending_update {
    enum update_state state;
    bool is_bare; /* known by its hash alone: a flight of an earlier life is to land behind it */
    uint16_t endpoint;
    struct pooled transaction; /* without its input */
    struct update says;
    uint32_t feed;
    int64_t asked_ms;
    bool is_open;           /* what was said at `asked` settles nothing: asked again */
    struct block_ref asked; /* head of the last answer; hash zero: none */
    uint64_t heard_block;
    uint64_t volley_block; /* head at which something was tried behind it; 0 */
    uint64_t landed_block;
    uint32_t counted; /* bits of enum pool_count: each is said once */
    uint32_t data_size;
    uint8_t data[UPDATE_DATA_MAX];
};

struct backrun_ended {
    struct hash32 behind;
    uint64_t block;
};

struct pending {
    uint32_t feed_count;
    struct feed feed[FEEDS_MAX];
    uint32_t wanted_count; /* sources of all markets at `feeds_seen` */
    struct address wanted[FEEDS_MAX];
    uint64_t feeds_seen;
    uint64_t feeds_ask;
    uint64_t feeds_block; /* head at which they were asked for; 0: never */
    struct pending_update update[UPDATES_MAX];
    uint32_t heard_count;
    struct hash32 heard[HEARD_MAX]; /* ring */
    uint32_t unread_count;
    struct hash32 unread[UNREAD_MAX];
    uint16_t unread_endpoint;
    uint64_t unread_ask;
    uint32_t unread_asked;
    uint64_t ask; /* about updates; 0: none is under way */
    struct block_ref ask_head;
    uint32_t ask_count;
    uint32_t ask_calls;
    uint8_t ask_slot[UPDATES_MAX];
    bool ask_bare[UPDATES_MAX];
    struct hash32 ask_hash[UPDATES_MAX];
    uint64_t batches_block;
    uint32_t batches;
    uint32_t pushing; /* a bit for each endpoint that pushes its pool */
    bool has_void;    /* something flies behind an update that is gone */
    bool wants_whole; /* the pool as it stands, once */
    bool is_without;  /* said: the node does not show its pool */
    uint64_t poll_ask;
    int64_t poll_at_ms;
    uint32_t ended_count;
    struct backrun_ended ended[ENDED_MAX];
};

/* ---- pending.c: what is heard */
/** Pushed by a node. */
void pending_take(struct turn_state *state, const struct observation *observation);
/** One transaction of the pool, as JSON of state->answers. */
void pending_hear(struct turn_state *state, const struct json_t *value, uint16_t endpoint);
bool pending_answer(struct turn_state *state, const struct observation *observation);
void pending_ask(struct turn_state *state);
/** When the pool is asked for next by the clock; INT64_MAX: not. */
int64_t pending_wake_ms(const struct turn_state *state);
bool pending_is_on(const struct turn_state *state);
void pending_count(struct turn_state *state, struct pending_update *update, enum pool_count count);

/* ---- feeds.c: whose updates are looked for, and whether they are believed */
void feeds_ask(struct turn_state *state);
bool feeds_answer(struct turn_state *state, const struct observation *observation);
/** UINT32_MAX: no market asks it. */
uint32_t feed_find(const struct pending *pending, const struct address *aggregator);
/** It landed in the block that the mirror stands at: was it what the oracle says now? */
void feed_prove(struct turn_state *state, struct pending_update *update);

/* ---- updates.c: what the chain says of them */
void updates_ask(struct turn_state *state);
bool updates_answer(struct turn_state *state, const struct observation *observation);
/** NULL: none of that hash. */
struct pending_update *update_find(struct turn_state *state, const struct hash32 *hash);
/** When the chain is asked next for those that something flies behind; INT64_MAX: for none. */
int64_t updates_wake_ms(const struct turn_state *state);
/** Blocks above `fork` vanished. */
void updates_rewind(struct turn_state *state, uint64_t fork);
/** A slot, zeroed; NULL: all are taken. */
struct pending_update *update_place(struct turn_state *state);

/* ---- backrun.c: what is sent behind one */
/** Who would stand under water behind an update that stands next is planned and sent, one step
 *  below its fee; in a turn that has nothing else to decide. */
void backrun(struct turn_state *state);

/* ---- backrun_end.c: and what becomes of it */
/** Dearer, it would land before its update; so nothing is done about it while that may land next.
 */
bool backrun_waits(struct turn_state *state, const struct flight *flight);
/** Its update left the pool, or has not landed for longer than is waited. */
bool backrun_is_void(struct turn_state *state, const struct flight *flight);
/** The flight has ended; counted and said. */
void backrun_end(struct turn_state *state, const struct flight *flight);
/** What waited for that update's block. */
void backrun_settle(struct turn_state *state, const struct pending_update *update);

#endif
