/*
 * Triggers and pairs lie in heaps, the first to be passed on top: that nobody was passed costs one
 * comparison, whoever was is found without looking at anybody else, and those near the edge, who
 * are moved most often, lie close together at the beginning of each.
 */
#include <stdlib.h>

#include "risk/inside.h"

#define FIRST_CAPACITY 16u
/* Small ones double, so that a steady state soon asks for no more; large ones waste little. */
#define SMALL_CAPACITY 4096u
/* Before the cell of a leg: where its line begins, mostly. */
#define HEAP_CELLS_AHEAD 3u

static void entry_put(struct watch *watch, struct heap *heap, uint32_t index,
                      struct heap_entry entry)
{
    heap->entry[index] = entry;
    if (heap->is_of_legs) {
        watch->cell[entry.of].leg.at = index;
    } else {
        watch->place[entry.of].index = index;
    }
}

static void sift_up(struct watch *watch, struct heap *heap, uint32_t index)
{
    const struct heap_entry entry = heap->entry[index];

    while (index > 0 && heap->entry[(index - 1) / HEAP_FANOUT].key < entry.key) {
        const uint32_t parent = (index - 1) / HEAP_FANOUT;

        entry_put(watch, heap, index, heap->entry[parent]);
        index = parent;
    }
    entry_put(watch, heap, index, entry);
}

/* So wide a group of places lies two levels below one. */
#define HEAP_GRANDCHILDREN (HEAP_FANOUT * HEAP_FANOUT)
/* In a line of the cache. */
#define HEAP_LINE (64u / sizeof(struct heap_entry))

/* A walk down is a chain of misses: the level after the next is asked for early. */
static void grandchildren_ahead(const struct heap *heap, uint32_t index)
{
    const uint32_t first = (index * HEAP_FANOUT + 1) * HEAP_FANOUT + 1;

    if (first < heap->count) {
        for (uint32_t i = 0; i <= HEAP_GRANDCHILDREN; i += HEAP_LINE) {
            __builtin_prefetch(&heap->entry[first + i]);
        }
    }
}

void heap_ahead(const struct heap *heap, uint32_t index)
{
    __builtin_prefetch(&heap->entry[index]);
    __builtin_prefetch(&heap->entry[index == 0 ? 0 : (index - 1) / HEAP_FANOUT]);
}

static uint32_t largest_child(const struct heap *heap, uint32_t index)
{
    const uint32_t first = index * HEAP_FANOUT + 1;
    uint32_t largest = first;

    for (uint32_t i = first + 1; i < first + HEAP_FANOUT && i < heap->count; i++) {
        if (heap->entry[i].key > heap->entry[largest].key) {
            largest = i;
        }
    }
    return largest;
}

static void sift_down(struct watch *watch, struct heap *heap, uint32_t index)
{
    const struct heap_entry entry = heap->entry[index];

    while (index * HEAP_FANOUT + 1 < heap->count) {
        grandchildren_ahead(heap, index);
        const uint32_t child = largest_child(heap, index);

        if (heap->entry[child].key <= entry.key) {
            break;
        }
        entry_put(watch, heap, index, heap->entry[child]);
        index = child;
    }
    entry_put(watch, heap, index, entry);
}

void heap_add(struct watch *watch, struct heap *heap, float key, uint32_t of)
{
    if (heap->count == heap->capacity) {
        heap->capacity = heap->capacity == 0               ? FIRST_CAPACITY
                         : heap->capacity < SMALL_CAPACITY ? heap->capacity * 2
                                                           : heap->capacity + heap->capacity / 4;
        heap->entry = must_realloc(heap->entry, heap->capacity, sizeof(*heap->entry));
    }
    heap->entry[heap->count++] = (struct heap_entry){.key = key, .of = of};
    sift_up(watch, heap, heap->count - 1);
}

void heap_rekey(struct watch *watch, struct heap *heap, uint32_t index, float key)
{
    const bool rises = key > heap->entry[index].key;

    heap->entry[index].key = key;
    if (rises) {
        sift_up(watch, heap, index);
    } else {
        sift_down(watch, heap, index);
    }
}

void heap_remove(struct watch *watch, struct heap *heap, uint32_t index)
{
    const struct heap_entry last = heap->entry[--heap->count];

    if (index != heap->count) {
        heap->entry[index].of = last.of;
        heap_rekey(watch, heap, index, last.key);
    }
}

/* Whoever is passed is looked at soon, and lies anywhere. */
static void passed_add(struct watch *watch, const struct heap *heap, uint32_t index)
{
    const uint32_t of = heap->entry[index].of;

    slot_list_add(&watch->stack, index);
    __builtin_prefetch(&heap->entry[index * HEAP_FANOUT + 1]);
    if (heap->is_of_legs) {
        __builtin_prefetch(&watch->cell[of]);
        __builtin_prefetch(&watch->cell[of < HEAP_CELLS_AHEAD ? 0 : of - HEAP_CELLS_AHEAD]);
    }
}

/* Below an entry that is not passed nobody is. */
void heap_walk(struct slot_list *out, struct watch *watch, const struct heap *heap, double now)
{
    struct slot_list *passed = &watch->stack; /* places, level by level */

    if (heap->count > 0 && heap->entry[0].key > now) {
        slot_list_add(passed, 0);
    }
    for (uint32_t at = 0; at < passed->count; at++) {
        const uint32_t first = passed->slot[at] * HEAP_FANOUT + 1;

        slot_list_add(out, heap->entry[passed->slot[at]].of);
        for (uint32_t i = first; i < first + HEAP_FANOUT && i < heap->count; i++) {
            if (heap->entry[i].key > now)
                passed_add(watch, heap, i);
        }
    }
    passed->count = 0;
}
