/*
 * The head moves on, leaps ahead, or turns out never to have been. A fork is followed by going back
 * to the block that both branches have: book, market and memory stand as they did there, and only
 * what the new branch's logs name is read again. Nothing is decided before a block is read whole.
 */
#include "turn/inside.h"

/* What has to be taken before the newest block can be: the logs of [from, newest], as a range as
 * far as no fork reaches and by hash behind that. */
void span_begin(struct turn_state *state, uint64_t from, const struct header *newest)
{
    uint64_t to = newest->number;

    pin_begin(&state->pin, newest, from, state->follow.endpoint);
    if (to >= state->pin.count && from <= to - state->pin.count)
        history_begin(&state->history, from, to - state->pin.count,
                      state->settings.chain.log_range_max);
    else
        history_begin(&state->history, 1, 0, state->settings.chain.log_range_max); /* no range */
}

const char *span_failure(const struct turn_state *state)
{
    if (state->pin.state == PIN_FAILED)
        return state->pin.why;
    return state->history.state == HISTORY_FAILED ? state->history.why : NULL;
}

bool span_is_done(const struct turn_state *state)
{
    return state->pin.state == PIN_DONE && state->history.state == HISTORY_DONE;
}

void span_finish(struct turn_state *state, const struct log_sink_to *sink)
{
    log_store_deliver(&state->pin.store, sink);
    pin_abandon(&state->pin);
}

void span_abandon(struct turn_state *state)
{
    pin_abandon(&state->pin);
    history_abandon(&state->history);
}

/* ---- the head */

static void head_arrived(struct turn_state *state)
{
    state->is_ready = false;
    state->is_behind = false;
    state->is_updating = true;
    blocks_begin(state, &state->follow.header);
}

/* What is known of blocks that may never have been is believed no more. */
static void lost(struct turn_state *state, const char *why)
{
    event_resync(state, &state->follow.newest, why);
    flights_reorg(state, 0);
    memory_rewind(state, 0);
    simulate_rewind(state, 0);
    updates_rewind(state, 0);
    sync_start(state, why);
}

/* False: what stood there is gone, everything is read again. */
static bool reorg(struct turn_state *state)
{
    const struct block_ref *fork = &state->follow.fork;

    state->counters.reorgs++;
    event_reorg(state, fork->number, &state->follow.newest);
    if (!checkpoint_rewind(state, fork)) {
        lost(state, state->header.number - fork->number > BOOK_UNDO_DEPTH
                        ? "a fork deeper than the 64 blocks that can be undone"
                        : "a fork to a block that can no longer be undone: more changed since than "
                          "is kept");
        return false;
    }
    state->is_updating = false;
    round_abandon(&state->round);
    doubts_carry(state);
    flights_reorg(state, fork->number);
    memory_rewind(state, fork->number);
    simulate_rewind(state, fork->number);
    updates_rewind(state, fork->number);
    return true;
}

static void followed(struct turn_state *state)
{
    struct log_sink_to sink = blocks_log_sink(state);

    head_deliver(&state->follow, &sink);
    head_arrived(state);
}

/* Said when it begins and when it ends, not at every poll between. */
static void head_failed(struct turn_state *state, const char *why)
{
    state->head_failures++;
    if (state->head_failures < HEAD_FAILURES_MAX)
        return;
    state->is_ready = false;
    state->why = why;
    if (state->head_failures == HEAD_FAILURES_MAX)
        state_note(state, NOTE_WARNING, "no head", why);
}

static void wide_start(struct turn_state *state)
{
    state->is_ready = false;
    if (state->follow.is_fork && !reorg(state))
        return;
    state->is_wide = true;
    span_begin(state, state->follow.gap.from, &state->follow.newest);
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
            state->is_ready = false; /* there is a newer block than the mirror stands at */
            return;
        }
        if (state->is_behind)
            head_arrived(state); /* the logs are known, the reads are not */
        else if (!state->is_ready) {
            state->is_ready = state->judge_again = true;
            state->why = NULL;
        }
        return;
    case HEAD_REORG:
        if (reorg(state))
            followed(state);
        return;
    case HEAD_NEW:
        followed(state);
        return;
    case HEAD_WIDE:
        wide_start(state);
        return;
    case HEAD_LOST:
        lost(state, state->follow.why);
        return;
    case HEAD_FAILED:
        head_failed(state, state->follow.why);
        return;
    }
}

bool follow_answer(struct turn_state *state, const struct observation *observation)
{
    struct round_sink read_sink = blocks_read_sink(state);
    struct head_context context = {&state->filter, &state->answers, &state->asks, state->now_ms};
    bool is_mine;
    enum head_outcome outcome = head_answer(&is_mine, &state->follow, observation, &context);

    if (is_mine) {
        breakers_answered(&state->gate.breakers, &state->settings.limits, outcome != HEAD_FAILED,
                          state->now_ms);
        head_take(state, outcome);
        return true;
    }
    return round_answer(&state->round, observation, &state->answers, &read_sink) ||
           doubts_answer(state, observation);
}

static void wide_progress(struct turn_state *state)
{
    struct log_sink_to sink = blocks_log_sink(state);

    if (!state->is_wide)
        return;
    if (span_failure(state) != NULL) {
        const char *why = span_failure(state);

        span_abandon(state);
        state->is_wide = false; /* the next poll begins it anew: what was touched stays so */
        head_failed(state, why);
        return;
    }
    if (!span_is_done(state))
        return;
    state->is_wide = false;
    span_finish(state, &sink);
    checkpoint_forget(state);
    head_set(&state->follow, &state->follow.newest);
    head_arrived(state);
}

/* Everything is read that could be: who is whole may be decided on. */
static void block_finish(struct turn_state *state)
{
    state->is_updating = false;
    state->is_ready = true;
    state->why = NULL;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        market_prepare(state, &state->tracked[i]);
    }
    audit_judge(state);
    if (state->filter_is_stale)
        blocks_filter(state);
    state->checkpoint_is_due = true;
    if (parity_is_due(state))
        parity_start(state);
    else
        decide(state);
}

static void block_unread(struct turn_state *state)
{
    state->why = state->round.state == ROUND_FAILED ? state->round.why
                                                    : "the node does not know the newest block yet";
    state_note(state, NOTE_WARNING, "block not read", state->why);
    state->is_updating = false;
    state->is_behind = true;
    blocks_strayed(state);
    round_abandon(&state->round);
}

void follow_progress(struct turn_state *state)
{
    if (state->phase != PHASE_FOLLOW)
        return;
    wide_progress(state);
    doubts_settle(state);
    if (!state->is_updating)
        return;
    if (state->round.state == ROUND_UNKNOWN_BLOCK || state->round.state == ROUND_FAILED) {
        block_unread(state);
        return;
    }
    if (state->round.state == ROUND_DONE && !blocks_round(state, true))
        block_finish(state);
}

int64_t follow_poll_at_ms(const struct turn_state *state)
{
    struct hint_poll poll = {.stands = &state->follow.header.hash,
                             .polled_ms = state->polled_ms,
                             .poll_at_ms = state->poll_at_ms,
                             .poll_ms = state->settings.chain.poll_ms,
                             .is_well = state->is_ready};

    return hint_poll_at_ms(&state->hint, &poll);
}

void follow_poll(struct turn_state *state)
{
    if (state->phase != PHASE_FOLLOW || state->purpose == PURPOSE_LOOK || state->is_wide ||
        state->is_updating || state->follow.state != HEAD_IDLE ||
        state->now_ms < follow_poll_at_ms(state))
        return;
    state->hint.is_open = false;
    state->polled_ms = state->now_ms;
    state->poll_at_ms = state->now_ms + state->settings.chain.poll_ms;
    breakers_asked(&state->gate.breakers, state->now_ms);
    head_ask(&state->follow, &state->asks, &state->filter);
}
