/*
 * Whom the next step of a feed could carry over the edge: known without asking everybody, since the
 * heaps of the watch lie in that order. Advice only: whoever is named is judged
 * exactly.
 */
#include "risk/inside.h"

/* A place in a heap whose parents were all named. */
struct ahead {
    const struct heap *heap;
    uint32_t index;
    double now;      /* what passes keys */
    double nearness; /* one where it is passed, less before it */
};

struct ahead_list {
    uint32_t count;
    struct ahead ahead[WATCH_AHEAD_MAX];
};

/* At the bound the farthest gives way. */
static void ahead_add(struct ahead_list *list, const struct heap *heap, uint32_t index, double now)
{
    struct ahead fresh = {heap, index, now, 0};
    uint32_t farthest = 0;

    if (index >= heap->count || now == 0)
        return;
    /* below 0 keys and values are those of debt */
    fresh.nearness =
        now > 0 ? (double)heap->entry[index].key / now : now / (double)heap->entry[index].key;
    if (list->count < WATCH_AHEAD_MAX) {
        list->ahead[list->count++] = fresh;
        return;
    }
    for (uint32_t i = 1; i < list->count; i++) {
        if (list->ahead[i].nearness < list->ahead[farthest].nearness)
            farthest = i;
    }
    if (list->ahead[farthest].nearness < fresh.nearness)
        list->ahead[farthest] = fresh;
}

static struct ahead nearest_take(struct ahead_list *list)
{
    uint32_t nearest = 0;
    struct ahead taken;

    for (uint32_t i = 1; i < list->count; i++) {
        if (list->ahead[i].nearness > list->ahead[nearest].nearness)
            nearest = i;
    }
    taken = list->ahead[nearest];
    list->ahead[nearest] = list->ahead[--list->count];
    return taken;
}

/* The nearest of all, or none within the reach; those below it come next. Out: of what. */
static uint32_t ahead_next(struct ahead_list *list, double reach)
{
    struct ahead ahead;

    if (list->count == 0)
        return WATCH_NONE;
    ahead = nearest_take(list);
    if (ahead.nearness < 1 - reach)
        return WATCH_NONE;
    for (uint32_t i = 1; i <= HEAP_FANOUT; i++)
        ahead_add(list, ahead.heap, ahead.index * HEAP_FANOUT + i, ahead.now);
    return ahead.heap->entry[ahead.index].of;
}

static uint32_t pairs_near(uint32_t *slots, uint32_t most, const struct watch *watch, double reach)
{
    struct ahead_list list = {0};
    uint32_t count = 0;
    uint32_t slot;

    for (uint32_t i = 0; i < watch->pair_count; i++) {
        const struct pair *pair = &watch->pair[i];

        if (watch->ratio[pair->owed] > 0)
            ahead_add(&list, &pair->heap, 0,
                      watch->ratio[pair->supplied] / watch->ratio[pair->owed]);
    }
    while (count < most && (slot = ahead_next(&list, reach)) != WATCH_NONE)
        slots[count++] = slot;
    return count;
}

static bool is_among(const uint32_t *slots, uint32_t count, uint32_t slot)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slots[i] == slot)
            return true;
    }
    return false;
}

/* Of a line within the reach some leg has a trigger within it. */
static uint32_t lines_near(uint32_t *slots, uint32_t most, const struct watch *watch, double reach)
{
    struct ahead_list list = {0};
    uint32_t count = 0;
    uint32_t cell;

    for (uint32_t i = 0; i < EDGE_VARIABLES; i++)
        ahead_add(&list, &watch->trigger[i], 0, i % 2 == 0 ? watch->ratio[i] : -watch->ratio[i]);
    while (count < most && (cell = ahead_next(&list, reach)) != WATCH_NONE) {
        const uint32_t first = cell - watch->cell[cell].leg.number;
        const uint32_t slot = watch->cell[first].line.slot;

        if (line_margin(watch, first) <= reach && !is_among(slots, count, slot))
            slots[count++] = slot;
    }
    return count;
}

uint32_t watch_near(uint32_t *slots, uint32_t most, const struct watch *watch, double reach)
{
    uint32_t count = 0;

    if (!watch->is_built)
        return 0;
    count = pairs_near(slots, most / 2, watch, reach);
    count += lines_near(slots + count, (most - count) / 2 + 1, watch, reach);
    for (uint32_t i = 0; i < watch->hot.count && count < most; i++)
        slots[count++] = watch->hot.slot[i];
    return count;
}
