/*
 * Who goes where, and who must wait. Asks are looked at in the order of their line. An ask that
 * waits for an endpoint's rate or place holds it: nobody behind it slips through, so a large batch
 * is not starved by small ones. A resting endpoint is taken only where no other is left, and then
 * by one ask, which finds out; an ask that already failed somewhere does not wait for one to wake,
 * unless it waits for limits to pass (settle.c).
 */
#include "rpc/state.h"

/* Reads leave one place of each endpoint that takes sends: ten seconds of slow reads must not hold
 * up a liquidation. */
#define PLACES_KEPT_FOR_SENDS 1

enum place { PLACE_NOW, PLACE_LATER, PLACE_NONE };

/* One look at the line. */
struct pass {
    int64_t now_us;
    int64_t wake_us; /* the next moment at which somebody may go */
    uint32_t held;   /* a bit for each endpoint that somebody further ahead waits for */
};

static void wake_by(struct pass *pass, int64_t at_us)
{
    if (at_us < pass->wake_us)
        pass->wake_us = at_us;
}

static bool takes_now(const struct endpoint *endpoint, const struct ask *ask, struct pass *pass)
{
    bool keeps = ask->role == RPC_ROLE_READ && (endpoint->roles & RPC_ROLE_SEND) != 0;
    if (endpoint->busy >= RPC_CONNECTIONS_MAX - (keeps ? PLACES_KEPT_FOR_SENDS : 0))
        return false;
    int64_t wait_us = rate_wait_us(&endpoint->rate, ask->calls, pass->now_us);
    if (wait_us > 0)
        wake_by(pass, pass->now_us + wait_us);
    return wait_us == 0;
}

/* The preferred one first, then as the config lists them. */
static size_t endpoint_at(const struct ask *ask, size_t position)
{
    if (ask->prefer < 0)
        return position;
    size_t preferred = (size_t)ask->prefer;
    if (position == 0)
        return preferred;
    return position <= preferred ? position - 1 : position;
}

/* Among those that are awake. One that was asked for by name is waited for. */
static enum place place_awake(const struct rpc *rpc, const struct ask *ask, struct pass *pass,
                              size_t *where)
{
    uint32_t visited = 0;
    for (size_t i = 0; i < rpc->endpoint_count; i++) {
        size_t index = endpoint_at(ask, i);
        uint32_t bit = 1u << index;
        if ((ask->eligible & ~ask->tried & bit) == 0 || rpc->endpoints[index].health.is_resting)
            continue;
        *where = index;
        if ((pass->held & bit) == 0 && takes_now(&rpc->endpoints[index], ask, pass))
            return PLACE_NOW;
        visited |= bit;
        if (ask->prefer == (int)index)
            break;
    }
    pass->held |= visited;
    return visited != 0 ? PLACE_LATER : PLACE_NONE;
}

/* Among those that rest: one whose time has come, by the one ask that finds out. */
static enum place place_resting(const struct rpc *rpc, const struct ask *ask, struct pass *pass,
                                size_t *where)
{
    uint32_t left = ask->eligible & ~ask->tried;
    for (size_t i = 0; i < rpc->endpoint_count; i++) {
        size_t index = endpoint_at(ask, i);
        const struct endpoint *endpoint = &rpc->endpoints[index];
        *where = index;
        if ((left & 1u << index) != 0 && health_wants_probe(&endpoint->health, pass->now_us) &&
            (pass->held & 1u << index) == 0 && takes_now(endpoint, ask, pass))
            return PLACE_NOW;
    }
    return left != 0 && (ask->tried == 0 || ask->limited_us != 0) ? PLACE_LATER : PLACE_NONE;
}

static enum place place_of(const struct rpc *rpc, const struct ask *ask, struct pass *pass,
                           size_t *where)
{
    enum place place = place_awake(rpc, ask, pass, where);
    return place != PLACE_NONE ? place : place_resting(rpc, ask, pass, where);
}

bool ask_has_place(const struct rpc *rpc, const struct ask *ask)
{
    struct pass pass = {.now_us = wires_clock_us(), .wake_us = INT64_MAX};
    size_t where;
    return place_of(rpc, ask, &pass, &where) != PLACE_NONE;
}

static void send_line(struct rpc *rpc, struct pass *pass)
{
    struct ask_line line = rpc->waiting;
    struct ask *ask;
    rpc->waiting = (struct ask_line){0};
    while ((ask = ask_line_take(&line)) != NULL) {
        size_t where;
        switch (place_of(rpc, ask, pass, &where)) {
        case PLACE_NOW:
            transfer_start(rpc, where, ask, rpc->endpoints[where].health.is_resting);
            break;
        case PLACE_LATER:
            ask_line_append(&rpc->waiting, ask);
            break;
        case PLACE_NONE:
            ask_line_append(&rpc->ended, ask);
            break;
        }
    }
}

/* Where others answer nobody tries an endpoint that rests, so we ask it ourselves: else it would
 * rest for ever. */
static void send_probes(struct rpc *rpc, struct pass *pass)
{
    bool someone_is_awake = false;
    for (size_t i = 0; i < rpc->endpoint_count; i++)
        someone_is_awake |= !rpc->endpoints[i].health.is_resting;
    for (size_t i = 0; i < rpc->endpoint_count; i++) {
        const struct endpoint *endpoint = &rpc->endpoints[i];
        if (!endpoint->health.is_resting || endpoint->health.is_probed)
            continue;
        if (endpoint->health.wake_us > pass->now_us) {
            wake_by(pass, endpoint->health.wake_us);
            continue;
        }
        if (endpoint->roles == 0)
            continue; /* a relay knows no such question: the next that is for it finds out */
        int64_t wait_us = rate_wait_us(&endpoint->rate, 1, pass->now_us);
        if (wait_us > 0 && someone_is_awake)
            wake_by(pass, pass->now_us + wait_us);
        else if (someone_is_awake && endpoint->busy < RPC_CONNECTIONS_MAX)
            transfer_start(rpc, i, NULL, true);
    }
}

void asks_dispatch(struct rpc *rpc)
{
    struct pass pass = {.now_us = wires_clock_us(), .wake_us = INT64_MAX};
    send_line(rpc, &pass);
    send_probes(rpc, &pass);
    if (pass.wake_us == INT64_MAX)
        ev_timer_stop(rpc->loop, &rpc->wake_timer);
    else
        wires_start_timer(rpc->loop, &rpc->wake_timer, pass.wake_us - pass.now_us);
}
