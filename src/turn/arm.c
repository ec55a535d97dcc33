/*
 * A race is decided by what need not be done in it. So in calm moments those nearest the edge are
 * planned as if they stood just below it, drafted with the next nonce, signed and journalled. When
 * one of them does go under, its bytes are there. What the world has made untrue is thrown away.
 */
#include "turn/arm.h"

#include "turn/inside.h"

/* As near as this to the edge: what a step of a feed moves. */
#define ARM_REACH 0.02
#define ARM_REACH_PARTS 50u
/* Accounts that are judged for it at one head, of each market. */
#define ARM_LOOK_MAX 64
/* An exact amount is cut by such a part, so that a unit that rounds away later does not void it. */
#define ARM_SLACK_PARTS 4096u
/* The base fee may rise by an eighth from one block to the next, and a hair. */
#define ARM_RISE_PARTS 8u
/* Heads for which nothing is armed after the signer refused. */
#define ARM_PAUSE_BLOCKS 16

struct near {
    uint32_t market;
    uint32_t slot;
    struct health health;
};

struct near_list {
    uint32_t count;
    uint32_t most;
    struct near near[ARMED_MAX];
};

/* ---- in and out */

/* A record that is void does no harm for a moment: its nonce is another's, or nobody's. */
static void void_flush(struct turn_state *state)
{
    for (uint32_t i = 0; i < state->arming.void_count; i++)
        flights_key_forget(state, KEY_ARMED, state->arming.void_id[i]);
    state->arming.void_count = 0;
}

void arm_forget(struct turn_state *state, struct armed *armed)
{
    struct arming *arming = &state->arming;

    if (armed->flight.state == FLIGHT_SIGNED && state->settings.mode == KEEPER_LIVE) {
        if (arming->void_count == ARM_VOID_MAX)
            void_flush(state);
        arming->void_id[arming->void_count++] = armed->flight.id;
    }
    *armed = (struct armed){.flight.state = FLIGHT_FREE};
}

static void arm_throw_away(struct turn_state *state, struct armed *armed)
{
    state->counters.armed_discarded++;
    arm_forget(state, armed);
}

void arm_discard(struct turn_state *state)
{
    if (state->arming.in_doubt)
        return;
    state->arming.block = 0;
    for (uint32_t i = 0; i < ARMED_MAX; i++) {
        if (state->arsenal.armed[i].flight.state != FLIGHT_FREE)
            arm_throw_away(state, &state->arsenal.armed[i]);
    }
}

uint32_t arm_slot(const struct turn_state *state, uint32_t market, uint32_t index)
{
    const struct flight *flight = &state->arsenal.armed[index].flight;

    if (flight->state != FLIGHT_SIGNED || flight->market != market || state->arming.in_doubt)
        return TABLE_NONE;
    return book_find(state->tracked[market].book, &flight->account);
}

static void refused_say(struct turn_state *state, const struct observation *observation)
{
    TEXT pairs = {0};

    text_add(&pairs, "armed=true why=");
    text_add_json(&pairs, observation->status == OBSERVED_OK
                              ? bytes_of_text("what came back is another transaction")
                              : observation->body);
    state_note(state, NOTE_WARNING, "signer refused", text_string(&pairs));
    state->arming.pause_block = state->header.number + ARM_PAUSE_BLOCKS;
}

bool arm_signed(struct turn_state *state, const struct observation *observation)
{
    struct armed *armed = arsenal_find(&state->arsenal, observation->id);

    if (armed == NULL || armed->flight.state != FLIGHT_DRAFTED)
        return armed != NULL;
    if (observation->status == OBSERVED_OK && gate_may_post(&state->gate) &&
        flight_signed(&armed->flight, observation->body, state->settings.chain.id)) {
        state->counters.armed++;
        flights_key_keep(state, KEY_ARMED, &armed->flight);
        return true;
    }
    if (gate_may_post(&state->gate) && observation->status != OBSERVED_WITHHELD)
        refused_say(state, observation);
    arm_throw_away(state, armed);
    return true;
}

/* ---- who */

static void near_insert(struct near_list *list, const struct near *near)
{
    uint32_t at = list->count;

    if (list->count < list->most)
        list->count++;
    else if (list->most == 0 ||
             !u256_is_less(&near->health.factor.value, &list->near[at - 1].health.factor.value))
        return;
    else
        at--;
    for (; at > 0 &&
           u256_is_less(&near->health.factor.value, &list->near[at - 1].health.factor.value);
         at--)
        list->near[at] = list->near[at - 1];
    list->near[at] = *near;
}

/* Not under water yet, and not far from it. */
static bool health_is_near(const struct health *health)
{
    const struct u256 one = u256_of(WAD_ONE_U64);
    const struct u256 far = u256_of(WAD_ONE_U64 + WAD_ONE_U64 / ARM_REACH_PARTS);

    return !u256_is_less(&health->factor.value, &one) && u256_is_less(&health->factor.value, &far);
}

static void market_near(struct near_list *list, const struct turn_state *state, uint32_t market)
{
    const struct tracked *tracked = &state->tracked[market];
    uint32_t slots[ARM_LOOK_MAX];
    uint32_t count;

    if (!tracked->is_complete || tracked->market.trust != MARKET_TRUSTED)
        return;
    count = watch_near(slots, ARM_LOOK_MAX, tracked->watch, ARM_REACH);
    for (uint32_t i = 0; i < count; i++) {
        struct position position = book_position(tracked->book, slots[i]);
        struct near near = {.market = market, .slot = slots[i]};

        if (tracked->protocol->health(&near.health, &tracked->market, &position) == HEALTH_OK &&
            health_is_near(&near.health) &&
            fleet_of_account(&state->fleet, market, &position.account) == NULL)
            near_insert(list, &near);
    }
}

/* ---- what */

/* As if it stood just below the edge. */
static bool near_plan(struct plan *out, const struct turn_state *state, struct arm_target *target,
                      struct health *health)
{
    const struct u256 parts = u256_of(ARM_SLACK_PARTS);
    const struct u256 whole = U256_MAX;
    struct plan_reserved reserved;
    struct plan_terms terms;
    struct u256 slack;

    health->factor.value = u256_of(WAD_ONE_U64 - 1);
    target->health = health;
    decide_reserved(state, target->market, &reserved);
    decide_terms(state, &terms);
    const struct tracked *tracked = &state->tracked[target->market];
    plan_choose(out,
                &(struct plan_candidate){.protocol = tracked->protocol,
                                         .market = &tracked->market,
                                         .position = target->position,
                                         .health = health},
                &reserved, &terms);
    if (out->verdict != VERDICT_LIQUIDATE)
        return false;
    struct token_amount argument = out->liquidation.repay_argument;
    if (u256_is_equal(&argument.value, &whole))
        return true;
    struct plan *first = &(struct plan){0};
    *first = *out;
    return u256_div(&slack, NULL, &argument.value, &parts) &&
           u256_sub(&argument.value, &argument.value, &slack) &&
           arm_plan_capped(out, state, target, first, &argument);
}

static void arm_draft(struct turn_state *state, const struct arm_target *target,
                      const struct plan *plan, uint64_t nonce)
{
    const struct tracked *tracked = &state->tracked[target->market];
    struct address to;
    struct armed *armed;
    BUFFER data = {0};

    tracked->protocol->liquidation_call(&data, &to, &tracked->market, &target->position->account,
                                        &plan->liquidation);
    armed = arsenal_draft(&state->arsenal, &state->fleet, &to, buffer_bytes(&data));
    if (armed == NULL)
        return;
    armed->is_wanted = true;
    armed->argument = plan->liquidation.repay_argument;
    armed->flight.nonce = nonce;
    decide_describe(&armed->flight, state, target->market, plan);
    armed->flight.account = target->position->account;
    armed->flight.is_private = state->settings.way_out == WAY_PRIVATE;
    if (decide_bid(state, &armed->flight, plan) && arm_is_admitted(state, plan, &armed->flight))
        flights_sign(state, &armed->flight);
    else
        *armed = (struct armed){.flight.state = FLIGHT_FREE};
}

/* Keeps what still holds at the next block, and at its dearer base fee. */
static bool arm_keeps(struct turn_state *state, const struct arm_target *target,
                      const struct plan *plan)
{
    struct armed *armed =
        arsenal_of_account(&state->arsenal, target->market, &target->position->account);
    const struct u256 parts = u256_of(ARM_RISE_PARTS);
    struct arm_offer offer = {armed, header_next_base_fee(&state->header)};
    struct u256 *base_fee = &offer.base_fee.value;
    struct plan fitted;
    struct u256 rise;

    if (armed == NULL || !u256_div(&rise, NULL, base_fee, &parts) ||
        !u256_add(base_fee, base_fee, &rise))
        return false;
    if (armed->flight.state == FLIGHT_SIGNED &&
        !arm_plan_fits(&fitted, state, target, plan, &offer))
        return false;
    armed->is_wanted = true; /* one that is at the signer is judged when it is back */
    return true;
}

/* ---- when */

static void arm_pass(struct turn_state *state, uint64_t nonce)
{
    struct near_list *list = arena_take(&state->arena, sizeof(*list));
    bool wants[ARMED_MAX] = {0};
    struct plan *plans = arena_take(&state->arena, ARMED_MAX * sizeof(*plans));
    struct position position;

    *list = (struct near_list){.most = state->settings.armed};
    for (uint32_t i = 0; i < state->tracked_count; i++)
        market_near(list, state, i);
    for (uint32_t i = 0; i < ARMED_MAX; i++)
        state->arsenal.armed[i].is_wanted = false;
    for (uint32_t i = 0; i < list->count; i++) {
        struct near *near = &list->near[i];
        struct arm_target target = {near->market, &position, &near->health};

        position = book_position(state->tracked[near->market].book, near->slot);
        wants[i] = near_plan(&plans[i], state, &target, &near->health) &&
                   !arm_keeps(state, &target, &plans[i]);
    }
    for (uint32_t i = 0; i < ARMED_MAX; i++) {
        struct armed *armed = &state->arsenal.armed[i];

        if (armed->flight.state != FLIGHT_FREE && !armed->is_wanted)
            arm_throw_away(state, armed);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        struct arm_target target = {list->near[i].market, &position, &list->near[i].health};

        position = book_position(state->tracked[target.market].book, list->near[i].slot);
        if (wants[i])
            arm_draft(state, &target, &plans[i], nonce);
    }
}

static bool any_breaker_is_open(const struct turn_state *state)
{
    for (int i = 0; i < BREAKER_COUNT; i++) {
        if (breakers_open(state, (enum breaker)i))
            return true;
    }
    return false;
}

static bool may_arm(const struct turn_state *state)
{
    return state->settings.armed > 0 && state->settings.mode == KEEPER_LIVE &&
           state->purpose == PURPOSE_RUN && state->phase == PHASE_FOLLOW &&
           !any_breaker_is_open(state);
}

/* Whatever hurries goes first; there is another turn soon. */
bool turn_hurries(const struct turn_state *state)
{
    bool hurries = state->judge_again || simulate_pending(state) > 0;

    for (uint32_t i = 0; i < state->actions.count; i++)
        hurries |= state->actions.action[i].kind == ACTION_SIGN;
    for (uint32_t i = 0; i < state->asks.count; i++)
        hurries |= state->asks.ask[i].is_send;
    return hurries;
}

void arm_tend(struct turn_state *state)
{
    struct arming *arming = &state->arming;
    uint64_t nonce;

    if (arming->void_count > 0 && !turn_hurries(state))
        void_flush(state);
    if (arming->in_doubt)
        return;
    if (!may_arm(state)) {
        arm_discard(state);
        return;
    }
    if (!fleet_next_nonce(&nonce, &state->fleet))
        return; /* a reorg, which has thrown them away already */
    for (uint32_t i = 0; i < ARMED_MAX; i++) {
        struct armed *armed = &state->arsenal.armed[i];

        if (armed->flight.state != FLIGHT_FREE && armed->flight.nonce != nonce)
            arm_throw_away(state, armed);
    }
    if (arming->block == state->header.number || state->header.number < arming->pause_block ||
        !state->is_ready || state->is_updating || turn_hurries(state))
        return;
    arming->block = state->header.number;
    arm_pass(state, nonce);
}
