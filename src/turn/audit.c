/*
 * A mirror can be wrong without knowing it: a log that no version names, a node that lied once. So
 * at every head some accounts are compared with the chain's own health, to the last unit, in the
 * calls that the head makes anyway: those near the edge first, the rest in turn.
 *
 * One that differs, and differs again when it is asked for once more (turn/doubt.c), is read again
 * whole and is not decided on until it is equal at a later head. What still differs after that
 * speaks of more than one account: several such are no slip, and the market is read-only until as
 * many as a sample before trust has were equal in a row.
 */
#include <string.h>

#include "turn/inside.h"

/* The chain's own health costs as much gas as so many ordinary reads. */
#define AUDIT_READS 8
/* At least one in so many is of the rotation, however many stand near the edge. */
#define ROTATION_PARTS 4

/* ---- who drifted */

static bool is_listed(const struct tracked *tracked, uint32_t slot)
{
    for (uint32_t i = 0; i < tracked->audit.drifted_count; i++) {
        if (tracked->audit.drifted[i] == slot)
            return true;
    }
    return false;
}

static void drifted_list(struct tracked *tracked, uint32_t slot)
{
    if (tracked->audit.drifted_count < DRIFTED_MAX && !is_listed(tracked, slot))
        tracked->audit.drifted[tracked->audit.drifted_count++] = slot;
}

/* What a reorg undid may have been that an account was found equal again, or the account. */
static void drifted_find(struct turn_state *state, uint32_t market)
{
    struct tracked *tracked = &state->tracked[market];
    uint32_t *drifted = tracked->audit.drifted;

    for (size_t i = 0; i < tracked->sweep.skip_count; i++) {
        const struct risk_skip *skip = &tracked->sweep.skip[i];

        if (skip->error == HEALTH_DRIFTED && doubt_find(state, market, skip->slot) == NULL)
            drifted_list(tracked, skip->slot);
    }
    for (uint32_t i = tracked->audit.drifted_count; i-- > 0;) {
        if (drifted[i] >= book_count(tracked->book) ||
            (book_position(tracked->book, drifted[i]).flags & POSITION_DRIFTED) == 0)
            drifted[i] = drifted[--tracked->audit.drifted_count];
    }
}

/* ---- which */

bool audit_ask(struct turn_state *state, uint32_t market, uint32_t slot)
{
    struct tracked *tracked = &state->tracked[market];
    struct position position = book_position(tracked->book, slot);
    size_t first = state->wanted.count;

    tracked->protocol->want_audit(&state->wanted, &tracked->market, &position.account, slot);
    for (size_t i = first; i < state->wanted.count; i++)
        state->wanted.read[i].market = (uint8_t)market;
    return state->wanted.count > first;
}

static struct audited *audited_find(struct turn_state *state, uint32_t market, uint32_t slot)
{
    for (uint32_t i = 0; i < state->sample.count; i++) {
        struct audited *one = &state->sample.account[i];

        if (one->market == market && one->slot == slot)
            return one;
    }
    return NULL;
}

/* False: it is in the sample already, or there is no place. */
static bool sample_add(struct turn_state *state, uint32_t market, uint32_t slot, bool is_turn)
{
    if (state->sample.count == AUDIT_MAX || audited_find(state, market, slot) != NULL ||
        !audit_ask(state, market, slot))
        return false;
    state->sample.account[state->sample.count++] =
        (struct audited){.market = market, .slot = slot, .is_turn = is_turn};
    state->counters.audit_reads++;
    return true;
}

/* Under water first, then just above it; each in turn where they are more than `most`. Out: how
 * many. */
static uint32_t near_want(struct turn_state *state, uint32_t market, uint32_t most)
{
    struct tracked *tracked = &state->tracked[market];
    const struct risk_sweep *sweep = &tracked->sweep;
    uint64_t count = sweep->candidate_count + sweep->near_count;
    uint32_t added = 0;

    for (uint64_t i = 0; i < count && added < most; i++) {
        uint64_t at = (tracked->audit.near + i) % count;
        uint32_t slot = at < sweep->candidate_count ? sweep->candidate[at].slot
                                                    : sweep->near[at - sweep->candidate_count];

        added += sample_add(state, market, slot, false);
    }
    tracked->audit.near = count > most ? (uint32_t)((tracked->audit.near + added) % count) : 0;
    return added;
}

/* What may be fired at this head is to be known equal to the chain, lest it is simulated first. */
static uint32_t armed_want(struct turn_state *state, uint32_t market, uint32_t most)
{
    uint32_t added = 0;

    for (uint32_t i = 0; i < ARMED_MAX && added < most; i++) {
        uint32_t slot = arm_slot(state, market, i);

        if (slot != TABLE_NONE)
            added += sample_add(state, market, slot, false);
    }
    return added;
}

static void turn_want(struct turn_state *state, uint32_t market, uint32_t most)
{
    struct tracked *tracked = &state->tracked[market];
    uint32_t count = book_count(tracked->book);
    uint32_t added = 0;

    for (uint32_t i = 0; i < count && i < 2 * AUDIT_MAX && added < most; i++) {
        uint32_t slot = tracked->audit.slot < count ? tracked->audit.slot : 0;

        tracked->audit.slot = slot + 1;
        added += sample_add(state, market, slot, true);
    }
}

/* One call of their own, beside the head's: no more than fit into one. */
static uint32_t audit_room(const struct turn_state *state)
{
    size_t most = state->round.reads_max != 0 ? state->round.reads_max : ROUND_READS_FIRST;

    return (uint32_t)(most / AUDIT_READS);
}

void audit_want(struct turn_state *state)
{
    uint32_t room = audit_room(state);
    uint32_t most = state->settings.audit_accounts;

    if (state->phase != PHASE_FOLLOW || state->purpose != PURPOSE_RUN)
        return;
    most = most < room ? most : room;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        drifted_find(state, i);
        uint32_t share = most / (state->tracked_count - i);
        uint32_t before = state->sample.count;
        uint32_t used;

        for (uint32_t k = 0; k < state->doubts.count; k++) {
            if (state->doubts.account[k].market == i)
                (void)sample_add(state, i, state->doubts.account[k].slot, false);
        }
        for (uint32_t k = 0; k < tracked->audit.drifted_count; k++)
            (void)sample_add(state, i, tracked->audit.drifted[k], false);
        const uint32_t near = share - (share + ROTATION_PARTS - 1) / ROTATION_PARTS;
        used = armed_want(state, i, near);
        used += near_want(state, i, near - used);
        turn_want(state, i, share - used);
        used = state->sample.count - before;
        most -= used < most ? used : most;
    }
}

/* ---- equal or not */

static void drifted_remove(struct tracked *tracked, uint32_t slot)
{
    book_set_drifted(tracked->book, slot, false);
    for (uint32_t i = 0; i < tracked->audit.drifted_count; i++) {
        if (tracked->audit.drifted[i] == slot)
            tracked->audit.drifted[i] = tracked->audit.drifted[--tracked->audit.drifted_count];
    }
}

/* One account of which the chain said how it stands. */
struct compared {
    uint32_t market;
    uint32_t slot;
    struct health ours;
    const struct wad *theirs;
};

static enum audit_result compared_look(struct turn_state *state, struct compared *compared)
{
    const struct tracked *tracked = &state->tracked[compared->market];
    struct position position = book_position(tracked->book, compared->slot);

    position.flags = (uint8_t)(position.flags & ~POSITION_DRIFTED);
    if (tracked->protocol->health(&compared->ours, &tracked->market, &position) != HEALTH_OK)
        return AUDIT_UNJUDGED; /* nor is it decided on */
    return u256_is_equal(&compared->ours.factor.value, &compared->theirs->value) ? AUDIT_EQUAL
                                                                                 : AUDIT_WRONG;
}

static void compared_take(struct turn_state *state, const struct compared *compared,
                          enum audit_result result)
{
    struct tracked *tracked = &state->tracked[compared->market];
    struct position position = book_position(tracked->book, compared->slot);
    bool was_drifted = (position.flags & POSITION_DRIFTED) != 0;

    if (result == AUDIT_UNJUDGED)
        return;
    if (result == AUDIT_EQUAL) {
        tracked->audit.equal++;
        if (was_drifted)
            drifted_remove(tracked, compared->slot);
        return;
    }
    book_touch_whole(tracked->book, compared->slot);
    tracked->audit.streak = 0;
    tracked->audit.wants_terms = true; /* the account's own reads may not be what is wrong */
    if (was_drifted) {
        tracked->audit.persisting++;
        return; /* said already */
    }
    tracked->audit.wrong++;
    state->counters.drifts++;
    book_set_drifted(tracked->book, compared->slot, true);
    drifted_list(tracked, compared->slot);
    if (state_has_room(state))
        event_drift(state, compared->market, &position.account, &compared->ours.factor,
                    compared->theirs);
}

enum audit_result audit_compare(struct turn_state *state, uint32_t market, uint32_t slot,
                                const struct wad *theirs)
{
    struct compared compared = {.market = market, .slot = slot, .theirs = theirs};
    enum audit_result result = compared_look(state, &compared);

    compared_take(state, &compared, result);
    return result;
}

void audit_take(struct turn_state *state, uint32_t market, const struct account_fact *fact)
{
    struct audited *one = audited_find(state, market, fact->account);

    if (one == NULL)
        return;
    one->theirs.value = fact->value;
    one->is_answered = true;
}

static void market_doubt(struct turn_state *state, struct tracked *tracked)
{
    TEXT why = {0};

    tracked->market.trust = MARKET_FAILED_PARITY;
    text_add(&why, tracked->market.name);
    text_add(&why, ": ");
    text_add_u64(&why, tracked->audit.persisting);
    text_add(&why, " accounts drifted from the chain: read-only until a sample is equal");
    memset(tracked->why, 0, sizeof(tracked->why));
    strncpy(tracked->why, text_string(&why), sizeof(tracked->why) - 1);
    state_note(state, NOTE_ERROR, "market read-only", tracked->why);
}

static void market_trust(struct turn_state *state, struct tracked *tracked)
{
    tracked->market.trust = MARKET_TRUSTED;
    tracked->why[0] = '\0';
    state_note(state, NOTE_INFO, "market trusted again", tracked->market.name);
}

static void market_conclude(struct turn_state *state, struct tracked *tracked, bool is_whole)
{
    uint32_t sample = state->settings.parity_sample;
    uint32_t count = book_count(tracked->book);

    if (is_whole)
        tracked->audited_block = state->header.number;
    if (tracked->market.trust == MARKET_TRUSTED && tracked->audit.persisting >= DRIFTED_READ_ONLY)
        market_doubt(state, tracked);
    else if (tracked->market.trust == MARKET_FAILED_PARITY && tracked->audit.drifted_count == 0 &&
             is_whole && tracked->audit.streak >= (count < sample ? count : sample))
        market_trust(state, tracked);
}

static void audited_set(struct turn_state *state, struct audited *one, enum audit_result result)
{
    one->is_equal = result == AUDIT_EQUAL;
    one->is_wrong = result == AUDIT_WRONG;
    state->tracked[one->market].audit.streak += one->is_equal && one->is_turn;
}

/* The first difference is a doubt; the second, here or at an earlier head, is none. */
static void audited_judge(struct turn_state *state, struct audited *one)
{
    struct compared compared = {.market = one->market, .slot = one->slot, .theirs = &one->theirs};
    enum audit_result result = compared_look(state, &compared);

    if (result == AUDIT_UNJUDGED)
        return;
    if (!doubt_end(state, one->market, one->slot) && result == AUDIT_WRONG &&
        doubt_add(state, one->market, one->slot))
        return;
    compared_take(state, &compared, result);
    audited_set(state, one, result);
}

void audit_again(struct turn_state *state, uint32_t market, uint32_t slot, const struct wad *theirs)
{
    struct audited *one = audited_find(state, market, slot);
    struct compared compared = {.market = market, .slot = slot, .theirs = theirs};
    enum audit_result result = compared_look(state, &compared);

    if (result == AUDIT_UNJUDGED || !doubt_end(state, market, slot))
        return;
    compared_take(state, &compared, result);
    if (one != NULL)
        audited_set(state, one, result);
}

static bool is_in_doubt(const struct turn_state *state, uint32_t market)
{
    for (uint32_t i = 0; i < state->doubts.count; i++) {
        if (state->doubts.account[i].market == market)
            return true;
    }
    return false;
}

void audit_conclude(struct turn_state *state)
{
    for (uint32_t market = 0; market < state->tracked_count; market++) {
        struct tracked *tracked = &state->tracked[market];
        uint32_t equal = 0;
        uint32_t wrong = 0;

        if (tracked->audit.is_concluded || is_in_doubt(state, market))
            continue;
        tracked->audit.is_concluded = true;
        for (uint32_t i = 0; i < state->sample.count; i++) {
            const struct audited *one = &state->sample.account[i];

            equal += one->market == market && one->is_equal;
            wrong += one->market == market && one->is_wrong;
        }
        if (wrong == 0 || tracked->audit.persisting > 0)
            breakers_audit(&state->gate.breakers, market, equal, tracked->audit.persisting);
        market_conclude(state, tracked, equal > 0 && wrong == 0);
    }
}

void audit_judge(struct turn_state *state)
{
    for (uint32_t market = 0; market < state->tracked_count; market++) {
        state->tracked[market].audit.persisting = 0;
        state->tracked[market].audit.is_concluded = false;
    }
    for (uint32_t i = 0; i < state->sample.count; i++) {
        struct audited *one = &state->sample.account[i];

        if (one->is_answered && state->tracked[one->market].is_complete)
            audited_judge(state, one);
    }
    audit_conclude(state);
    doubts_ask(state);
}

bool audit_is_equal(const struct turn_state *state, uint32_t market, uint32_t slot)
{
    if (state->tracked[market].audited_block != state->header.number)
        return false;
    for (uint32_t i = 0; i < state->sample.count; i++) {
        const struct audited *one = &state->sample.account[i];

        if (one->market == market && one->slot == slot)
            return one->is_equal;
    }
    return false;
}
