/*
 * From nothing to a mirror that may be believed: who is the node, what are the markets, who ever
 * borrowed, what do they hold, and does a sample of that equal the chain. Every step is asked again
 * where a node fails; none is skipped.
 */
#include <string.h>

#include "turn/inside.h"

/* Between two attempts to greet; grows with failures up to the second one. */
#define GREET_FIRST_MS 250
#define GREET_LAST_MS 10000
/* A look or a preparation gives up after this many; a daemon never does. */
#define GREET_TRIES 4
#define GREETING_CALLS 3
/* Between two lines that say how far it is. */
#define PROGRESS_MS 5000
/* Blocks of history read again after a restart of the synchronisation: twice as many as a fork may
 * take back, since the block that was read may have vanished. */
#define HISTORY_OVERLAP (2 * PIN_BLOCKS)
/* Blocks before a restored mirror's own that are read again, though they are known to be the same:
 * a node's index of logs may have lagged behind its head then. */
#define RESTORED_OVERLAP 16

void sync_start(struct turn_state *state, const char *why)
{
    int64_t wait_ms = GREET_FIRST_MS
                      << (state->greeting_failures < 6 ? state->greeting_failures : 6);
    const bool has_read = state->phase >= PHASE_ACCOUNTS;

    if (state->phase == PHASE_HISTORY && !state->is_wide &&
        history_reached(&state->history) > state->history_next)
        state->history_next = history_reached(&state->history); /* what was read stays known */
    state->greeting_failures++;
    state->counters.resyncs++;
    state_note(state, NOTE_WARNING, "synchronising", why);
    state->phase = PHASE_GREET;
    state->greeting_ask = 0;
    state->greet_at_ms = state->now_ms + (wait_ms < GREET_LAST_MS ? wait_ms : GREET_LAST_MS);
    state->is_ready = false;
    state->is_synchronised = false;
    state->is_updating = false;
    state->is_wide = false;
    state->rounds = 0;
    round_abandon(&state->round);
    round_abandon(&state->doubts.round);
    span_abandon(state);
    head_set(&state->follow, &state->follow.header); /* no checkpoint outlives this */
    /* before that nothing was read of an account: a restored mirror is what it was */
    for (uint32_t i = 0; has_read && i < state->tracked_count; i++)
        book_touch_all(state->tracked[i].book);
    if (state->purpose != PURPOSE_RUN && state->greeting_failures >= GREET_TRIES)
        state_stop(state, 3, why);
}

static void greeting_params(struct text *out, const struct address *account, const char *block)
{
    text_add(out, "[\"");
    text_add_hex(out, bytes_of(account->byte, sizeof(account->byte)));
    text_add(out, "\",\"");
    text_add(out, block);
    text_add(out, "\"]");
}

/* Chain id, head, nonce; and the block of a restored mirror. */
static uint32_t greeting_calls(const struct turn_state *state)
{
    return restored_block(state) != NULL ? GREETING_CALLS + 1 : GREETING_CALLS;
}

static void greeting_add_restored(struct rpc_request *request, const struct turn_state *state)
{
    const struct block_ref *block = restored_block(state);
    TEXT params = {0};

    if (block == NULL)
        return;
    text_add(&params, "[\"");
    text_add_quantity(&params, block->number);
    text_add(&params, "\",false]");
    rpc_request_add(request, "eth_getBlockByNumber", text_string(&params));
}

void sync_greet(struct turn_state *state)
{
    struct rpc_request request = {0};
    TEXT params = {0};

    if (state->phase != PHASE_GREET || state->greeting_ask != 0 ||
        state->now_ms < state->greet_at_ms)
        return;
    greeting_params(&params, &state->settings.account, "latest");
    state->greeting_ask = ask_list_id(&state->asks);
    rpc_request_begin(&request, state->greeting_ask, greeting_calls(state));
    rpc_request_add(&request, "eth_chainId", "[]");
    rpc_request_add(&request, "eth_getBlockByNumber", "[\"latest\",false]");
    rpc_request_add(&request, "eth_getTransactionCount", text_string(&params));
    greeting_add_restored(&request, state);
    rpc_request_end(&request);
    if (!ask_list_add(&state->asks, &request, "eth_chainId", ENDPOINT_ANY))
        state->greeting_ask = 0;
    rpc_request_release(&request);
}

static void chain_refused(struct turn_state *state, uint64_t chain_id)
{
    TEXT why = {0};

    text_add(&why, "the node is on chain ");
    text_add_u64(&why, chain_id);
    text_add(&why, ", the config says chain.id ");
    text_add_u64(&why, state->settings.chain.id);
    text_add(&why, "; point chain.endpoints at the right node, or correct chain.id");
    state_stop(state, 3, text_string(&why));
}

/* A block's time has no more than seconds; up, so that what the config allows is allowed. */
static uint64_t price_age_max_s(const struct market_settings *market)
{
    return market->price_age_max_ms > 0 ? ((uint64_t)market->price_age_max_ms + 999) / 1000 : 0;
}

static void greeting_done(struct turn_state *state, const struct header *header)
{
    state->phase = PHASE_TERMS;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct market *market = &state->tracked[i].market;

        market_init(market, state->settings.market[i].name, market->protocol,
                    &state->settings.market[i].address);
        market->keeper = state->settings.account;
        market->native_asset = state->settings.chain.native;
        market->price_age_max_s = price_age_max_s(&state->settings.market[i]);
        market->follows_sources = state->settings.backrun == BACKRUN_ON;
        state->tracked[i].why[0] = '\0';
    }
    state->filter_is_stale = true;
    blocks_begin(state, header);
}

static void greeting_accept(struct turn_state *state, const struct observation *observation)
{
    struct rpc_answers *answers = &state->answers;
    struct header header;
    uint64_t chain_id;
    uint64_t count;

    rpc_answers_parse(answers, observation, observation->id, greeting_calls(state));
    if (answers->envelope != RPC_ENVELOPE_OK) {
        TEXT why = {0};

        text_add(&why, "no endpoint answers: ");
        text_add(&why, answers->why != NULL ? answers->why
                                            : observation_status_text(observation->status));
        sync_start(state, text_string(&why));
        return;
    }
    for (uint32_t i = 0; i < GREETING_CALLS; i++) {
        if (answers->answer[i].fault != RPC_FAULT_NONE) {
            sync_start(state, rpc_fault_text(answers->answer[i].fault));
            return;
        }
    }
    if (!json_quantity(&chain_id, answers->answer[0].result) ||
        !json_header(&header, answers->answer[1].result, answers->original) ||
        !json_quantity(&count, answers->answer[2].result)) {
        sync_start(state, "the node's greeting cannot be read");
        return;
    }
    if (chain_id != state->settings.chain.id) {
        chain_refused(state, chain_id);
        return;
    }
    if (restored_block(state) != NULL && !restored_judge(state, &answers->answer[3], &header)) {
        sync_start(state, rpc_fault_text(answers->answer[3].fault));
        return;
    }
    /* what landed may have vanished meanwhile: its nonce is its own, not the next decision's */
    if (!state->landed_in_doubt)
        fleet_set_nonce(&state->fleet, count);
    state->follow.endpoint = observation->endpoint;
    greeting_done(state, &header);
}

bool sync_answer(struct turn_state *state, const struct observation *observation)
{
    struct log_sink_to sink = state->is_wide ? blocks_log_sink(state) : blocks_history_sink(state);

    if (state->greeting_ask != 0 && observation->id == state->greeting_ask) {
        state->greeting_ask = 0;
        greeting_accept(state, observation);
        return true;
    }
    return history_answer(&state->history, observation, &state->answers, &sink) ||
           pin_answer(&state->pin, observation, &state->answers);
}

/* Whatever touched an account since the restored mirror's block, a little before that included. */
static void since_start(struct turn_state *state)
{
    const uint64_t block = restored_block(state)->number;

    state->phase = PHASE_HISTORY;
    state->is_wide = true;
    span_begin(state, block > RESTORED_OVERLAP ? block - RESTORED_OVERLAP : 0, &state->header);
}

static void history_start(struct turn_state *state)
{
    if (!restored_lacks_some(state)) {
        since_start(state);
        return;
    }
    log_filter_clear(&state->history_filter);
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (!state->tracked[i].is_restored)
            state->tracked[i].protocol->history_filter(&state->history_filter,
                                                       &state->tracked[i].market);
    }
    state->phase = PHASE_HISTORY;
    span_begin(state, state->history_next, &state->header);
}

static void follow_start(struct turn_state *state)
{
    state->phase = PHASE_FOLLOW;
    state->greeting_failures = 0;
    state->is_synchronised = true;
    if (!hash32_is_equal(&state->follow.header.hash, &state->header.hash))
        head_set(&state->follow, &state->header); /* else only a sample was compared at it */
    state->why = NULL;
    checkpoint_take(state);
    state->poll_at_ms = state->now_ms;
    state->is_ready = state->purpose != PURPOSE_RUN;
    state_note(state, NOTE_INFO, "synchronised", "");
}

static void terms_progress(struct turn_state *state)
{
    if (state->round.state != ROUND_DONE)
        return;
    if (blocks_round(state, false))
        return;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (state->tracked[i].market.pool.byte[0] == 0 &&
            address_is_zero(&state->tracked[i].market.pool)) {
            sync_start(state, state->tracked[i].why[0] != '\0'
                                  ? state->tracked[i].why
                                  : "a market's address does not answer as its protocol does; "
                                    "check markets[].address and protocol");
            return;
        }
    }
    blocks_filter(state);
    restored_compare(state);
    history_start(state);
}

static void history_progress(struct turn_state *state)
{
    struct log_sink_to sink;

    if (span_failure(state) != NULL) {
        sync_start(state, span_failure(state));
        return;
    }
    if (!span_is_done(state))
        return;
    if (!restored_is_pinned(state)) {
        sync_start(state, "the block of the restored mirror is on another branch than the head");
        return;
    }
    sink = state->is_wide ? blocks_log_sink(state) : blocks_history_sink(state);
    span_finish(state, &sink);
    if (!state->is_wide && restored_block(state) != NULL) {
        since_start(state);
        return;
    }
    state->is_wide = false;
    restored_done(state);
    state->history_next = state->header.number >= HISTORY_OVERLAP + state->history_next
                              ? state->header.number - HISTORY_OVERLAP
                              : state->history_next;
    state->phase = PHASE_ACCOUNTS;
    state->rounds = 0;
    (void)blocks_round(state, true);
}

static void accounts_progress(struct turn_state *state)
{
    if (state->round.state != ROUND_DONE)
        return;
    if (!blocks_round(state, true))
        parity_start(state);
}

/* How far it is, for a log and for whoever waits. */
void sync_say(struct turn_state *state)
{
    TEXT pairs = {0};

    if (state->now_ms < state->progress_at_ms || state->phase == PHASE_FOLLOW ||
        state->phase == PHASE_STOPPED)
        return;
    if (state->progress_at_ms != 0) {
        sync_progress_text(&pairs, state);
        state_note(state, NOTE_INFO, "synchronising", text_string(&pairs));
    }
    state->progress_at_ms = state->now_ms + PROGRESS_MS;
}

void sync_progress_text(struct text *out, const struct turn_state *state)
{
    static const char *const words[] = {"greeting",  "markets", "history", "positions",
                                        "comparing", "done",    "stopped"};
    uint32_t stale = 0;
    uint32_t count = 0;

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        stale += book_stale_count(state->tracked[i].book);
        count += book_count(state->tracked[i].book);
    }
    text_add(out, "phase=");
    text_add(out, words[state->phase]);
    if (state->phase == PHASE_HISTORY) {
        text_add(out, " blocks=");
        text_add_u64(out, state->history.covered);
        text_add(out, " of=");
        text_add_u64(out, state->history.to - state->history.from + 1);
    }
    if (state->phase >= PHASE_HISTORY && state->phase < PHASE_FOLLOW) {
        text_add(out, " accounts=");
        text_add_u64(out, count);
    }
    if (state->phase == PHASE_ACCOUNTS) {
        text_add(out, " unread=");
        text_add_u64(out, stale);
        text_add(out, " reads=");
        text_add_u64(out, state->round.next);
        text_add(out, " of=");
        text_add_u64(out, state->round.reads.count);
    }
}

void sync_progress(struct turn_state *state)
{
    if (state->phase == PHASE_FOLLOW || state->phase == PHASE_GREET ||
        state->phase == PHASE_STOPPED)
        return;
    if (state->round.state == ROUND_UNKNOWN_BLOCK || state->round.state == ROUND_FAILED) {
        blocks_strayed(state);
        sync_start(state, state->round.state == ROUND_FAILED
                              ? state->round.why
                              : "the node no longer has the block that was being read");
        return;
    }
    if (state->phase == PHASE_TERMS)
        terms_progress(state);
    if (state->phase == PHASE_HISTORY)
        history_progress(state);
    if (state->phase == PHASE_ACCOUNTS)
        accounts_progress(state);
    if (state->phase == PHASE_PARITY && state->round.state == ROUND_DONE && parity_judge(state))
        follow_start(state);
}
