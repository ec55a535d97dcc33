/*
 * From an admitted plan to its receipt. What is in doubt is asked for by hash and nonce; the same
 * bytes may be posted twice, the same nonce is never given to two calls.
 */
#include <string.h>

#include "turn/inside.h"

#define KEY_SIZE 40
#define KEY_LIVE "flight/"
#define KEY_LANDED "landed/"

static void flight_key(char out[KEY_SIZE], const char *prefix, uint64_t id)
{
    TEXT key = {0};

    text_add(&key, prefix);
    text_add_u64(&key, id);
    strncpy(out, text_string(&key), KEY_SIZE - 1);
    out[KEY_SIZE - 1] = '\0';
}

static bool is_dry(const struct turn_state *state)
{
    return state->settings.mode == KEEPER_DRY_RUN;
}

static void flight_keep_as(struct turn_state *state, const char *prefix,
                           const struct flight *flight)
{
    char key[KEY_SIZE];
    TEXT json = {0};

    if (is_dry(state))
        return;
    flight_key(key, prefix, flight->id);
    flight_encode(&json, flight);
    state_keep(state, key, &json);
}

void flights_keep(struct turn_state *state, const struct flight *flight)
{
    flight_keep_as(state, KEY_LIVE, flight);
}

void flights_keep_landed(struct turn_state *state, const struct flight *landed)
{
    flight_keep_as(state, KEY_LANDED, landed);
}

void flights_key_keep(struct turn_state *state, const char *prefix, const struct flight *flight)
{
    flight_keep_as(state, prefix, flight);
}

static struct action *key_forget(struct turn_state *state, const char *prefix, uint64_t id)
{
    struct action *forget = state_action(state, ACTION_FORGET);
    char key[KEY_SIZE];

    flight_key(key, prefix, id);
    forget->key = arena_text(&state->arena, key, strlen(key));
    return forget;
}

void flights_key_forget(struct turn_state *state, const char *prefix, uint64_t id)
{
    (void)key_forget(state, prefix, id);
}

void flights_forget_landed(struct turn_state *state, uint64_t id)
{
    (void)key_forget(state, KEY_LANDED, id);
}

/* What an operator wants to read as it happens, and what only whoever looks for it. */
static enum note_level level_of(const struct flight *flight)
{
    switch (flight->state) {
    case FLIGHT_REVERTED: /* of one that is asked about the answer says whether it is worth more */
        return flight->is_unexplained ? NOTE_INFO : NOTE_WARNING;
    case FLIGHT_DROPPED:
        return NOTE_WARNING;
    case FLIGHT_MINED:
    case FLIGHT_CANCELLED:
    case FLIGHT_SENT:
        return NOTE_INFO;
    case FLIGHT_FREE:
    case FLIGHT_DRAFTED:
    case FLIGHT_SIGNED:
    case FLIGHT_SEEN:
        return NOTE_DEBUG;
    }
    return NOTE_INFO;
}

void flights_tell(struct turn_state *state, const struct flight *flight, const char *status,
                  const char *profit)
{
    char hash[HASH32_TEXT_SIZE];
    TEXT pairs = {0};

    if (is_dry(state))
        return;
    hash32_format(hash, &flight->hash);
    text_add(&pairs, "status=");
    text_add(&pairs, status);
    text_add(&pairs, " nonce=");
    text_add_u64(&pairs, flight->nonce);
    text_add(&pairs, " hash=");
    text_add(&pairs, hash);
    state_note(state, level_of(flight), "transaction", text_string(&pairs));
    event_transaction(state, flight, status, profit);
}

void flights_say(struct turn_state *state, const struct flight *flight, const char *status,
                 const char *profit)
{
    state->counters.transactions[flight->state]++;
    flights_tell(state, flight, status, profit);
}

/* The end of a flight: out of the journal's live values, out of the fleet. What a reorg may take
 * back is kept as landed, in the same commit. */
void flights_end(struct turn_state *state, struct flight *flight)
{
    struct action *forget;

    if (!is_dry(state)) {
        forget = key_forget(state, KEY_LIVE, flight->id);
        forget->id = flight->id;
        forget->code = (int)flight->state;
        state->judge_again = true;
    }
    if (!is_dry(state) && flight->mined_block > 0) {
        uint64_t forgotten = fleet_land(&state->fleet, flight);

        flights_keep_landed(state, flight);
        if (forgotten != 0)
            flights_forget_landed(state, forgotten);
    }
    backrun_end(state, flight);
    state->send_ask[flight - state->fleet.flight] = 0;
    state->sending[flight - state->fleet.flight] = (struct sending){0};
    flight_release(&state->fleet, flight);
}

void flights_sign(struct turn_state *state, const struct flight *flight)
{
    struct transaction transaction;
    struct action *action;
    BUFFER encoded = {0};
    uint8_t *copy;

    flight_transaction(&transaction, flight, state->settings.chain.id);
    transaction_encode_unsigned(&encoded, &transaction);
    copy = arena_take(&state->arena, encoded.size);
    memcpy(copy, encoded.data, encoded.size);
    action = state_action(state, ACTION_SIGN);
    action->id = flight->id;
    action->body = bytes_of(copy, encoded.size);
}

void flights_launch(struct turn_state *state, struct flight *flight)
{
    flight->is_private = state->settings.way_out == WAY_PRIVATE;
    flight->attempt_block = state->header.number;
    if (flight->state == FLIGHT_SIGNED) {
        arm_launch(state, flight);
        return;
    }
    flights_say(state, flight, "drafted", NULL);
    flights_keep(state, flight);
    flights_sign(state, flight);
}

bool flights_replace(struct turn_state *state, struct flight *flight, const struct flight_bid *bid)
{
    if (!flight_raise(flight, bid))
        return false;
    flights_sign(state, flight);
    return true;
}

void flights_failed(struct turn_state *state, const struct flight *flight)
{
    if (flight->is_cancel)
        return; /* of no account and no step: the hole is filled anew */
    if (address_is_zero(&flight->account))
        state->prepare_failed++;
    else
        memory_back_off(state, memory_of(state, flight->market, &flight->account));
}

void flights_signed(struct turn_state *state, const struct observation *observation)
{
    struct flight *flight = fleet_find(&state->fleet, observation->id);
    bool is_first;
    TEXT pairs = {0};

    if (flight == NULL && arm_signed(state, observation))
        return;
    if (flight == NULL || (flight->state != FLIGHT_DRAFTED && !flight->next.is_asked))
        return;
    is_first = flight->state == FLIGHT_DRAFTED;
    if (is_first && backrun_is_void(state, flight)) { /* what it was to follow is gone meanwhile */
        flight_withdraw(&state->fleet, flight);
        flights_say(state, flight, "dropped", NULL);
        flights_end(state, flight);
        return;
    }
    flight->attempt_block = state->header.number; /* a refused one too waits before it is tried */
    if (observation->status == OBSERVED_OK && gate_may_post(&state->gate) &&
        flight_signed(flight, observation->body, state->settings.chain.id)) {
        flights_keep(state, flight);
        if (is_first)
            flights_say(state, flight, "signed", NULL);
        else
            flights_tell(state, flight, "replaced", NULL);
        state->counters.replaced += !is_first;
        flights_post(state, flight);
        return;
    }
    if (gate_may_post(&state->gate) &&
        (observation->status == OBSERVED_REFUSED || observation->status == OBSERVED_OK)) {
        text_add(&pairs, "why=");
        text_add_json(&pairs, observation->status == OBSERVED_OK
                                  ? bytes_of_text("what came back is another transaction")
                                  : observation->body);
        state_note(state, NOTE_ERROR, "signer refused", text_string(&pairs));
    }
    if (observation->status != OBSERVED_WITHHELD && is_first && gate_may_post(&state->gate))
        flights_failed(state, flight);
    flight_withdraw(&state->fleet, flight);
    if (!is_first)
        return; /* what it has stays under way */
    flights_say(state, flight, "dropped", NULL);
    flights_end(state, flight);
}

/* What a rejection is a reason for, beside its own end. True: nothing more, and its account need
 * not wait: it is tried again when the balance changed, or at once with more gas. */
static bool rejection_is_met(struct turn_state *state, const struct flight *flight,
                             enum send_outcome outcome)
{
    struct memory *memory;

    if (outcome == SEND_UNCOVERED)
        gate_unfunded(&state->gate, &state->fleet, flight, state->header.number,
                      &state->gas_balance);
    if (address_is_zero(&flight->account) || flight->is_cancel)
        return false;
    if (outcome != SEND_GAS_SHORT)
        return outcome == SEND_UNCOVERED;
    memory = memory_of(state, flight->market, &flight->account);
    if (memory->wants_gas)
        return false; /* raised once, and no further: who asks for more is not believed */
    memory->wants_gas = true;
    return true;
}

void flights_sent(struct turn_state *state, struct flight *flight, enum send_outcome outcome)
{
    bool was_sent = flight->state == FLIGHT_SENT;
    bool is_met;

    flight_sent(flight, outcome, state->now_ms);
    if (outcome == SEND_TAKEN)
        breakers_funded(&state->gate.breakers);
    is_met = rejection_is_met(state, flight, outcome);
    if (flight->state == FLIGHT_DROPPED) {
        if (!is_met)
            flights_failed(state, flight);
        flights_say(state, flight, "dropped", NULL);
        flights_end(state, flight);
        return;
    }
    if (flight->is_underpriced)
        state->raise_now = true;
    if (flight->state == FLIGHT_SENT && !was_sent)
        flights_say(state, flight, "sent", NULL);
    flights_keep(state, flight);
}

bool flights_answer(struct turn_state *state, const struct observation *observation)
{
    if (state->receipts_ask != 0 && observation->id == state->receipts_ask) {
        state->receipts_ask = 0;
        flights_receipts(state, observation);
        return true;
    }
    return send_answer(state, observation);
}

static bool key_begins(struct bytes key, const char *prefix)
{
    size_t length = strlen(prefix);

    return key.size > length && memcmp(key.data, prefix, length) == 0;
}

static bool landed_restore(struct turn_state *state, struct bytes json)
{
    state->landed_in_doubt = fleet_restore(&state->fleet, json);
    inquiry_restore(state);
    return state->landed_in_doubt;
}

void flights_restore(struct turn_state *state, const struct observation *observation)
{
    bool is_sound = true;

    if (bytes_equal(observation->key, bytes_of_text("day")))
        is_sound = gate_restore(&state->gate, observation->body);
    else if (bytes_equal(observation->key, bytes_of_text("breakers")))
        is_sound = breakers_restore(&state->gate.breakers, observation->body);
    else if (key_begins(observation->key, KEY_ARMED))
        is_sound = arm_restore(state, observation->body);
    else if (key_begins(observation->key, KEY_LIVE))
        is_sound = fleet_restore(&state->fleet, observation->body);
    else if (key_begins(observation->key, KEY_LANDED))
        is_sound = landed_restore(state, observation->body);
    for (uint32_t i = 0; i < state->fleet.used; i++) {
        struct flight *flight = &state->fleet.flight[i];

        if (flight->state != FLIGHT_DRAFTED)
            continue;
        flight_withdraw(&state->fleet, flight); /* no signed bytes of it were ever on disk */
        flights_say(state, flight, "dropped", NULL);
        flights_end(state, flight);
    }
    if (!is_sound)
        state_stop(state, 4,
                   "the journal holds a flight, a day or breakers that cannot be read; "
                   "keep the file, and start with another journal path");
}
