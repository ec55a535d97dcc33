/* A node may show the same head twice, a head behind ours, a head on another branch, or logs of
 * another block than the header. Each of these is told apart before a log is believed. */
#include "feed/head.h"

#include <string.h>

static struct block_ref ref_of(const struct header *header)
{
    return (struct block_ref){header->number, header->hash};
}

void head_release(struct head *head)
{
    log_store_release(&head->store);
}

static void head_rest(struct head *head, const struct header *header)
{
    head->header = *header;
    head->state = HEAD_IDLE;
    head->ask = 0;
    head->behind_since_ms = 0;
    head->older = 0;
}

void head_set(struct head *head, const struct header *header)
{
    const struct block_ref block = ref_of(header);

    head_rest(head, header);
    head->newest = *header;
    head->is_fork = false;
    log_store_clear(&head->store);
    memset(head->ring, 0, sizeof(head->ring));
    head_mark_put(head, &block, false);
}

void head_stand(struct head *head)
{
    const struct block_ref block = ref_of(&head->header);

    head_mark_put(head, &block, true);
}

void head_deliver(struct head *head, const struct log_sink_to *sink)
{
    log_store_deliver(&head->store, sink);
}

void head_ask(struct head *head, struct ask_list *asks, const struct log_filter *filter)
{
    struct ask_scratch *scratch = ask_list_scratch(asks);

    if (head->state != HEAD_IDLE)
        return;
    head->ask = ask_list_id(asks);
    head->calls = 2;
    text_add(&scratch->params, "[");
    rpc_add_filter_latest(&scratch->params, filter);
    text_add(&scratch->params, "]");
    rpc_request_begin(&scratch->request, head->ask, 2);
    rpc_request_add(&scratch->request, "eth_getBlockByNumber", "[\"latest\",false]");
    rpc_request_add(&scratch->request, "eth_getLogs", text_string(&scratch->params));
    rpc_request_end(&scratch->request);
    head->state = HEAD_ASKED;
    if (!ask_list_add(asks, &scratch->request, "eth_getBlockByNumber", ENDPOINT_ANY))
        head->state = HEAD_IDLE;
}

/* The logs of a block by its hash; with its header too where `with_header`. */
static bool block_ask(struct head *head, const struct head_context *context,
                      const struct hash32 *hash, bool with_header)
{
    struct ask_scratch *scratch = ask_list_scratch(context->asks);
    struct rpc_request *request = &scratch->request;

    head->ask = ask_list_id(context->asks);
    head->calls = with_header ? 2 : 1;
    head->calls_asked += head->calls;
    head->trips++;
    rpc_request_begin(request, head->ask, head->calls);
    if (with_header) {
        text_add(&scratch->header_params, "[\"");
        text_add_hex(&scratch->header_params, bytes_of(hash->byte, sizeof(hash->byte)));
        text_add(&scratch->header_params, "\",false]");
        rpc_request_add(request, "eth_getBlockByHash", text_string(&scratch->header_params));
    }
    text_add(&scratch->params, "[");
    rpc_add_filter_by_hash(&scratch->params, context->filter, hash);
    text_add(&scratch->params, "]");
    rpc_request_add(request, "eth_getLogs", text_string(&scratch->params));
    rpc_request_end(request);
    return ask_list_add(context->asks, request, with_header ? "eth_getBlockByHash" : "eth_getLogs",
                        head->endpoint);
}

static enum head_outcome head_fail(struct head *head, const char *why)
{
    head->state = HEAD_IDLE;
    head->ask = 0;
    head->why = why != NULL ? why : "no endpoint answered";
    return HEAD_FAILED;
}

static enum head_outcome head_lose(struct head *head, const char *why)
{
    (void)head_fail(head, why);
    return HEAD_LOST;
}

/* From here on `newest` and what lies between are our chain. */
static enum head_outcome head_arrive(struct head *head)
{
    if (head->is_fork)
        head_mark_drop(head, head->fork.number);
    for (uint32_t i = 0; i < head->store.blocks; i++)
        head_mark_put(head, &head->store.block[i].block, false);
    head->heads++;
    head_rest(head, &head->newest);
    return head->is_fork ? HEAD_REORG : HEAD_NEW;
}

static enum head_outcome head_fork(struct head *head, const struct block_ref *fork)
{
    head->is_fork = true;
    head->fork = *fork;
    return head_arrive(head);
}

/* One of the two has a wrong time. A child's is told right at the next poll; where it is always the
 * same, it was its parent's, which we believed. */
static bool refuse_older(struct head *head, const struct header *header)
{
    return hash32_is_equal(&header->parent, &head->header.hash) &&
           header->timestamp_s < head->header.timestamp_s && ++head->older < HEAD_OLDER_MAX;
}

/* What a header says of itself cannot be so. */
static const char *header_lie(struct head *head, const struct header *header)
{
    const struct head_mark *known = head_mark_of(head, &header->hash);
    const struct head_mark *parent = head_mark_of(head, &header->parent);

    if (known != NULL && known->block.number != header->number)
        return "a header whose hash is that of another number";
    if (hash32_is_equal(&header->hash, &header->parent))
        return "a header that is its own parent";
    if (parent != NULL && parent->block.number + 1 != header->number)
        return "a header whose number does not follow its parent's";
    if (refuse_older(head, header))
        return "a header older than its parent";
    return NULL;
}

static enum head_outcome head_join(struct head *head, const struct head_context *context,
                                   uint64_t below);

/* The walker's logs are in. Did we stand at its parent? Else one further back; where the node names
 * none, the way is found by number. */
static enum head_outcome head_link(struct head *head, const struct head_context *context)
{
    const struct header *walker = &head->walker;
    const struct head_mark *parent = head_mark_of(head, &walker->parent);

    if (hash32_is_equal(&walker->parent, &head->header.hash))
        return head_arrive(head);
    if (parent != NULL && parent->is_stood)
        return head_fork(head, &parent->block);
    if (walker->number <= head->header.number + 1 && head_mark_is_oldest(head, walker->number))
        return head_lose(head, "a fork that leaves our chain before the oldest block that can be "
                               "undone: depth unknown, at most 64 are followed");
    if (hash32_is_zero(&walker->parent))
        return head_join(head, context, head->newest.number);
    if (++head->walked > HEAD_WALK_MAX)
        return head_lose(head, "no block in common with the node's chain within the walk: depth "
                               "unknown, at most 64 are followed");
    head->state = HEAD_WALKING;
    head->missed++;
    if (!block_ask(head, context, &walker->parent, true))
        return head_fail(head, "too many questions in one turn");
    return HEAD_NOTHING;
}

/* Its logs are kept until the whole way is known. */
static enum head_outcome head_keep(struct head *head, const struct rpc_answer *logs,
                                   const struct head_context *context)
{
    const struct block_ref block = ref_of(&head->walker);

    if (!log_store_take(&head->store, logs->result, context->answers->original, &block))
        return head_lose(head, "more logs on the way to the head than are kept");
    return head_link(head, context);
}

/* ---- a wide gap: at which of our blocks does it begin? */

static enum head_outcome head_join(struct head *head, const struct head_context *context,
                                   uint64_t below)
{
    struct rpc_request request = {0};
    const struct head_mark *mark;
    uint32_t count = 0;
    bool added;

    if (below > head->header.number) {
        head->join[count++] = ref_of(&head->header);
        below = head->header.number;
    }
    while (count < HEAD_JOIN_CALLS && below > 0 &&
           (mark = head_mark_stood(head, below - 1)) != NULL) {
        head->join[count++] = mark->block;
        below = mark->block.number;
    }
    if (count == 0)
        return head_lose(head, "none of our blocks is on the node's chain: depth unknown, at most "
                               "64 are followed");
    head->ask = ask_list_id(context->asks);
    head->calls = count;
    head->calls_asked += count;
    head->trips++;
    head->state = HEAD_JOINING;
    rpc_request_begin(&request, head->ask, count);
    for (uint32_t i = 0; i < count; i++) {
        TEXT params = {0};

        text_add(&params, "[\"");
        text_add_quantity(&params, head->join[i].number);
        text_add(&params, "\",false]");
        rpc_request_add(&request, "eth_getBlockByNumber", text_string(&params));
    }
    rpc_request_end(&request);
    added = ask_list_add(context->asks, &request, "eth_getBlockByNumber", head->endpoint);
    rpc_request_release(&request);
    return added ? HEAD_NOTHING : head_fail(head, "too many questions in one turn");
}

static enum head_outcome head_joined(struct head *head, const struct head_context *context)
{
    const struct rpc_answers *answers = context->answers;

    for (uint32_t i = 0; i < head->calls; i++) {
        struct header header;

        if (answers->answer[i].fault != RPC_FAULT_NONE)
            return head_fail(head, rpc_fault_text(answers->answer[i].fault));
        if (!json_header(&header, answers->answer[i].result, answers->original) ||
            header.number != head->join[i].number)
            return head_fail(head, "a header asked by number is another one");
        if (!hash32_is_equal(&header.hash, &head->join[i].hash))
            continue;
        head->fork = head->join[i];
        head->is_fork = !hash32_is_equal(&head->fork.hash, &head->header.hash);
        head->gap = (struct history_piece){head->fork.number + 1, head->newest.number};
        head->state = HEAD_IDLE;
        return HEAD_WIDE;
    }
    return head_join(head, context, head->join[head->calls - 1].number);
}

/* ---- answers */

/* A block that was ours before: the node is behind, unless it stays so. False: go on, as to any
 * other branch. */
static bool head_is_behind(enum head_outcome *out, struct head *head, const struct header *header,
                           const struct head_context *context)
{
    const struct head_mark *known = head_mark_of(head, &header->hash);

    if (known == NULL)
        return false;
    *out = HEAD_NOTHING;
    if (head->behind_since_ms == 0)
        head->behind_since_ms = context->now_ms;
    if (context->now_ms - head->behind_since_ms < HEAD_BEHIND_MS)
        return true;
    if (!known->is_stood)
        return false; /* passed once: the way there begins at a block before it */
    head->newest = *header;
    *out = head_fork(head, &known->block);
    return true;
}

static enum head_outcome head_first(struct head *head, const struct head_context *context)
{
    const struct rpc_answers *answers = context->answers;
    const struct rpc_answer *logs = &answers->answer[1];
    enum head_outcome outcome;
    struct header header;
    enum logs_check check;
    const char *lie;

    head->state = HEAD_IDLE;
    log_store_clear(&head->store);
    if (answers->answer[0].fault != RPC_FAULT_NONE)
        return head_fail(head, rpc_fault_text(answers->answer[0].fault));
    if (!json_header(&header, answers->answer[0].result, answers->original))
        return head_fail(head, "a header that cannot be read");
    lie = header_lie(head, &header);
    if (lie != NULL)
        return head_fail(head, lie);
    if (hash32_is_equal(&header.hash, &head->header.hash)) {
        head->behind_since_ms = 0;
        return HEAD_NOTHING;
    }
    if (head_is_behind(&outcome, head, &header, context))
        return outcome;
    head->newest = header;
    head->walker = header;
    head->walked = 0;
    head->is_fork = false;
    head->calls_asked += 2;
    head->trips++;
    if (header.number > head->header.number && header.number - head->header.number > HEAD_AHEAD_MAX)
        return head_join(head, context, header.number);
    check = logs->fault != RPC_FAULT_NONE
                ? LOGS_OF_ANOTHER
                : logs_check(logs->result, answers->original,
                             &(struct block_ref){header.number, header.hash});
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
    return head_keep(head, logs, context);
}

static enum head_outcome head_further(struct head *head, const struct head_context *context)
{
    const struct rpc_answers *answers = context->answers;
    const struct hash32 wanted = head->walker.parent;
    const uint64_t number = head->walker.number - 1;
    const struct rpc_answer *logs = &answers->answer[head->calls - 1];
    enum logs_check check;
    const char *lie;

    if (head->state == HEAD_WALKING) {
        if (answers->answer[0].fault != RPC_FAULT_NONE)
            return head_fail(head, rpc_fault_text(answers->answer[0].fault));
        if (!json_header(&head->walker, answers->answer[0].result, answers->original) ||
            !hash32_is_equal(&head->walker.hash, &wanted) || head->walker.number != number)
            return head_fail(head, "a header asked by hash is another one");
        lie = header_lie(head, &head->walker);
        if (lie != NULL)
            return head_fail(head, lie);
    }
    if (logs->fault != RPC_FAULT_NONE)
        return head_fail(head, rpc_fault_text(logs->fault));
    check = logs_check(logs->result, answers->original,
                       &(struct block_ref){head->walker.number, head->walker.hash});
    if (check != LOGS_OF_BLOCK && check != LOGS_EMPTY)
        return head_fail(head, "the logs asked by hash are of another block");
    return head_keep(head, logs, context);
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
    if (head->state == HEAD_JOINING)
        return head_joined(head, context);
    if (head->state == HEAD_ASKED) {
        head->endpoint = observation->endpoint;
        return head_first(head, context);
    }
    return head_further(head, context);
}
