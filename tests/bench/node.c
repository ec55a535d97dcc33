/* See node.h. */
#include "tests/bench/node.h"

#include <jansson.h>
#include <string.h>

#include "base/hex.h"

struct call {
    struct node *node;
    struct text *out;
    const struct http_request *request;
    const json_t *params;
};

static const char *parameter(const struct call *call, size_t index)
{
    const char *text = json_string_value(json_array_get(call->params, index));

    return text != NULL ? text : "";
}

static void add_u64(struct call *call, uint64_t value)
{
    text_add(call->out, "\"");
    text_add_quantity(call->out, value);
    text_add(call->out, "\"");
}

/* A quantity, or the head for any tag. */
static uint64_t block_of(const struct call *call, const char *text)
{
    uint64_t block;

    return hex_quantity(&block, text, strlen(text)) && block <= call->node->world->head
               ? block
               : call->node->world->head;
}

/* The block whose hash it is; 0: none. */
static uint64_t block_hashed(const struct call *call, const char *text)
{
    for (uint64_t block = call->node->world->head; block > 0; block--) {
        struct hash32 hash = world_hash(block);
        char hex[HASH32_TEXT_SIZE];
        hash32_format(hex, &hash);
        if (strcmp(hex, text) == 0)
            return block;
    }
    return 0;
}

static bool answer_chain_id(struct call *call)
{
    add_u64(call, WORLD_CHAIN_ID);
    return true;
}

static bool answer_block_number(struct call *call)
{
    add_u64(call, call->node->world->head);
    return true;
}

static bool answer_block(struct call *call)
{
    call->node->heads++;
    chain_add_header(call->out, call->node->world, block_of(call, parameter(call, 0)));
    return true;
}

static bool answer_block_by_hash(struct call *call)
{
    uint64_t block = block_hashed(call, parameter(call, 0));

    if (block == 0)
        text_add(call->out, "null");
    else
        chain_add_header(call->out, call->node->world, block);
    return true;
}

static bool answer_logs(struct call *call)
{
    const json_t *filter = json_array_get(call->params, 0);
    const char *from = json_string_value(json_object_get(filter, "fromBlock"));
    const char *hash = json_string_value(json_object_get(filter, "blockHash"));
    uint64_t block = from != NULL ? block_of(call, from) : block_hashed(call, hash ? hash : "");

    if (block == 1 || (from != NULL && block == 0))
        chain_add_history(call->out, call->node->world);
    else
        chain_add_logs(call->out, call->node->world, block);
    return true;
}

static bool answer_read(struct call *call)
{
    const json_t *transaction = json_array_get(call->params, 0);
    const char *hex = json_string_value(json_object_get(transaction, "data"));
    const char *to = json_string_value(json_object_get(transaction, "to"));
    const char *hash =
        json_string_value(json_object_get(json_array_get(call->params, 1), "blockHash"));
    struct address target;
    BUFFER data = {0};
    BUFFER answer = {0};

    call->node->reads++;
    call->node->had_read = true;
    if (hex == NULL || to == NULL || !hex_decode_prefixed(&data, hex, strlen(hex)) ||
        address_parse(&target, to, strlen(to)) != ADDRESS_OK ||
        (hash != NULL && block_hashed(call, hash) != call->node->world->head))
        return false;
    bool succeeded = address_is_equal(&target, &call->node->world->multicall)
                         ? world_multicall(&answer, call->node->world, buffer_bytes(&data))
                         : world_read(&answer, call->node->world, &target, buffer_bytes(&data));
    if (!succeeded)
        return false;
    text_add(call->out, "\"");
    text_add_hex(call->out, buffer_bytes(&answer));
    text_add(call->out, "\"");
    return true;
}

static bool answer_count(struct call *call)
{
    const char *hash =
        json_string_value(json_object_get(json_array_get(call->params, 1), "blockHash"));
    uint64_t block = hash != NULL ? block_hashed(call, hash) : block_of(call, parameter(call, 1));

    add_u64(call, call->node->world->nonces[block]);
    return true;
}

static bool answer_balance(struct call *call)
{
    add_u64(call, 1000000000000000000u);
    return true;
}

static bool answer_code(struct call *call)
{
    text_add(call->out, "\"0x6000\"");
    return true;
}

static bool answer_send(struct call *call)
{
    const char *hex = parameter(call, 0);
    BUFFER raw = {0};

    if (!hex_decode_prefixed(&raw, hex, strlen(hex)) ||
        !world_take(call->node->world, buffer_bytes(&raw))) {
        call->node->refused++;
        return false;
    }
    call->node->send_began = call->request->began;
    text_add(call->out, "\"");
    text_add_hex(call->out, bytes_of(call->node->world->flight.hash.byte, 32));
    text_add(call->out, "\"");
    return true;
}

static bool answer_receipt(struct call *call)
{
    chain_add_receipt(call->out, call->node->world);
    call->node->receipts += call->node->world->flight.block != 0;
    return true;
}

static bool answer_none(struct call *call)
{
    text_add(call->out, "null");
    return true;
}

static const struct {
    const char *method;
    bool (*answer)(struct call *call);
    bool is_counted; /* among the questions that are neither head nor read */
} methods[] = {
    {"eth_chainId", answer_chain_id, true},
    {"eth_blockNumber", answer_block_number, true},
    {"eth_getBlockByNumber", answer_block, false},
    {"eth_getBlockByHash", answer_block_by_hash, true},
    {"eth_getLogs", answer_logs, false},
    {"eth_call", answer_read, false},
    {"eth_getTransactionCount", answer_count, true},
    {"eth_getBalance", answer_balance, true},
    {"eth_getCode", answer_code, true},
    {"eth_sendRawTransaction", answer_send, false},
    {"eth_getTransactionReceipt", answer_receipt, true},
    {"eth_getTransactionByHash", answer_none, true},
};

static void answer_one(struct call *call, const json_t *question)
{
    const char *method = json_string_value(json_object_get(question, "method"));
    TEXT result = {0};
    struct call one = *call;
    bool succeeded = false;

    one.out = &result;
    one.params = json_object_get(question, "params");
    for (size_t i = 0; method != NULL && i < ARRAY_LENGTH(methods); i++) {
        if (strcmp(methods[i].method, method) != 0)
            continue;
        succeeded = methods[i].answer(&one);
        call->node->other += methods[i].is_counted;
    }
    text_add(call->out, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_i64(call->out, json_integer_value(json_object_get(question, "id")));
    if (succeeded) {
        text_add(call->out, ",\"result\":");
        text_add_bytes(call->out, text_bytes(&result));
    } else {
        text_add(call->out, ",\"error\":{\"code\":-32000,\"message\":\"unknown block\"}");
    }
    text_add(call->out, "}");
}

void node_answer(void *context, struct text *out, const struct http_request *request)
{
    json_t *root = json_loadb((const char *)request->body.data, request->body.size, 0, NULL);
    struct call call = {.node = context, .out = out, .request = request};

    call.node->had_read = false;
    if (json_is_array(root))
        text_add(out, "[");
    for (size_t i = 0; i < json_array_size(root); i++) {
        if (i > 0)
            text_add(out, ",");
        answer_one(&call, json_array_get(root, i));
    }
    if (json_is_array(root))
        text_add(out, "]");
    else
        answer_one(&call, root);
    json_decref(root);
}

void node_written(void *context, double when, bool has_company)
{
    struct node *node = context;

    node->together += node->had_read && has_company;
    if (node->had_read && node->send_began == 0)
        node->read_written = when;
}
