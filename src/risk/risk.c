/*
 * Each new price asks of every account that owes something: are you below the edge? One pass over
 * memory, in order of slot, so that the same book gives the same candidates in the same order.
 */
#include "risk/risk.h"

#include <stdlib.h>

#include "mirror/ahead.h"
#include "risk/inside.h"

#define FIRST_CAPACITY 64

void risk_sweep_release(struct risk_sweep *sweep)
{
    free(sweep->candidate);
    free(sweep->skip);
    *sweep = (struct risk_sweep){0};
}

static void sweep_add_candidate(struct risk_sweep *sweep, uint32_t slot,
                                const struct health *health)
{
    if (sweep->candidate_count == sweep->candidate_capacity) {
        sweep->candidate_capacity =
            sweep->candidate_capacity == 0 ? FIRST_CAPACITY : sweep->candidate_capacity * 2;
        sweep->candidate =
            must_realloc(sweep->candidate, sweep->candidate_capacity, sizeof(*sweep->candidate));
    }
    sweep->candidate[sweep->candidate_count++] =
        (struct risk_candidate){.slot = slot, .health = *health};
}

static void sweep_add_skip(struct risk_sweep *sweep, uint32_t slot, enum health_error error)
{
    if (sweep->skip_count == sweep->skip_capacity) {
        sweep->skip_capacity =
            sweep->skip_capacity == 0 ? FIRST_CAPACITY : sweep->skip_capacity * 2;
        sweep->skip = must_realloc(sweep->skip, sweep->skip_capacity, sizeof(*sweep->skip));
    }
    sweep->skip[sweep->skip_count++] = (struct risk_skip){.slot = slot, .error = error};
}

/* A position that is not known may owe: it is judged, and fails by name. */
static bool position_may_owe(const struct position *position)
{
    bool may_owe = position->flags != 0;

    for (uint32_t i = 0; !may_owe && i < position->leg_count; i++) {
        may_owe = (position->legs[i].flags & LEG_DEBT) != 0;
    }
    return may_owe;
}

/* A little above `below`; past 256 bits there is nothing above. */
static struct wad sweep_nearly(const struct wad *below)
{
    const struct u256 parts = u256_of(RISK_NEAR_PARTS);
    struct wad nearly = *below;
    struct u256 part;

    if (!u256_div(&part, NULL, &below->value, &parts) ||
        !u256_add(&nearly.value, &below->value, &part))
        return *below;
    return nearly;
}

void sweep_clear(struct risk_sweep *sweep)
{
    sweep->candidate_count = 0;
    sweep->near_count = 0;
    sweep->skip_count = 0;
    sweep->judged = 0;
}

void risk_ahead(const struct risk_sweep *sweep, const struct book *book, size_t at)
{
    if (at + AHEAD_RECORD < sweep->candidate_count) {
        book_ahead_record(book, sweep->candidate[at + AHEAD_RECORD].slot);
    }
    if (at + AHEAD_LEGS < sweep->candidate_count) {
        book_ahead_legs(book, sweep->candidate[at + AHEAD_LEGS].slot);
    }
}

void risk_sweep_forget(struct risk_sweep *sweep)
{
    sweep_clear(sweep);
}

void sweep_judge(struct risk_sweep *sweep, const struct market *market, const struct book *book,
                 uint32_t slot, const struct wad *below)
{
    const struct position position = book_position(book, slot);
    struct health health;

    if (!position_may_owe(&position)) {
        return;
    }
    enum health_error error = protocol_at(market->protocol)->health(&health, market, &position);
    if (error != HEALTH_OK) {
        sweep_add_skip(sweep, slot, error);
        return;
    }
    sweep->judged++;
    if (u256_is_less(&health.factor.value, &below->value)) {
        sweep_add_candidate(sweep, slot, &health);
    } else if (sweep->near_count < RISK_NEAR_MAX) {
        const struct wad nearly = sweep_nearly(below);
        if (u256_is_less(&health.factor.value, &nearly.value)) {
            sweep->near[sweep->near_count++] = slot;
        }
    }
}

void risk_sweep(struct risk_sweep *out, const struct market *market, const struct book *book,
                const struct wad *below)
{
    const uint32_t count = book_count(book);

    sweep_clear(out);
    for (uint32_t slot = 0; slot < count; slot++) {
        sweep_judge(out, market, book, slot, below);
    }
}
