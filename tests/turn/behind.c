#include "tests/turn/behind.h"

#include <criterion/criterion.h>
#include <string.h>

#include "eth/abi.h"
#include "tests/feed/node.h"

#define GWEI 1000000000u

static const struct address SOURCE = {{0x50, 0x0c}};
static const struct address AGGREGATOR = {{0xa9, 0x99}};

void behind_make(struct aloft *aloft, uint8_t near)
{
    struct pending *pending;
    struct market *market;

    armed_make(aloft, near, 4);
    market = &aloft->state->tracked[0].market;
    pending = &aloft->state->pending;
    aloft->state->settings.backrun = BACKRUN_ON;
    market->reserve[WETH].price_source = SOURCE;
    pending->wanted[0] = pending->feed[0].source = SOURCE;
    pending->feed[0].aggregator = AGGREGATOR;
    pending->feed[0].is_right = true;
    pending->wanted_count = pending->feed_count = 1;
    pending->feeds_block = aloft->state->header.number;
    pending->pushing = 1;
    armed_signed(aloft);
    aloft_turn(aloft);
}

static uint64_t or_else(uint64_t value, uint64_t otherwise)
{
    return value != 0 ? value : otherwise;
}

struct hash32 behind_hash(const struct waiting_update *update)
{
    struct hash32 hash;

    memset(hash.byte, (int)or_else(update->name, 1), sizeof(hash.byte));
    return hash;
}

static void quantity(struct text *out, const char *name, uint64_t value)
{
    text_add(out, ",\"");
    text_add(out, name);
    text_add(out, "\":\"");
    text_add_quantity(out, value);
    text_add(out, "\"");
}

static void input_add(struct text *out, const struct waiting_update *update)
{
    BUFFER data = {0};

    text_add(out, ",\"input\":\"");
    if (update->input != NULL) {
        text_add(out, update->input);
    } else {
        abi_add_selector(&data, "set(int256)");
        abi_add_u64(&data, or_else(update->usd, 1996) * 100000000);
        text_add_hex(out, buffer_bytes(&data));
    }
    text_add(out, "\"");
}

void behind_json(struct text *out, const struct waiting_update *update)
{
    struct hash32 hash = behind_hash(update);
    struct address from = address_named((uint8_t)or_else(update->from, 0x51));

    text_add(out, "{\"blockHash\":null,\"blockNumber\":null,\"hash\":\"");
    text_add_hex(out, bytes_of(hash.byte, 32));
    text_add(out, "\",\"from\":\"");
    text_add_hex(out, bytes_of(from.byte, 20));
    text_add(out, "\",\"to\":\"");
    if (update->to != NULL)
        text_add(out, update->to);
    else
        text_add_hex(out, bytes_of(AGGREGATOR.byte, 20));
    text_add(out, "\"");
    quantity(out, "nonce", update->nonce);
    quantity(out, "gas", 200000);
    quantity(out, "value", 0);
    quantity(out, "type", update->gas_price != 0 ? 0 : 2);
    if (update->gas_price != 0) {
        quantity(out, "gasPrice", update->gas_price);
    } else {
        quantity(out, "maxFeePerGas", or_else(update->max_fee, 100ull * GWEI));
        quantity(out, "maxPriorityFeePerGas", or_else(update->tip, 3ull * GWEI));
    }
    input_add(out, update);
    text_add(out, "}");
}

void behind_push(struct aloft *aloft, const struct waiting_update *update)
{
    struct observation push = {.kind = OBSERVATION_POOL, .status = OBSERVED_OK};
    TEXT json = {0};

    behind_json(&json, update);
    push.body = text_bytes(&json);
    aloft_tell(aloft, &push);
    aloft_turn(aloft);
}

const struct ask *behind_ask(const struct aloft *aloft)
{
    const struct ask *ask;

    for (size_t i = 0; (ask = aloft_ask(aloft, "eth_getTransactionReceipt", i)) != NULL; i++) {
        if (ask->id == aloft->state->pending.ask)
            return ask;
    }
    return NULL;
}

uint32_t behind_calls(const struct aloft *aloft)
{
    const struct pending *pending = &aloft->state->pending;

    return pending->ask != 0 ? pending->ask_calls : 0;
}

/* An error among results: the rest of the batch stands. */
static void word_add(struct text *body, uint64_t id, uint32_t position, const char *result)
{
    text_add(body, position == 0 ? "[" : ",");
    if (result != NULL)
        node_result(body, id, position, result);
    else
        node_error(body, id, position, 3, "execution reverted");
}

void behind_answer(struct aloft *aloft, const struct waiting_update *update,
                   const struct behind_word *word)
{
    const uint64_t id = aloft->state->pending.ask;
    struct observation answer;
    TEXT count = {0};
    TEXT json = {0};
    TEXT body = {0};

    cr_assert(behind_calls(aloft) == 4 || behind_calls(aloft) == 2, "nothing is asked of updates");
    behind_json(&json, update);
    text_add(&count, "\"");
    text_add_quantity(&count, update->nonce);
    text_add(&count, "\"");
    word_add(&body, id, 0, word->receipt != NULL ? word->receipt : "null");
    word_add(&body, id, 1, word->is_gone || word->receipt != NULL ? "null" : text_string(&json));
    if (behind_calls(aloft) == 4) {
        word_add(&body, id, 2, word->count != NULL ? word->count : text_string(&count));
        word_add(&body, id, 3, word->reverts ? NULL : "\"0x\"");
    }
    text_add(&body, "]");
    answer = node_answer(id, &body);
    aloft_tell(aloft, &answer);
    aloft_turn(aloft);
}

void behind_next(struct aloft *aloft, const struct waiting_update *update)
{
    behind_push(aloft, update);
    behind_answer(aloft, update, &(struct behind_word){0});
}

void behind_receipt(struct text *out, const struct aloft *aloft,
                    const struct waiting_update *update, uint64_t block)
{
    struct hash32 hash = behind_hash(update);

    text_add(out, "{\"transactionHash\":\"");
    text_add_hex(out, bytes_of(hash.byte, 32));
    text_add(out, "\",\"blockHash\":\"");
    text_add_hex(out, bytes_of(aloft->state->header.hash.byte, 32));
    text_add(out, "\",\"blockNumber\":\"");
    text_add_quantity(out, block);
    text_add(out, "\",\"transactionIndex\":\"0x0\",\"gasUsed\":\"0x61a8\",\"effectiveGasPrice\":"
                  "\"0x3b9aca00\",\"status\":\"0x1\",\"logs\":[]}");
}

struct pending_update *behind_update(const struct aloft *aloft)
{
    for (size_t i = 0; i < UPDATES_MAX; i++) {
        if (aloft->state->pending.update[i].state != UPDATE_FREE)
            return &aloft->state->pending.update[i];
    }
    cr_assert(false, "no update is known");
    return NULL;
}

uint64_t pool_counted(const struct aloft *aloft, enum pool_count count)
{
    return aloft->state->counters.pool[count];
}
