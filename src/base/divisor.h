/*
 * Division by a number of 64 bits that is used again and again (1e27, 10^d, a price), as two
 * multiplications: N. Möller, T. Granlund, «Improved division by invariant integers» (2011),
 * algorithm 4, whose theorem says that its quotient is the one of division, for every remainder
 * below the divisor. A test holds it against plain division at edges and over millions of numbers.
 */
#ifndef BASE_DIVISOR_H
#define BASE_DIVISOR_H

#include "base/must.h"
#include "base/u256.h"

struct divisor {
    uint64_t scaled;  /* shifted until its top bit is set */
    uint64_t inverse; /* floor((2^128 - 1) / scaled) - 2^64 */
    uint32_t shift;
};

/** The same of a constant, as a constant. In: 0 < value */
#define DIVISOR_SHIFT(value) ((uint32_t)__builtin_clzll(value))
#define DIVISOR_SCALED(value) ((uint64_t)(value) << DIVISOR_SHIFT(value))
#define DIVISOR(value)                                                                             \
    {                                                                                              \
        DIVISOR_SCALED(value), (uint64_t)(~(unsigned __int128)0 / DIVISOR_SCALED(value)),          \
            DIVISOR_SHIFT(value)                                                                   \
    }

/** In: value is not 0. */
struct divisor divisor_of(uint64_t value);
#define DIVISOR_DECIMALS_MAX 19u
extern const struct divisor divisor_tens[DIVISOR_DECIMALS_MAX + 1];

/** 10^exponent; MUST be at most DIVISOR_DECIMALS_MAX. */
static inline const struct divisor *divisor_ten_to(unsigned exponent)
{
    MUST(exponent <= DIVISOR_DECIMALS_MAX);
    return &divisor_tens[exponent];
}

/** What it divides by; of one that is all zeros: 0. */
static inline uint64_t divisor_value(const struct divisor *by)
{
    return by->scaled >> by->shift;
}

/** Whether it was prepared for that value. */
static inline bool divisor_is_of(const struct divisor *by, uint64_t value)
{
    return value != 0 && divisor_value(by) == value;
}

/* A call would cost as much as the arithmetic, and its numbers would go through memory. */
#define DIVISOR_INLINE static inline __attribute__((always_inline))

/** One limb of the quotient (rest × 2^64 + low) / scaled; *rest, below scaled, becomes what is
 * left.
 */
DIVISOR_INLINE uint64_t divisor_step(uint64_t *rest, uint64_t low, const struct divisor *by)
{
    const unsigned __int128 guess =
        (unsigned __int128)by->inverse * *rest + ((unsigned __int128)*rest << 64 | low);
    uint64_t quotient = (uint64_t)(guess >> 64) + 1;
    uint64_t left = low - quotient * by->scaled;
    const uint64_t over = 0 - (uint64_t)(left > (uint64_t)guess); /* no jump: it is a coin's toss */

    quotient += over;
    left += over & by->scaled;
    if (__builtin_expect(left >= by->scaled, 0)) {
        left -= by->scaled;
        quotient++;
    }
    *rest = left;
    return quotient;
}

/** The same of a limb that is mostly small enough for a quotient of 0. */
DIVISOR_INLINE uint64_t divisor_step_high(uint64_t *rest, uint64_t low, const struct divisor *by)
{
    if (*rest == 0 && low < by->scaled) {
        *rest = low;
        return 0;
    }
    return divisor_step(rest, low, by);
}

/** The `count` limbs at `limb`, least significant first, become their quotient. True: something is
 *  left over. With a constant `count` they stay in registers; those on top that are 0 cost little.
 */
DIVISOR_INLINE bool divisor_divide(uint64_t *limb, unsigned count, const struct divisor *by)
{
    const unsigned back = 63 - by->shift; /* 64 - shift in two steps, as shift may be 0 */
    uint64_t rest = limb[count - 1] >> 1 >> back;

#pragma GCC unroll 4
    for (unsigned i = count; i-- > 1;)
        limb[i] = divisor_step_high(&rest, limb[i] << by->shift | limb[i - 1] >> 1 >> back, by);
    limb[0] = divisor_step(&rest, limb[0] << by->shift, by);
    return rest != 0;
}

#endif
