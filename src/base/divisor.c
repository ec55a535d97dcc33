/*
 * What is prepared once for a divisor. The inverse of one that is known only at run time is itself
 * a division, of 128 bits, of which compilers make a library call.
 */
#include "base/divisor.h"

#include "base/must.h"

const struct divisor divisor_tens[DIVISOR_DECIMALS_MAX + 1] = {
    DIVISOR(1u),
    DIVISOR(10u),
    DIVISOR(100u),
    DIVISOR(1000u),
    DIVISOR(10000u),
    DIVISOR(100000u),
    DIVISOR(1000000u),
    DIVISOR(10000000u),
    DIVISOR(100000000u),
    DIVISOR(1000000000u),
    DIVISOR(10000000000u),
    DIVISOR(100000000000u),
    DIVISOR(1000000000000u),
    DIVISOR(10000000000000u),
    DIVISOR(100000000000000u),
    DIVISOR(1000000000000000u),
    DIVISOR(10000000000000000u),
    DIVISOR(100000000000000000u),
    DIVISOR(1000000000000000000u),
    DIVISOR(10000000000000000000u),
};

/*
 * floor((2^128 - 1) / d) - 2^64 of a d whose top bit is set: four steps, each of which doubles the
 * bits that are right (the same paper, algorithm 3, whose theorem says that the last one is exact).
 */
static uint64_t inverse_of(uint64_t d)
{
    const uint64_t d40 = (d >> 24) + 1;
    const uint64_t d63 = (d >> 1) + (d & 1);
    const uint64_t v0 = ((1u << 19) - (3u << 8)) / (uint32_t)(d >> 55);
    const uint64_t v1 = (v0 << 11) - (v0 * v0 * d40 >> 40) - 1;
    const uint64_t v2 = (v1 << 13) + (v1 * (((uint64_t)1 << 60) - v1 * d40) >> 47);
    const uint64_t error = (v2 >> 1 & (0 - (d & 1))) - v2 * d63; /* 2^96 is 0 here */
    const uint64_t v3 = (v2 << 31) + ((uint64_t)((unsigned __int128)v2 * error >> 64) >> 1);

    return v3 - ((uint64_t)(((unsigned __int128)v3 * d + d) >> 64) + d);
}

struct divisor divisor_of(uint64_t value)
{
    MUST(value != 0);
    const uint32_t shift = DIVISOR_SHIFT(value);
    const uint64_t scaled = value << shift;

    return (struct divisor){scaled, inverse_of(scaled), shift};
}
