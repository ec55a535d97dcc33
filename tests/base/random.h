/* The same numbers in every run: a property that fails once must fail again. */
#ifndef TESTS_BASE_RANDOM_H
#define TESTS_BASE_RANDOM_H

#include "base/u256.h"

/** splitmix64; `state` may begin anywhere. */
static inline uint64_t random_u64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/** In [0, bound). */
static inline uint64_t random_below(uint64_t *state, uint64_t bound)
{
    return random_u64(state) % bound;
}

/** Of every width alike, and now and then all ones up to it: where carries are. */
static inline struct u256 random_u256(uint64_t *state)
{
    unsigned bits = (unsigned)random_below(state, 257);
    bool is_ones = random_below(state, 8) == 0;
    struct u256 value = U256_ZERO;
    for (unsigned i = 0; i < 4 && bits > i * 64; i++) {
        unsigned here = bits - i * 64 < 64 ? bits - i * 64 : 64;
        value.limb[i] = (is_ones ? UINT64_MAX : random_u64(state)) >> (64 - here);
    }
    return value;
}

static inline void random_fill(uint64_t *state, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)random_u64(state);
}

#endif
