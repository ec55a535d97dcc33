/*
 * Which contracts say the prices that the markets ask for. An oracle names the source of an asset;
 * Chainlink's is a proxy, whose aggregator() is what a transmission is sent to
 * (EACAggregatorProxy); an adapter of somebody else's may do anything with what it is told. So no
 * name is believed: a feed is, once an update of it landed and the oracle said just that.
 */
#include <string.h>

#include "eth/abi.h"
#include "turn/inside.h"

/* A proxy may be given another aggregator at any time; asked again after so many heads. */
#define FEEDS_BLOCKS 64

static bool is_wanted_already(const struct pending *pending, const struct address *source)
{
    for (uint32_t i = 0; i < pending->wanted_count; i++) {
        if (address_is_equal(&pending->wanted[i], source))
            return true;
    }
    return false;
}

/* Distinct ones of all markets; true: they are others than before. */
static bool sources_collect(struct turn_state *state)
{
    struct pending *pending = &state->pending;
    struct address *before = arena_take(&state->arena, sizeof(pending->wanted));
    uint32_t count = pending->wanted_count;

    memcpy(before, pending->wanted, sizeof(pending->wanted));
    pending->wanted_count = 0;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct market *market = &state->tracked[i].market;

        for (uint32_t k = 0; k < market->reserve_count; k++) {
            const struct address *source = &market->reserve[k].price_source;

            if (!address_is_zero(source) && pending->wanted_count < FEEDS_MAX &&
                !is_wanted_already(pending, source))
                pending->wanted[pending->wanted_count++] = *source;
        }
    }
    return count != pending->wanted_count ||
           memcmp(before, pending->wanted, count * sizeof(*before)) != 0;
}

static void feeds_body(struct turn_state *state, struct rpc_request *request)
{
    struct pending *pending = &state->pending;
    TEXT params = {0};

    rpc_request_begin(request, pending->feeds_ask, pending->wanted_count);
    for (uint32_t i = 0; i < pending->wanted_count; i++) {
        BUFFER data = {0};

        abi_add_selector(&data, "aggregator()");
        text_clear(&params);
        text_add(&params, "[{\"to\":\"");
        text_add_hex(&params, bytes_of(pending->wanted[i].byte, 20));
        text_add(&params, "\",\"data\":\"");
        text_add_hex(&params, buffer_bytes(&data));
        text_add(&params, "\"},{\"blockHash\":\"");
        text_add_hex(&params, bytes_of(state->header.hash.byte, 32));
        text_add(&params, "\"}]");
        rpc_request_add(request, "eth_call", text_string(&params));
    }
    rpc_request_end(request);
}

void feeds_ask(struct turn_state *state)
{
    struct pending *pending = &state->pending;
    struct rpc_request request = {0};
    const uint64_t head = state->header.number;
    bool are_others;

    if (pending->feeds_ask != 0 || !state->is_ready || state->is_updating ||
        pending->feeds_seen == head)
        return;
    pending->feeds_seen = head;
    are_others = sources_collect(state);
    if (pending->wanted_count == 0 ||
        (!are_others && pending->feeds_block != 0 && head < pending->feeds_block + FEEDS_BLOCKS &&
         head >= pending->feeds_block))
        return;
    pending->feeds_block = head;
    pending->feeds_ask = ask_list_id(&state->asks);
    feeds_body(state, &request);
    if (!ask_list_add(&state->asks, &request, "eth_call", state->follow.endpoint))
        pending->feeds_ask = pending->feeds_block = 0;
    rpc_request_release(&request);
}

/* A source that asks nobody is what its updates are sent to. */
static bool aggregator_read(struct address *out, const struct turn_state *state,
                            const struct rpc_answer *answer, const struct address *source)
{
    BUFFER data = {0};

    *out = *source;
    if (answer->fault == RPC_FAULT_REVERT)
        return true;
    if (answer->fault != RPC_FAULT_NONE)
        return false;
    if (!json_bytes(&data, answer->result, state->answers.original) ||
        !abi_address(out, buffer_bytes(&data), 0) || address_is_zero(out))
        *out = *source;
    return true;
}

static bool was_right(const struct pending *pending, const struct feed *feed)
{
    for (uint32_t i = 0; i < pending->feed_count; i++) {
        if (address_is_equal(&pending->feed[i].source, &feed->source) &&
            address_is_equal(&pending->feed[i].aggregator, &feed->aggregator))
            return pending->feed[i].is_right;
    }
    return false;
}

/* What was heard of feeds that are none any more is forgotten. */
static void updates_refer(struct pending *pending)
{
    for (uint32_t i = 0; i < UPDATES_MAX; i++) {
        struct pending_update *update = &pending->update[i];

        if (update->state == UPDATE_FREE || update->is_bare)
            continue;
        update->feed = feed_find(pending, &update->says.feed);
        if (update->feed == UINT32_MAX)
            update->is_bare = true;
    }
}

bool feeds_answer(struct turn_state *state, const struct observation *observation)
{
    struct pending *pending = &state->pending;
    struct feed *fresh;

    if (pending->feeds_ask == 0 || observation->id != pending->feeds_ask)
        return false;
    pending->feeds_ask = 0;
    rpc_answers_parse(&state->answers, observation, observation->id, pending->wanted_count);
    fresh = arena_take(&state->arena, sizeof(pending->feed));
    for (uint32_t i = 0; i < pending->wanted_count; i++) {
        fresh[i].source = pending->wanted[i];
        if (state->answers.envelope != RPC_ENVELOPE_OK ||
            !aggregator_read(&fresh[i].aggregator, state, &state->answers.answer[i],
                             &pending->wanted[i])) {
            pending->feeds_block = 0; /* all of it again at the next head */
            return true;
        }
        fresh[i].is_right = was_right(pending, &fresh[i]);
    }
    pending->wants_whole |= pending->feed_count != pending->wanted_count;
    memcpy(pending->feed, fresh, sizeof(pending->feed));
    pending->feed_count = pending->wanted_count;
    updates_refer(pending);
    return true;
}

uint32_t feed_find(const struct pending *pending, const struct address *aggregator)
{
    for (uint32_t i = 0; i < pending->feed_count; i++) {
        if (address_is_equal(&pending->feed[i].aggregator, aggregator))
            return i;
    }
    return UINT32_MAX;
}

/* Of two in one block nobody can say which of them the oracle's word is. */
static bool is_alone(const struct pending *pending, const struct pending_update *update)
{
    for (uint32_t i = 0; i < UPDATES_MAX; i++) {
        const struct pending_update *other = &pending->update[i];

        if (other != update && other->state == UPDATE_LANDED && !other->is_bare &&
            other->feed == update->feed && other->landed_block == update->landed_block)
            return false;
    }
    return true;
}

void feed_prove(struct turn_state *state, struct pending_update *update)
{
    const struct address *source;
    bool is_right = true;
    bool is_asked = false;

    if (update->is_bare || update->landed_block != state->header.number ||
        !is_alone(&state->pending, update))
        return;
    source = &state->pending.feed[update->feed].source;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct market *market = &state->tracked[i].market;

        for (uint32_t k = 0; k < market->reserve_count; k++) {
            const struct reserve *reserve = &market->reserve[k];

            if (!address_is_equal(&reserve->price_source, source) ||
                (reserve->stale & RESERVE_STALE_PRICE) != 0)
                continue;
            is_asked = true;
            is_right &= reserve->price.status == PRICE_OK &&
                        u256_is_equal(&reserve->price.value, &update->says.answer);
        }
    }
    if (!is_asked)
        return;
    state->pending.feed[update->feed].is_right = is_right;
    pending_count(state, update, is_right ? POOL_RIGHT : POOL_WRONG);
}
