/*
 * Positions of one collateral and one debt cross at a fixed ratio of the two values: interest,
 * prices and time only move the ratio along. A heap by that ratio finds whom it has reached without
 * looking at anybody else.
 */
#include <stdlib.h>
#include <string.h>

#include "risk/inside.h"

#define FIRST_CAPACITY 16u

static void entry_put(struct watch *watch, struct pair_heap *heap, uint32_t index, uint32_t slot,
                      double key)
{
    heap->key[index] = key;
    heap->slot[index] = slot;
    watch->place[slot].index = index;
}

static void sift_up(struct watch *watch, struct pair_heap *heap, uint32_t index)
{
    const double key = heap->key[index];
    const uint32_t slot = heap->slot[index];

    while (index > 0 && heap->key[(index - 1) / PAIR_FANOUT] < key) {
        uint32_t parent = (index - 1) / PAIR_FANOUT;
        entry_put(watch, heap, index, heap->slot[parent], heap->key[parent]);
        index = parent;
    }
    entry_put(watch, heap, index, slot, key);
}

static uint32_t largest_child(const struct pair_heap *heap, uint32_t index)
{
    const uint32_t first = index * PAIR_FANOUT + 1;
    uint32_t largest = first;

    for (uint32_t i = first + 1; i < first + PAIR_FANOUT && i < heap->count; i++) {
        if (heap->key[i] > heap->key[largest]) {
            largest = i;
        }
    }
    return largest;
}

static void sift_down(struct watch *watch, struct pair_heap *heap, uint32_t index)
{
    const double key = heap->key[index];
    const uint32_t slot = heap->slot[index];

    while (index * PAIR_FANOUT + 1 < heap->count) {
        uint32_t child = largest_child(heap, index);
        if (heap->key[child] <= key) {
            break;
        }
        entry_put(watch, heap, index, heap->slot[child], heap->key[child]);
        index = child;
    }
    entry_put(watch, heap, index, slot, key);
}

static void top_note(struct watch *watch, uint32_t number)
{
    const struct pair_heap *heap = &watch->pair[number];

    watch->pair_top[number] = heap->count > 0 ? heap->key[0] : 0;
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
    watch->pair[watch->pair_count] = (struct pair_heap){.supplied = supplied, .owed = owed};
    watch->pair_top[watch->pair_count] = 0;
    *number = (uint16_t)++watch->pair_count; /* at most 128 × 128, which fits */
    return watch->pair_count - 1;
}

void pair_add(struct watch *watch, uint32_t slot, uint32_t supplied, uint32_t owed, double key)
{
    const uint32_t number = pair_number(watch, supplied, owed);
    struct pair_heap *heap = &watch->pair[number];

    if (heap->count == heap->capacity) {
        heap->capacity = heap->capacity == 0 ? FIRST_CAPACITY : heap->capacity + heap->capacity / 2;
        heap->key = must_realloc(heap->key, heap->capacity, sizeof(*heap->key));
        heap->slot = must_realloc(heap->slot, heap->capacity, sizeof(*heap->slot));
    }
    watch->place[slot] = (struct place){.kind = WATCHED_PAIR, .pair = (uint16_t)number};
    entry_put(watch, heap, heap->count++, slot, key);
    sift_up(watch, heap, heap->count - 1);
    top_note(watch, number);
}

void pair_remove(struct watch *watch, uint32_t slot)
{
    const uint32_t number = watch->place[slot].pair;
    const uint32_t index = watch->place[slot].index;
    struct pair_heap *heap = &watch->pair[number];
    const uint32_t last = --heap->count;

    if (index != last) {
        entry_put(watch, heap, index, heap->slot[last], heap->key[last]);
        sift_up(watch, heap, index);
        sift_down(watch, heap, watch->place[heap->slot[index]].index);
    }
    top_note(watch, number);
}

static void children_walk(struct watch *watch, const struct pair_heap *heap, uint32_t index,
                          double ratio)
{
    const uint32_t first = index * PAIR_FANOUT + 1;

    for (uint32_t i = first; i < first + PAIR_FANOUT && i < heap->count; i++) {
        if (heap->key[i] > ratio) {
            slot_list_add(&watch->stack, i);
        }
    }
}

/* Below an entry that is not reached nobody is. */
static void heap_walk(struct watch *watch, const struct pair_heap *heap, double ratio)
{
    slot_list_add(&watch->stack, 0);
    while (watch->stack.count > 0) {
        const uint32_t index = watch->stack.slot[--watch->stack.count];

        slot_list_add(&watch->due, heap->slot[index]);
        children_walk(watch, heap, index, ratio);
    }
}

void pairs_due(struct watch *watch)
{
    for (uint32_t i = 0; i < watch->pair_count; i++) {
        const struct pair_heap *heap = &watch->pair[i];

        /* value(supplied) / value(owed) < key, without the division */
        if (watch->value[heap->supplied] < watch->pair_top[i] * watch->value[heap->owed]) {
            heap_walk(watch, heap, watch->value[heap->supplied] / watch->value[heap->owed]);
        }
    }
}

void pairs_clear(struct watch *watch)
{
    for (uint32_t i = 0; i < watch->pair_count; i++) {
        watch->pair[i].count = 0;
        watch->pair_top[i] = 0;
    }
}

void pairs_release(struct watch *watch)
{
    for (uint32_t i = 0; i < watch->pair_count; i++) {
        free(watch->pair[i].key);
        free(watch->pair[i].slot);
    }
    free(watch->pair);
    free(watch->pair_top);
}
