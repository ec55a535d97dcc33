/*
 * A million positions have about three legs each, and few have a hundred: a fixed array for each
 * would waste most of the memory, and one heap block for each would cost a pointer and a header
 * apiece.
 */
#include "mirror/slab.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t class_capacity[SLAB_CLASSES] = {1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 96, 128};

_Static_assert(LEGS_MAX <= 128, "the largest run holds every leg of a position");
/* A free run keeps the number of the next one in its first bytes. */
_Static_assert(sizeof(struct leg) >= sizeof(uint32_t), "a free run holds a link");

void slab_init(struct slab *slab)
{
    *slab = (struct slab){.used = SLAB_CHUNK_LEGS};
    for (uint32_t i = 0; i < SLAB_CLASSES; i++) {
        slab->free[i] = SLAB_NONE;
    }
}

void slab_release(struct slab *slab)
{
    for (uint32_t i = 0; i < slab->chunk_count; i++) {
        free(slab->chunk[i]);
    }
    free(slab->chunk);
    slab_init(slab);
}

size_t slab_memory(const struct slab *slab)
{
    return (size_t)slab->chunk_count * SLAB_CHUNK_LEGS * sizeof(struct leg) +
           (size_t)slab->chunk_capacity * sizeof(*slab->chunk);
}

uint8_t slab_class(uint32_t count)
{
    uint8_t size_class = 0;

    MUST(count <= LEGS_MAX);
    while (class_capacity[size_class] < count) {
        size_class++;
    }
    return size_class;
}

uint32_t slab_capacity(uint8_t size_class)
{
    return class_capacity[size_class];
}

static void slab_grow(struct slab *slab)
{
    if (slab->chunk_count == slab->chunk_capacity) {
        slab->chunk_capacity = slab->chunk_capacity == 0 ? 16 : slab->chunk_capacity * 2;
        slab->chunk = must_realloc(slab->chunk, slab->chunk_capacity, sizeof(*slab->chunk));
    }
    slab->chunk[slab->chunk_count++] = must_alloc(SLAB_CHUNK_LEGS, sizeof(struct leg));
    slab->used = 0;
}

uint32_t slab_take(struct slab *slab, uint8_t size_class)
{
    uint32_t run = slab->free[size_class];

    if (run != SLAB_NONE) {
        memcpy(&slab->free[size_class], slab_legs(slab, run), sizeof(uint32_t));
        return run;
    }
    /* what is left of a chunk that is too short for this run stays unused: under two in a hundred
     */
    if (slab->used + class_capacity[size_class] > SLAB_CHUNK_LEGS) {
        slab_grow(slab);
    }
    run = (slab->chunk_count - 1) * SLAB_CHUNK_LEGS + slab->used;
    slab->used += class_capacity[size_class];
    return run;
}

void slab_give(struct slab *slab, uint32_t run, uint8_t size_class)
{
    memcpy(slab_legs(slab, run), &slab->free[size_class], sizeof(uint32_t));
    slab->free[size_class] = run;
}
