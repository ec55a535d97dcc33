/*
 * By which way signed bytes leave. The public pool shows them to everybody; relays and builders
 * keep them to themselves and leave out what would revert. Whatever the way, it is the same bytes
 * under one nonce, so that at most one of them can cost anything: never two transactions.
 */
#include "turn/inside.h"

#define SEND_PUBLIC "eth_sendRawTransaction"
#define SEND_PRIVATE "eth_sendPrivateTransaction"
#define SEND_BUNDLE "eth_sendBundle"
/* A bundle is for one block: it is offered for so many, and for one more with each head. */
#define BUNDLE_BLOCKS 3
/* How long a relay is asked to try: as long as Flashbots' does. Then it is asked again. */
#define PRIVATE_BLOCKS 25

static struct sending *sending_of(struct turn_state *state, const struct flight *flight)
{
    return &state->sending[flight - state->fleet.flight];
}

static uint32_t slot_of(const struct turn_state *state, const struct flight *flight)
{
    return (uint32_t)(flight - state->fleet.flight);
}

bool send_is_awaited(const struct turn_state *state, uint32_t slot)
{
    /* one relay that does not answer must not hold up what the chain says */
    return state->send_ask[slot] != 0 && !state->fleet.flight[slot].is_private;
}

/* Of one posting every ask has the id behind the last one's. */
static void sending_begin(struct turn_state *state, struct flight *flight)
{
    uint32_t slot = slot_of(state, flight);

    if (state->send_ask[slot] != 0)
        flight->in_doubt = true; /* what was not heard of yet may have arrived */
    state->send_ask[slot] = 0;
    state->sending[slot].count = state->sending[slot].left = 0;
}

/* False: the list of asks is full. */
static bool sending_add(struct turn_state *state, const struct flight *flight, const char *method,
                        const struct text *params, int endpoint)
{
    struct sending *sending = sending_of(state, flight);
    struct rpc_request request = {0};
    uint64_t id = ask_list_id(&state->asks);
    bool is_added;

    rpc_request_begin(&request, id, 1);
    rpc_request_add(&request, method, text_string(params));
    rpc_request_end(&request);
    is_added = ask_list_add(&state->asks, &request, method, endpoint);
    rpc_request_release(&request);
    if (!is_added)
        return false;
    struct ask *ask = &state->asks.ask[state->asks.count - 1];

    ask->is_send = true;
    ask->is_relayed = endpoint != ENDPOINT_ANY;
    if (sending->count++ == 0) {
        sending->first = id;
        state->send_ask[slot_of(state, flight)] = id;
    }
    sending->left++;
    return true;
}

static void raw_add(struct text *params, const char *before, const struct flight *flight)
{
    text_add(params, before);
    text_add_hex(params, bytes_of(flight->raw, flight->raw_size));
}

static bool post_public(struct turn_state *state, struct flight *flight)
{
    TEXT params = {0};

    raw_add(&params, "[\"", flight);
    text_add(&params, "\"]");
    state->counters.sendings[SEND_WAY_PUBLIC]++;
    return sending_add(state, flight, SEND_PUBLIC, &params, ENDPOINT_ANY);
}

static bool post_private(struct turn_state *state, struct flight *flight, int endpoint)
{
    TEXT params = {0};

    raw_add(&params, "[{\"tx\":\"", flight);
    text_add(&params, "\",\"maxBlockNumber\":\"");
    text_add_quantity(&params, sending_of(state, flight)->private_until);
    text_add(&params, "\",\"preferences\":{\"fast\":true}}]");
    state->counters.sendings[SEND_WAY_PRIVATE]++;
    return sending_add(state, flight, SEND_PRIVATE, &params, endpoint);
}

/* Without revertingTxHashes: a builder leaves out what would revert. */
static bool post_bundle(struct turn_state *state, struct flight *flight, int endpoint,
                        uint64_t block)
{
    TEXT params = {0};

    raw_add(&params, "[{\"txs\":[\"", flight);
    text_add(&params, "\"],\"blockNumber\":\"");
    text_add_quantity(&params, block);
    text_add(&params, "\"}]");
    state->counters.sendings[SEND_WAY_BUNDLE]++;
    return sending_add(state, flight, SEND_BUNDLE, &params, endpoint);
}

/* For every block of the window that none was offered for yet; never for one that is there. */
static bool post_bundles(struct turn_state *state, struct flight *flight)
{
    const struct chain_settings *chain = &state->settings.chain;
    uint64_t head = state->header.number;
    struct sending *sending = sending_of(state, flight);
    uint64_t block = sending->bundled_block > head ? sending->bundled_block : head;
    bool is_whole = true;

    for (block++; block <= head + BUNDLE_BLOCKS; block++) {
        for (uint32_t i = 0; i < chain->endpoint_count; i++) {
            if (chain->endpoint[i].takes_bundles)
                is_whole &= post_bundle(state, flight, (int)i, block);
        }
    }
    sending->bundled_block = head + BUNDLE_BLOCKS;
    return is_whole;
}

static bool post_relayed(struct turn_state *state, struct flight *flight)
{
    const struct chain_settings *chain = &state->settings.chain;
    bool is_whole = true;

    sending_of(state, flight)->private_until = state->header.number + PRIVATE_BLOCKS;
    sending_of(state, flight)->bundled_block = 0;
    for (uint32_t i = 0; i < chain->endpoint_count; i++) {
        if (chain->endpoint[i].takes_private)
            is_whole &= post_private(state, flight, (int)i);
    }
    return post_bundles(state, flight) && is_whole;
}

void flights_post(struct turn_state *state, struct flight *flight)
{
    bool is_whole;

    sending_begin(state, flight);
    is_whole = flight->is_private ? post_relayed(state, flight) : post_public(state, flight);
    if (!is_whole || sending_of(state, flight)->count == 0)
        flight->in_doubt = true; /* asked for, and posted, with the next receipts */
}

/* The operator says how long it stays private, and may say otherwise meanwhile. */
static bool is_private_over(const struct turn_state *state, const struct flight *flight)
{
    const struct settings *settings = &state->settings;

    return settings->way_out == WAY_PUBLIC ||
           (settings->private_blocks > 0 &&
            state->header.number >= flight->decided_block + settings->private_blocks);
}

static bool has_builders(const struct chain_settings *chain)
{
    for (uint32_t i = 0; i < chain->endpoint_count; i++) {
        if (chain->endpoint[i].takes_bundles)
            return true;
    }
    return false;
}

void flights_follow_private(struct turn_state *state, struct flight *flight)
{
    const struct sending *sending = sending_of(state, flight);

    if (!flight->is_private || !gate_may_post(&state->gate))
        return;
    if (is_private_over(state, flight)) {
        flight->is_private = false;
        flights_keep(state, flight);
        flights_tell(state, flight, "published", NULL);
        flights_post(state, flight);
    } else if (state->header.number >= sending->private_until) {
        flights_post(state, flight);
    } else if (has_builders(&state->settings.chain) &&
               sending->bundled_block < state->header.number + BUNDLE_BLOCKS) {
        sending_begin(state, flight);
        (void)post_bundles(state, flight);
    }
}

static void sending_note(struct turn_state *state, const struct flight *flight,
                         const struct observation *observation, bool is_guarded)
{
    TEXT pairs = {0};

    text_add(&pairs, "nonce=");
    text_add_u64(&pairs, flight->nonce);
    if (flight->is_private) {
        text_add(&pairs, " endpoint=");
        text_add_u64(&pairs, observation->endpoint);
    }
    text_add(&pairs, " why=");
    text_add_json(&pairs, bytes_of_text(state->answers.envelope == RPC_ENVELOPE_OK
                                            ? state->answers.answer[0].message
                                            : observation_status_text(observation->status)));
    state_note(state, is_guarded ? NOTE_ERROR : NOTE_WARNING, "transaction not taken",
               text_string(&pairs));
}

/* What all of them said together: one that takes it settles it; that nobody will have it is true
 * only once the last has said so. */
static void sending_answered(struct turn_state *state, uint32_t slot,
                             const struct observation *observation)
{
    struct sending *sending = &state->sending[slot];
    struct flight *flight = &state->fleet.flight[slot];
    enum send_outcome outcome;

    rpc_answers_parse(&state->answers, observation, observation->id, 1);
    outcome =
        flight->is_private ? relay_outcome_of(&state->answers) : send_outcome_of(&state->answers);
    if (outcome != SEND_TAKEN)
        sending_note(state, flight, observation, outcome == SEND_GUARDED);
    if (sending->left-- == sending->count || outcome < sending->best)
        sending->best = outcome;
    if (state->send_ask[slot] == 0 || (sending->left > 0 && outcome != SEND_TAKEN))
        return;
    state->send_ask[slot] = 0;
    flights_sent(state, flight, sending->best);
}

bool send_answer(struct turn_state *state, const struct observation *observation)
{
    for (uint32_t i = 0; i < FLIGHTS_MAX; i++) {
        const struct sending *sending = &state->sending[i];

        if (sending->left == 0 || observation->id < sending->first ||
            observation->id - sending->first >= sending->count)
            continue;
        sending_answered(state, i, observation);
        return true;
    }
    return false;
}
