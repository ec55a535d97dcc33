/* A node made of text. */
#include "tests/feed/node.h"

#include <string.h>

struct hash32 node_hash(uint64_t number, uint8_t branch)
{
    struct hash32 hash = {{0}};

    if (branch == NODE_NO_PARENT)
        return hash;

    memset(hash.byte, branch + 1, sizeof(hash.byte));
    for (size_t i = 0; i < 8; i++)
        hash.byte[i] = (uint8_t)(number >> (8 * i));
    return hash;
}

static void add_hash(struct text *out, uint64_t number, uint8_t branch)
{
    struct hash32 hash = node_hash(number, branch);

    text_add(out, "\"");
    text_add_hex(out, bytes_of(hash.byte, sizeof(hash.byte)));
    text_add(out, "\"");
}

static void add_quantity(struct text *out, const char *key, uint64_t value)
{
    text_add(out, ",\"");
    text_add(out, key);
    text_add(out, "\":\"");
    text_add_quantity(out, value);
    text_add(out, "\"");
}

void node_header(struct text *out, uint64_t number, uint8_t branch, uint8_t parent_branch)
{
    uint8_t bloom[256] = {0};

    text_add(out, "{\"hash\":");
    add_hash(out, number, branch);
    text_add(out, ",\"parentHash\":");
    add_hash(out, number - 1, parent_branch);
    add_quantity(out, "number", number);
    add_quantity(out, "timestamp", 1000 + 12 * number);
    add_quantity(out, "baseFeePerGas", 15);
    add_quantity(out, "gasLimit", 30000000);
    add_quantity(out, "gasUsed", 15000000);
    text_add(out, ",\"logsBloom\":\"");
    text_add_hex(out, bytes_of(bloom, sizeof(bloom)));
    text_add(out, "\"}");
}

void node_log(struct text *out, const char *address, uint64_t number, uint8_t branch)
{
    text_add(out, "{\"address\":\"");
    text_add(out, address);
    text_add(out, "\",\"topics\":[],\"data\":\"0x\",\"transactionHash\":");
    add_hash(out, number, branch);
    text_add(out, ",\"blockHash\":");
    add_hash(out, number, branch);
    add_quantity(out, "blockNumber", number);
    add_quantity(out, "logIndex", 0);
    add_quantity(out, "transactionIndex", 0);
    text_add(out, ",\"removed\":false}");
}

static void add_envelope(struct text *out, uint64_t id, uint32_t position)
{
    text_add(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_u64(out, id * RPC_BATCH_MAX + position);
}

void node_result(struct text *out, uint64_t id, uint32_t position, const char *result)
{
    add_envelope(out, id, position);
    text_add(out, ",\"result\":");
    text_add(out, result);
    text_add(out, "}");
}

void node_error(struct text *out, uint64_t id, uint32_t position, int code, const char *message)
{
    add_envelope(out, id, position);
    text_add(out, ",\"error\":{\"code\":");
    text_add_i64(out, code);
    text_add(out, ",\"message\":");
    text_add_json(out, bytes_of_text(message));
    text_add(out, "}}");
}

struct observation node_answer(uint64_t id, const struct text *body)
{
    return (struct observation){.kind = OBSERVATION_ANSWER,
                                .status = OBSERVED_OK,
                                .id = id,
                                .http_status = 200,
                                .body = text_bytes(body)};
}

void node_parse(struct rpc_answers *out, struct text *body, struct bytes result)
{
    struct observation observation;
    TEXT json = {0};

    text_add_bytes(&json, result);
    node_result(body, 1, 0, text_string(&json));
    observation = node_answer(1, body);
    rpc_answers_parse(out, &observation, 1, 1);
}
