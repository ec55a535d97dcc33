/*
 * Whom the next step of a feed could carry over the edge: known without asking everybody, since the
 * heaps and buckets of the watch lie in that order. Advice only: whoever is named is judged
 * exactly.
 */
#include "risk/inside.h"

/* A place in a heap whose parents were all named. */
struct ahead {
    const struct pair_heap *heap;
    uint32_t index;
    double nearness; /* one at the crossing, less before it */
};

struct ahead_list {
    uint32_t count;
    struct ahead ahead[WATCH_AHEAD_MAX];
};

/* At the bound the farthest gives way. */
static void ahead_add(struct ahead_list *list, const struct watch *watch,
                      const struct pair_heap *heap, uint32_t index)
{
    struct ahead fresh = {heap, index, 0};
    uint32_t farthest = 0;

    if (index >= heap->count || !(watch->value[heap->supplied] > 0))
        return;
    fresh.nearness = heap->key[index] * watch->value[heap->owed] / watch->value[heap->supplied];
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

static uint32_t pairs_near(uint32_t *slots, uint32_t most, const struct watch *watch, double reach)
{
    struct ahead_list list = {0};
    uint32_t count = 0;

    for (uint32_t i = 0; i < watch->pair_count; i++)
        ahead_add(&list, watch, &watch->pair[i], 0);
    while (list.count > 0 && count < most) {
        struct ahead ahead = nearest_take(&list);

        if (ahead.nearness < 1 - reach)
            break;
        slots[count++] = ahead.heap->slot[ahead.index];
        for (uint32_t i = 1; i <= PAIR_FANOUT; i++)
            ahead_add(&list, watch, ahead.heap, ahead.index * PAIR_FANOUT + i);
    }
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

/* The bucket at that distance ahead of one variable, nearest first. Out: how many slots now. */
static uint32_t bucket_near(uint32_t *slots, uint32_t count, uint32_t most,
                            const struct watch *watch, const uint32_t *head)
{
    for (uint32_t index = *head; index != WATCH_NONE && count < most;
         index = watch->trigger[index].next) {
        if (!is_among(slots, count, watch->trigger[index].slot))
            slots[count++] = watch->trigger[index].slot;
    }
    return count;
}

static uint32_t triggers_near(uint32_t *slots, uint32_t most, const struct watch *watch,
                              double reach)
{
    const uint32_t steps = (uint32_t)(reach * (1u << BUCKET_BITS));
    uint32_t count = 0;

    for (uint32_t step = 0; step <= steps && count < most; step++) {
        for (uint32_t variable = 0; variable < EDGE_VARIABLES && count < most; variable++) {
            const uint32_t now = watch->bucket_now[variable];
            const bool falls = variable % 2 == 0;

            if (watch->bucket[variable] == NULL || !(watch->reference[variable] > 0) ||
                (falls ? step > now : step >= BUCKETS - now))
                continue;
            count = bucket_near(slots, count, most, watch,
                                &watch->bucket[variable][falls ? now - step : now + step]);
        }
    }
    return count;
}

uint32_t watch_near(uint32_t *slots, uint32_t most, const struct watch *watch, double reach)
{
    uint32_t count = 0;

    if (!watch->is_built)
        return 0;
    count = pairs_near(slots, most / 2, watch, reach);
    count += triggers_near(slots + count, (most - count) / 2 + 1, watch, reach);
    for (uint32_t i = 0; i < watch->hot.count && count < most; i++)
        slots[count++] = watch->hot.slot[i];
    return count;
}
