/*
 * The one path. Observations are handed to whoever asked; then everything that can move on does;
 * then what is to be asked next is asked. Nothing here knows whether the world is live or a tape.
 */
#include "turn/turn.h"

#include <stdlib.h>
#include <string.h>

#include "turn/arm.h"
#include "turn/judge.h"

/* A turn happens at least so often while nothing else wakes it: the watchdog is fed by turns. */
#define IDLE_MS 1000

struct turn_state *turn_new(const struct settings *settings, enum purpose purpose)
{
    struct turn_state *state = must_alloc(1, sizeof(*state));

    state->settings = *settings;
    state->purpose = purpose;
    state->asks.arena = &state->arena;
    state->actions.asks = &state->asks;
    state->history_next = UINT64_MAX;
    table_init(&state->memory_table, sizeof(struct address) + 1, settings->chain.id);
    for (uint32_t i = 0; i < settings->market_count; i++) {
        const struct market_settings *market = &settings->market[i];
        struct tracked *tracked = &state->tracked[state->tracked_count++];
        uint32_t protocol = protocol_find(market->protocol);

        MUST(protocol != UINT32_MAX); /* keeper/config refuses unknown protocols */
        tracked->protocol = protocol_at(protocol);
        tracked->book = book_new(settings->chain.id);
        tracked->watch = watch_new();
        market_init(&tracked->market, market->name, protocol, &market->address);
        if (market->from_block < state->history_next)
            state->history_next = market->from_block;
    }
    return state;
}

void turn_free(struct turn_state *state)
{
    if (state == NULL)
        return;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        watch_free(state->tracked[i].watch);
        book_free(state->tracked[i].book);
        free(state->tracked[i].copies);
        risk_sweep_release(&state->tracked[i].sweep);
    }
    order_release(&state->judging.order);
    table_release(&state->memory_table);
    free(state->memory);
    log_filter_release(&state->filter);
    log_filter_release(&state->history_filter);
    head_release(&state->follow);
    pin_release(&state->pin);
    round_release(&state->round);
    round_release(&state->doubts.round);
    read_list_release(&state->wanted);
    rpc_answers_release(&state->answers);
    ask_list_release(&state->asks);
    buffer_release(&state->pool_data);
    arena_release(&state->arena);
    free(state);
}

void turn_reload(struct turn_state *state, const struct settings *settings)
{
    state->settings.limits = settings->limits;
    state->settings.haircut_bps = settings->haircut_bps;
    state->settings.simulate = settings->simulate;
    state->settings.receive = settings->receive;
    state->settings.audit_accounts = settings->audit_accounts;
    state->settings.tip_profit_share = settings->tip_profit_share;
    state->settings.race_profit_share = settings->race_profit_share;
    state->settings.armed = settings->armed;
    state->settings.way_out = settings->way_out;
    state->settings.private_blocks = settings->private_blocks;
    state->settings.chain.poll_ms = settings->chain.poll_ms;
}

/* A signal's word has no body. */
static bool is_of_file(const struct observation *observation)
{
    return bytes_equal(observation->body, bytes_of_text("file"));
}

static void command_take(struct turn_state *state, const struct observation *observation)
{
    if (bytes_equal(observation->key, bytes_of_text("stop")))
        state_stop(state, 0, "stopped by the operator");
    else if (bytes_equal(observation->key, bytes_of_text("go")))
        state->prepare_go = true;
    else if (bytes_equal(observation->key, bytes_of_text("kill")))
        breakers_command(&state->gate.breakers, true, is_of_file(observation));
    else if (bytes_equal(observation->key, bytes_of_text("resume")))
        breakers_command(&state->gate.breakers, false, is_of_file(observation));
}

/* An operator's stop comes before whatever was heard ahead of it in this turn. */
static void kills_take(struct turn_state *state, const struct observation *observations,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (observations[i].kind == OBSERVATION_COMMAND &&
            bytes_equal(observations[i].key, bytes_of_text("kill")))
            command_take(state, &observations[i]);
}

static void observation_take(struct turn_state *state, const struct observation *observation)
{
    switch (observation->kind) {
    case OBSERVATION_ANSWER:
        if (sync_answer(state, observation) || follow_answer(state, observation) ||
            simulate_answer(state, observation) || estimates_answer(state, observation) ||
            flights_answer(state, observation) || inquiry_answer(state, observation) ||
            fees_answer(state, observation) || arm_answer(state, observation) ||
            pending_answer(state, observation))
            return;
        return; /* late: of a question that was given up */
    case OBSERVATION_SIGNED:
        flights_signed(state, observation);
        return;
    case OBSERVATION_RESTORED:
        flights_restore(state, observation);
        return;
    case OBSERVATION_COMMAND:
        command_take(state, observation);
        return;
    case OBSERVATION_PUSH:
        hint_take(&state->hint, observation);
        return;
    case OBSERVATION_POOL:
        pending_take(state, observation);
        return;
    }
}

static void not_ready_say(struct turn_state *state)
{
    static const char *const words[] = {"greeting the node",
                                        "reading the markets",
                                        "reading who borrowed",
                                        "reading positions",
                                        "comparing a sample",
                                        "reading the newest block",
                                        "stopped"};
    const char *why = words[state->phase];

    for (uint32_t i = 0; i < state->tracked_count && state->is_ready; i++) {
        if (state->tracked[i].market.trust != MARKET_TRUSTED &&
            state->tracked[i].market.trust != MARKET_UNPROVED)
            why = state->tracked[i].why;
    }
    if (state->is_ready && why == words[state->phase])
        why = "";
    if (!state->is_ready && state->phase == PHASE_FOLLOW && state->why != NULL)
        why = state->why;
    memset(state->not_ready, 0, sizeof(state->not_ready));
    strncpy(state->not_ready, why, sizeof(state->not_ready) - 1);
}

static void state_ask(struct turn_state *state)
{
    sync_greet(state);
    follow_poll(state);
    if (state->phase == PHASE_FOLLOW && !state->is_updating) {
        flights_ask(state);
        inquiry_ask(state);
    }
    simulate_ask(state);
    fees_ask(state);
    arm_ask(state);
    pending_ask(state);
    round_ask(&state->round, &state->asks, &state->settings.chain.multicall);
    round_ask(&state->doubts.round, &state->asks, &state->settings.chain.multicall);
    history_ask(&state->history, &state->asks,
                state->is_wide ? &state->filter : &state->history_filter);
    pin_ask(&state->pin, &state->asks, state->is_wide ? &state->filter : &state->history_filter);
}

static int64_t state_wake(const struct turn_state *state)
{
    int64_t wake = state->now_ms + IDLE_MS;

    if (state->phase == PHASE_GREET && state->greeting_ask == 0 && state->greet_at_ms < wake)
        wake = state->greet_at_ms;
    if (state->phase == PHASE_FOLLOW && state->follow.state == HEAD_IDLE && !state->is_updating &&
        !state->is_wide && follow_poll_at_ms(state) < wake)
        wake = follow_poll_at_ms(state);
    if (pending_wake_ms(state) < wake)
        wake = pending_wake_ms(state);
    if ((state->judge_again && state->is_ready) || decide_is_open(state))
        wake = state->now_ms;
    return wake;
}

const struct actions *turn(struct turn_state *state, int64_t now_ms,
                           const struct observation *observations, size_t count)
{
    if (now_ms > state->now_ms)
        state->now_ms = now_ms;
    state->turns++;
    arena_clear(&state->arena);
    state->actions.count = 0;
    state->asks.count = 0;
    state->simulate_count = 0;
    checkpoint_catch_up(state);
    kills_take(state, observations, count);
    gate_tick(&state->gate, state->now_ms, state->is_ready);
    breakers_tick(&state->gate.breakers, &state->settings.limits, state->now_ms);
    breakers_say(state);
    for (size_t i = 0; i < count && state->phase != PHASE_STOPPED; i++) {
        checkpoint_catch_up(state);
        observation_take(state, &observations[i]);
        sync_progress(state);
        follow_progress(state);
    }
    if (state->judge_again && state->phase == PHASE_FOLLOW && state->is_ready)
        decide(state);
    else if (state->phase == PHASE_FOLLOW && decide_is_open(state))
        decide_go_on(state);
    if (state->purpose == PURPOSE_PREPARE)
        prepare_progress(state);
    if (state->phase == PHASE_FOLLOW && state->purpose != PURPOSE_LOOK) {
        if (!turn_hurries(state))
            flights_settle_deep(state);
        flights_tend(state);
        backrun(state);
    }
    arm_tend(state);
    if (!turn_hurries(state))
        checkpoint_catch_up(state);
    if (state->phase != PHASE_STOPPED)
        state_ask(state);
    breakers_say(state);
    sync_say(state);
    not_ready_say(state);
    state->actions.wake_ms = state_wake(state);
    return &state->actions;
}
