/*
 * Positions of one collateral and one debt cross at a fixed ratio of the two values: interest,
 * prices and time only move the ratio along. A heap by that ratio finds whom it has reached without
 * looking at anybody else.
 */
#include <stdlib.h>

#include "risk/inside.h"

#define FIRST_CAPACITY 16u
/* What a ratio of two ratios cannot leave: who crosses below is not watched, above always due. */
#define KEY_MIN (1 / (EDGE_FACTOR * EDGE_FACTOR))
#define KEY_MAX (4 * EDGE_FACTOR * EDGE_FACTOR)

static void top_note(struct watch *watch, uint32_t number)
{
    const struct heap *heap = &watch->pair[number].heap;

    watch->pair_top[number] = heap->count > 0 ? heap->entry[0].key : 0;
}

static uint32_t pair_number(struct watch *watch, uint32_t supplied, uint32_t owed)
{
    uint16_t *number = &watch->pair_of[supplied / 2][owed / 2];

    if (*number != 0) {
        return *number - 1u;
    }
    if (watch->pair_count == watch->pair_capacity) {
        watch->pair_capacity =
            watch->pair_capacity == 0 ? FIRST_CAPACITY : watch->pair_capacity * 2;
        watch->pair = must_realloc(watch->pair, watch->pair_capacity, sizeof(*watch->pair));
        watch->pair_top =
            must_realloc(watch->pair_top, watch->pair_capacity, sizeof(*watch->pair_top));
    }
    watch->pair[watch->pair_count] = (struct pair){.supplied = supplied, .owed = owed};
    watch->pair_top[watch->pair_count] = 0;
    *number = (uint16_t)++watch->pair_count; /* at most 128 × 128, which fits */
    return watch->pair_count - 1;
}

void pair_add(struct watch *watch, uint32_t slot, const struct edge *edge)
{
    const struct edge_leg *supplied = &edge->leg[0];
    const struct edge_leg *owed = &edge->leg[1];
    const double bears = supplied->weight * watch->reference[supplied->variable];
    const double owes = owed->weight * watch->reference[owed->variable];
    const double key = owes / bears * (1 + edge_slack(watch, edge)) * (1 + KEY_ERROR);
    const uint32_t number = pair_number(watch, supplied->variable, owed->variable);

    if (key < KEY_MIN) {
        watch->place[slot] = (struct place){.kind = WATCHED_NOT};
        return;
    }
    watch->place[slot] = (struct place){.kind = WATCHED_PAIR, .pair = (uint16_t)number};
    heap_add(watch, &watch->pair[number].heap, (float)(key < KEY_MAX ? key : KEY_MAX), slot);
    top_note(watch, number);
}

void pair_remove(struct watch *watch, uint32_t slot)
{
    const uint32_t number = watch->place[slot].pair;

    heap_remove(watch, &watch->pair[number].heap, watch->place[slot].index);
    top_note(watch, number);
}

void pairs_due(struct watch *watch)
{
    for (uint32_t i = 0; i < watch->pair_count; i++) {
        const struct pair *pair = &watch->pair[i];
        const double supplied = watch->ratio[pair->supplied];
        const double owed = watch->ratio[pair->owed];

        /* supplied / owed < key, without the division */
        if (supplied < (double)watch->pair_top[i] * owed) {
            heap_walk(&watch->due, watch, &pair->heap, supplied / owed);
        }
    }
}

void pairs_clear(struct watch *watch)
{
    for (uint32_t i = 0; i < watch->pair_count; i++) {
        watch->pair[i].heap.count = 0;
        watch->pair_top[i] = 0;
    }
}

void pairs_release(struct watch *watch)
{
    for (uint32_t i = 0; i < watch->pair_count; i++) {
        free(watch->pair[i].heap.entry);
    }
    free(watch->pair);
    free(watch->pair_top);
}
