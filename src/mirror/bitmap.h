/*
 * A set of slots that is asked for the next member again and again, in order. Few of a million are
 * in it, so summaries tell which words are worth a look.
 */
#ifndef MIRROR_BITMAP_H
#define MIRROR_BITMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/must.h"

#define BITMAP_LEVELS 5
#define BITMAP_NONE UINT32_MAX

/** Owned; zero-initialise, then bitmap_release. Bit i of level n + 1: word i of level n is not 0.
 */
struct bitmap {
    uint64_t *word[BITMAP_LEVELS];
    uint32_t capacity; /* bits of level 0 */
    uint32_t count;    /* members */
};

void bitmap_release(struct bitmap *bitmap);
size_t bitmap_memory(const struct bitmap *bitmap);
/** Grows as needed. */
void bitmap_set(struct bitmap *bitmap, uint32_t index, bool is_member);
bool bitmap_has(const struct bitmap *bitmap, uint32_t index);
/** The first member at or behind `from`, or BITMAP_NONE. */
uint32_t bitmap_next(const struct bitmap *bitmap, uint32_t from);

#endif
