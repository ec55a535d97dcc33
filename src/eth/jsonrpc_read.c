/*
 * Results are strings of hex, and each node leaves out, nulls or mistypes something else. A value
 * is of its shape or it is nothing; what only some chains lack has its one stand-in here, with why.
 */
#include <jansson.h>
#include <string.h>

#include "base/hex.h"
#include "eth/elide.h"
#include "eth/jsonrpc.h"
#include "eth/receipt.h"

/* The characters of a JSON string, empty for anything else. Lends: from the value. */
static struct bytes string_of(const struct json_t *value)
{
    if (!json_is_string(value))
        return (struct bytes){0};
    return bytes_of(json_string_value(value), json_string_length(value));
}

/* The same of what may have been cut out. Lends: from the value or the original. */
static struct bytes long_of(const struct json_t *value, struct bytes original)
{
    const struct bytes note = string_of(value);
    const char *text;
    size_t size;

    if (!elide_find(&text, &size, original, (const char *)note.data, note.size))
        return (struct bytes){0};
    return bytes_of(text, size);
}

bool json_quantity(uint64_t *out, const struct json_t *value)
{
    struct bytes text = string_of(value);
    return hex_quantity(out, (const char *)text.data, text.size);
}

bool json_u256(struct u256 *out, const struct json_t *value)
{
    struct bytes text = string_of(value);
    return u256_parse_hex(out, (const char *)text.data, text.size);
}

bool json_hash32(struct hash32 *out, const struct json_t *value, struct bytes original)
{
    const struct bytes text = long_of(value, original);

    return hash32_parse(out, (const char *)text.data, text.size);
}

/* No checksum is asked of a node: some answer in all lower case, some in a chain's own mixed case
 * (EIP-1191). */
bool json_address(struct address *out, const struct json_t *value)
{
    struct bytes text = string_of(value);
    const char *digits = (const char *)text.data;
    return text.size == 42 && digits[0] == '0' && digits[1] == 'x' &&
           hex_decode(out->byte, sizeof out->byte, digits + 2, 40);
}

bool json_bytes(struct buffer *out, const struct json_t *value, struct bytes original)
{
    const struct bytes text = long_of(value, original);

    return hex_decode_prefixed(out, (const char *)text.data, text.size);
}

/* A chain without a bloom in its headers says nothing about its logs: any may be there. */
static bool read_bloom(uint8_t bloom[256], const struct json_t *value, struct bytes original)
{
    if (value == NULL || json_is_null(value)) {
        memset(bloom, 0xff, 256);
        return true;
    }
    const struct bytes text = long_of(value, original);
    const char *digits = (const char *)text.data;

    return text.size > 2 && digits[0] == '0' && digits[1] == 'x' &&
           hex_decode(bloom, 256, digits + 2, text.size - 2);
}

bool json_header(struct header *out, const struct json_t *value, struct bytes original)
{
    if (!json_is_object(value))
        return false;
    const json_t *base_fee = json_object_get(value, "baseFeePerGas");
    /* A chain before EIP-1559 has no base fee, and charges none. */
    out->base_fee.value = U256_ZERO;
    if (base_fee != NULL && !json_is_null(base_fee) && !json_u256(&out->base_fee.value, base_fee))
        return false;
    return json_quantity(&out->number, json_object_get(value, "number")) &&
           json_hash32(&out->hash, json_object_get(value, "hash"), original) &&
           json_hash32(&out->parent, json_object_get(value, "parentHash"), original) &&
           json_quantity(&out->timestamp_s, json_object_get(value, "timestamp")) &&
           json_quantity(&out->gas_limit, json_object_get(value, "gasLimit")) &&
           json_quantity(&out->gas_used, json_object_get(value, "gasUsed")) &&
           read_bloom(out->bloom, json_object_get(value, "logsBloom"), original);
}

static bool read_topics(struct log *out, const struct json_t *topics, struct bytes original)
{
    if (!json_is_array(topics) || json_array_size(topics) > LOG_TOPICS_MAX)
        return false;
    out->topic_count = (uint8_t)json_array_size(topics);
    for (size_t i = 0; i < out->topic_count; i++) {
        if (!json_hash32(&out->topic[i], json_array_get(topics, i), original))
            return false;
    }
    return true;
}

/* Order within a block; not every node says. */
static uint32_t read_index(const struct json_t *value)
{
    uint64_t index;
    return json_quantity(&index, value) && index < INDEX_UNKNOWN ? (uint32_t)index : INDEX_UNKNOWN;
}

bool json_log(struct log *out, struct buffer *data, const struct json_t *value,
              struct bytes original)
{
    uint64_t index;
    size_t start = data->size;
    if (!json_is_object(value))
        return false;
    const json_t *removed = json_object_get(value, "removed");
    if (removed != NULL && !json_is_boolean(removed))
        return false;
    out->removed = json_is_true(removed);
    if (!json_address(&out->address, json_object_get(value, "address")) ||
        !read_topics(out, json_object_get(value, "topics"), original) ||
        !json_quantity(&out->block.number, json_object_get(value, "blockNumber")) ||
        !json_hash32(&out->block.hash, json_object_get(value, "blockHash"), original) ||
        !json_hash32(&out->transaction, json_object_get(value, "transactionHash"), original) ||
        !json_quantity(&index, json_object_get(value, "logIndex")) || index > UINT32_MAX ||
        !json_bytes(data, json_object_get(value, "data"), original))
        return false;
    out->index = (uint32_t)index;
    out->transaction_index = read_index(json_object_get(value, "transactionIndex"));
    out->data = bytes_slice(buffer_bytes(data), start, data->size - start);
    return true;
}

bool json_receipt(struct receipt *out, const struct json_t *value, struct bytes original)
{
    uint64_t status;
    if (!json_is_object(value))
        return false;
    out->logs = json_object_get(value, "logs");
    if (!json_is_array(out->logs) ||
        !json_hash32(&out->transaction, json_object_get(value, "transactionHash"), original) ||
        !json_quantity(&out->block.number, json_object_get(value, "blockNumber")) ||
        !json_hash32(&out->block.hash, json_object_get(value, "blockHash"), original) ||
        !json_quantity(&out->gas_used, json_object_get(value, "gasUsed")) ||
        !json_u256(&out->gas_price.value, json_object_get(value, "effectiveGasPrice")) ||
        !json_quantity(&status, json_object_get(value, "status")) || status > 1)
        return false;
    out->index = read_index(json_object_get(value, "transactionIndex"));
    out->succeeded = status == 1;
    return true;
}
