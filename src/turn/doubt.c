/*
 * A node that mines while it answers gives, now and then, an answer of the next block's state under
 * this block's hash. One such answer would take an account that was read rightly out of all
 * decisions for a head or more, just when it stands at the edge. So a difference is a doubt first:
 * the same question is asked once more at the same block, and only what differs again is drift.
 * Meanwhile nothing is decided on that account, and on all others as ever.
 */
#include "turn/doubt.h"

#include "turn/inside.h"

const struct doubt *doubt_find(const struct turn_state *state, uint32_t market, uint32_t slot)
{
    for (uint32_t i = 0; i < state->doubts.count; i++) {
        const struct doubt *one = &state->doubts.account[i];

        if (one->market == market && one->slot == slot)
            return one;
    }
    return NULL;
}

bool doubt_add(struct turn_state *state, uint32_t market, uint32_t slot)
{
    struct tracked *tracked = &state->tracked[market];
    struct doubts *doubts = &state->doubts;
    struct position position = book_position(tracked->book, slot);

    if (doubts->count == DOUBTS_MAX || doubt_find(state, market, slot) != NULL)
        return false;
    doubts->account[doubts->count++] =
        (struct doubt){.market = market,
                       .slot = slot,
                       .block = state->header.number,
                       .was_drifted = (position.flags & POSITION_DRIFTED) != 0};
    book_set_drifted(tracked->book, slot, true);
    state->counters.audit_doubts++;
    return true;
}

static void doubt_remove(struct doubts *doubts, uint32_t index)
{
    doubts->account[index] = doubts->account[--doubts->count];
}

bool doubt_end(struct turn_state *state, uint32_t market, uint32_t slot)
{
    const struct doubt *one = doubt_find(state, market, slot);

    if (one == NULL)
        return false;
    book_set_drifted(state->tracked[market].book, slot, one->was_drifted);
    doubt_remove(&state->doubts, (uint32_t)(one - state->doubts.account));
    return true;
}

void doubts_ask(struct turn_state *state)
{
    struct doubts *doubts = &state->doubts;

    if (doubts->count == 0)
        return;
    read_list_clear(&state->wanted);
    for (uint32_t i = 0; i < doubts->count; i++) {
        doubts->account[i].is_answered = false;
        (void)audit_ask(state, doubts->account[i].market, doubts->account[i].slot);
    }
    state->counters.audit_calls += state->wanted.count > 0;
    doubts->round.reads_max = state->round.reads_max;
    round_begin(&doubts->round, &state->wanted, &state->header, blocks_endpoint(state));
}

/* A rewind may have taken accounts away, or have put back what stood before the doubt. */
static bool is_open(const struct turn_state *state, const struct doubt *one)
{
    const struct book *book = state->tracked[one->market].book;

    return one->slot < book_count(book) &&
           (book_position(book, one->slot).flags & POSITION_DRIFTED) != 0;
}

void doubts_carry(struct turn_state *state)
{
    round_abandon(&state->doubts.round);
    for (uint32_t i = state->doubts.count; i-- > 0;) {
        if (!is_open(state, &state->doubts.account[i]))
            doubt_remove(&state->doubts, i);
    }
}

static void health_heard(void *context, const struct read *read, bool succeeded, struct bytes data)
{
    struct turn_state *state = context;
    struct tracked *tracked = &state->tracked[read->market];
    struct account_fact fact = {0};

    if (tracked->protocol->accept(&fact, &tracked->market, read, succeeded, data) != READ_OK)
        tracked->read_errors++;
    for (uint32_t i = 0; i < state->doubts.count && fact.kind == ACCOUNT_FACT_HEALTH; i++) {
        struct doubt *one = &state->doubts.account[i];

        if (one->market != read->market || one->slot != read->account)
            continue;
        one->theirs.value = fact.value;
        one->is_answered = true;
    }
}

bool doubts_answer(struct turn_state *state, const struct observation *observation)
{
    const struct round_sink sink = {state, health_heard};

    return round_answer(&state->doubts.round, observation, &state->answers, &sink);
}

void doubts_settle(struct turn_state *state)
{
    struct doubts *doubts = &state->doubts;

    if (doubts->round.state == ROUND_IDLE || doubts->round.state == ROUND_RUNNING)
        return;
    for (uint32_t i = doubts->count; i-- > 0;) {
        const struct doubt one = doubts->account[i];

        if (one.is_answered)
            audit_again(state, one.market, one.slot, &one.theirs);
    }
    round_abandon(&doubts->round);
    audit_conclude(state);
    state->judge_again = true;
}
