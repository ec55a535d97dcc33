/*
 * What is under way and does not move. A transaction that nobody mines holds its nonce, its capital
 * and everything behind it: it is raised while it is still worth it, cancelled where its candidate
 * is gone, and a nonce that nobody has any more is spent on ourselves. All under the same nonce,
 * through gate and signer, once a head and only where that head is known to lack it.
 */
#include "submit/fees.h"
#include "turn/inside.h"

/* Heads without a receipt, and without any of ours moving, after which it is raised. */
#define STUCK_BLOCKS 3
/* Heads for which a candidate must be gone before its transaction is cancelled: prices return. */
#define CANCEL_BLOCKS 2
/* Heads for which a hole waits for a candidate that takes its nonce. */
#define GAP_BLOCKS 2

/* Of this very pair the pool takes nothing now: a pause, a grace period, a sentinel that shuts. */
static bool is_barred(const struct turn_state *state, const struct flight *flight,
                      const struct position *position, const struct health *health)
{
    const struct tracked *tracked = &state->tracked[flight->market];
    struct liquidation_request request = {
        .debt = flight->debt, .collateral = flight->collateral, .cap = {U256_MAX}};
    struct liquidation liquidation;
    enum liquidation_error error;
    struct plan_terms terms;

    if (flight->debt >= tracked->market.reserve_count ||
        flight->collateral >= tracked->market.reserve_count)
        return false;
    decide_terms(state, &terms);
    request.timestamp_s = terms.timestamp_s;
    request.deadline_s = terms.deadline_s;
    error =
        tracked->protocol->liquidation(&liquidation, &tracked->market, position, health, &request);
    return error == LIQUIDATION_PAUSED || error == LIQUIDATION_GRACE;
}

bool flights_candidate_is_gone(const struct turn_state *state, const struct flight *flight)
{
    const struct wad one = {u256_of(WAD_ONE_U64)};
    const struct tracked *tracked;
    struct health health;
    uint32_t slot;

    if (flight->debt == RESERVE_NONE || flight->market >= state->tracked_count)
        return false;
    tracked = &state->tracked[flight->market];
    slot = book_find(tracked->book, &flight->account);
    if (!tracked->is_complete || slot == TABLE_NONE)
        return false;
    struct position position = book_position(tracked->book, slot);
    return tracked->protocol->health(&health, &tracked->market, &position) == HEALTH_OK &&
           (u256_compare(&health.factor.value, &one.value) >= 0 ||
            is_barred(state, flight, &position, &health));
}

bool flights_is_below_base_fee(const struct turn_state *state, const struct flight *flight)
{
    struct wei base_fee = header_next_base_fee(&state->header);

    return u256_is_less(&flight->max_fee_per_gas.value, &base_fee.value);
}

/* Behind a hole no fee helps; and while others of ours land, it only waits its turn. */
static bool is_stuck(const struct turn_state *state, const struct flight *flight)
{
    uint64_t since =
        flight->attempt_block > state->moved_block ? flight->attempt_block : state->moved_block;
    uint64_t hole;

    if (fleet_hole(&hole, &state->fleet) && hole < flight->nonce)
        return false;
    return flights_is_below_base_fee(state, flight) || state->header.number >= since + STUCK_BLOCKS;
}

/* At these fees, mined next, it still leaves what limits.profit_min asks for. */
static bool is_still_worth(const struct turn_state *state, const struct flight *flight,
                           const struct flight_bid *bid)
{
    struct wei base_fee = header_next_base_fee(&state->header);
    struct u256 gas = u256_of(flight->gas_expected);
    struct u256 price;
    struct u256 least;

    if (bid->is_cancel || flight->debt == RESERVE_NONE)
        return true;
    if (!u256_add(&price, &base_fee.value, &bid->max_priority_fee_per_gas.value))
        return false;
    price = u256_min(&price, &bid->max_fee_per_gas.value);
    return u256_mul(&least, &gas, &price) &&
           u256_add(&least, &least, &state->settings.limits.profit_min.value) &&
           !u256_is_less(&flight->gross.value, &least);
}

static bool gate_admits(struct turn_state *state, const struct flight *flight,
                        const struct flight_bid *bid)
{
    struct flight *judged = arena_take(&state->arena, sizeof(*judged));

    *judged = *flight;
    judged->gas = bid->gas;
    judged->max_fee_per_gas = bid->max_fee_per_gas;
    judged->max_priority_fee_per_gas = bid->max_priority_fee_per_gas;
    judged->is_cancel = bid->is_cancel;
    return (bid->is_cancel
                ? gate_judge_cancel(&state->gate, &state->settings, &state->fleet, judged)
                : gate_judge(&state->gate, &state->settings, &state->fleet, NULL, judged)) ==
           GATE_ADMITTED;
}

/* The same nonce for more; false: not worth it, over a limit, or no attempt left. */
static bool raise(struct turn_state *state, struct flight *flight, bool is_cancel)
{
    uint32_t step = flight->is_underpriced ? RAISE_PER_MILLE_REFUSED : RAISE_PER_MILLE;
    struct flight_bid bid = {.is_cancel = is_cancel,
                             .gas = is_cancel ? CANCEL_GAS : flight->gas,
                             .to = is_cancel ? state->settings.account : flight->to};
    struct wei base_fee;

    return decide_fees(state, &bid.max_fee_per_gas, &bid.max_priority_fee_per_gas, &base_fee) &&
           fees_raise(&bid, flight, step, &state->settings.limits.fee_per_gas_max) &&
           is_still_worth(state, flight, &bid) && gate_admits(state, flight, &bid) &&
           flights_replace(state, flight, &bid);
}

static void uncancelled_say(struct turn_state *state, const struct flight *flight)
{
    TEXT pairs = {0};

    text_add(&pairs, "nonce=");
    text_add_u64(&pairs, flight->nonce);
    text_add(&pairs, " why=\"its candidate is gone, no node has it, and no fee or limit lets it be "
                     "cancelled\"");
    state_note(state, NOTE_WARNING, "transaction posted again", text_string(&pairs));
}

/* What cannot be cancelled, for the fee's ceiling or for want of attempts, and is held by no node,
 * goes out once more a head: it would revert, which costs gas; but what nobody has keeps its nonce,
 * and everything behind it, for ever. */
static void gone_tend(struct turn_state *state, struct flight *flight)
{
    const uint64_t head = state->header.number;
    const bool is_held = !flight->in_doubt || flight->gone_block != GONE_AND_UNHELD;

    if (flight->gone_block == 0)
        flight->gone_block = head;
    if (head < flight->gone_block + CANCEL_BLOCKS || raise(state, flight, true) || is_held ||
        !gate_may_post_again(&state->gate) || flights_is_below_base_fee(state, flight))
        return;
    flight->gone_block = head;
    uncancelled_say(state, flight);
    flights_post(state, flight);
}

static void flight_tend(struct turn_state *state, struct flight *flight)
{
    bool is_raise_due = flight->is_underpriced || is_stuck(state, flight);

    if (backrun_waits(state, flight))
        return;
    if (backrun_is_void(state, flight)) {
        (void)raise(state, flight, true);
        return;
    }
    if (!flight->is_cancel && flights_candidate_is_gone(state, flight)) {
        gone_tend(state, flight);
        return;
    }
    flight->gone_block = 0;
    if (is_raise_due && raise(state, flight, flight->is_cancel))
        return;
    /* not worth more: others wait behind it, so that its nonce must go */
    if (is_raise_due && !flight->is_cancel && fleet_waits_behind(&state->fleet, flight->nonce) &&
        raise(state, flight, true))
        return;
    flights_follow_private(state, flight);
}

static void hole_fill(struct turn_state *state)
{
    const struct address *self = &state->settings.account;
    struct flight *flight = fleet_draft(&state->fleet, self, (struct bytes){0}, state->now_ms);
    struct wei base_fee;

    if (flight == NULL)
        return;
    flight->gas = CANCEL_GAS;
    flight->is_cancel = true;
    flight->market = SETTINGS_MARKETS_MAX; /* none */
    flight->debt = RESERVE_NONE;
    flight->collateral = RESERVE_NONE;
    flight->decided_block = state->header.number;
    if (decide_fees(state, &flight->max_fee_per_gas, &flight->max_priority_fee_per_gas,
                    &base_fee) &&
        gate_judge_cancel(&state->gate, &state->settings, &state->fleet, flight) == GATE_ADMITTED) {
        flights_launch(state, flight);
        return;
    }
    flight_withdraw(&state->fleet, flight);
    flight_release(&state->fleet, flight);
}

static void hole_tend(struct turn_state *state)
{
    uint64_t nonce;

    if (!fleet_hole(&nonce, &state->fleet)) {
        state->hole_block = 0;
        return;
    }
    if (state->hole_block == 0 || state->hole_nonce != nonce) {
        state->hole_nonce = nonce;
        state->hole_block = state->header.number;
    }
    if (state->header.number < state->hole_block + GAP_BLOCKS)
        return;
    state->hole_block = 0;
    hole_fill(state);
}

/* A node refused what was offered for a nonce: no head needs to be waited for. */
static void refused_tend(struct turn_state *state)
{
    state->raise_now = false;
    for (uint32_t i = 0; i < state->fleet.used && state_has_room(state); i++) {
        struct flight *flight = &state->fleet.flight[i];

        if (flight_may_have_left(flight) && flight->is_underpriced && !send_is_awaited(state, i) &&
            !flight->next.is_asked)
            flight_tend(state, flight);
    }
}

/* What an update that is gone left in the air must not wait for a head, which may be its end. */
static void void_tend(struct turn_state *state)
{
    state->pending.has_void = false;
    for (uint32_t i = 0; i < state->fleet.used && state_has_room(state); i++) {
        struct flight *flight = &state->fleet.flight[i];

        if (!flight_may_have_left(flight) || !backrun_is_void(state, flight) ||
            flight->next.is_asked)
            continue;
        if (send_is_awaited(state, i))
            state->pending.has_void = true; /* until the node has answered */
        else
            (void)raise(state, flight, true);
    }
}

void flights_tend(struct turn_state *state)
{
    uint64_t head = state->header.number;

    if (state->phase != PHASE_FOLLOW || !state->is_ready || !state->fleet.nonce_is_known)
        return;
    if (state->raise_now)
        refused_tend(state);
    if (state->pending.has_void)
        void_tend(state);
    if (state->counted_block != head || state->tended_block == head)
        return;
    state->tended_block = head;
    for (uint32_t i = 0; i < state->fleet.used && state_has_room(state); i++) {
        struct flight *flight = &state->fleet.flight[i];

        if (flight_may_have_left(flight) && flight->missing_block == head &&
            !send_is_awaited(state, i) && !flight->next.is_asked)
            flight_tend(state, flight);
    }
    hole_tend(state);
}
