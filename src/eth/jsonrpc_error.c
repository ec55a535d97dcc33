/*
 * The bytes of a revert say which rule of a protocol stopped us. geth puts them into error.data,
 * hardhat one object deeper, ganache under the transaction's hash, OpenEthereum behind a word; and
 * the reason for a refusal may stand in none of the places where the specification has it.
 */
#include "eth/jsonrpc_error.h"

#include <jansson.h>
#include <string.h>

#include "base/hex.h"
#include "eth/elide.h"

#define DATA_DEPTH_MAX 3
#define PAUSE_MAX_S 86400
#define REVERTED_WORD "Reverted "

/* All that is ever written to the scratch is at most twice the answer and a NUL for each call; so
 * reserved before the first write, what was lent stays where it is. */
static void reserve_once(struct rpc_answers *answers)
{
    if (answers->scratch.size == 0)
        buffer_reserve(&answers->scratch, 2 * answers->original.size + 2 * RPC_BATCH_MAX);
}

/* The characters of a string, taken from the original where they were cut out. NULL: no string. */
static const char *text_of(size_t *size, struct rpc_answers *answers, const struct json_t *value)
{
    const char *text = NULL;
    if (!json_is_string(value) || !elide_find(&text, size, answers->original,
                                              json_string_value(value), json_string_length(value)))
        return NULL;
    return text;
}

static const char *message_of(struct rpc_answers *answers, const struct json_t *value)
{
    size_t size;
    const char *text = text_of(&size, answers, value);
    if (text == NULL)
        return "";
    if (text == json_string_value(value))
        return text; /* jansson ends it with a NUL, as we have to where it was cut out */
    struct buffer *scratch = &answers->scratch;
    size_t start = scratch->size;
    buffer_add(scratch, text, size);
    buffer_add_byte(scratch, '\0');
    return (const char *)scratch->data + start;
}

static int64_t code_of(const struct json_t *value)
{
    double number = json_real_value(value); /* 0 for what is none */
    return number > -1e15 && number < 1e15 ? (int64_t)number : 0;
}

/* The first string below `data` that holds bytes; NULL where there is none. */
static const struct json_t *find_revert(struct rpc_answers *answers, struct json_t *data,
                                        unsigned depth)
{
    static const char *const key[] = {"data", "result", "return", "output"};
    size_t size;
    const char *text = text_of(&size, answers, data);
    if (text != NULL) {
        bool is_hex = size >= 2 && memcmp(text, "0x", 2) == 0;
        bool is_word = size >= sizeof REVERTED_WORD - 1 &&
                       memcmp(text, REVERTED_WORD, sizeof REVERTED_WORD - 1) == 0;
        return is_hex || is_word ? data : NULL;
    }
    if (!json_is_object(data) || depth == DATA_DEPTH_MAX)
        return NULL;
    const struct json_t *found = NULL;
    for (size_t i = 0; found == NULL && i < ARRAY_LENGTH(key); i++)
        found = find_revert(answers, json_object_get(data, key[i]), depth + 1);
    const char *name;
    json_t *value;
    json_object_foreach(data, name, value)
    {
        if (found == NULL && json_is_object(value))
            found = find_revert(answers, value, depth + 1);
    }
    return found;
}

static struct bytes revert_of(struct rpc_answers *answers, struct json_t *data)
{
    size_t size;
    struct buffer *scratch = &answers->scratch;
    size_t start = scratch->size;
    const struct json_t *value = find_revert(answers, data, 0);
    const char *text = text_of(&size, answers, value);
    if (text == NULL)
        return (struct bytes){0};
    size_t skip = text[0] == 'R' ? sizeof REVERTED_WORD - 1 : 0;
    if (!hex_decode_prefixed(scratch, text + skip, size - skip))
        return (struct bytes){0};
    return bytes_slice(buffer_bytes(scratch), start, scratch->size - start);
}

/* Some say "invalid params" and hide the reason one level down, under any name. */
static enum rpc_fault fault_in_data(const struct json_t *data)
{
    enum rpc_fault fault = RPC_FAULT_OTHER;
    if (json_is_string(data))
        return rpc_fault_of(0, json_string_value(data), NULL);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)data, name, value)
    {
        if (fault == RPC_FAULT_OTHER && json_is_string(value))
            fault = rpc_fault_of(0, json_string_value(value), NULL);
    }
    return fault;
}

/* Infura's rate limit: {"rate":{"backoff_seconds":30.0}}, in older answers without the "rate". */
static int64_t pause_of(const struct json_t *data)
{
    const json_t *rate = json_object_get(data, "rate");
    const json_t *seconds = json_object_get(rate != NULL ? rate : data, "backoff_seconds");
    double number = json_real_value(seconds); /* 0 for what is none */

    if (!(number > 0))
        return 0;
    return (int64_t)((number < PAUSE_MAX_S ? number : PAUSE_MAX_S) * 1000);
}

enum rpc_fault rpc_fault_of_http(uint16_t http_status)
{
    switch (http_status) {
    case 401:
    case 402:
    case 403:
        return RPC_FAULT_UNAUTHORISED;
    case 408:
        return RPC_FAULT_BUSY;
    case 413:
        return RPC_FAULT_GAS_CAP;
    case 429:
        return RPC_FAULT_RATE_LIMIT;
    }
    return http_status >= 500 && http_status < 600 ? RPC_FAULT_BUSY : RPC_FAULT_OTHER;
}

void rpc_error_read(struct rpc_answer *answer, struct rpc_answers *answers,
                    const struct json_t *error, uint16_t http_status)
{
    reserve_once(answers);
    struct json_t *data = json_object_get(error, "data");
    const uint8_t *before = answers->scratch.data;
    const struct json_t *message =
        json_is_object(error) ? json_object_get(error, "message") : error;
    *answer = (struct rpc_answer){
        .code = code_of(json_object_get(error, "code")),
        .message = message_of(answers, message),
        .pause_ms = pause_of(data),
    };
    answer->fault = rpc_fault_of(answer->code, answer->message, NULL);
    bool is_vague = answer->fault == RPC_FAULT_OTHER || answer->fault == RPC_FAULT_INVALID_REQUEST;
    enum rpc_fault hidden = is_vague ? fault_in_data(data) : RPC_FAULT_OTHER;
    if (hidden != RPC_FAULT_OTHER)
        answer->fault = hidden;
    if (answer->fault == RPC_FAULT_OTHER)
        answer->fault = rpc_fault_of_http(http_status);
    if (answer->fault == RPC_FAULT_REVERT)
        answer->revert = revert_of(answers, data);
    MUST(answers->scratch.data == before); /* or what was lent before now dangles */
}
