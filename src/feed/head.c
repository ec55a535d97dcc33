/* A node may show the same head twice, a head behind ours, a head on another branch, or logs of
 * another block than the header. Each of these is told apart before a log is believed. */
#include "feed/head.h"

#include <string.h>

#include "eth/result.h"

static void ring_put(struct head *head, const struct header *header)
{
    head->ring[header->number % HEAD_RING] = (struct block_ref){header->number, header->hash};
}

static bool ring_has(const struct head *head, uint64_t number, const struct hash32 *hash)
{
    const struct block_ref *known = &head->ring[number % HEAD_RING];

    return known->number == number && hash32_is_equal(&known->hash, hash);
}

void head_set(struct head *head, const struct header *header)
{
    head->header = *header;
    head->state = HEAD_IDLE;
    head->ask = 0;
    head->is_fork = false;
    head->behind_since_ms = 0;
    ring_put(head, header);
}

void head_ask(struct head *head, struct ask_list *asks, const struct log_filter *filter)
{
    struct rpc_request request = {0};
    TEXT params = {0};

    if (head->state != HEAD_IDLE)
        return;
    head->ask = ask_list_id(asks);
    head->calls = 2;
    text_add(&params, "[");
    rpc_add_filter_latest(&params, filter);
    text_add(&params, "]");
    rpc_request_begin(&request, head->ask, 2);
    rpc_request_add(&request, "eth_getBlockByNumber", "[\"latest\",false]");
    rpc_request_add(&request, "eth_getLogs", text_string(&params));
    rpc_request_end(&request);
    head->state = HEAD_ASKED;
    if (!ask_list_add(asks, &request, "eth_getBlockByNumber", ENDPOINT_ANY))
        head->state = HEAD_IDLE;
    rpc_request_release(&request);
}

/* The logs of a block by its hash; with its header too where `with_header`. */
static bool block_ask(struct head *head, const struct head_context *context,
                      const struct hash32 *hash, bool with_header)
{
    struct rpc_request request = {0};
    TEXT params = {0};
    TEXT header_params = {0};
    bool added;

    head->ask = ask_list_id(context->asks);
    head->calls = with_header ? 2 : 1;
    head->calls_asked += head->calls;
    head->trips++;
    rpc_request_begin(&request, head->ask, head->calls);
    if (with_header) {
        text_add(&header_params, "[\"");
        text_add_hex(&header_params, bytes_of(hash->byte, sizeof(hash->byte)));
        text_add(&header_params, "\",false]");
        rpc_request_add(&request, "eth_getBlockByHash", text_string(&header_params));
    }
    text_add(&params, "[");
    rpc_add_filter_by_hash(&params, context->filter, hash);
    text_add(&params, "]");
    rpc_request_add(&request, "eth_getLogs", text_string(&params));
    rpc_request_end(&request);
    added = ask_list_add(context->asks, &request,
                         with_header ? "eth_getBlockByHash" : "eth_getLogs", head->endpoint);
    rpc_request_release(&request);
    return added;
}

enum logs_check { LOGS_OF_BLOCK, LOGS_OF_ANOTHER, LOGS_EMPTY, LOGS_UNREADABLE };

/* Of this block, all of them? With a sink, delivers as well. */
static enum logs_check logs_walk(const struct json_t *result, struct bytes original,
                                 const struct hash32 *block, const struct log_sink_to *sink)
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
        if (!hash32_is_equal(&log.block.hash, block))
            return LOGS_OF_ANOTHER;
        if (sink != NULL && !log.removed)
            sink->log(sink->context, &log);
    }
    return count > 0 ? LOGS_OF_BLOCK : LOGS_EMPTY;
}

static enum head_outcome head_fail(struct head *head, const char *why)
{
    head->state = HEAD_IDLE;
    head->ask = 0;
    head->why = why != NULL ? why : "no endpoint answered";
    return HEAD_FAILED;
}

static enum head_outcome head_arrive(struct head *head)
{
    bool is_fork = head->is_fork;
    struct header newest = head->newest;

    head->heads++;
    head_set(head, &newest);
    return is_fork ? HEAD_REORG : HEAD_NEW;
}

/* The walker's logs are in. Is its parent known? Else one further back. */
static enum head_outcome head_link(struct head *head, const struct head_context *context)
{
    const struct header *walker = &head->walker;

    if (hash32_is_equal(&walker->parent, &head->header.hash))
        return head_arrive(head);
    if (walker->number > 0 && ring_has(head, walker->number - 1, &walker->parent)) {
        head->is_fork = true;
        head->fork_number = walker->number - 1;
        return head_arrive(head);
    }
    if (walker->number > head->header.number + HEAD_WALK_MAX) {
        head->gap = (struct history_piece){head->header.number + 1, head->newest.number};
        head->state = HEAD_IDLE;
        return HEAD_WIDE;
    }
    if (walker->number == 0 || ++head->walked > HEAD_WALK_MAX) {
        head->state = HEAD_IDLE;
        return HEAD_LOST;
    }
    head->state = HEAD_WALKING;
    head->missed++;
    if (!block_ask(head, context, &walker->parent, true))
        return head_fail(head, "too many questions in one turn");
    return HEAD_NOTHING;
}

/* A block that was ours before: the node is behind, unless it stays so. */
static enum head_outcome head_behind(struct head *head, const struct header *header,
                                     const struct head_context *context)
{
    head->state = HEAD_IDLE;
    if (head->behind_since_ms == 0)
        head->behind_since_ms = context->now_ms;
    if (context->now_ms - head->behind_since_ms < HEAD_BEHIND_MS)
        return HEAD_NOTHING;
    head->newest = *header;
    head->fork_number = header->number;
    head->is_fork = true;
    return head_arrive(head);
}

static enum head_outcome head_first(struct head *head, const struct head_context *context)
{
    const struct rpc_answers *answers = context->answers;
    struct header header;
    const struct json_t *logs = answers->answer[1].result;
    enum logs_check check;

    head->state = HEAD_IDLE;
    for (size_t i = 0; i < 2; i++) {
        if (answers->answer[i].fault != RPC_FAULT_NONE && i == 0)
            return head_fail(head, rpc_fault_text(answers->answer[i].fault));
    }
    if (!json_header(&header, answers->answer[0].result, answers->original))
        return head_fail(head, "a header that cannot be read");
    if (hash32_is_equal(&header.hash, &head->header.hash)) {
        head->behind_since_ms = 0;
        return HEAD_NOTHING;
    }
    if (header.number <= head->header.number && ring_has(head, header.number, &header.hash))
        return head_behind(head, &header, context);
    head->newest = header;
    head->walker = header;
    head->walked = 0;
    head->calls_asked += 2;
    head->trips++;
    check = answers->answer[1].fault != RPC_FAULT_NONE
                ? LOGS_OF_ANOTHER
                : logs_walk(logs, answers->original, &header.hash, NULL);
    if (check == LOGS_EMPTY && log_filter_may_match(context->filter, header.bloom))
        check = LOGS_OF_ANOTHER;
    if (check == LOGS_UNREADABLE)
        return head_fail(head, "logs that cannot be read");
    if (check == LOGS_OF_ANOTHER) {
        head->state = HEAD_LOGS_ASKED;
        if (!block_ask(head, context, &header.hash, false))
            return head_fail(head, "too many questions in one turn");
        return HEAD_NOTHING;
    }
    (void)logs_walk(logs, answers->original, &header.hash, context->sink);
    return head_link(head, context);
}

static enum head_outcome head_logs(struct head *head, const struct rpc_answer *answer,
                                   const struct head_context *context)
{
    struct bytes original = context->answers->original;
    enum logs_check check;

    if (answer->fault != RPC_FAULT_NONE)
        return head_fail(head, rpc_fault_text(answer->fault));
    check = logs_walk(answer->result, original, &head->walker.hash, NULL);
    if (check != LOGS_OF_BLOCK && check != LOGS_EMPTY)
        return head_fail(head, "the logs asked by hash are of another block");
    (void)logs_walk(answer->result, original, &head->walker.hash, context->sink);
    return HEAD_NEW;
}

static enum head_outcome head_further(struct head *head, const struct head_context *context)
{
    const struct rpc_answers *answers = context->answers;
    struct hash32 wanted = head->walker.parent;
    uint64_t number = head->walker.number - 1;
    uint32_t logs_at = 0;
    enum head_outcome outcome;

    if (head->state == HEAD_WALKING) {
        logs_at = 1;
        if (answers->answer[0].fault != RPC_FAULT_NONE)
            return head_fail(head, rpc_fault_text(answers->answer[0].fault));
        if (!json_header(&head->walker, answers->answer[0].result, answers->original) ||
            !hash32_is_equal(&head->walker.hash, &wanted) || head->walker.number != number)
            return head_fail(head, "a header asked by hash is another one");
    }
    outcome = head_logs(head, &answers->answer[logs_at], context);
    return outcome == HEAD_NEW ? head_link(head, context) : outcome;
}

enum head_outcome head_answer(bool *is_mine, struct head *head,
                              const struct observation *observation,
                              const struct head_context *context)
{
    *is_mine = head->ask != 0 && observation->id == head->ask;
    if (!*is_mine)
        return HEAD_NOTHING;
    head->ask = 0;
    rpc_answers_parse(context->answers, observation, observation->id, head->calls);
    if (context->answers->envelope != RPC_ENVELOPE_OK)
        return head_fail(head, context->answers->why);
    if (head->state == HEAD_ASKED) {
        head->endpoint = observation->endpoint;
        return head_first(head, context);
    }
    return head_further(head, context);
}
