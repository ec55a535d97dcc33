/* An operator who loses races wants to know where the time went: in reading, in thinking, at the
 * signer, on the way to the node, or in the pool. */
#include "keeper/stages.h"

#include <time.h>

int64_t stages_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

double stages_seconds(int64_t from_us, int64_t to_us)
{
    return (double)(to_us - from_us) / 1e6;
}

static bool is_fetching(const struct turn_state *state)
{
    return state->is_updating || state->is_wide || state->is_behind ||
           state->follow.state == HEAD_LOGS_ASKED || state->follow.state == HEAD_WALKING;
}

/* From the turn that saw a new head to the one that had all of its reads; a newer head in between
 * begins anew. */
static void fetched(struct stages *stages, struct metrics *metrics, const struct turn_state *state,
                    int64_t began_us)
{
    if (state->phase != PHASE_FOLLOW) {
        stages->seen_us = 0;
        return;
    }
    if (is_fetching(state)) {
        if (stages->seen_us == 0 || !hash32_is_equal(&stages->head, &state->follow.newest.hash))
            stages->seen_us = began_us;
        stages->head = state->follow.newest.hash;
        return;
    }
    if (stages->seen_us == 0 || !state->is_ready ||
        !hash32_is_equal(&stages->head, &state->header.hash))
        return;
    metrics_observe(metrics, "stage_seconds", "stage=\"fetched\"",
                    stages_seconds(stages->seen_us, began_us));
    stages->seen_us = 0;
}

static void included(struct stages *stages, struct metrics *metrics, const struct action *action,
                     int64_t began_us)
{
    bool is_included = action->code == FLIGHT_MINED || action->code == FLIGHT_REVERTED;

    for (size_t i = 0; action->id != 0 && i < FLIGHTS_MAX; i++) {
        struct stages_flight *flight = &stages->flight[i];

        if (flight->id != action->id)
            continue;
        if (is_included && flight->sent_us != 0)
            metrics_observe(metrics, "stage_seconds", "stage=\"included\"",
                            stages_seconds(flight->sent_us, began_us));
        *flight = (struct stages_flight){0};
    }
}

void stages_turned(struct stages *stages, struct metrics *metrics, const struct turn_state *state,
                   int64_t began_us, int64_t now_us)
{
    double turn_seconds = stages_seconds(began_us, now_us);

    metrics_observe(metrics, "turn_seconds", NULL, turn_seconds);
    fetched(stages, metrics, state, began_us);
    if (stages->decided != state->counters.heads_decided)
        metrics_observe(metrics, "stage_seconds", "stage=\"decided\"", turn_seconds);
    stages->decided = state->counters.heads_decided;
    for (uint32_t i = 0; i < state->actions.count; i++) {
        if (state->actions.action[i].kind == ACTION_FORGET)
            included(stages, metrics, &state->actions.action[i], began_us);
    }
}

static void sign_asked(struct stages *stages, const struct turn_state *state, uint64_t id,
                       int64_t now_us)
{
    for (size_t i = 0; i < state->fleet.used; i++) {
        if (state->fleet.flight[i].state != FLIGHT_FREE && state->fleet.flight[i].id == id)
            stages->flight[i] = (struct stages_flight){.id = id, .sign_us = now_us};
    }
}

static void send_asked(struct stages *stages, const struct turn_state *state, const struct ask *ask,
                       int64_t now_us)
{
    for (size_t i = 0; i < state->fleet.used; i++) {
        struct stages_flight *flight = &stages->flight[i];

        if (state->send_ask[i] == ask->id && ask->is_kept) /* signed before it was a flight */
            *flight = (struct stages_flight){.id = state->fleet.flight[i].id};
        if (state->send_ask[i] != ask->id || flight->id != state->fleet.flight[i].id)
            continue; /* of an earlier life: since when is not known */
        flight->send_ask = ask->id;
        flight->send_us = now_us;
    }
}

void stages_asked(struct stages *stages, const struct turn_state *state, int64_t now_us)
{
    for (uint32_t i = 0; i < state->actions.count; i++) {
        if (state->actions.action[i].kind == ACTION_SIGN)
            sign_asked(stages, state, state->actions.action[i].id, now_us);
    }
    for (uint32_t i = 0; i < state->asks.count; i++) {
        if (state->asks.ask[i].is_send)
            send_asked(stages, state, &state->asks.ask[i], now_us);
    }
}

void stages_signed(struct stages *stages, struct metrics *metrics, uint64_t flight, int64_t now_us)
{
    for (size_t i = 0; flight != 0 && i < FLIGHTS_MAX; i++) {
        if (stages->flight[i].id != flight || stages->flight[i].sign_us == 0)
            continue;
        metrics_observe(metrics, "stage_seconds", "stage=\"signed\"",
                        stages_seconds(stages->flight[i].sign_us, now_us));
        stages->flight[i].sign_us = 0;
    }
}

void stages_answered(struct stages *stages, struct metrics *metrics, uint64_t ask, int64_t now_us)
{
    for (size_t i = 0; ask != 0 && i < FLIGHTS_MAX; i++) {
        struct stages_flight *flight = &stages->flight[i];

        if (flight->send_ask != ask)
            continue;
        metrics_observe(metrics, "stage_seconds", "stage=\"sent\"",
                        stages_seconds(flight->send_us, now_us));
        flight->send_ask = 0;
        if (flight->sent_us == 0)
            flight->sent_us = now_us;
    }
}
