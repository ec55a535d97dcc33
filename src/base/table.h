/*
 * Keys of a fixed size to 32-bit slots, open addressing. Keys may be chosen by a stranger
 * (addresses are ground cheaply), so the hash takes a seed; order of iteration is order of
 * insertion, so that the seed never shows in a decision.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/must.h"

#define TABLE_NONE UINT32_MAX

/** Owned; table_init, then table_release. Slots count up from 0 in order of insertion. */
struct table {
    uint32_t key_size;
    uint32_t count;
    uint32_t capacity;
    uint32_t bucket_count;
    uint64_t seed;
    uint8_t *keys;
    uint32_t *buckets;
};

void table_init(struct table *table, uint32_t key_size, uint64_t seed);
void table_release(struct table *table);
void table_clear(struct table *table);
/** The key's slot, or TABLE_NONE. */
uint32_t table_find(const struct table *table, const void *key);
/** The key's slot, new where it was not there; *is_new may be NULL. */
uint32_t table_add(struct table *table, const void *key, bool *is_new);
/** Room for so many keys, so that no growth interrupts adding them. */
void table_reserve(struct table *table, uint32_t count);
/** A new slot for a key that the caller knows is not in it: nothing is compared. */
uint32_t table_append(struct table *table, const void *key);
/** Removes what was added last, down to `count` keys: their slots are given out again. */
void table_truncate(struct table *table, uint32_t count);
/** Lends: until the table grows. */
static inline const void *table_key(const struct table *table, uint32_t slot)
{
    MUST(slot < table->count);
    return table->keys + (size_t)slot * table->key_size;
}

#endif
