/*
 * Logs of blocks that are not ours yet: kept until it is known where their branch left ours, then
 * given out in the order of the chain. Blocks are added newest first, as a walk back finds them.
 */
#ifndef FEED_LOG_STORE_H
#define FEED_LOG_STORE_H

#include "base/bytes.h"
#include "eth/log.h"
#include "eth/result.h"

/** Blocks, logs and bytes of their data that one store holds; of more it takes none, and whoever
 *  fills it gives up the walk. */
#define LOG_STORE_BLOCKS_MAX 256
#define LOG_STORE_LOGS_MAX 131072
#define LOG_STORE_BYTES_MAX ((size_t)64 << 20)

/** Where accepted logs go. The log and its data are lent for the call. */
struct log_sink_to {
    void *context;
    void (*log)(void *context, const struct log *log);
};

struct stored_log {
    struct log log; /* but for its data */
    size_t data_at;
};

struct stored_block {
    struct block_ref block;
    uint32_t first; /* of its logs */
};

/** Owned; zero-initialise, then log_store_release. Memory is kept for the next walk. */
struct log_store {
    struct stored_block block[LOG_STORE_BLOCKS_MAX];
    uint32_t blocks;
    struct stored_log *log;
    uint32_t logs;
    uint32_t logs_capacity;
    struct buffer data;
};

void log_store_release(struct log_store *store);
void log_store_clear(struct log_store *store);
/** The logs that follow are of this block, the one before the last. False: at a bound. */
MUST_CHECK bool log_store_begin(struct log_store *store, const struct block_ref *block);
/** Keeps: a copy. False: at a bound. */
MUST_CHECK bool log_store_add(struct log_store *store, const struct log *log);
/** Oldest block first, each in its own order. The store is empty afterwards. */
void log_store_deliver(struct log_store *store, const struct log_sink_to *sink);

enum logs_check {
    LOGS_OF_BLOCK,
    LOGS_EMPTY,
    LOGS_OF_ANOTHER, /* by hash, by number, or a log that says it was removed */
    LOGS_UNREADABLE
};

/** Of that block, all of them? */
enum logs_check logs_check(const struct json_t *result, struct bytes original,
                           const struct block_ref *block);
/** Into the store, as logs of that block. In: what logs_check passed. False: at a bound. */
MUST_CHECK bool log_store_take(struct log_store *store, const struct json_t *result,
                               struct bytes original, const struct block_ref *block);

#endif
