/*
 * One head's candidates: found, put in order of what they can earn, and decided on as far as one
 * turn goes. In a crash there are ten thousand: the best must not wait for the last, nor the next
 * observation for all of them, and none may be forgotten.
 */
#include "turn/judge.h"

/* Up to so many candidates of a market, each one's reserves are reached for; else all there are. */
#define REACHED_ALONE 8u

struct plan_candidate candidate_of(const struct turn_state *state, uint32_t market,
                                   const struct position *position, const struct health *health)
{
    const struct tracked *tracked = &state->tracked[market];
    const struct memory *memory = memory_find(state, market, &position->account);

    return (struct plan_candidate){.protocol = tracked->protocol,
                                   .market = &tracked->market,
                                   .position = position,
                                   .health = health,
                                   .wants_gas = memory != NULL && memory->wants_gas,
                                   .gas_estimate = memory != NULL ? estimate_of(state, memory) : 0};
}

static double candidate_bound(const struct turn_state *state, const struct item_open *open)
{
    const struct tracked *tracked = &state->tracked[open->market];
    const struct risk_candidate *of = &tracked->sweep.candidate[open->candidate];
    const struct position position = book_position(tracked->book, of->slot);
    const struct plan_candidate candidate =
        candidate_of(state, open->market, &position, &of->health);

    return plan_bound(&candidate, &state->judging.reserved[open->market], &state->judging.terms);
}

/* Who stands under water at this head; returns how many. */
static size_t candidates_find(struct turn_state *state)
{
    size_t total = 0;

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        tracked->sweep.candidate_count = 0;
        tracked->sweep.near_count = 0;
        tracked->sweep.skip_count = 0;
        if (tracked->is_complete)
            watch_tick(&tracked->sweep, tracked->watch, &tracked->market, tracked->book);
        total += tracked->sweep.candidate_count;
    }
    return total;
}

/* Of few candidates only what they hold. */
static void market_reach(struct tracked *tracked, const struct plan_terms *terms)
{
    const struct risk_sweep *sweep = &tracked->sweep;

    if (tracked->protocol->reach == NULL)
        return;
    if (sweep->candidate_count > REACHED_ALONE) {
        tracked->protocol->reach(&tracked->market, NULL, terms->timestamp_s, terms->deadline_s);
        return;
    }
    for (uint32_t i = 0; i < sweep->candidate_count; i++) {
        const struct position position = book_position(tracked->book, sweep->candidate[i].slot);

        tracked->protocol->reach(&tracked->market, &position, terms->timestamp_s,
                                 terms->deadline_s);
    }
}

/* Each with its bound; of very many some are planned whatever it is, others each time. */
static void candidates_open(struct turn_state *state, size_t total)
{
    struct judging *judging = &state->judging;
    const size_t fair = judging->says_at_once ? judging->fair_next % total : total;
    size_t index = 0;

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        if (tracked->sweep.candidate_count == 0)
            continue;
        decide_reserved(state, i, &judging->reserved[i]);
        market_reach(tracked, &judging->terms);
        for (uint32_t k = 0; k < tracked->sweep.candidate_count; k++, index++) {
            struct item_open open = {.market = i, .candidate = k};

            risk_ahead(&tracked->sweep, tracked->book, k);
            open.bound = index >= fair && index - fair < ORDER_FAIR ? PLAN_BOUND_UNKNOWN
                                                                    : candidate_bound(state, &open);
            order_open(&judging->order, &open);
        }
    }
    judging->fair_next += ORDER_FAIR;
}

/* Plans the one that may be the best. A skip is kept for its place, or, where they are very many,
 * said at once. */
static void open_plan(struct turn_state *state)
{
    struct judging *judging = &state->judging;
    const struct item_open open = order_take_open(&judging->order);
    const struct risk_candidate *under =
        &state->tracked[open.market].sweep.candidate[open.candidate];
    const struct position position = book_position(state->tracked[open.market].book, under->slot);
    const struct plan_candidate candidate =
        candidate_of(state, open.market, &position, &under->health);
    struct item item = {.market = open.market, .slot = under->slot};

    plan_choose(&item.plan, &candidate, &judging->reserved[open.market], &judging->terms);
    judging->plans++;
    if (judging->says_at_once && item.plan.verdict != VERDICT_LIQUIDATE)
        (void)item_decide(state, &item, false);
    else
        order_add(&judging->order, &item);
}

static void best_decide(struct turn_state *state)
{
    struct judging *judging = &state->judging;
    struct item item;

    order_take(&judging->order, &item);
    judging->plan_again |= item_decide(state, &item, judging->plan_again);
}

/* In order of profit, as far as this turn goes; the rest in the next one, which comes at once. */
static void order_walk(struct turn_state *state)
{
    struct judging *judging = &state->judging;

    judging->plans = judging->turn == state->turns ? judging->plans : 0;
    judging->turn = state->turns;
    while (state_has_room(state)) {
        switch (order_next(&judging->order)) {
        case ORDER_PLAN:
            if (judging->plans < PLANS_PER_TURN)
                open_plan(state);
            else if (order_is_near(&judging->order))
                best_decide(state);
            else
                return;
            break;
        case ORDER_DECIDE:
            best_decide(state);
            break;
        case ORDER_DONE:
            return;
        }
    }
}

static bool may_decide(struct turn_state *state)
{
    gate_tick(&state->gate, state->now_ms, state->is_ready);
    breakers_say(state);
    return state->purpose == PURPOSE_RUN && state->is_ready && state->fleet.nonce_is_known;
}

bool decide_is_open(const struct turn_state *state)
{
    const struct judging *judging = &state->judging;

    return state->is_ready && hash32_is_equal(&judging->head, &state->header.hash) &&
           order_next(&judging->order) != ORDER_DONE;
}

void decide_go_on(struct turn_state *state)
{
    state->judging.plan_again = true; /* what has happened since then counts */
    if (may_decide(state))
        order_walk(state);
    else
        order_clear(&state->judging.order);
}

void decide(struct turn_state *state)
{
    struct judging *judging = &state->judging;
    const bool may = may_decide(state);

    state->judge_again = false; /* this is it */
    order_clear(&judging->order);
    if (!may)
        return;
    fees_begin(state);
    const size_t count = candidates_find(state);
    for (uint32_t i = 0; i < state->tracked_count; i++)
        skips_say(state, i);
    if (count == 0)
        return;
    if (!hash32_is_equal(&state->said_head, &state->header.hash)) {
        state->said_head = state->header.hash;
        state->counters.heads_decided++;
        event_head(state, count);
    }
    state->fees_wanted = true;
    judging->head = state->header.hash;
    judging->plan_again = false;
    judging->says_at_once = count > ORDER_KEPT_MAX;
    decide_terms(state, &judging->terms);
    candidates_open(state, count);
    order_walk(state);
}
