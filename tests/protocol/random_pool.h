/*
 * Pools and positions of every kind at random: token decimals from 0 to 27, prices from a millionth
 * to millions, all revisions' rules, sizes from dust to millions, health around the edge; and now
 * and then something that is unknown, paused, dropped or beyond all bounds.
 */
#ifndef TESTS_PROTOCOL_RANDOM_POOL_H
#define TESTS_PROTOCOL_RANDOM_POOL_H

#include "tests/protocol/a_pool.h"

#define RANDOM_RESERVES 9u
#define RANDOM_LEGS_MAX 9u

struct random_position {
    struct leg leg[RANDOM_LEGS_MAX];
    struct position position;
};

/** Gives: free. Prepared at POOL_AT_S + 12. `is_wild`: with what is rare in the world. */
struct market *random_pool(uint64_t *state, bool is_wild);
/** Lends: its own legs. */
void random_position(struct random_position *out, const struct market *market, uint64_t *state,
                     bool is_wild);

#endif
