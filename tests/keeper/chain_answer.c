/* Gives what chain.c learnt, call by call. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "eth/abi.h"
#include "feed/pin.h"
#include "tests/keeper/chain_inside.h"

#define CONFIG_SELECTOR "4417a583" /* getUserConfiguration */
#define PRICE_SELECTOR "b3596f07"  /* getAssetPrice */

static enum chain_kind kind_of(const char *request, const char *multicall)
{
    if (strstr(request, "eth_chainId") != NULL)
        return CHAIN_GREETING;
    if (strstr(request, "eth_sendRawTransaction") != NULL)
        return CHAIN_SEND;
    if (strstr(request, "eth_getTransactionReceipt") != NULL)
        return CHAIN_RECEIPTS;
    if (strstr(request, "eth_estimateGas") != NULL)
        return CHAIN_ESTIMATE;
    if (strstr(request, "eth_call") != NULL) {
        if (strstr(request, multicall) == NULL)
            return CHAIN_SIMULATION;
        if (strstr(request, HEALTH_SELECTOR) != NULL && strstr(request, PRICE_SELECTOR) == NULL)
            return CHAIN_AUDIT; /* of its own, not among the reads of a head */
        return strstr(request, CONFIG_SELECTOR) != NULL ? CHAIN_ACCOUNTS : CHAIN_TERMS;
    }
    if (strstr(request, "\"latest\"") != NULL)
        return CHAIN_POLL;
    return strstr(request, "\"fromBlock\"") != NULL ? CHAIN_HISTORY : CHAIN_BLOCK;
}

static const struct chain_block *head_of(const struct chain *chain)
{
    return &chain->block[chain->shown];
}

/* ---- calls */

/* The block that the call is executed in: the one before, while the node strays. */
static struct chain_block *stray(struct chain *chain, struct chain_block *block)
{
    if (chain->strays == 0 || block == chain->block)
        return block;
    chain->strays--;
    return block - 1;
}

/* A liquidation that is tried goes well. False: of a block that is not ours (any more). */
static bool call_answer(struct text *out, struct chain *chain, json_t *params)
{
    json_t *call = json_array_get(params, 0);
    const char *data = json_string_value(json_object_get(call, "data"));
    const char *to = json_string_value(json_object_get(call, "to"));
    const char *hash = json_string_value(json_object_get(json_array_get(params, 1), "blockHash"));
    struct chain_block *block = chain_block_of(chain, hash);
    BUFFER calldata = {0};

    if (block == NULL)
        return false;
    cr_assert(hex_decode_prefixed(&calldata, data, strlen(data)));
    if (strcasecmp(to, chain->multicall) == 0)
        chain_calls_answer(out, chain, buffer_bytes(&calldata), stray(chain, block));
    else
        text_add(out, "\"0x\"");
    return true;
}

/* ---- the rest */

static void json_add(struct text *out, json_t *value)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    text_add(out, text == NULL ? "null" : text);
    free(text);
}

static void quantity_add(struct text *out, uint64_t value)
{
    text_add(out, "\"");
    text_add_quantity(out, value);
    text_add(out, "\"");
}

static uint64_t quantity_of(json_t *value)
{
    const char *text = json_string_value(value);
    uint64_t out;

    cr_assert(text != NULL && hex_quantity(&out, text, strlen(text)));
    return out;
}

static void json_give(struct text *out, json_t *value)
{
    json_add(out, value);
    json_decref(value);
}

/* The logs of a block before the first. False: it is none of those. */
static bool before_answer(struct text *out, struct chain *chain, const char *hash)
{
    const uint64_t first = chain->block[0].number;
    bool is_known = false;
    json_t *logs = json_array();
    json_t *log;
    size_t i;

    for (uint64_t number = first; number > 0 && number + PIN_BLOCKS > first && !is_known;) {
        json_t *header = chain_before(chain, --number);

        is_known = strcmp(json_string_value(json_object_get(header, "hash")), hash) == 0;
        json_decref(header);
    }
    json_array_foreach(chain->history, i, log)
    {
        if (strcmp(json_string_value(json_object_get(log, "blockHash")), hash) == 0)
            json_array_append(logs, log);
    }
    if (is_known)
        json_add(out, logs);
    json_decref(logs);
    return is_known;
}

static void by_number_answer(struct text *out, struct chain *chain, json_t *quantity)
{
    uint64_t number;

    if (strcmp(json_string_value(quantity), "latest") == 0 && chain->lies) {
        json_t *header = json_copy(head_of(chain)->header);

        json_object_set_new(header, "number", json_string("0x7fffffff"));
        json_give(out, header);
        return;
    }
    if (strcmp(json_string_value(quantity), "latest") == 0) {
        json_add(out, head_of(chain)->header);
        return;
    }
    number = quantity_of(quantity);
    if (number + PIN_BLOCKS <= chain->block[0].number) {
        json_add(out, NULL); /* so old that the recording knows nothing of it */
        return;
    }
    if (number < chain->block[0].number) {
        json_give(out, chain_before(chain, number));
        return;
    }
    for (uint32_t i = 0; i <= chain->shown; i++) {
        if (chain->block[i].number == number) {
            json_add(out, chain->block[i].header);
            return;
        }
    }
    json_add(out, NULL);
}

/* False: of a block that is not ours (any more). */
static bool logs_answer(struct text *out, struct chain *chain, json_t *filter)
{
    const char *hash = json_string_value(json_object_get(filter, "blockHash"));
    const char *from = json_string_value(json_object_get(filter, "fromBlock"));
    const struct chain_block *block = hash != NULL ? chain_block_of(chain, hash) : head_of(chain);
    json_t *logs;
    json_t *log;
    size_t i;
    uint64_t first;
    uint64_t last;

    if (block == NULL)
        return before_answer(out, chain, hash);
    if (hash != NULL || strcmp(from, "latest") == 0) {
        json_add(out, block->logs);
        return true;
    }
    logs = json_array();
    first = quantity_of(json_object_get(filter, "fromBlock"));
    last = quantity_of(json_object_get(filter, "toBlock"));
    json_array_foreach(chain->history, i, log)
    {
        uint64_t number = quantity_of(json_object_get(log, "blockNumber"));

        if (number >= first && number <= last)
            json_array_append(logs, log);
    }
    for (uint32_t k = 1; k <= chain->shown; k++) {
        if (chain->block[k].number >= first && chain->block[k].number <= last)
            json_array_extend(logs, chain->block[k].logs);
    }
    json_add(out, logs);
    json_decref(logs);
    return true;
}

/* False: nobody taught it that. */
static bool estimate_answer(struct text *out, struct chain *chain, json_t *call)
{
    json_t *known =
        json_object_get(chain->estimates, json_string_value(json_object_get(call, "data")));

    if (chain->estimate != 0)
        quantity_add(out, chain->estimate);
    else
        json_add(out, known);
    return chain->estimate != 0 || known != NULL;
}

static bool result_answer(struct text *out, struct chain *chain, const char *method, json_t *params)
{
    json_t *first = json_array_get(params, 0);
    const char *text = json_string_value(first);

    if (strcmp(method, "eth_chainId") == 0) {
        quantity_add(out, chain->config.settings.chain.id);
    } else if (strcmp(method, "eth_getBlockByNumber") == 0) {
        by_number_answer(out, chain, first);
    } else if (strcmp(method, "eth_getBlockByHash") == 0) {
        const struct chain_block *block = chain_block_of(chain, text);

        json_add(out, block == NULL ? NULL : block->header);
    } else if (strcmp(method, "eth_getTransactionCount") == 0) {
        quantity_add(out, chain_nonce_locked(chain));
    } else if (strcmp(method, "eth_getLogs") == 0) {
        return logs_answer(out, chain, first);
    } else if (strcmp(method, "eth_call") == 0) {
        return call_answer(out, chain, params);
    } else if (strcmp(method, "eth_getTransactionReceipt") == 0) {
        json_t *receipt = json_object_get(chain->receipts, text);

        json_add(out, chain_is_mined(chain, receipt) ? receipt : NULL);
    } else if (strcmp(method, "eth_getTransactionByHash") == 0) {
        chain_tell_transaction(out, chain, text);
    } else if (strcmp(method, "eth_feeHistory") == 0) {
        json_t *fees = json_object_get(chain->fees, json_string_value(json_array_get(params, 1)));

        json_add(out, fees);
        return fees != NULL;
    } else if (strcmp(method, "eth_estimateGas") == 0) {
        return estimate_answer(out, chain, first);
    } else if (strcmp(method, "eth_sendRawTransaction") == 0) {
        chain_take_sent(out, chain, text);
    } else {
        cr_assert(false, "nobody taught this chain %s", method);
    }
    return true;
}

static void one_answer(struct text *out, struct chain *chain, json_t *call)
{
    TEXT result = {0};
    bool is_known =
        result_answer(&result, chain, json_string_value(json_object_get(call, "method")),
                      json_object_get(call, "params"));

    text_add(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_u64(out, (uint64_t)json_integer_value(json_object_get(call, "id")));
    text_add(out, is_known ? ",\"result\":"
                           : ",\"error\":{\"code\":-32000,\"message\":\"header not found\"}");
    text_add(out, text_string(&result));
    text_add(out, "}");
}

static void body_answer(struct text *out, struct chain *chain, const char *request)
{
    json_t *body = json_loads(request, 0, NULL);
    json_t *call;
    size_t i;

    cr_assert(body != NULL, "no JSON: %s", request);
    if (json_is_object(body))
        one_answer(out, chain, body);
    json_array_foreach(body, i, call)
    {
        text_add(out, i == 0 ? "[" : ",");
        one_answer(out, chain, call);
    }
    if (json_is_array(body))
        text_add(out, "]");
    json_decref(body);
}

static void head_move(struct chain *chain)
{
    if (chain->walk == 0 || ++chain->polls < chain->walk || chain->shown + 1 >= chain->count)
        return;
    chain->polls = 0;
    chain->shown++;
}

char *chain_answer(void *context, const char *request)
{
    struct chain *chain = context;
    enum chain_kind kind = kind_of(request, chain->multicall);
    struct chain_spoiler *spoiler = &chain->spoiler[kind];
    TEXT out = {0};
    char *copy = NULL;

    pthread_mutex_lock(&chain->lock);
    chain->kinds[kind]++;
    if (spoiler->times > 0) {
        spoiler->times--;
        copy = spoiler->text == NULL ? NULL : strdup(spoiler->text);
    } else {
        body_answer(&out, chain, request);
        if (kind == CHAIN_POLL)
            head_move(chain);
        copy = strdup(text_string(&out));
    }
    pthread_mutex_unlock(&chain->lock);
    return copy;
}
