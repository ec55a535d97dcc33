/*
 * Who finds in the morning that nothing was sent all night wants to read when that began, why, and
 * what would end it: each opening and each closing is said once.
 */
#include "turn/inside.h"

bool breakers_open(const struct turn_state *state, enum breaker which)
{
    const struct limit_settings *limits = &state->settings.limits;
    const struct gate_day *day = &state->gate.day;
    struct wei max_fee;
    struct wei tip;
    struct wei base_fee;

    switch (which) {
    case BREAKER_FEE_CEILING:
        return state->header.number != 0 && !decide_fees(state, &max_fee, &tip, &base_fee);
    case BREAKER_GAS_PER_DAY:
        return !u256_is_less(&day->gas_spent.value, &limits->gas_per_day_max.value);
    case BREAKER_LOSS_PER_DAY:
        return !u256_is_zero(&day->loss.value) &&
               !u256_is_less(&day->loss.value, &limits->loss_per_day_max.value);
    case BREAKER_KILL:
    case BREAKER_STALE_HEAD:
    case BREAKER_LATENCY:
    case BREAKER_REVERT_RATE:
    case BREAKER_DRIFT:
    case BREAKER_FUNDS:
        return breaker_is_open(&state->gate.breakers, which, limits, state->now_ms);
    }
    return true;
}

static void pair_add(struct text *out, const char *name, const char *value)
{
    text_add(out, name);
    text_add_json(out, bytes_of_text(value));
}

static void turned(struct turn_state *state, enum breaker which, bool is_open)
{
    struct breakers *breakers = &state->gate.breakers;
    const struct limit_settings *limits = &state->settings.limits;
    struct breaker_turned said = {breaker_text(which), is_open, "", ""};
    TEXT why = {0};
    TEXT pairs = {0};

    breakers->was_open[which] = is_open;
    breakers->openings[which] += is_open;
    if (is_open) {
        breaker_why(&why, breakers, which, limits, state->now_ms);
        said.closes_when = breaker_closes(breakers, which, limits);
    } else {
        text_add(&why, "what opened it is over");
        state->judge_again = true; /* whoever waits at this head may go */
    }
    said.why = text_string(&why);
    text_add(&pairs, "breaker=");
    text_add(&pairs, said.breaker);
    pair_add(&pairs, " why=", said.why);
    if (is_open)
        pair_add(&pairs, " closes_when=", said.closes_when);
    state_note(state, is_open ? NOTE_ERROR : NOTE_INFO, is_open ? "breaker open" : "breaker closed",
               text_string(&pairs));
    event_breaker(state, &said);
}

void breakers_say(struct turn_state *state)
{
    if (state->purpose != PURPOSE_RUN)
        return;
    for (int i = 0; i < BREAKER_COUNT; i++) {
        bool is_open = breakers_open(state, (enum breaker)i);

        if (is_open != state->gate.breakers.was_open[i] && state_has_room(state))
            turned(state, (enum breaker)i, is_open);
    }
}

void breakers_outcome(struct turn_state *state, bool has_reverted)
{
    TEXT json = {0};

    breakers_receipt(&state->gate.breakers, &state->settings.limits, has_reverted, state->now_ms);
    breakers_encode(&json, &state->gate.breakers);
    state_keep(state, "breakers", &json);
}
