/*
 * A market is believed only once a sample of its accounts equals the chain's own health, all at one
 * block. A node that mines while it answers may show a difference that is none: so a difference is
 * looked at again at a later head before the market becomes read-only.
 */
#include <string.h>

#include "turn/inside.h"

/* Heads at which a sample may differ before it is believed that it does. */
#define PARITY_TRIES 3

/* Accounts spread evenly over the book, so that old and new, large and small are in it, and those
 * that differed before. */
static void sample_want(struct turn_state *state, uint32_t index)
{
    struct tracked *tracked = &state->tracked[index];
    uint32_t count = book_count(tracked->book);
    uint32_t sample = state->settings.parity_sample;
    uint32_t stride = count > sample ? count / sample : 1;

    for (uint32_t slot = 0; slot < count && slot / stride < sample; slot += stride) {
        (void)audit_ask(state, index, slot);
        tracked->parity_asked++;
    }
    for (uint32_t i = 0; i < tracked->audit.drifted_count; i++) {
        (void)audit_ask(state, index, tracked->audit.drifted[i]);
        tracked->parity_asked++;
    }
}

void parity_take(struct turn_state *state, uint32_t market, const struct account_fact *fact)
{
    struct tracked *tracked = &state->tracked[market];
    const struct wad theirs = {fact->value};

    switch (audit_compare(state, market, fact->account, &theirs)) {
    case AUDIT_EQUAL:
        tracked->parity_equal++;
        return;
    case AUDIT_WRONG:
        tracked->parity_wrong++;
        return;
    case AUDIT_UNJUDGED:
        return; /* hence not believed either */
    }
}

void parity_start(struct turn_state *state)
{
    state->phase = PHASE_PARITY;
    state->is_ready = false;
    read_list_clear(&state->wanted);
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        market_prepare(state, tracked);
        if (tracked->market.trust != MARKET_UNPROVED)
            continue;
        tracked->parity_equal = tracked->parity_wrong = tracked->parity_asked = 0;
        sample_want(state, i);
    }
    state->counters.audit_calls += state->wanted.count > 0;
    round_begin(&state->round, &state->wanted, &state->header, blocks_endpoint(state));
}

static bool is_proved(const struct tracked *tracked)
{
    return tracked->parity_wrong == 0 && tracked->parity_equal > 0;
}

static void market_say(struct turn_state *state, struct tracked *tracked, const struct text *why)
{
    memset(tracked->why, 0, sizeof(tracked->why));
    strncpy(tracked->why, text_string(why), sizeof(tracked->why) - 1);
    state_note(state, NOTE_ERROR, "market read-only", tracked->why);
}

/* What no comparison can mend: said once a synchronisation. */
static void unknown_say(struct turn_state *state, struct tracked *tracked)
{
    TEXT why = {0};

    text_add(&why, tracked->market.name);
    if (tracked->market.trust == MARKET_UNKNOWN_REVISION) {
        text_add(&why, ": pool revision ");
        text_add_u64(&why, tracked->market.revision);
        text_add(&why, " is not known to this version: read-only");
    } else {
        text_add(&why, ": more reserves than this version holds: read-only");
    }
    market_say(state, tracked, &why);
}

static void market_refuse(struct turn_state *state, struct tracked *tracked)
{
    TEXT why = {0};

    tracked->market.trust = MARKET_FAILED_PARITY;
    text_add(&why, tracked->market.name);
    text_add(&why, ": ");
    text_add_u64(&why, tracked->parity_wrong);
    text_add(&why, " of ");
    text_add_u64(&why, tracked->parity_asked);
    text_add(&why, tracked->parity_wrong > 0 ? " accounts differ from the chain: read-only"
                                             : " differ, but none could be compared: read-only");
    market_say(state, tracked, &why);
}

bool parity_judge(struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct tracked *tracked = &state->tracked[i];

        if (tracked->market.trust != MARKET_UNPROVED || tracked->parity_asked == 0 ||
            is_proved(tracked))
            continue;
        if (++state->parity_failures < PARITY_TRIES) {
            sync_start(state, "a sample of accounts differs from the chain; comparing again");
            return false;
        }
    }
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        if (tracked->market.trust == MARKET_UNPROVED && tracked->parity_asked > 0)
            breakers_audit(&state->gate.breakers, i, tracked->parity_equal, tracked->parity_wrong);
        if (tracked->why[0] == '\0' && (tracked->market.trust == MARKET_UNKNOWN_REVISION ||
                                        tracked->market.trust == MARKET_TOO_LARGE))
            unknown_say(state, tracked);
        if (tracked->market.trust != MARKET_UNPROVED || tracked->parity_asked == 0)
            continue; /* nobody owes anything yet: proved when somebody does */
        if (is_proved(tracked)) {
            tracked->market.trust = MARKET_TRUSTED;
            tracked->audited_block = state->header.number;
        } else {
            market_refuse(state, tracked);
        }
    }
    state->parity_failures = 0;
    return true;
}

bool parity_is_due(const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (state->tracked[i].market.trust == MARKET_UNPROVED && state->tracked[i].is_complete &&
            book_count(state->tracked[i].book) > 0)
            return true;
    }
    return false;
}
