/*
 * One block at a time: its logs say what is stale, reads at its hash make it known again, and only
 * when nothing is wanted any more is anything decided. A block that cannot be finished stays
 * undecided; what is stale stays stale until it has been read.
 */
#include <string.h>

#include "eth/abi.h"
#include "turn/inside.h"

/* The keeper's own gas balance is asked of the multicall contract itself, in the same call. */
#define MARKET_OF_CHAIN UINT8_MAX

void blocks_filter(struct turn_state *state)
{
    log_filter_clear(&state->filter);
    for (uint32_t i = 0; i < state->tracked_count; i++)
        state->tracked[i].protocol->filter(&state->filter, &state->tracked[i].market);
    state->filter_is_stale = false;
}

void blocks_begin(struct turn_state *state, const struct header *header)
{
    if (state->header.number != 0 && header->number == state->header.number + 1 &&
        header->timestamp_s > state->header.timestamp_s)
        state->block_interval_s = header->timestamp_s - state->header.timestamp_s;
    if (!hash32_is_equal(&state->header.hash, &header->hash))
        breakers_head(&state->gate.breakers, state->now_ms);
    state->header = *header;
    state->rounds = 0;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        market_begin_block(&state->tracked[i].market, header);
        state->tracked[i].is_complete = false;
    }
    (void)blocks_round(state, state->phase == PHASE_FOLLOW);
}

static void balance_want(struct turn_state *state)
{
    struct read *read = read_list_add(&state->wanted);
    BUFFER data = {0};

    abi_add_selector(&data, "getEthBalance(address)");
    abi_add_address(&data, &state->settings.account);
    memcpy(read->data, data.data, data.size);
    read->data_size = (uint8_t)data.size;
    read->target = state->settings.chain.multicall;
    read->market = MARKET_OF_CHAIN;
}

static void accounts_want(struct turn_state *state, struct tracked *tracked)
{
    uint32_t cursor = 0;
    uint32_t slot;

    while ((slot = book_next_stale(tracked->book, &cursor)) != TABLE_NONE) {
        struct position position = book_position(tracked->book, slot);

        tracked->protocol->want_account(&state->wanted, &tracked->market, &position, slot);
    }
}

bool blocks_round(struct turn_state *state, bool with_accounts)
{
    read_list_clear(&state->wanted);
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];
        size_t first = state->wanted.count;

        tracked->protocol->want_market(&state->wanted, &tracked->market);
        if (with_accounts)
            accounts_want(state, tracked);
        for (; first < state->wanted.count; first++)
            state->wanted.read[first].market = (uint8_t)i;
    }
    if (state->rounds == 0)
        balance_want(state);
    if (state->wanted.count == 0 || ++state->rounds > ROUNDS_MAX)
        return false;
    round_begin(&state->round, &state->wanted, &state->header.hash, state->follow.endpoint);
    return true;
}

/* ---- what logs and reads do to the state */

static void liquidation_note(struct turn_state *state, uint32_t index,
                             const struct touched *touched)
{
    struct memory *memory;

    if (address_is_equal(&touched->liquidation.liquidator, &state->settings.account))
        return;
    memory = memory_of(state, index, &touched->liquidation.account);
    if (memory->first_block == 0)
        return;
    state->counters.missed++;
    event_missed(state, index, touched, memory);
}

static void log_touch(void *context, const struct log *log)
{
    struct turn_state *state = context;

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];
        struct touched touched = {0};
        enum touch_error error = tracked->protocol->touch(&touched, &tracked->market, log);

        if (error == TOUCH_UNDECODABLE)
            tracked->undecodable++;
        if (error != TOUCH_OK)
            continue;
        for (uint32_t k = 0; k < touched.count; k++) {
            const struct touched_account *one = &touched.account[k];

            if (one->is_borrower || book_find(tracked->book, &one->account) != TABLE_NONE)
                (void)book_touch(tracked->book, &one->account, one->reserve);
        }
        if (tracked->market.stale != 0)
            state->filter_is_stale = true;
        if (touched.is_liquidation && state->phase == PHASE_FOLLOW)
            liquidation_note(state, i, &touched);
    }
}

static void log_history(void *context, const struct log *log)
{
    struct turn_state *state = context;

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];
        struct touched touched = {0};
        struct market *market = &tracked->market;

        if (tracked->protocol->touch(&touched, market, log) != TOUCH_OK)
            continue;
        for (uint32_t k = 0; k < touched.count; k++) {
            if (touched.account[k].is_borrower)
                (void)book_touch(tracked->book, &touched.account[k].account, RESERVE_NONE);
        }
    }
}

struct log_sink_to blocks_log_sink(struct turn_state *state)
{
    return (struct log_sink_to){state, log_touch};
}

struct log_sink_to blocks_history_sink(struct turn_state *state)
{
    return (struct log_sink_to){state, log_history};
}

static void health_compare(struct turn_state *state, uint32_t index,
                           const struct account_fact *fact)
{
    struct tracked *tracked = &state->tracked[index];
    struct position position = book_position(tracked->book, fact->account);
    struct wad theirs = {fact->value};
    struct health health = {0};
    enum health_error error = tracked->protocol->health(&health, &tracked->market, &position);

    if (error == HEALTH_OK && u256_is_equal(&health.factor.value, &theirs.value)) {
        tracked->parity_equal++;
        return;
    }
    if (error != HEALTH_OK)
        return; /* not judged, hence not believed either */
    tracked->parity_wrong++;
    book_set_drifted(tracked->book, fact->account, true);
    event_drift(state, index, &position.account, &health.factor, &theirs);
}

static void read_result(void *context, const struct read *read, bool succeeded, struct bytes data)
{
    struct turn_state *state = context;
    struct tracked *tracked;
    struct account_fact fact = {0};
    enum read_error error;

    if (read->market == MARKET_OF_CHAIN) {
        if (succeeded && abi_u256(&state->gas_balance.value, data, 0))
            state->counters.gas_balance = state->gas_balance;
        return;
    }
    tracked = &state->tracked[read->market];
    error = tracked->protocol->accept(&fact, &tracked->market, read, succeeded, data);
    if (error != READ_OK)
        tracked->read_errors++;
    if (fact.kind == ACCOUNT_FACT_NONE)
        return;
    fact.account = read->account;
    if (fact.kind == ACCOUNT_FACT_HEALTH)
        health_compare(state, read->market, &fact);
    else
        book_apply(tracked->book, &fact);
}

struct round_sink blocks_read_sink(struct turn_state *state)
{
    return (struct round_sink){state, read_result};
}

/* ---- following */

static void wide_start(struct turn_state *state)
{
    state->is_wide = true;
    history_begin(&state->history, state->follow.gap.from, state->follow.gap.to,
                  state->settings.chain.log_range_max);
}

static void reorg(struct turn_state *state)
{
    state->counters.reorgs++;
    flights_reorg(state, state->follow.fork_number);
    event_reorg(state, state->follow.fork_number, &state->follow.header);
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        book_touch_all(tracked->book);
        market_touch_all(&tracked->market);
    }
}

static void head_arrived(struct turn_state *state)
{
    state->is_ready = false;
    state->is_behind = false;
    state->is_updating = true;
    blocks_begin(state, &state->follow.header);
}

/* Said when it begins and when it ends, not at every poll between. */
static void head_failed(struct turn_state *state)
{
    state->head_failures++;
    if (state->head_failures < HEAD_FAILURES_MAX)
        return;
    state->is_ready = false;
    if (state->head_failures == HEAD_FAILURES_MAX)
        state_note(state, NOTE_WARNING, "no head", state->follow.why);
}

static void head_take(struct turn_state *state, enum head_outcome outcome)
{
    if (outcome != HEAD_FAILED) {
        if (state->head_failures >= HEAD_FAILURES_MAX)
            state_note(state, NOTE_INFO, "heads again", "");
        state->head_failures = 0;
    }
    switch (outcome) {
    case HEAD_NOTHING:
        if (state->follow.state != HEAD_IDLE) {
            state->is_ready = false; /* logs of the way there are in, its reads are not */
            return;
        }
        if (state->is_behind)
            head_arrived(state); /* the logs are known, the reads are not */
        else if (!state->is_ready)
            state->is_ready = state->judge_again = true;
        return;
    case HEAD_REORG:
        reorg(state);
        head_arrived(state);
        return;
    case HEAD_NEW:
        head_arrived(state);
        return;
    case HEAD_WIDE:
        state->is_ready = false;
        wide_start(state);
        return;
    case HEAD_LOST:
        flights_reorg(state, 0); /* nobody knows how far back it goes */
        sync_start(state, "no block in common with the node's chain within reach");
        return;
    case HEAD_FAILED:
        head_failed(state);
        return;
    }
}

bool blocks_answer(struct turn_state *state, const struct observation *observation)
{
    struct log_sink_to log_sink = blocks_log_sink(state);
    struct round_sink read_sink = blocks_read_sink(state);
    struct head_context context = {&state->filter, &log_sink, &state->answers, &state->asks,
                                   state->now_ms};
    bool is_mine;
    enum head_outcome outcome = head_answer(&is_mine, &state->follow, observation, &context);

    if (is_mine) {
        breakers_answered(&state->gate.breakers, &state->settings.limits, outcome != HEAD_FAILED,
                          state->now_ms);
        head_take(state, outcome);
        return true;
    }
    return round_answer(&state->round, observation, &state->answers, &read_sink);
}

static void wide_progress(struct turn_state *state)
{
    if (!state->is_wide)
        return;
    if (state->history.state == HISTORY_FAILED) {
        sync_start(state, state->history.why);
        return;
    }
    if (state->history.state != HISTORY_DONE)
        return;
    state->is_wide = false;
    head_set(&state->follow, &state->follow.newest);
    head_arrived(state);
}

/* Everything is read that could be: who is whole may be decided on. */
static void block_finish(struct turn_state *state)
{
    state->is_updating = false;
    state->is_ready = true;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        tracked->is_complete =
            market_is_complete(&tracked->market) &&
            tracked->protocol->prepare(&tracked->market, state->header.timestamp_s);
        if (!tracked->is_complete)
            state_note(state, NOTE_WARNING, "market incomplete at this block",
                       tracked->market.name);
    }
    if (state->filter_is_stale)
        blocks_filter(state);
    if (parity_is_due(state))
        parity_start(state);
    else
        decide(state);
}

void blocks_progress(struct turn_state *state)
{
    if (state->phase != PHASE_FOLLOW)
        return;
    wide_progress(state);
    if (!state->is_updating)
        return;
    if (state->round.state == ROUND_UNKNOWN_BLOCK || state->round.state == ROUND_FAILED) {
        state_note(state, NOTE_WARNING, "block not read",
                   state->round.state == ROUND_FAILED ? state->round.why
                                                      : "the node does not know it yet");
        state->is_updating = false;
        state->is_behind = true;
        round_abandon(&state->round);
        return;
    }
    if (state->round.state == ROUND_DONE && !blocks_round(state, true))
        block_finish(state);
}

void blocks_poll(struct turn_state *state)
{
    if (state->phase != PHASE_FOLLOW || state->purpose == PURPOSE_LOOK || state->is_wide ||
        state->is_updating || state->follow.state != HEAD_IDLE || state->now_ms < state->poll_at_ms)
        return;
    state->poll_at_ms = state->now_ms + state->settings.chain.poll_ms;
    breakers_asked(&state->gate.breakers, state->now_ms);
    head_ask(&state->follow, &state->asks, &state->filter);
}
