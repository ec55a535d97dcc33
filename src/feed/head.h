/*
 * Follows the head. One batch asks for the newest header and its logs; what was missed in between
 * is fetched by hash, parent by parent, back to a block at which we stood. The logs of the way are
 * kept meanwhile: they are delivered once it is known where the branch left ours, and the caller
 * has gone back to there.
 *
 * Round trips: one for the head (an idle poll is the same question), one more where the logs were
 * of another block or the header's bloom contradicts an empty list, one for each missed block.
 */
#ifndef FEED_HEAD_H
#define FEED_HEAD_H

#include "feed/history.h"
#include "feed/pin.h"

/** Blocks that a fork may take back and still be followed; a deeper one is HEAD_LOST. */
#define HEAD_FORK_MAX PIN_BLOCKS
/** Blocks that a head may be ahead of ours; what lies further is asked as a range. */
#define HEAD_AHEAD_MAX 64
/** Blocks that are walked back one by one: so many ahead, on a branch that left so far behind. */
#define HEAD_WALK_MAX (HEAD_FORK_MAX + HEAD_AHEAD_MAX)
/** Hashes of our chain that are remembered, by number; older ones are forgotten. */
#define HEAD_RING 256
/** Headers asked in one batch, to find at which of our blocks a wide gap begins. */
#define HEAD_JOIN_CALLS 16
/** A node that shows an old block of our own chain is behind; for longer, its chain was set back.
 */
#define HEAD_BEHIND_MS 5000

/** A header older than its parent, ours, is believed when so many answers have shown one. */
#define HEAD_OLDER_MAX 3

enum head_state { HEAD_IDLE, HEAD_ASKED, HEAD_LOGS_ASKED, HEAD_WALKING, HEAD_JOINING };

enum head_outcome {
    HEAD_NOTHING, /* no new head, or still asking */
    HEAD_NEW,     /* `header` follows the last one: take the logs with head_deliver */
    HEAD_REORG,   /* `header` follows `fork`, at which we stood: rewind to it, then head_deliver */
    HEAD_WIDE, /* `newest` is far ahead, or the way there cannot be walked by hash: rewind to `fork`
                  where is_fork, take the logs of `gap`, the last of it by hash, then head_set */
    HEAD_LOST, /* `why`: no block at which we stood within reach: synchronise afresh */
    HEAD_FAILED /* `why`; asked again at the next poll */
};

/** A block of our chain. */
struct head_mark {
    struct block_ref block;
    bool is_stood; /* all of it was read: a fork may be followed from there */
};

/** Owned; zero-initialise, then head_set; head_release. */
struct head {
    enum head_state state;
    uint64_t ask; /* id under way, 0: none */
    uint32_t calls;
    struct header header; /* whose logs, and all before it, were delivered, or are to be now */
    struct header newest; /* on the way there */
    struct header walker; /* the oldest that was fetched on the walk back */
    uint32_t walked;
    bool is_fork;
    struct block_ref fork;
    struct history_piece gap;
    struct log_store store; /* logs of the way */
    struct head_mark ring[HEAD_RING];
    struct block_ref join[HEAD_JOIN_CALLS];
    int endpoint;            /* who answered the head: the same node answers the reads */
    int64_t behind_since_ms; /* 0: not behind */
    uint32_t older;          /* times that our head's child was older than it */
    const char *why;
    /* counted */
    uint64_t heads;
    uint64_t calls_asked; /* that a new head caused, its own batch included */
    uint64_t trips;
    uint64_t missed;
};

void head_release(struct head *head);
/** Where to follow from: everything up to this header is known. What was before is forgotten. */
void head_set(struct head *head, const struct header *header);
/** Everything of `header` was read: a fork can be followed back to it. */
void head_stand(struct head *head);
/** The newest header and its logs; nothing where a question is under way. */
void head_ask(struct head *head, struct ask_list *asks, const struct log_filter *filter);
/** What an answer is read with. */
struct head_context {
    const struct log_filter *filter;
    struct rpc_answers *answers; /* scratch */
    struct ask_list *asks;       /* further questions go here */
    int64_t now_ms;
};

/** *is_mine false: not an answer of this. */
enum head_outcome head_answer(bool *is_mine, struct head *head,
                              const struct observation *observation,
                              const struct head_context *context);
/** The logs of the way, oldest block first; once, right after HEAD_NEW or HEAD_REORG. */
void head_deliver(struct head *head, const struct log_sink_to *sink);

/* ---- head_ring.c: the blocks of our chain */

/** NULL: none of that hash is remembered. */
const struct head_mark *head_mark_of(const struct head *head, const struct hash32 *hash);
/** Of that number; NULL: not remembered. */
const struct head_mark *head_mark_at(const struct head *head, uint64_t number);
void head_mark_put(struct head *head, const struct block_ref *block, bool is_stood);
/** Blocks behind that number are not ours any more. */
void head_mark_drop(struct head *head, uint64_t number);
/** The newest at or below that number at which we stood; NULL: none. */
const struct head_mark *head_mark_stood(const struct head *head, uint64_t number);
/** No block at which we stood lies below that number. */
bool head_mark_is_oldest(const struct head *head, uint64_t number);

#endif
