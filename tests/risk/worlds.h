/* A market and a book of positions near the edge, which are watched and swept side by side. */
#ifndef TESTS_RISK_WORLDS_H
#define TESTS_RISK_WORLDS_H

#include "risk/watch.h"

#define WORLD_POSITIONS 64u
#define WORLD_RESERVES_MAX 31u

struct world {
    struct market *market;
    struct book *book;
    struct watch *watch;
    struct risk_sweep found;
    struct risk_sweep expected;
    uint32_t reserves;
    uint64_t seed;
    uint64_t at_s;
    uint32_t octave_min; /* of sizes */
    uint64_t weather;    /* bit i: reserve i rises while this lasts */
    uint64_t candidates;
    uint64_t skips;
};

/** In: reserves  at most WORLD_RESERVES_MAX */
void world_begin(struct world *world, uint32_t revision, uint32_t reserves, uint64_t seed);
void world_end(struct world *world);
/** Random, less than `bound`. */
uint64_t world_below(struct world *world, uint64_t bound);
/** The account of that number, new or made anew: from dust to millions; what it owes lies within a
 *  hundredth of a per mille to a factor of two of what its collateral bears. */
void world_position(struct world *world, uint32_t number);
/** By `step` millionths. */
void world_price(struct world *world, uint32_t reserve, bool rises, uint64_t step);
/** Things that are rare in the world and common here. */
void world_upheaval(struct world *world);
/** Now and then a few feeds move; now and then all of them by one step, on and on in the same
 *  directions: then every trigger of a position comes near at once. */
void world_prices(struct world *world, uint32_t step);
/** A tick of the watch at at_s, which leaves it sound (sound.h), and a sweep. */
void world_judge(struct world *world);
/** Both found the same. */
void world_is_as_swept(const struct world *world, uint32_t step);

#endif
