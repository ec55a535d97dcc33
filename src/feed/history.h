/*
 * Logs of a range of blocks, in pieces whose size follows what the node lets through: halved where
 * it says that a range is too wide, doubled slowly where it answers. Several pieces under way.
 */
#ifndef FEED_HISTORY_H
#define FEED_HISTORY_H

#include "feed/ask.h"
#include "feed/log_store.h"

#define HISTORY_ASKS_MAX 4
#define HISTORY_AGAIN_MAX 256

enum history_state {
    HISTORY_IDLE,
    HISTORY_RUNNING,
    HISTORY_DONE,
    HISTORY_FAILED /* no endpoint answers even one block; `why` */
};

struct history_piece {
    uint64_t from;
    uint64_t to; /* including */
};

struct history_ask {
    uint64_t id; /* 0: free */
    struct history_piece piece;
};

/** Zero-initialise; nothing to release. */
struct history {
    enum history_state state;
    uint64_t from;
    uint64_t to;
    uint64_t next;
    uint64_t range_max; /* learned; outlives one use */
    uint64_t covered;   /* blocks answered, for progress */
    struct history_ask ask[HISTORY_ASKS_MAX];
    struct history_piece again[HISTORY_AGAIN_MAX];
    uint32_t again_count;
    uint32_t failures; /* in a row */
    const char *why;
};

/** [from, to], both included; from > to is DONE at once. */
void history_begin(struct history *history, uint64_t from, uint64_t to, uint64_t range_first);
void history_ask(struct history *history, struct ask_list *asks, const struct log_filter *filter);
/** False: not an answer of this. */
bool history_answer(struct history *history, const struct observation *observation,
                    struct rpc_answers *answers, const struct log_sink_to *sink);
/** Every block below it was answered; 0: nobody can say. */
uint64_t history_reached(const struct history *history);
void history_abandon(struct history *history);

#endif
