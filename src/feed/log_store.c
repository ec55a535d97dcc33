/* An answer's logs live as long as the answer; a walk back is many answers, and may end in nothing.
 * So they are copied, and a bound says how long a way may be. */
#include "feed/log_store.h"

#include <stdlib.h>
#include <string.h>

#include "eth/jsonrpc.h"

void log_store_release(struct log_store *store)
{
    free(store->log);
    buffer_release(&store->data);
    memset(store, 0, sizeof(*store));
}

void log_store_clear(struct log_store *store)
{
    store->blocks = 0;
    store->logs = 0;
    buffer_clear(&store->data);
}

bool log_store_begin(struct log_store *store, const struct block_ref *block)
{
    if (store->blocks == LOG_STORE_BLOCKS_MAX)
        return false;
    store->block[store->blocks++] = (struct stored_block){*block, store->logs};
    return true;
}

bool log_store_add(struct log_store *store, const struct log *log)
{
    struct stored_log *kept;

    if (store->logs == LOG_STORE_LOGS_MAX || log->data.size > LOG_STORE_BYTES_MAX ||
        store->data.size > LOG_STORE_BYTES_MAX - log->data.size)
        return false;
    if (store->logs == store->logs_capacity) {
        store->logs_capacity = store->logs_capacity == 0 ? 256 : store->logs_capacity * 2;
        store->log = must_realloc(store->log, store->logs_capacity, sizeof(*store->log));
    }
    kept = &store->log[store->logs++];
    *kept = (struct stored_log){*log, store->data.size};
    if (log->data.size > 0)
        buffer_add_bytes(&store->data, log->data);
    return true;
}

void log_store_deliver(struct log_store *store, const struct log_sink_to *sink)
{
    uint32_t end = store->logs;

    /* what was found last lies furthest back in the chain and last in the store */
    for (uint32_t i = store->blocks; i > 0; i--) {
        uint32_t first = store->block[i - 1].first;

        for (uint32_t k = first; k < end; k++) {
            struct log log = store->log[k].log;

            log.data =
                bytes_slice(buffer_bytes(&store->data), store->log[k].data_at, log.data.size);
            sink->log(sink->context, &log);
        }
        end = first;
    }
    log_store_clear(store);
}

enum logs_check logs_check(const struct json_t *result, struct bytes original,
                           const struct block_ref *block)
{
    BUFFER data = {0};
    size_t count;

    if (!result_array(&count, result))
        return LOGS_UNREADABLE;
    for (size_t i = 0; i < count; i++) {
        struct log log;

        buffer_clear(&data);
        if (!json_log(&log, &data, result_at(result, i), original))
            return LOGS_UNREADABLE;
        if (log.removed || log.block.number != block->number ||
            !hash32_is_equal(&log.block.hash, &block->hash))
            return LOGS_OF_ANOTHER;
    }
    return count > 0 ? LOGS_OF_BLOCK : LOGS_EMPTY;
}

bool log_store_take(struct log_store *store, const struct json_t *result, struct bytes original,
                    const struct block_ref *block)
{
    BUFFER data = {0};
    size_t count;

    if (!log_store_begin(store, block) || !result_array(&count, result))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct log log;

        buffer_clear(&data);
        if (!json_log(&log, &data, result_at(result, i), original) || !log_store_add(store, &log))
            return false;
    }
    return true;
}
