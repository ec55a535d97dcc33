/*
 * Follows the head. One batch asks for the newest header and its logs; what was missed in between
 * is fetched by hash, parent by parent. A log is delivered only once it is known to belong to the
 * chain that leads to the new head.
 *
 * Round trips: one for the head (an idle poll is the same question), one more where the logs were
 * of another block or the header's bloom contradicts an empty list, one for each missed block.
 */
#ifndef FEED_HEAD_H
#define FEED_HEAD_H

#include "feed/history.h"

/** Blocks that are walked back one by one; a wider gap is asked as a range. */
#define HEAD_WALK_MAX 64
/** Hashes remembered, to find where a branch left. */
#define HEAD_RING 256
/** A node that shows an old block of our own chain is behind; for longer, its chain was set back.
 */
#define HEAD_BEHIND_MS 5000

enum head_state { HEAD_IDLE, HEAD_ASKED, HEAD_LOGS_ASKED, HEAD_WALKING };

enum head_outcome {
    HEAD_NOTHING, /* no new head, or still asking */
    HEAD_NEW,     /* `header` follows the last one; every log between was delivered */
    HEAD_REORG,   /* the same, but blocks up to `fork` only were ours before */
    HEAD_WIDE,    /* a gap wider than the walk: take the logs of `gap` as a range, then head_set */
    HEAD_LOST,    /* no common block within the walk: synchronise afresh */
    HEAD_FAILED   /* `why`; asked again at the next poll */
};

/** Zero-initialise, then head_set. */
struct head {
    enum head_state state;
    uint64_t ask; /* id under way, 0: none */
    uint32_t calls;
    struct header header; /* whose logs, and all before it, were delivered */
    struct header newest; /* on the way there */
    struct header walker; /* the oldest that was fetched on the walk back */
    uint32_t walked;
    bool is_fork;
    uint64_t fork_number;
    struct history_piece gap;
    struct block_ref ring[HEAD_RING];
    int endpoint;            /* who answered the head: the same node answers the reads */
    int64_t behind_since_ms; /* 0: not behind */
    const char *why;
    /* counted */
    uint64_t heads;
    uint64_t calls_asked; /* that a new head caused, its own batch included */
    uint64_t trips;
    uint64_t missed;
};

/** Where to follow from: everything up to this header is known. */
void head_set(struct head *head, const struct header *header);
/** The newest header and its logs; nothing where a question is under way. */
void head_ask(struct head *head, struct ask_list *asks, const struct log_filter *filter);
/** What an answer is read with. */
struct head_context {
    const struct log_filter *filter;
    const struct log_sink_to *sink;
    struct rpc_answers *answers; /* scratch */
    struct ask_list *asks;       /* further questions go here */
    int64_t now_ms;
};

/** *is_mine false: not an answer of this. */
enum head_outcome head_answer(bool *is_mine, struct head *head,
                              const struct observation *observation,
                              const struct head_context *context);

#endif
