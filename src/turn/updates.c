/*
 * A pool is a rumour, so each update is held against the chain before anything is sent behind it,
 * once at each head: is it still there, is it its sender's next, does the call go through at that
 * block? The last is what keeps a stranger from selling us a price: his transmission reverts.
 */
#include <string.h>

#include "eth/receipt.h"
#include "eth/result.h"
#include "turn/inside.h"

/* What does not land for so many heads is followed no more. */
#define UPDATE_BLOCKS 64
/* What has landed is remembered for so many. */
#define UPDATE_LANDED_BLOCKS 8
#define CALLS_BARE 2
#define CALLS_WHOLE 4

struct pending_update *update_find(struct turn_state *state, const struct hash32 *hash)
{
    for (uint32_t i = 0; i < UPDATES_MAX; i++) {
        struct pending_update *update = &state->pending.update[i];

        if (update->state != UPDATE_FREE && hash32_is_equal(&update->transaction.hash, hash))
            return update;
    }
    return NULL;
}

static bool is_followed(const struct turn_state *state, const struct hash32 *hash)
{
    for (uint32_t i = 0; i < state->fleet.used; i++) {
        const struct flight *flight = &state->fleet.flight[i];

        if (flight_is_live(flight) && hash32_is_equal(&flight->behind, hash))
            return true;
    }
    return false;
}

static bool is_over(const struct turn_state *state, const struct pending_update *update)
{
    const uint64_t head = state->header.number;

    switch (update->state) {
    case UPDATE_FREE:
        return true;
    case UPDATE_HEARD:
    case UPDATE_NEXT:
        return head > update->heard_block + UPDATE_BLOCKS;
    case UPDATE_LANDED:
        return head > update->landed_block + UPDATE_LANDED_BLOCKS;
    case UPDATE_GONE:
    case UPDATE_REFUSED:
        return head > update->asked.number;
    }
    return true;
}

struct pending_update *update_place(struct turn_state *state)
{
    for (uint32_t i = 0; i < UPDATES_MAX; i++) {
        struct pending_update *update = &state->pending.update[i];

        if (update->state != UPDATE_FREE &&
            (!is_over(state, update) || is_followed(state, &update->transaction.hash)))
            continue;
        *update = (struct pending_update){.state = UPDATE_FREE};
        return update;
    }
    return NULL;
}

/* What an earlier life sent knows its update by hash alone. */
static void bare_place(struct turn_state *state)
{
    for (uint32_t i = 0; i < state->fleet.used; i++) {
        const struct flight *flight = &state->fleet.flight[i];
        struct pending_update *update;

        if (!flight_is_live(flight) || hash32_is_zero(&flight->behind) ||
            update_find(state, &flight->behind) != NULL)
            continue;
        update = update_place(state);
        if (update == NULL)
            return;
        update->state = UPDATE_HEARD;
        update->is_bare = true;
        update->transaction.hash = flight->behind;
        update->heard_block = state->header.number;
        update->endpoint = (uint16_t)(state->follow.endpoint < 0 ? 0 : state->follow.endpoint);
    }
}

static bool is_of_head(const struct turn_state *state, const struct block_ref *block)
{
    return block->number == state->header.number &&
           hash32_is_equal(&block->hash, &state->header.hash);
}

/* Once at each head; and now and then, whether it is still there, while ours flies behind it: where
 * it is not, ours must not stay until a block takes it. */
static bool is_due(const struct turn_state *state, const struct pending_update *update)
{
    if (update->state != UPDATE_HEARD && update->state != UPDATE_NEXT)
        return false;
    return !is_of_head(state, &update->asked) ||
           (state->now_ms >= update->asked_ms + state->settings.chain.poll_ms &&
            (update->is_open || is_followed(state, &update->transaction.hash)));
}

/* Those that the first one's endpoint told of; the others with the next question. */
static void updates_choose(struct turn_state *state)
{
    struct pending *pending = &state->pending;
    uint16_t endpoint = 0;

    pending->ask_count = 0;
    for (uint32_t i = 0; i < UPDATES_MAX; i++) {
        struct pending_update *update = &pending->update[i];

        bool is_known =
            is_of_head(state, &update->asked); /* how often that is asked the clock says */

        if (!is_due(state, update) || (!is_known && pending->batches >= PENDING_BATCHES_MAX) ||
            (pending->ask_count > 0 && update->endpoint != endpoint))
            continue;
        endpoint = update->endpoint;
        update->asked_ms = state->now_ms;
        pending->ask_slot[pending->ask_count++] = (uint8_t)i;
    }
}

static void hash_add(struct text *out, const struct hash32 *hash)
{
    text_clear(out);
    text_add(out, "[\"");
    text_add_hex(out, bytes_of(hash->byte, sizeof(hash->byte)));
    text_add(out, "\"]");
}

static void at_head_add(struct text *out, const struct turn_state *state)
{
    text_add(out, ",{\"blockHash\":\""); /* EIP-1898 */
    text_add_hex(out, bytes_of(state->header.hash.byte, sizeof(state->header.hash.byte)));
    text_add(out, "\"}]");
}

static void whole_add(struct rpc_request *request, const struct turn_state *state,
                      const struct pending_update *update)
{
    const struct pooled *transaction = &update->transaction;
    TEXT params = {0};

    text_add(&params, "[\"");
    text_add_hex(&params, bytes_of(transaction->from.byte, 20));
    text_add(&params, "\"");
    at_head_add(&params, state);
    rpc_request_add(request, "eth_getTransactionCount", text_string(&params));
    text_clear(&params);
    text_add(&params, "[{\"from\":\"");
    text_add_hex(&params, bytes_of(transaction->from.byte, 20));
    text_add(&params, "\",\"to\":\"");
    text_add_hex(&params, bytes_of(transaction->to.byte, 20));
    text_add(&params, "\",\"gas\":\"");
    text_add_quantity(&params, transaction->gas);
    text_add(&params, "\",\"data\":\"");
    text_add_hex(&params, bytes_of(update->data, update->data_size));
    text_add(&params, "\"}");
    at_head_add(&params, state);
    rpc_request_add(request, "eth_call", text_string(&params));
}

/* Of what is known at this head already, and of what is known by its hash alone, only whether it is
 * there. */
static uint32_t calls_count(struct turn_state *state)
{
    struct pending *pending = &state->pending;
    uint32_t calls = 0;

    for (uint32_t i = 0; i < pending->ask_count; i++) {
        const struct pending_update *update = &pending->update[pending->ask_slot[i]];

        pending->ask_bare[i] =
            update->is_bare || (is_of_head(state, &update->asked) && !update->is_open);
        pending->ask_hash[i] = update->transaction.hash;
        calls += pending->ask_bare[i] ? CALLS_BARE : CALLS_WHOLE;
    }
    return calls;
}

static bool may_ask(struct turn_state *state)
{
    struct pending *pending = &state->pending;

    if (pending->batches_block != state->header.number) {
        pending->batches_block = state->header.number;
        pending->batches = 0;
    }
    return pending->ask == 0 && state->is_ready && !state->is_updating;
}

void updates_ask(struct turn_state *state)
{
    struct pending *pending = &state->pending;
    struct rpc_request request = {0};
    TEXT params = {0};

    if (!may_ask(state))
        return;
    bare_place(state);
    updates_choose(state);
    if (pending->ask_count == 0)
        return;
    pending->ask = ask_list_id(&state->asks);
    pending->ask_calls = calls_count(state);
    pending->batches += pending->ask_calls > pending->ask_count * CALLS_BARE;
    pending->ask_head = (struct block_ref){state->header.number, state->header.hash};
    rpc_request_begin(&request, pending->ask, pending->ask_calls);
    for (uint32_t i = 0; i < pending->ask_count; i++) {
        struct pending_update *update = &pending->update[pending->ask_slot[i]];

        hash_add(&params, &update->transaction.hash);
        rpc_request_add(&request, "eth_getTransactionReceipt", text_string(&params));
        rpc_request_add(&request, "eth_getTransactionByHash", text_string(&params));
        if (!pending->ask_bare[i])
            whole_add(&request, state, update);
    }
    rpc_request_end(&request);
    if (!ask_list_add(&state->asks, &request, "eth_getTransactionReceipt",
                      pending->update[pending->ask_slot[0]].endpoint))
        pending->ask = 0;
    rpc_request_release(&request);
}

/* ---- answers */

/* Out of the pool, and in no block: whoever waits behind it waits for nothing. */
static void update_gone(struct turn_state *state, struct pending_update *update)
{
    update->state = UPDATE_GONE;
    state->pending.has_void = true;
    pending_count(state, update, POOL_GONE);
    backrun_settle(state, update);
}

static void update_landed(struct turn_state *state, struct pending_update *update,
                          const struct receipt *receipt)
{
    update->state = UPDATE_LANDED;
    update->landed_block = receipt->block.number;
    if (receipt->succeeded && is_of_head(state, &update->asked) && state->is_ready &&
        hash32_is_equal(&receipt->block.hash, &state->header.hash))
        feed_prove(state, update);
    backrun_settle(state, update);
}

/* It is shown as what was heard, and waits. */
static bool is_waiting(const struct turn_state *state, const struct pending_update *update,
                       const struct rpc_answer *by_hash)
{
    struct pooled shown;

    if (pooled_read(&shown, by_hash->result, state->answers.original) != POOLED_OK ||
        !hash32_is_equal(&shown.hash, &update->transaction.hash))
        return false;
    return update->is_bare || (address_is_equal(&shown.from, &update->transaction.from) &&
                               shown.nonce == update->transaction.nonce);
}

static void waiting_take(struct turn_state *state, struct pending_update *update,
                         const struct rpc_answer *count, const struct rpc_answer *call)
{
    uint64_t nonce;

    update->state = UPDATE_HEARD;
    if (count->fault != RPC_FAULT_NONE || !json_quantity(&nonce, count->result))
        return;
    if (nonce != update->transaction.nonce) {
        pending_count(state, update, POOL_OF_NONCE);
        return;
    }
    if (call->fault == RPC_FAULT_REVERT || call->fault == RPC_FAULT_GAS_CAP) {
        update->state = UPDATE_REFUSED;
        state->pending.has_void = true;
        pending_count(state, update, POOL_OF_REVERT);
        return;
    }
    if (call->fault == RPC_FAULT_NONE)
        update->state = UPDATE_NEXT;
}

static void update_take(struct turn_state *state, struct pending_update *update,
                        const struct rpc_answer *answer, bool is_bare)
{
    struct receipt receipt;

    update->asked = state->pending.ask_head;
    update->is_open = true;
    if (!is_bare)
        update->state = UPDATE_HEARD;
    if (answer[0].fault != RPC_FAULT_NONE || answer[1].fault != RPC_FAULT_NONE)
        return;
    if (!result_is_null(answer[0].result)) {
        if (json_receipt(&receipt, answer[0].result, state->answers.original) &&
            hash32_is_equal(&receipt.transaction, &update->transaction.hash) &&
            receipt.block.number <= update->asked.number)
            update_landed(state, update, &receipt);
        return;
    }
    if (result_is_null(answer[1].result)) {
        update_gone(state, update);
        return;
    }
    if (!is_waiting(state, update, &answer[1]))
        return; /* mined, its receipt is on its way; or not what was heard */
    update->is_open = false;
    if (!is_bare)
        waiting_take(state, update, &answer[2], &answer[3]);
}

bool updates_answer(struct turn_state *state, const struct observation *observation)
{
    struct pending *pending = &state->pending;
    uint32_t at = 0;

    if (pending->ask == 0 || observation->id != pending->ask)
        return false;
    pending->ask = 0;
    rpc_answers_parse(&state->answers, observation, observation->id, pending->ask_calls);
    if (state->answers.envelope != RPC_ENVELOPE_OK)
        return true; /* asked again, as often as one head allows */
    for (uint32_t i = 0; i < pending->ask_count; i++) {
        struct pending_update *update = &pending->update[pending->ask_slot[i]];
        uint32_t calls = pending->ask_bare[i] ? CALLS_BARE : CALLS_WHOLE;

        if ((update->state == UPDATE_HEARD || update->state == UPDATE_NEXT) &&
            hash32_is_equal(&update->transaction.hash, &pending->ask_hash[i]))
            update_take(state, update, &state->answers.answer[at], pending->ask_bare[i]);
        at += calls;
    }
    return true;
}

void updates_rewind(struct turn_state *state, uint64_t fork)
{
    for (uint32_t i = 0; i < UPDATES_MAX; i++) {
        struct pending_update *update = &state->pending.update[i];

        if (update->state == UPDATE_LANDED && update->landed_block > fork)
            update->state = UPDATE_HEARD;
        if (update->asked.number > fork)
            update->asked = (struct block_ref){0};
        if (update->volley_block > fork)
            update->volley_block = 0;
    }
}

int64_t updates_wake_ms(const struct turn_state *state)
{
    int64_t wake = INT64_MAX;

    for (uint32_t i = 0; i < UPDATES_MAX && state->pending.ask == 0; i++) {
        const struct pending_update *update = &state->pending.update[i];
        int64_t due = update->asked_ms + state->settings.chain.poll_ms;

        if ((update->state == UPDATE_HEARD || update->state == UPDATE_NEXT) && due < wake &&
            (update->is_open || is_followed(state, &update->transaction.hash)))
            wake = due;
    }
    return wake;
}
