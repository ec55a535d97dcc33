/*
 * Legs of many positions in few large pieces. A position takes a run of 1 to LEGS_MAX legs and
 * gives it back when it outgrows it; runs of one size are used again. Runs never move, so that
 * growing copies nothing, and what is held is what is used.
 */
#ifndef MIRROR_SLAB_H
#define MIRROR_SLAB_H

#include "market/market.h"

#define SLAB_CLASSES 12
#define SLAB_CHUNK_LEGS 8192u
#define SLAB_NONE UINT32_MAX

/** Owned; zero-initialise with slab_init, then slab_release. */
struct slab {
    struct leg **chunk;
    uint32_t chunk_count;
    uint32_t chunk_capacity;
    uint32_t used; /* legs taken of the last chunk */
    uint32_t free[SLAB_CLASSES];
};

void slab_init(struct slab *slab);
void slab_release(struct slab *slab);
size_t slab_memory(const struct slab *slab);
/** The smallest class of runs that hold `count` legs. */
uint8_t slab_class(uint32_t count);
uint32_t slab_capacity(uint8_t size_class);
/** A run; its content is unspecified. */
uint32_t slab_take(struct slab *slab, uint8_t size_class);
void slab_give(struct slab *slab, uint32_t run, uint8_t size_class);
/** Lends: until the run is given back. Here, as each position that is looked at asks for it. */
static inline struct leg *slab_legs(const struct slab *slab, uint32_t run)
{
    MUST(run / SLAB_CHUNK_LEGS < slab->chunk_count);
    return &slab->chunk[run / SLAB_CHUNK_LEGS][run % SLAB_CHUNK_LEGS];
}

#endif
