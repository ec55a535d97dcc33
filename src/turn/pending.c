/*
 * What nodes say of their pools, one transaction after the other, from three sides: pushed whole,
 * pushed as a hash, or in one answer that holds the pool. All but calls of feeds that some market
 * asks is let go at once.
 */
#include "turn/pending.h"

#include <string.h>

#include "eth/result.h"
#include "turn/inside.h"

/* A pool that is larger than this is asked for the rarer, in parts of so many bytes. */
#define POOL_BYTES_PER_POLL 262144u
/* A node that does not show its pool, or too much of it, is left alone for so long. */
#define POOL_REST_MS 60000

bool pending_is_on(const struct turn_state *state)
{
    return state->settings.backrun == BACKRUN_ON && state->purpose == PURPOSE_RUN &&
           state->phase == PHASE_FOLLOW;
}

void pending_count(struct turn_state *state, struct pending_update *update, enum pool_count count)
{
    uint32_t bit = 1u << count;

    if ((update->counted & bit) != 0)
        return;
    update->counted |= bit;
    state->counters.pool[count]++;
}

/* ---- one transaction */

/* True: for the first time, as far as is remembered. */
static bool hear_hash(struct pending *pending, const struct hash32 *hash)
{
    uint32_t known = pending->heard_count < HEARD_MAX ? pending->heard_count : HEARD_MAX;

    for (uint32_t i = 0; i < known; i++) {
        if (hash32_is_equal(&pending->heard[i], hash))
            return false;
    }
    pending->heard[pending->heard_count++ % HEARD_MAX] = *hash;
    return true;
}

/* A feed's, or handed to one by somebody else. */
static uint32_t feed_of_call(const struct pending *pending, const struct pooled *pooled,
                             struct bytes data)
{
    struct address target;

    if (!update_target(&target, &pooled->to, data))
        return UINT32_MAX;
    return feed_find(pending, &target);
}

/* What is known of one before it has a place. */
struct heard {
    struct pooled transaction;
    struct update says;
    uint32_t feed;
    uint16_t endpoint;
};

static void update_keep(struct turn_state *state, const struct heard *heard, struct bytes data)
{
    struct pending_update *update = update_place(state);

    state->counters.pool[POOL_UNDERSTOOD]++;
    if (update == NULL) {
        state->counters.pool[POOL_DROPPED]++;
        return;
    }
    update->state = UPDATE_HEARD;
    update->endpoint = heard->endpoint;
    update->transaction = heard->transaction;
    update->transaction.input = NULL;
    update->says = heard->says;
    update->feed = heard->feed;
    update->heard_block = state->header.number;
    update->data_size = (uint32_t)data.size;
    memcpy(update->data, data.data, data.size);
}

void pending_hear(struct turn_state *state, const struct json_t *value, uint16_t endpoint)
{
    struct heard heard = {.endpoint = endpoint};
    struct buffer *data = &state->pool_data;

    if (state->pending.feed_count == 0)
        return; /* whose updates are looked for is not known yet; the pool is read whole then */
    if (pooled_read(&heard.transaction, value, state->answers.original) != POOLED_OK ||
        !hear_hash(&state->pending, &heard.transaction.hash))
        return;
    state->counters.pool[POOL_SEEN]++;
    if (!pooled_input(data, &heard.transaction, state->answers.original, UPDATE_DATA_MAX))
        return;
    heard.feed = feed_of_call(&state->pending, &heard.transaction, buffer_bytes(data));
    if (heard.feed == UINT32_MAX)
        return;
    if (update_decode(&heard.says, &heard.transaction.to, buffer_bytes(data)) != UPDATE_OK ||
        !u256_is_zero(&heard.transaction.value.value)) {
        state->counters.pool[POOL_UNKNOWN]++;
        return;
    }
    update_keep(state, &heard, buffer_bytes(data));
}

/* ---- pushed */

static void hash_take(struct turn_state *state, const struct hash32 *hash, uint16_t endpoint)
{
    struct pending *pending = &state->pending;

    if (pending->unread_count > 0 && pending->unread_endpoint != endpoint)
        return; /* one node's pool is enough */
    if (pending->unread_count == UNREAD_MAX) {
        state->counters.pool[POOL_DROPPED]++;
        return;
    }
    pending->unread_endpoint = endpoint;
    pending->unread[pending->unread_count++] = *hash;
}

static void piece_put(uint8_t **at, struct bytes piece)
{
    memcpy(*at, piece.data, piece.size);
    *at += piece.size;
}

/* As the answer to a question, so that one parser reads both. */
static const struct json_t *body_parse(struct turn_state *state, struct bytes body)
{
    const struct bytes before = bytes_of_text("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":");
    const struct bytes behind = bytes_of_text("}");
    const size_t size = before.size + body.size + behind.size;
    uint8_t *copy = arena_take(&state->arena, size);
    uint8_t *at = copy;
    const struct observation answer = {
        .kind = OBSERVATION_ANSWER, .status = OBSERVED_OK, .body = bytes_of(copy, size)};

    piece_put(&at, before);
    piece_put(&at, body);
    piece_put(&at, behind);
    rpc_answers_parse(&state->answers, &answer, 0, 1);
    if (state->answers.envelope != RPC_ENVELOPE_OK ||
        state->answers.answer[0].fault != RPC_FAULT_NONE)
        return NULL;
    return state->answers.answer[0].result;
}

static void dropped_take(struct turn_state *state, struct bytes body)
{
    struct u256 count;

    if (u256_parse(&count, (const char *)body.data, body.size) && u256_fits_u64(&count))
        state->counters.pool[POOL_DROPPED] += count.limb[0];
}

static void said_take(struct turn_state *state, const struct observation *observation)
{
    struct pending *pending = &state->pending;
    const struct json_t *value;
    struct hash32 hash;

    pending->pushing |= 1u << (observation->endpoint % 32);
    if (observation->body.size == 0) {
        pending->wants_whole = true; /* what came while nobody pushed */
        pending->poll_at_ms = state->now_ms;
        return;
    }
    value = body_parse(state, observation->body);
    if (value == NULL)
        state->counters.pool[POOL_DROPPED]++;
    else if (json_hash32(&hash, value, state->answers.original))
        hash_take(state, &hash, observation->endpoint);
    else
        pending_hear(state, value, observation->endpoint);
}

void pending_take(struct turn_state *state, const struct observation *observation)
{
    if (state->settings.backrun != BACKRUN_ON)
        return;
    switch (observation->status) {
    case OBSERVED_OK:
        said_take(state, observation);
        return;
    case OBSERVED_REFUSED:
        dropped_take(state, observation->body);
        return;
    case OBSERVED_UNREACHABLE:
    case OBSERVED_TIMED_OUT:
    case OBSERVED_TOO_LARGE:
    case OBSERVED_HTTP_ERROR:
    case OBSERVED_WITHHELD:
    case OBSERVED_UNRECORDED:
        state->pending.pushing &= ~(1u << (observation->endpoint % 32));
        return;
    }
}

/* ---- what is read of those that came as hashes */

static void unread_ask(struct turn_state *state)
{
    struct pending *pending = &state->pending;
    uint32_t count = pending->unread_count < UNREAD_CALLS ? pending->unread_count : UNREAD_CALLS;
    struct rpc_request request = {0};
    TEXT params = {0};

    if (count == 0 || pending->unread_ask != 0)
        return;
    pending->unread_ask = ask_list_id(&state->asks);
    pending->unread_asked = count;
    rpc_request_begin(&request, pending->unread_ask, count);
    for (uint32_t i = 0; i < count; i++) {
        text_clear(&params);
        text_add(&params, "[\"");
        text_add_hex(&params, bytes_of(pending->unread[i].byte, sizeof(pending->unread[i].byte)));
        text_add(&params, "\"]");
        rpc_request_add(&request, "eth_getTransactionByHash", text_string(&params));
    }
    rpc_request_end(&request);
    if (!ask_list_add(&state->asks, &request, "eth_getTransactionByHash", pending->unread_endpoint))
        pending->unread_ask = 0;
    rpc_request_release(&request);
}

static void unread_take(struct turn_state *state, const struct observation *observation)
{
    struct pending *pending = &state->pending;
    uint32_t count = pending->unread_asked;

    pending->unread_ask = 0;
    pending->unread_count -= count;
    memmove(pending->unread, pending->unread + count,
            pending->unread_count * sizeof(pending->unread[0]));
    rpc_answers_parse(&state->answers, observation, observation->id, count);
    if (state->answers.envelope != RPC_ENVELOPE_OK) {
        state->counters.pool[POOL_DROPPED] += count;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct rpc_answer *answer = &state->answers.answer[i];

        if (answer->fault == RPC_FAULT_NONE && !result_is_null(answer->result))
            pending_hear(state, answer->result, pending->unread_endpoint);
    }
}

/* ---- the pool as it stands */

/* Where nodes push, only for what came while none did. */
static bool pool_is_wanted(const struct pending *pending)
{
    return pending->poll_ask == 0 && pending->feed_count > 0 &&
           (pending->pushing == 0 || pending->wants_whole);
}

int64_t pending_wake_ms(const struct turn_state *state)
{
    const struct pending *pending = &state->pending;

    int64_t wake = updates_wake_ms(state);

    if (!pending_is_on(state))
        return INT64_MAX;
    return pool_is_wanted(pending) && pending->poll_at_ms < wake ? pending->poll_at_ms : wake;
}

static void pool_ask(struct turn_state *state)
{
    struct pending *pending = &state->pending;
    struct rpc_request request = {0};

    if (!pool_is_wanted(pending) || state->now_ms < pending->poll_at_ms)
        return;
    pending->wants_whole = false;
    pending->poll_at_ms = state->now_ms + state->settings.chain.poll_ms;
    pending->poll_ask = ask_list_id(&state->asks);
    rpc_request_begin(&request, pending->poll_ask, 1);
    rpc_request_add(&request, "txpool_content", "[]");
    rpc_request_end(&request);
    if (!ask_list_add(&state->asks, &request, "txpool_content", state->follow.endpoint))
        pending->poll_ask = 0;
    rpc_request_release(&request);
}

struct hearing {
    struct turn_state *state;
    uint16_t endpoint;
};

static void pooled_hear(void *context, const struct json_t *value)
{
    const struct hearing *hearing = context;

    pending_hear(hearing->state, value, hearing->endpoint);
}

/* Said when it begins and when it ends, not at every poll between. */
static void without_say(struct turn_state *state, const char *why)
{
    struct pending *pending = &state->pending;

    if (pending->is_without == (why != NULL))
        return;
    pending->is_without = why != NULL;
    state_note(state, why != NULL ? NOTE_WARNING : NOTE_INFO,
               why != NULL ? "no pool" : "pool again", why != NULL ? why : "");
}

static void pool_take(struct turn_state *state, const struct observation *observation)
{
    struct pending *pending = &state->pending;
    struct hearing hearing = {state, observation->endpoint};
    int64_t parts = (int64_t)(observation->body.size / POOL_BYTES_PER_POLL);
    size_t left = 0;

    pending->poll_ask = 0;
    pending->poll_at_ms = state->now_ms + state->settings.chain.poll_ms * (1 + parts);
    rpc_answers_parse(&state->answers, observation, observation->id, 1);
    if (state->answers.envelope != RPC_ENVELOPE_OK ||
        state->answers.answer[0].fault != RPC_FAULT_NONE ||
        !pooled_list(&left, state->answers.answer[0].result, pooled_hear, &hearing)) {
        pending->poll_at_ms = state->now_ms + POOL_REST_MS;
        without_say(state, observation->status == OBSERVED_TOO_LARGE
                               ? "txpool_content is larger than is taken"
                               : "the node does not answer txpool_content");
        return;
    }
    state->counters.pool[POOL_DROPPED] += left;
    without_say(state, NULL);
}

bool pending_answer(struct turn_state *state, const struct observation *observation)
{
    struct pending *pending = &state->pending;

    if (pending->unread_ask != 0 && observation->id == pending->unread_ask)
        unread_take(state, observation);
    else if (pending->poll_ask != 0 && observation->id == pending->poll_ask)
        pool_take(state, observation);
    else
        return feeds_answer(state, observation) || updates_answer(state, observation);
    return true;
}

void pending_ask(struct turn_state *state)
{
    if (!pending_is_on(state))
        return;
    feeds_ask(state);
    unread_ask(state);
    pool_ask(state);
    updates_ask(state);
}
