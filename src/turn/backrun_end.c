/*
 * Behind an update that never lands a liquidation reverts, for nothing, and its nonce stands in the
 * way of every other. So it waits for as long as its update may land next, is raised by nobody
 * meanwhile, and is taken back when the update is gone.
 */
#include "turn/inside.h"

/* Heads that its update may take; then it is no use. */
#define BACKRUN_BLOCKS 2

static const struct pending_update *update_of(struct turn_state *state, const struct flight *flight)
{
    return flight->is_cancel || hash32_is_zero(&flight->behind)
               ? NULL
               : update_find(state, &flight->behind);
}

static bool is_late(const struct turn_state *state, const struct flight *flight)
{
    return state->header.number >= flight->decided_block + BACKRUN_BLOCKS;
}

/* Of one that is not known nothing was asked yet; it is soon. */
static enum update_state fate_of(struct turn_state *state, const struct flight *flight)
{
    const struct pending_update *update = update_of(state, flight);

    return update == NULL ? UPDATE_HEARD : update->state;
}

bool backrun_waits(struct turn_state *state, const struct flight *flight)
{
    enum update_state fate;

    if (flight->is_cancel || hash32_is_zero(&flight->behind))
        return false;
    fate = fate_of(state, flight);
    return (fate == UPDATE_HEARD || fate == UPDATE_NEXT) && !is_late(state, flight);
}

bool backrun_is_void(struct turn_state *state, const struct flight *flight)
{
    if (flight->is_cancel || hash32_is_zero(&flight->behind))
        return false;
    switch (fate_of(state, flight)) {
    case UPDATE_FREE:
    case UPDATE_HEARD:
    case UPDATE_NEXT:
        return is_late(state, flight);
    case UPDATE_GONE:
    case UPDATE_REFUSED:
        return true;
    case UPDATE_LANDED:
        return false; /* from here on it is a liquidation like any other */
    }
    return true;
}

static void outcome_say(struct turn_state *state, enum backrun_outcome outcome,
                        const struct hash32 *behind)
{
    char hash[HASH32_TEXT_SIZE];
    TEXT pairs = {0};

    state->counters.backruns[outcome]++;
    hash32_format(hash, behind);
    text_add(&pairs, "outcome=");
    text_add(&pairs, backrun_outcome_text(outcome));
    text_add(&pairs, " behind=");
    text_add(&pairs, hash);
    state_note(state, NOTE_INFO, "backrun", text_string(&pairs));
}

static void landed_say(struct turn_state *state, const struct backrun_ended *ended,
                       const struct pending_update *update)
{
    bool is_behind =
        update != NULL && update->state == UPDATE_LANDED && update->landed_block == ended->block;

    outcome_say(state, is_behind ? BACKRUN_BEHIND : BACKRUN_LATER, &ended->behind);
}

static void ended_remove(struct pending *pending, uint32_t index)
{
    pending->ended_count--;
    for (uint32_t i = index; i < pending->ended_count; i++)
        pending->ended[i] = pending->ended[i + 1];
}

/* The receipt came before the update's own. */
static void landed_wait(struct turn_state *state, const struct backrun_ended *ended)
{
    struct pending *pending = &state->pending;

    if (pending->ended_count == ENDED_MAX) {
        landed_say(state, &pending->ended[0], NULL);
        ended_remove(pending, 0);
    }
    pending->ended[pending->ended_count++] = *ended;
}

void backrun_end(struct turn_state *state, const struct flight *flight)
{
    const struct backrun_ended ended = {flight->behind, flight->mined_block};
    const struct pending_update *update;

    if (hash32_is_zero(&flight->behind) || flight->has_landed_before ||
        state->settings.mode != KEEPER_LIVE)
        return;
    switch (flight->state) {
    case FLIGHT_MINED:
        update = update_find(state, &flight->behind);
        if (update != NULL && (update->state == UPDATE_HEARD || update->state == UPDATE_NEXT))
            landed_wait(state, &ended);
        else
            landed_say(state, &ended, update);
        return;
    case FLIGHT_REVERTED:
        outcome_say(state, BACKRUN_REVERTED, &flight->behind);
        return;
    case FLIGHT_CANCELLED:
    case FLIGHT_DROPPED:
        outcome_say(state, BACKRUN_MISSED, &flight->behind);
        return;
    case FLIGHT_FREE:
    case FLIGHT_DRAFTED:
    case FLIGHT_SIGNED:
    case FLIGHT_SENT:
    case FLIGHT_SEEN:
        return;
    }
}

void backrun_settle(struct turn_state *state, const struct pending_update *update)
{
    struct pending *pending = &state->pending;

    for (uint32_t i = 0; i < pending->ended_count;) {
        const struct backrun_ended ended = pending->ended[i];

        if (!hash32_is_equal(&ended.behind, &update->transaction.hash)) {
            i++;
            continue;
        }
        ended_remove(pending, i);
        landed_say(state, &ended, update);
    }
}

const char *backrun_outcome_text(enum backrun_outcome outcome)
{
    switch (outcome) {
    case BACKRUN_FIRED:
        return "fired";
    case BACKRUN_BEHIND:
        return "behind";
    case BACKRUN_LATER:
        return "later";
    case BACKRUN_MISSED:
        return "missed";
    case BACKRUN_REVERTED:
        return "reverted";
    }
    return "missed";
}

const char *pool_count_text(enum pool_count count)
{
    switch (count) {
    case POOL_SEEN:
        return "seen";
    case POOL_DROPPED:
        return "dropped";
    case POOL_UNDERSTOOD:
        return "understood";
    case POOL_UNKNOWN:
        return "unknown";
    case POOL_GONE:
        return "gone";
    case POOL_RIGHT:
        return "right";
    case POOL_WRONG:
        return "wrong";
    case POOL_OF_NO_PROOF:
        return "no_proof";
    case POOL_OF_NONCE:
        return "nonce";
    case POOL_OF_REVERT:
        return "revert";
    case POOL_OF_FEE:
        return "fee";
    case POOL_OF_CEILING:
        return "ceiling";
    case POOL_OF_CONTRADICT:
        return "contradiction";
    }
    return "dropped";
}
