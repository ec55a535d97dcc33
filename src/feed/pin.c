/* One block at a time by hash would be a round trip for each of them; by number alone, a node that
 * flips in between would mix two branches. Parents tell whether it did. */
#include "feed/pin.h"

#include <string.h>

void pin_release(struct pin *pin)
{
    log_store_release(&pin->store);
}

void pin_abandon(struct pin *pin)
{
    pin->ask = 0;
    pin->state = PIN_IDLE;
    log_store_clear(&pin->store);
}

void pin_begin(struct pin *pin, const struct header *header, uint64_t from, int endpoint)
{
    const uint64_t before = header->number - (from <= header->number ? from : 0);

    pin_abandon(pin);
    pin->count = before < PIN_BLOCKS ? (uint32_t)before + 1 : PIN_BLOCKS;
    pin->known = 1;
    pin->taken = 0;
    pin->block[0] = (struct block_ref){header->number, header->hash};
    pin->parent = header->parent;
    pin->endpoint = endpoint;
    if (pin->calls_max == 0)
        pin->calls_max = PIN_BLOCKS;
    pin->state = PIN_RUNNING;
}

/* Some nodes take small batches only, and each says so in its own words: whoever begins anew tries
 * half as much. */
static void pin_fail(struct pin *pin, const char *why)
{
    pin->calls_max = pin->calls_max > 1 ? pin->calls_max / 2 : 1;
    pin_abandon(pin);
    pin->state = PIN_FAILED;
    pin->why = why != NULL ? why : "no endpoint answered";
}

static void headers_add(struct rpc_request *request, const struct pin *pin)
{
    for (uint32_t i = 0; i < pin->calls; i++) {
        TEXT params = {0};

        text_add(&params, "[\"");
        text_add_quantity(&params, pin->block[pin->known - 1].number - 1 - i);
        text_add(&params, "\",false]");
        rpc_request_add(request, "eth_getBlockByNumber", text_string(&params));
    }
}

static void logs_add(struct rpc_request *request, const struct pin *pin,
                     const struct log_filter *filter)
{
    for (uint32_t i = 0; i < pin->calls; i++) {
        TEXT params = {0};

        text_add(&params, "[");
        rpc_add_filter_by_hash(&params, filter, &pin->block[pin->taken + i].hash);
        text_add(&params, "]");
        rpc_request_add(request, "eth_getLogs", text_string(&params));
    }
}

void pin_ask(struct pin *pin, struct ask_list *asks, const struct log_filter *filter)
{
    struct rpc_request request = {0};
    bool has_headers = pin->known == pin->count;

    if (pin->state != PIN_RUNNING || pin->ask != 0)
        return;
    pin->calls = pin->count - (has_headers ? pin->taken : pin->known);
    if (pin->calls > pin->calls_max)
        pin->calls = pin->calls_max;
    pin->ask = ask_list_id(asks);
    rpc_request_begin(&request, pin->ask, pin->calls);
    if (has_headers)
        logs_add(&request, pin, filter);
    else
        headers_add(&request, pin);
    rpc_request_end(&request);
    if (!ask_list_add(asks, &request, has_headers ? "eth_getLogs" : "eth_getBlockByNumber",
                      pin->endpoint))
        pin->ask = 0;
    rpc_request_release(&request);
}

/* Is it the block behind which the last one stands? */
static bool follows(const struct pin *pin, const struct header *header)
{
    return hash32_is_zero(&pin->parent) ? !hash32_is_zero(&header->hash)
                                        : hash32_is_equal(&header->hash, &pin->parent);
}

static void headers_take(struct pin *pin, const struct rpc_answers *answers)
{
    for (uint32_t i = 0; i < pin->calls; i++) {
        uint64_t number = pin->block[pin->known - 1].number - 1;
        struct header header;

        if (!json_header(&header, answers->answer[i].result, answers->original)) {
            pin_fail(pin, "a header that cannot be read");
            return;
        }
        if (header.number != number || !follows(pin, &header)) {
            pin_fail(pin, "the node's chain is no longer that of the block that is being read");
            return;
        }
        pin->block[pin->known++] = (struct block_ref){number, header.hash};
        pin->parent = header.parent;
    }
}

static void logs_take(struct pin *pin, const struct rpc_answers *answers)
{
    for (uint32_t i = 0; i < pin->calls; i++) {
        const struct block_ref *block = &pin->block[pin->taken];
        const struct json_t *logs = answers->answer[i].result;
        enum logs_check check = logs_check(logs, answers->original, block);

        if (check != LOGS_OF_BLOCK && check != LOGS_EMPTY) {
            pin_fail(pin, check == LOGS_OF_ANOTHER ? "the logs asked by hash are of another block"
                                                   : "logs that cannot be read");
            return;
        }
        if (!log_store_take(&pin->store, logs, answers->original, block)) {
            pin_fail(pin, "more logs in the last blocks than are kept");
            return;
        }
        pin->taken++;
    }
    if (pin->taken < pin->count)
        return;
    pin->state = PIN_DONE;
    pin->calls_max = pin->calls_max > PIN_BLOCKS / 2 ? PIN_BLOCKS : pin->calls_max * 2;
}

bool pin_answer(struct pin *pin, const struct observation *observation, struct rpc_answers *answers)
{
    if (pin->ask == 0 || observation->id != pin->ask)
        return false;
    pin->ask = 0;
    rpc_answers_parse(answers, observation, observation->id, pin->calls);
    if (answers->envelope != RPC_ENVELOPE_OK) {
        pin_fail(pin, answers->why);
        return true;
    }
    for (uint32_t i = 0; i < pin->calls; i++) {
        if (answers->answer[i].fault != RPC_FAULT_NONE) {
            pin_fail(pin, rpc_fault_text(answers->answer[i].fault));
            return true;
        }
    }
    if (pin->known < pin->count)
        headers_take(pin, answers);
    else
        logs_take(pin, answers);
    return true;
}

bool pin_contradicts(const struct pin *pin, const struct block_ref *block)
{
    const uint64_t newest = pin->block[0].number;

    if (block->number > newest || newest - block->number >= pin->count)
        return false;
    return !hash32_is_equal(&pin->block[newest - block->number].hash, &block->hash);
}
