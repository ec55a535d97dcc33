/* See sound.h. */
#include "tests/risk/sound.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "risk/inside.h"

/* Half of the part of each slack that is for doubles (protocol/aave_v3/edge.c). */
#define DOUBLES 0x1p-41
/* Floats are rounded by so much in all, on what is compared with doubles here. */
#define FLOATS 0x1p-20

static void heap_is_sound(const struct watch *watch, const struct heap *heap)
{
    for (uint32_t i = 0; i < heap->count; i++) {
        const struct heap_entry *entry = &heap->entry[i];
        const uint32_t at =
            heap->is_of_legs ? watch->cell[entry->of].leg.at : watch->place[entry->of].index;

        cr_assert(eq(u32, at, i));
        cr_assert(i == 0 || heap->entry[(i - 1) / HEAP_FANOUT].key >= entry->key);
        if (heap->is_of_legs)
            cr_assert(watch->cell[entry->of].leg.key == entry->key);
    }
}

/* As far against the position as its value may go before somebody looks. */
static double leg_worst(const struct watch *watch, const struct line_leg *leg)
{
    if (leg->at == WATCH_NONE)
        return variable_is_supplied(leg->variable) ? 1 / EDGE_FACTOR : EDGE_FACTOR;
    cr_assert(lt(u32, leg->at, watch->trigger[leg->variable].count));
    return variable_is_supplied(leg->variable) ? (double)leg->key : -(double)leg->key;
}

static void line_is_sound(const struct watch *watch, uint32_t slot, uint32_t first)
{
    const struct line *line = &watch->cell[first].line;
    double margin = 0;

    cr_assert(eq(u32, line->slot, slot));
    for (uint32_t i = 1; i <= line->leg_count; i++) {
        const struct line_leg *leg = &watch->cell[first + i].leg;
        const double at_worst = (double)leg->share * leg_worst(watch, leg);

        cr_assert(eq(u32, leg->number, i));
        margin += i <= line->supplied_count ? at_worst : -at_worst;
    }
    cr_assert(margin >= -DOUBLES, "slot %u: %g below the edge", slot, -margin);
}

/* Drawn anew: even with everything as far against it as can be. */
static void unwatched_is_sound(const struct watch *watch, uint32_t slot, const struct edge *edge)
{
    double side[2] = {0, 0};

    if (edge->kind == EDGE_NONE)
        return;
    cr_assert(edge->kind == EDGE_LINE, "slot %u is in no list", slot);
    for (uint32_t i = 0; i < edge->leg_count; i++) {
        const struct edge_leg *leg = &edge->leg[i];
        const double worst = variable_is_supplied(leg->variable) ? 1 / EDGE_FACTOR : EDGE_FACTOR;

        side[i < edge->supplied_count ? 0 : 1] +=
            leg->weight * watch->reference[leg->variable] * worst;
    }
    cr_assert(side[0] >= side[1] * (1 - FLOATS), "slot %u is in no list", slot);
}

void watch_is_sound(const struct watch *watch, const struct market *market, const struct book *book)
{
    static struct edge edge;

    for (uint32_t i = 0; i < EDGE_VARIABLES; i++)
        heap_is_sound(watch, &watch->trigger[i]);
    for (uint32_t i = 0; i < watch->pair_count; i++)
        heap_is_sound(watch, &watch->pair[i].heap);
    for (uint32_t slot = 0; slot < watch->place_count; slot++) {
        const struct place *place = &watch->place[slot];
        const struct position position = book_position(book, slot);

        switch ((enum watch_kind)place->kind) {
        case WATCHED_NOT:
            protocol_at(market->protocol)->edge(&edge, market, &position, watch->value);
            unwatched_is_sound(watch, slot, &edge);
            break;
        case WATCHED_HOT:
            cr_assert(eq(u32, watch->hot.slot[place->index], slot));
            break;
        case WATCHED_PAIR:
            cr_assert(eq(u32, watch->pair[place->pair].heap.entry[place->index].of, slot));
            break;
        case WATCHED_LINE:
            line_is_sound(watch, slot, place->index);
            break;
        }
    }
}
