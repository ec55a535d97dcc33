/*
 * One POST asks everything that one block needs. Ids are numbered through, because nodes answer a
 * batch in whatever order they like.
 */
#include "eth/jsonrpc.h"

/* jansson reads numbers as doubles here, and up to this they are exact. */
#define ID_MAX ((uint64_t)1 << 53)

void rpc_request_begin(struct rpc_request *request, uint64_t id, uint32_t calls)
{
    MUST(calls >= 1 && calls <= RPC_BATCH_MAX && id < ID_MAX / RPC_BATCH_MAX);
    text_clear(&request->body);
    request->id = id;
    request->calls = 0;
    request->announced = calls;
    request->is_batch = calls > 1;
    if (request->is_batch)
        text_add_char(&request->body, '[');
}

struct text *rpc_request_params(struct rpc_request *request, const char *method)
{
    struct text *body = &request->body;
    MUST(request->calls < request->announced);
    if (request->calls > 0)
        text_add_char(body, ',');
    text_add(body, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_u64(body, request->id * RPC_BATCH_MAX + request->calls);
    text_add(body, ",\"method\":");
    text_add_json(body, bytes_of_text(method));
    text_add(body, ",\"params\":");
    return body;
}

void rpc_request_params_end(struct rpc_request *request)
{
    text_add_char(&request->body, '}');
    request->calls++;
}

void rpc_request_add(struct rpc_request *request, const char *method, const char *params)
{
    text_add(rpc_request_params(request, method), params);
    rpc_request_params_end(request);
}

void rpc_request_end(struct rpc_request *request)
{
    MUST(request->calls == request->announced);
    if (request->is_batch)
        text_add_char(&request->body, ']');
}

void rpc_request_release(struct rpc_request *request)
{
    text_release(&request->body);
}

static void add_topics(struct text *out, const struct log_filter *filter)
{
    text_add(out, ",\"topics\":[[");
    for (uint32_t i = 0; i < filter->topic_count; i++) {
        text_add(out, i == 0 ? "\"" : ",\"");
        text_add_hex(out, bytes_of(filter->topic[i].byte, sizeof filter->topic[i].byte));
        text_add_char(out, '"');
    }
    text_add(out, "]]");
}

/* What all filters have in common, from the address list to the end. */
static void add_filter_rest(struct text *out, const struct log_filter *filter)
{
    text_add(out, "\"address\":[");
    for (uint32_t i = 0; i < filter->address_count; i++) {
        text_add(out, i == 0 ? "\"" : ",\"");
        text_add_hex(out, bytes_of(filter->address[i].byte, sizeof filter->address[i].byte));
        text_add_char(out, '"');
    }
    text_add_char(out, ']');
    /* [[]] would be a first topic that is none of them all. */
    if (filter->topic_count > 0)
        add_topics(out, filter);
    text_add_char(out, '}');
}

void rpc_add_filter_by_hash(struct text *out, const struct log_filter *filter,
                            const struct hash32 *block)
{
    text_add(out, "{\"blockHash\":\"");
    text_add_hex(out, bytes_of(block->byte, sizeof block->byte));
    text_add(out, "\",");
    add_filter_rest(out, filter);
}

void rpc_add_filter_range(struct text *out, const struct log_filter *filter, uint64_t from,
                          uint64_t to)
{
    text_add(out, "{\"fromBlock\":\"");
    text_add_quantity(out, from);
    text_add(out, "\",\"toBlock\":\"");
    text_add_quantity(out, to);
    text_add(out, "\",");
    add_filter_rest(out, filter);
}

void rpc_add_filter_latest(struct text *out, const struct log_filter *filter)
{
    text_add(out, "{\"fromBlock\":\"latest\",\"toBlock\":\"latest\",");
    add_filter_rest(out, filter);
}
