/*
 * Each head makes a few positions of a million stale. Looking through all to find them would cost
 * more than reading them; a list would forget the order of slots, in which decisions are made.
 */
#include "mirror/bitmap.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64u
#define CAPACITY_MIN 4096u

static uint32_t level_words(uint32_t capacity, uint32_t level)
{
    uint32_t words = capacity;

    for (uint32_t i = 0; i <= level; i++) {
        words = (words + WORD_BITS - 1) / WORD_BITS;
    }
    return words;
}

void bitmap_release(struct bitmap *bitmap)
{
    for (uint32_t level = 0; level < BITMAP_LEVELS; level++) {
        free(bitmap->word[level]);
    }
    *bitmap = (struct bitmap){0};
}

size_t bitmap_memory(const struct bitmap *bitmap)
{
    size_t words = 0;

    for (uint32_t level = 0; level < BITMAP_LEVELS && bitmap->capacity != 0; level++) {
        words += level_words(bitmap->capacity, level);
    }
    return words * sizeof(uint64_t);
}

static void bitmap_grow(struct bitmap *bitmap, uint32_t index)
{
    uint32_t capacity = bitmap->capacity == 0 ? CAPACITY_MIN : bitmap->capacity;

    while (capacity <= index) {
        MUST(capacity < UINT32_MAX / 2);
        capacity *= 2;
    }
    for (uint32_t level = 0; level < BITMAP_LEVELS; level++) {
        uint32_t words = level_words(capacity, level);
        uint32_t before = bitmap->capacity == 0 ? 0 : level_words(bitmap->capacity, level);
        bitmap->word[level] = must_realloc(bitmap->word[level], words, sizeof(uint64_t));
        memset(bitmap->word[level] + before, 0, (words - before) * sizeof(uint64_t));
    }
    bitmap->capacity = capacity;
}

bool bitmap_has(const struct bitmap *bitmap, uint32_t index)
{
    return index < bitmap->capacity &&
           (bitmap->word[0][index / WORD_BITS] >> (index % WORD_BITS) & 1) != 0;
}

void bitmap_set(struct bitmap *bitmap, uint32_t index, bool is_member)
{
    if (bitmap_has(bitmap, index) == is_member) {
        return;
    }
    if (index >= bitmap->capacity) {
        bitmap_grow(bitmap, index);
    }
    bitmap->count = is_member ? bitmap->count + 1 : bitmap->count - 1;
    for (uint32_t level = 0; level < BITMAP_LEVELS; level++) {
        uint64_t *word = &bitmap->word[level][index / WORD_BITS];
        uint64_t bit = (uint64_t)1 << (index % WORD_BITS);
        uint64_t before = *word;
        *word = is_member ? before | bit : before & ~bit;
        /* above, only the step between empty and not empty shows */
        if (is_member ? before != 0 : *word != 0) {
            return;
        }
        index /= WORD_BITS;
    }
}

static uint32_t word_first(const struct bitmap *bitmap, uint32_t level, uint32_t index)
{
    return index * WORD_BITS + (uint32_t)__builtin_ctzll(bitmap->word[level][index]);
}

/* The top level has no summary; it is a word or two. */
static uint32_t top_next(const struct bitmap *bitmap, uint32_t index)
{
    const uint32_t top = BITMAP_LEVELS - 1;
    const uint32_t words = level_words(bitmap->capacity, top);

    while (index < words && bitmap->word[top][index] == 0) {
        index++;
    }
    return index < words ? word_first(bitmap, top, index) : BITMAP_NONE;
}

/* The first set bit at or behind `from` in its word; on the top level, in any. */
static uint32_t level_next(const struct bitmap *bitmap, uint32_t level, uint32_t from)
{
    const uint32_t index = from / WORD_BITS;

    if (index >= level_words(bitmap->capacity, level)) {
        return BITMAP_NONE;
    }
    const uint64_t rest = bitmap->word[level][index] >> (from % WORD_BITS);
    if (rest != 0) {
        return from + (uint32_t)__builtin_ctzll(rest);
    }
    return level + 1 == BITMAP_LEVELS ? top_next(bitmap, index + 1) : BITMAP_NONE;
}

uint32_t bitmap_next(const struct bitmap *bitmap, uint32_t from)
{
    uint32_t level = 0;
    uint32_t at = from;

    if (bitmap->count == 0) {
        return BITMAP_NONE;
    }
    /* up, until some summary knows of more behind … */
    uint32_t found = level_next(bitmap, level, at);
    while (found == BITMAP_NONE && level + 1 < BITMAP_LEVELS) {
        at = at / WORD_BITS + 1;
        found = level_next(bitmap, ++level, at);
    }
    /* … and down again to the first of it */
    while (found != BITMAP_NONE && level > 0) {
        level--;
        found = level_next(bitmap, level, found * WORD_BITS);
    }
    return found;
}
