/* Learns what a chain was from what was said about it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "eth/abi.h"
#include "feed/multicall.h"
#include "tests/keeper/chain_inside.h"
#include "tests/keeper/recording.h"

bool chain_calls(struct bytes *array, size_t *count, struct bytes calldata)
{
    BUFFER selector = {0};

    abi_add_selector(&selector, "aggregate3((address,bool,bytes)[])");
    return calldata.size > 4 && memcmp(calldata.data, selector.data, 4) == 0 &&
           abi_array(array, count, bytes_slice(calldata, 4, calldata.size - 4), 0);
}

bool chain_key(char out[512], struct bytes array, size_t index)
{
    struct bytes tuple;
    struct bytes data;
    struct address target;
    uint64_t offset;
    char digits[2 * READ_DATA_MAX + 1];
    char text[41];

    if (!abi_u64(&offset, array, index) || offset > array.size)
        return false;
    tuple = bytes_slice(array, offset, array.size - offset);
    if (!abi_address(&target, tuple, 0) || !abi_bytes(&data, tuple, 2) || data.size > READ_DATA_MAX)
        return false;
    hex_encode(text, bytes_of(target.byte, 20));
    hex_encode(digits, data);
    snprintf(out, 512, "%s:%s", text, digits);
    return true;
}

static void header_learn(struct chain *chain, json_t *header)
{
    const char *hash = json_string_value(json_object_get(header, "hash"));
    const char *number = json_string_value(json_object_get(header, "number"));
    struct chain_block *block;
    char key[32];
    uint64_t at;

    if (hash == NULL || number == NULL || chain_block_of(chain, hash) != NULL)
        return;
    cr_assert(chain->count < CHAIN_BLOCKS_MAX);
    cr_assert(hex_quantity(&at, number, strlen(number)));
    if (chain->count > 0 && at < chain->block[0].number) {
        chain_number_key(key, at);
        json_object_set(chain->before, key, header);
        return;
    }
    block = &chain->block[chain->count++];
    snprintf(block->hash, sizeof(block->hash), "%s", hash);
    block->number = at;
    block->reads_at = block->number;
    block->header = json_incref(header);
    block->logs = json_array();
}

static void logs_learn(struct chain *chain, json_t *logs, bool is_history)
{
    size_t i;
    json_t *log;
    json_t *last = NULL;
    struct chain_block *block = NULL;

    if (is_history) {
        json_array_extend(chain->history, logs);
        return;
    }
    json_array_foreach(logs, i, log)
    {
        block = chain_block_of(chain, json_string_value(json_object_get(log, "blockHash")));
        if (block == NULL && chain_number_of(log) < chain->block[0].number) {
            json_array_append(chain->history, log);
            continue;
        }
        if (block == NULL)
            return; /* of a block whose header comes later, and its logs with it */
        last = json_array_get(block->logs, json_array_size(block->logs) - 1);
        if (i == 0 && last != NULL)
            return; /* seen before */
        json_array_append(block->logs, log);
    }
}

static void results_learn(struct chain *chain, uint64_t number, struct bytes array, size_t count,
                          struct bytes answer)
{
    char key[512];
    struct multicall_result result;

    for (size_t i = 0; i < count && multicall_result(&result, answer, count, i); i++) {
        char *digits = malloc(2 * result.data.size + 1);
        json_t *known;

        cr_assert(chain_key(key, array, i));
        hex_encode(digits, result.data);
        known = json_object_get(chain->reads, key);
        if (known == NULL)
            json_object_set_new(chain->reads, key, known = json_array());
        json_array_append_new(
            known, json_pack("[Ibs]", (json_int_t)number, result.succeeded ? 1 : 0, digits));
        free(digits);
    }
}

static void call_learn(struct chain *chain, json_t *params, json_t *result)
{
    const char *data = json_string_value(json_object_get(json_array_get(params, 0), "data"));
    const char *hash = json_string_value(json_object_get(json_array_get(params, 1), "blockHash"));
    const char *answer = json_string_value(result);
    struct chain_block *block = hash != NULL ? chain_block_of(chain, hash) : NULL;
    struct bytes array;
    size_t count;
    BUFFER calldata = {0};
    BUFFER said = {0};

    if (data == NULL || answer == NULL || block == NULL)
        return;
    cr_assert(hex_decode_prefixed(&calldata, data, strlen(data)));
    cr_assert(hex_decode_prefixed(&said, answer, strlen(answer)));
    if (chain_calls(&array, &count, buffer_bytes(&calldata)))
        results_learn(chain, block->number, array, count, buffer_bytes(&said));
}

static void answer_learn(struct chain *chain, json_t *call, json_t *answer)
{
    const char *method = json_string_value(json_object_get(call, "method"));
    json_t *params = json_object_get(call, "params");
    json_t *result = json_object_get(answer, "result");
    json_t *first = json_array_get(params, 0);
    const char *text = json_string_value(result);
    const char *hash = json_string_value(first);

    if (strncmp(method, "eth_getBlockBy", 14) == 0) {
        header_learn(chain, result);
    } else if (strcmp(method, "eth_getLogs") == 0) {
        const char *from = json_string_value(json_object_get(first, "fromBlock"));

        logs_learn(chain, result, from != NULL && strcmp(from, "latest") != 0);
    } else if (strcmp(method, "eth_call") == 0) {
        call_learn(chain, params, result);
    } else if (strcmp(method, "eth_getTransactionCount") == 0 && chain->nonce == UINT64_MAX) {
        cr_assert(text != NULL && hex_quantity(&chain->nonce, text, strlen(text)));
        for (uint32_t i = 0; i < chain->count; i++) /* at "latest": the newest that is known */
            if (chain->block[i].number > chain->nonce_block)
                chain->nonce_block = chain->block[i].number;
    } else if (strcmp(method, "eth_estimateGas") == 0 && text != NULL) {
        json_object_set(chain->estimates, json_string_value(json_object_get(first, "data")),
                        result);
    } else if (strcmp(method, "eth_feeHistory") == 0 && json_is_object(result)) {
        json_object_set(chain->fees, json_string_value(json_array_get(params, 1)), result);
    } else if (strcmp(method, "eth_getTransactionReceipt") == 0 && json_is_object(result)) {
        json_object_set(chain->receipts, hash, result);
    }
}

static json_t *json_of(struct bytes text)
{
    return json_loadb((const char *)text.data, text.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

/* Batches are answered in their own order by the nodes that are recorded. */
static void exchange_learn(struct chain *chain, json_t *question, struct bytes body)
{
    json_t *answer = json_of(body);
    json_t *call;
    size_t i;

    if (json_is_object(question))
        answer_learn(chain, question, answer);
    json_array_foreach(question, i, call)
    {
        answer_learn(chain, call, json_array_get(answer, i));
    }
    json_decref(answer);
}

/* What a recording's digests are of. */
struct questions {
    json_t *by_key;
    uint64_t version;
    struct buffer plain;
};

static void questions_take(void *context, const struct turn_state *state,
                           const struct actions *actions)
{
    struct questions *questions = context;

    (void)state;
    for (uint32_t i = 0; i < actions->asks->count; i++) {
        const struct bytes body = actions->asks->ask[i].body;
        char key[17];

        tape_key(key, &questions->plain, questions->version, body);
        if (json_object_get(questions->by_key, key) == NULL)
            json_object_set_new(questions->by_key, key, json_of(body));
    }
}

void chain_learn(struct chain *chain, const char *recording)
{
    struct questions questions = {.by_key = json_object()};
    TOLD told = {.watch = questions_take, .watch_context = &questions};
    struct tape_reader *reader;
    struct tape_turn turn;
    struct arena arena = {0};
    char why[256];

    cr_assert_eq(tape_reader_open(&reader, why, recording), TAPE_OK, "%s", why);
    cr_assert_eq(tape_read(&turn, why, reader, &arena), TAPE_OK, "%s", why);
    questions.version = turn.header.version;
    told_of(&told, recording, NULL);
    while (tape_read(&turn, why, reader, &arena) == TAPE_OK) {
        for (size_t i = 0; !turn.is_header && i < turn.count; i++) {
            json_t *question = json_object_get(questions.by_key, turn.keys[i]);

            if (question != NULL && turn.observations[i].kind == OBSERVATION_ANSWER &&
                turn.observations[i].status == OBSERVED_OK)
                exchange_learn(chain, question, turn.observations[i].body);
        }
        arena_clear(&arena);
    }
    tape_reader_close(reader);
    arena_release(&arena);
    json_decref(questions.by_key);
    buffer_release(&questions.plain);
}
