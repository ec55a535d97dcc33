/*
 * The next step of a feed stands in the pool; whoever it carries over the edge can be liquidated by
 * whatever lands right behind it. So the market is copied, the copy told the price, and those near
 * the edge are judged and planned on it as if it stood. What is sent passes the gate like anything
 * else, at one wei per gas less than the update tips, which is what its profit has to pay for.
 */
#include <string.h>

#include "turn/judge.h"

/* Accounts that are judged behind one update, of each market; and transactions at most. */
#define BACKRUN_LOOK_MAX 256
#define BACKRUN_SHOTS_MAX 8
/* How far beyond its own step an update is thought to reach: positions hold more than one asset. */
#define BACKRUN_REACH 0.01
#define BACKRUN_REACH_MAX 0.5

struct shot {
    uint32_t market;
    uint32_t slot;
    struct health health;
    struct plan plan;
};

/* One update, and what the world would be behind it. */
struct volley {
    struct pending_update *update;
    struct fees_offered offered;
    struct wei max_fee;
    struct wei tip;
    struct plan_terms terms;
    const struct market *alone[SETTINGS_MARKETS_MAX]; /* behind this one; NULL: not concerned */
    const struct market *whole[SETTINGS_MARKETS_MAX]; /* behind all that stand next */
    uint32_t count;
    struct shot shot[BACKRUN_SHOTS_MAX]; /* best first */
};

static bool is_next(const struct turn_state *state, const struct pending_update *update)
{
    return update->state == UPDATE_NEXT && !update->is_bare &&
           update->asked.number == state->header.number &&
           hash32_is_equal(&update->asked.hash, &state->header.hash);
}

/* ---- may it be sent behind? */

static bool is_contradicted(const struct turn_state *state, const struct pending_update *update)
{
    for (uint32_t i = 0; i < UPDATES_MAX; i++) {
        const struct pending_update *other = &state->pending.update[i];

        if (other != update && !other->is_bare && other->feed == update->feed &&
            (other->state == UPDATE_HEARD || other->state == UPDATE_NEXT) &&
            !u256_is_equal(&other->says.answer, &update->says.answer))
            return true;
    }
    return false;
}

/* One that says the same and is dearer lands first: that one is sent behind. */
static bool is_followed_by_dearer(const struct turn_state *state,
                                  const struct pending_update *update)
{
    for (uint32_t i = 0; i < UPDATES_MAX; i++) {
        const struct pending_update *other = &state->pending.update[i];

        if (other != update && is_next(state, other) && other->feed == update->feed &&
            u256_is_less(&update->transaction.max_priority_fee_per_gas.value,
                         &other->transaction.max_priority_fee_per_gas.value))
            return true;
    }
    return false;
}

static bool fees_are_found(struct turn_state *state, struct volley *volley)
{
    const struct wei base_fee = header_next_base_fee(&state->header);

    switch (fees_step_below(&volley->max_fee, &volley->tip, &volley->offered, &base_fee,
                            &state->settings.limits.fee_per_gas_max)) {
    case FEES_BEHIND_OK:
        return true;
    case FEES_BEHIND_LOW:
    case FEES_BEHIND_NO_STEP:
        pending_count(state, volley->update, POOL_OF_FEE);
        return false;
    case FEES_BEHIND_CEILING:
        pending_count(state, volley->update, POOL_OF_CEILING);
        return false;
    }
    return false;
}

static bool may_follow(struct turn_state *state, struct volley *volley)
{
    struct pending_update *update = volley->update;

    if (!state->pending.feed[update->feed].is_right) {
        pending_count(state, update, POOL_OF_NO_PROOF);
        return false;
    }
    if (is_contradicted(state, update)) {
        pending_count(state, update, POOL_OF_CONTRADICT);
        return false;
    }
    return !is_followed_by_dearer(state, update) && fees_are_found(state, volley);
}

/* ---- the world behind it */

/* False: no price of that market would be another. */
static bool price_put(struct market *copy, const struct turn_state *state,
                      const struct pending_update *update)
{
    const struct address *source = &state->pending.feed[update->feed].source;
    bool is_another = false;

    for (uint32_t i = 0; i < copy->reserve_count; i++) {
        struct reserve *reserve = &copy->reserve[i];

        if (!address_is_equal(&reserve->price_source, source) ||
            reserve->price.status != PRICE_OK ||
            u256_is_equal(&reserve->price.value, &update->says.answer))
            continue;
        reserve->price.value = update->says.answer;
        is_another = true;
    }
    return is_another;
}

static struct market *market_copy(struct turn_state *state, uint32_t market)
{
    struct market *copy = arena_take(&state->arena, sizeof(*copy));

    *copy = state->tracked[market].market;
    return copy;
}

/* What was prepared of the market's own prices is none of the copy's. */
static bool copy_prepare(const struct turn_state *state, uint32_t market, struct market *copy,
                         const struct plan_terms *terms)
{
    const struct protocol *protocol = state->tracked[market].protocol;

    if (!protocol->prepare(copy, state->header.timestamp_s))
        return false;
    if (protocol->reach != NULL)
        protocol->reach(copy, NULL, terms->timestamp_s, terms->deadline_s);
    return true;
}

/* A candidate must stand under water behind the one alone and behind all of them, whichever land.
 */
static void worlds_make(struct turn_state *state, struct volley *volley)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct tracked *tracked = &state->tracked[i];
        struct market *alone;
        struct market *whole;

        if (!tracked->is_complete || tracked->market.trust != MARKET_TRUSTED)
            continue;
        alone = market_copy(state, i);
        if (!price_put(alone, state, volley->update) ||
            !copy_prepare(state, i, alone, &volley->terms))
            continue;
        whole = market_copy(state, i);
        for (uint32_t k = 0; k < UPDATES_MAX; k++) {
            if (is_next(state, &state->pending.update[k]))
                (void)price_put(whole, state, &state->pending.update[k]);
        }
        if (!copy_prepare(state, i, whole, &volley->terms))
            continue;
        volley->alone[i] = alone;
        volley->whole[i] = whole;
    }
}

/* ---- who */

static bool is_under(const struct tracked *tracked, struct health *health,
                     const struct market *market, const struct position *position)
{
    const struct u256 one = u256_of(WAD_ONE_U64);

    return tracked->protocol->health(health, market, position) == HEALTH_OK &&
           u256_is_less(&health->factor.value, &one);
}

/* On the chain it is healthy still: of whom is not the normal way takes care. */
static bool is_healthy_now(const struct tracked *tracked, const struct position *position)
{
    const struct u256 one = u256_of(WAD_ONE_U64);
    struct health health;

    return tracked->protocol->health(&health, &tracked->market, position) == HEALTH_OK &&
           !u256_is_less(&health.factor.value, &one);
}

static bool may_fly(const struct turn_state *state, uint32_t market, uint32_t slot,
                    const struct address *account)
{
    const struct memory *memory = memory_find(state, market, account);
    const uint64_t head = state->header.number;

    return fleet_of_account(&state->fleet, market, account) == NULL &&
           !inquiry_is_open(state, market, account) &&
           (memory == NULL || (head >= memory->wait_block && head >= memory->retry_block)) &&
           !simulate_is_wanted(state, market, slot); /* no node can try it: the price is none yet */
}

static void shot_plan(struct turn_state *state, const struct volley *volley, struct shot *shot,
                      const struct position *position)
{
    const struct plan_candidate candidate = {.protocol = state->tracked[shot->market].protocol,
                                             .market = volley->alone[shot->market],
                                             .position = position,
                                             .health = &shot->health};
    struct plan_reserved *reserved = arena_take(&state->arena, sizeof(*reserved));

    decide_reserved(state, shot->market, reserved);
    plan_choose(&shot->plan, &candidate, reserved, &volley->terms);
}

static void shot_insert(struct volley *volley, const struct shot *shot)
{
    uint32_t at = volley->count;

    if (shot->plan.verdict != VERDICT_LIQUIDATE)
        return;
    if (at < BACKRUN_SHOTS_MAX)
        volley->count++;
    else if (!u256_is_less(&volley->shot[--at].plan.net.value, &shot->plan.net.value))
        return;
    for (; at > 0 && u256_is_less(&volley->shot[at - 1].plan.net.value, &shot->plan.net.value);
         at--)
        volley->shot[at] = volley->shot[at - 1];
    volley->shot[at] = *shot;
}

/* How far the nearest may stand from the edge: the largest step that the update makes. */
static double reach_of(const struct turn_state *state, const struct volley *volley, uint32_t market)
{
    const struct market *now = &state->tracked[market].market;
    double reach = 0;

    for (uint32_t i = 0; i < now->reserve_count; i++) {
        double before = u256_to_double(&now->reserve[i].price.value);
        double after = u256_to_double(&volley->alone[market]->reserve[i].price.value);
        double step = before > after ? 1 - after / before : after > 0 ? 1 - before / after : 0;

        reach = step > reach ? step : reach;
    }
    reach += BACKRUN_REACH;
    return reach < BACKRUN_REACH_MAX ? reach : BACKRUN_REACH_MAX;
}

static void shots_find(struct turn_state *state, struct volley *volley, uint32_t market)
{
    const struct tracked *tracked = &state->tracked[market];
    uint32_t *slots = arena_take(&state->arena, BACKRUN_LOOK_MAX * sizeof(*slots));
    uint32_t count =
        watch_near(slots, BACKRUN_LOOK_MAX, tracked->watch, reach_of(state, volley, market));

    for (uint32_t i = 0; i < count; i++) {
        struct position position = book_position(tracked->book, slots[i]);
        struct shot *shot = arena_take(&state->arena, sizeof(*shot));
        struct health whole;

        *shot = (struct shot){.market = market, .slot = slots[i]};
        if (!is_healthy_now(tracked, &position) ||
            !is_under(tracked, &whole, volley->whole[market], &position) ||
            !is_under(tracked, &shot->health, volley->alone[market], &position) ||
            !may_fly(state, market, slots[i], &position.account))
            continue;
        shot_plan(state, volley, shot, &position);
        shot_insert(volley, shot);
    }
}

/* ---- what */

static struct flight *shot_draft(struct turn_state *state, const struct volley *volley,
                                 const struct shot *shot, const struct address *account)
{
    const struct tracked *tracked = &state->tracked[shot->market];
    struct flight *flight;
    struct address to;
    BUFFER data = {0};

    tracked->protocol->liquidation_call(&data, &to, volley->alone[shot->market], account,
                                        &shot->plan.liquidation);
    flight = fleet_draft(&state->fleet, &to, buffer_bytes(&data), state->now_ms);
    if (flight == NULL)
        return NULL;
    decide_describe(flight, state, shot->market, &shot->plan);
    flight->account = *account;
    flight->behind = volley->update->transaction.hash;
    flight->max_fee_per_gas = volley->max_fee;
    flight->max_priority_fee_per_gas = volley->tip;
    if (gate_judge(&state->gate, &state->settings, &state->fleet, &shot->plan, flight) ==
        GATE_ADMITTED)
        return flight;
    flight_withdraw(&state->fleet, flight);
    flight_release(&state->fleet, flight);
    return NULL;
}

static void shot_fire(struct turn_state *state, const struct volley *volley, struct shot *shot)
{
    struct position position = book_position(state->tracked[shot->market].book, shot->slot);
    struct flight *flight;

    shot_plan(state, volley, shot, &position); /* what was fired before it holds capital now */
    if (shot->plan.verdict != VERDICT_LIQUIDATE)
        return;
    flight = shot_draft(state, volley, shot, &position.account);
    if (flight == NULL)
        return;
    state->counters.backruns[BACKRUN_FIRED]++;
    event_backrun(state, volley->update, &shot->plan, flight);
    flights_launch(state, flight);
}

static void terms_make(struct turn_state *state, struct volley *volley)
{
    const struct wei base_fee = header_next_base_fee(&state->header);
    struct u256 most;

    decide_terms(state, &volley->terms);
    volley->terms.fee_max.value = U256_ZERO; /* nothing is bid: the place is the update's */
    volley->terms.tip_needed.value = U256_ZERO;
    volley->terms.tip_share = 0;
    volley->terms.race_needed.value = U256_ZERO;
    volley->terms.race_share = 0;
    volley->terms.gas_price_max = volley->max_fee;
    if (!u256_add(&most, &base_fee.value, &volley->tip.value))
        most = U256_MAX;
    volley->terms.gas_price.value = u256_min(&most, &volley->max_fee.value);
}

static void volley_fire(struct turn_state *state, struct pending_update *update)
{
    struct volley *volley = arena_take(&state->arena, sizeof(*volley));

    volley->update = update;
    volley->offered = (struct fees_offered){update->transaction.max_fee_per_gas,
                                            update->transaction.max_priority_fee_per_gas};
    if (!may_follow(state, volley))
        return;
    update->volley_block = state->header.number;
    terms_make(state, volley);
    worlds_make(state, volley);
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (volley->alone[i] != NULL)
            shots_find(state, volley, i);
    }
    for (uint32_t i = 0; i < volley->count && state_has_room(state); i++)
        shot_fire(state, volley, &volley->shot[i]);
}

/* ---- when */

/* A head that was pushed and is not read yet may be the one that the update is in. */
static bool head_is_newest(const struct turn_state *state)
{
    const struct hint *hint = &state->hint;

    return state->follow.state == HEAD_IDLE &&
           (!hint->is_open ||
            (hint->has_hash && hash32_is_equal(&hint->hash, &state->header.hash)));
}

void backrun(struct turn_state *state)
{
    if (!pending_is_on(state) || !state->is_ready || state->is_updating || state->judge_again ||
        decide_is_open(state) || !state->fleet.nonce_is_known || state->arming.in_doubt ||
        !head_is_newest(state))
        return;
    gate_tick(&state->gate, state->now_ms, state->is_ready);
    for (uint32_t i = 0; i < UPDATES_MAX; i++) {
        struct pending_update *update = &state->pending.update[i];

        if (is_next(state, update) && update->volley_block != state->header.number)
            volley_fire(state, update);
    }
}
