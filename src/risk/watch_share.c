/*
 * What stands between a line and the edge, its margin, is shared out among its legs: each may move
 * against it by as much as its room pays for, and has a trigger there. While none is passed the
 * rooms together pay for whatever moved, so that it cannot have crossed. Where one is passed, what
 * is left is shared out again.
 *
 * The sum of all rooms is at most the margin: that alone is what is relied on. How it is shared out
 * only says how soon somebody is looked at again.
 */
#include "risk/inside.h"

/* A leg's room follows what it is of the whole, and this: small legs may move farther than large
 * ones, and pay less for it. */
#define SPREAD 0.1
/* Who was passed gets this part of what is due to it at least. */
#define ENOUGH 0.6

void leg_unset(struct watch *watch, struct line_leg *leg)
{
    if (leg->at != WATCH_NONE) {
        heap_remove(watch, &watch->trigger[leg->variable], leg->at);
        leg->at = WATCH_NONE;
    }
}

double line_margin(const struct watch *watch, uint32_t first)
{
    const struct line *line = &watch->cell[first].line;
    const union cell *cell = &watch->cell[first + 1];
    double side[2] = {0, 0};

    for (uint32_t i = 0; i < line->leg_count; i++) {
        side[i < line->supplied_count ? 0 : 1] +=
            (double)cell[i].leg.share * watch->ratio[cell[i].leg.variable];
    }
    return (side[0] - side[1]) / side[0];
}

/* How the margin of a line is to be shared out at the values of now. */
struct sharing {
    uint32_t first;
    uint32_t count;
    double margin; /* in shares, as are the others */
    double whole;  /* of the collateral */
    /* by leg: */
    double most[2 * LEGS_MAX]; /* all that it can lose before everything is made anew */
    double due[2 * LEGS_MAX];  /* its room, by its part of the whole */
};

/* Both sides, and what each leg is of them. */
static void sharing_begin(struct sharing *out, const struct watch *watch, uint32_t first)
{
    const struct line *line = &watch->cell[first].line;
    const union cell *cell = &watch->cell[first + 1];
    double owed = 0;

    out->first = first;
    out->count = line->leg_count;
    MUST(out->count > 0);
    out->whole = 0;
    for (uint32_t i = 0; i < out->count; i++) {
        const double share = (double)cell[i].leg.share;
        const double value = share * watch->ratio[cell[i].leg.variable];

        if (i < line->supplied_count) {
            out->whole += value;
            out->most[i] = value - share / EDGE_FACTOR;
        } else {
            owed += value;
            out->most[i] = share * EDGE_FACTOR - value;
        }
        out->due[i] = value;
    }
    out->margin = out->whole - owed;
}

/* What a leg cannot lose is left to the others. */
static void sharing_end(struct sharing *sharing)
{
    const double whole = sharing->whole;
    double margin = sharing->margin;
    double parts = 0;
    double rate =
        margin / (2 * whole - margin + (double)sharing->count * SPREAD * whole); /* of all parts */

    for (uint32_t i = 0; i < sharing->count; i++) {
        sharing->due[i] += SPREAD * whole;
        if (rate * sharing->due[i] >= sharing->most[i]) {
            margin -= sharing->most[i];
        } else {
            parts += sharing->due[i];
        }
    }
    rate = parts > 0 ? margin / parts : rate;
    for (uint32_t i = 0; i < sharing->count; i++) {
        const double due = rate * sharing->due[i];

        sharing->due[i] = due < sharing->most[i] ? due : sharing->most[i];
    }
}

/* What it may lose until its trigger is passed; where it is, not above 0. */
static double leg_room(const struct watch *watch, const struct sharing *sharing, uint32_t i)
{
    const struct line_leg *leg = &watch->cell[sharing->first + 1 + i].leg;
    const double ratio = watch->ratio[leg->variable];

    if (leg->at == WATCH_NONE) {
        return sharing->most[i];
    }
    return (double)leg->share * (variable_is_supplied(leg->variable) ? ratio - (double)leg->key
                                                                     : -(double)leg->key - ratio);
}

/* Its trigger where it has lost that much more. */
static void leg_set(struct watch *watch, const struct sharing *sharing, uint32_t i, double room)
{
    const uint32_t index = sharing->first + 1 + i;
    struct line_leg *leg = &watch->cell[index].leg;
    struct heap *heap = &watch->trigger[leg->variable];
    const double ratio = watch->ratio[leg->variable];

    if (room >= sharing->most[i]) {
        leg_unset(watch, leg);
        return;
    }
    room /= (double)leg->share;
    leg->key = (float)(variable_is_supplied(leg->variable) ? (ratio - room) * (1 + KEY_ERROR)
                                                           : -(ratio + room) * (1 - KEY_ERROR));
    if (leg->at == WATCH_NONE) {
        heap_add(watch, heap, leg->key, index);
    } else {
        heap_rekey(watch, heap, leg->at, leg->key);
    }
}

static void line_share_all(struct watch *watch, const struct sharing *sharing)
{
    for (uint32_t i = 0; i < sharing->count; i++) {
        leg_set(watch, sharing, i, sharing->due[i]);
    }
}

/* Whose room is farthest above what is due to it. */
static uint32_t richest_leg(const double *above, uint32_t count)
{
    uint32_t richest = 0;

    for (uint32_t i = 1; i < count; i++) {
        if (above[i] > above[richest]) {
            richest = i;
        }
    }
    return richest;
}

/* Those that were passed get most of what is due to them from those that have more than is due:
 * as few triggers as that takes are moved. */
static void line_share_passed(struct watch *watch, const struct sharing *sharing)
{
    double above[2 * LEGS_MAX]; /* what is due; of those that were passed: less than nothing */
    double left = sharing->margin;
    double due = 0;

    for (uint32_t i = 0; i < sharing->count; i++) {
        const double room = leg_room(watch, sharing, i);

        above[i] = room <= 0 ? -1 : room - sharing->due[i];
        due += room <= 0 ? sharing->due[i] : 0;
        left -= room <= 0 ? 0 : room;
    }
    while (left < ENOUGH * due) {
        const uint32_t richest = richest_leg(above, sharing->count);

        if (above[richest] <= 0) {
            break;
        }
        leg_set(watch, sharing, richest, sharing->due[richest]);
        left += above[richest];
        above[richest] = 0;
    }
    if (!(left > 0 && due > 0)) {
        line_share_all(watch, sharing);
        return;
    }
    for (uint32_t i = 0; i < sharing->count; i++) {
        if (leg_room(watch, sharing, i) <= 0) {
            leg_set(watch, sharing, i, sharing->due[i] * (left / due));
        }
    }
}

double line_settle(struct watch *watch, uint32_t first)
{
    const bool is_fired = watch->cell[first].line.next == LINE_FIRED;
    struct sharing sharing;
    double margin;

    watch->cell[first].line.next = 0;
    sharing_begin(&sharing, watch, first);
    margin = sharing.margin / sharing.whole;
    if (!(margin > WATCH_NEAR)) {
        line_remove(watch, first);
        return 0;
    }
    sharing_end(&sharing);
    sharing.first = line_move(watch, first, margin);
    if (is_fired) {
        line_share_passed(watch, &sharing);
    } else {
        line_share_all(watch, &sharing);
    }
    return margin;
}
