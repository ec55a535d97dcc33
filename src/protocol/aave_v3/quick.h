/*
 * Multiplying and dividing in registers: the core of what is fast here, as functions that are
 * always expanded where they are used. Factors below 96 bits, divisors of 64 whose inverse is
 * known.
 */
#ifndef PROTOCOL_AAVE_V3_QUICK_H
#define PROTOCOL_AAVE_V3_QUICK_H

#include "protocol/aave_v3/fast.h"

/* 1e27 = 2^27 × 5^27, and the odd part fits one limb: cutting 27 bits off and then dividing by it
 * gives the same quotient, since floor(floor(x / a) / b) = floor(x / (a × b)). */
#define RAY_SHIFT 27u
#define RAY_ODD 7450580596923828125u

#define BPS_DECIMALS 4u

/* Calls would cost as much as the arithmetic, and their arguments go through memory. */
#define QUICK static inline __attribute__((always_inline))

static const struct divisor quick_ray_odd = DIVISOR(RAY_ODD);

/* Least significant limb first; below 2^192. */
struct quick_wide {
    uint64_t limb[3];
};

QUICK bool quick_fits(const struct u256 *a)
{
    return (a->limb[3] | a->limb[2] | a->limb[1] >> 32) == 0;
}

/* In: both below 96 bits. */
QUICK struct quick_wide quick_wide_mul(unsigned __int128 a, unsigned __int128 b)
{
    const uint64_t a_high = (uint64_t)(a >> 64);
    const uint64_t b_high = (uint64_t)(b >> 64);
    const unsigned __int128 low = (unsigned __int128)(uint64_t)a * (uint64_t)b;
    const unsigned __int128 middle = (unsigned __int128)(uint64_t)a * b_high +
                                     (unsigned __int128)a_high * (uint64_t)b + (low >> 64);
    const uint64_t high = a_high * b_high + (uint64_t)(middle >> 64);

    return (struct quick_wide){{(uint64_t)low, (uint64_t)middle, high}};
}

/* In: products of 96 bits and half of a divisor of 92 at the most: it stays in 192. */
QUICK void quick_wide_add(struct quick_wide *a, unsigned __int128 b)
{
    unsigned __int128 sum = (unsigned __int128)a->limb[0] + (uint64_t)b;

    a->limb[0] = (uint64_t)sum;
    sum = (sum >> 64) + a->limb[1] + (uint64_t)(b >> 64);
    a->limb[1] = (uint64_t)sum;
    a->limb[2] += (uint64_t)(sum >> 64);
}

/* False: a quotient over 128 bits. */
QUICK bool quick_wide_div(unsigned __int128 *out, const struct quick_wide *a,
                          const struct divisor *by, bool up)
{
    const unsigned back = 63 - by->shift; /* 64 - shift in two steps, as shift may be 0 */
    const uint64_t middle = a->limb[1] << by->shift | a->limb[0] >> 1 >> back;
    uint64_t rest = a->limb[2] << by->shift | a->limb[1] >> 1 >> back;

    if (a->limb[2] >= by->scaled >> by->shift) {
        return false;
    }
    /* nearly every value of base currency is below 64 bits */
    const uint64_t high = divisor_step_high(&rest, middle, by);
    const uint64_t low = divisor_step(&rest, a->limb[0] << by->shift, by);
    *out = (unsigned __int128)high << 64 | low;
    *out += up && rest != 0;
    return *out != 0 || !up || rest == 0;
}

QUICK bool quick_mul_div(unsigned __int128 *out, unsigned __int128 a, unsigned __int128 b,
                         const struct divisor *by, enum aave_rounding rounding)
{
    struct quick_wide value = quick_wide_mul(a, b);

    if (rounding == AAVE_HALF_UP) {
        quick_wide_add(&value, by->scaled >> by->shift >> 1);
    }
    return quick_wide_div(out, &value, by, rounding == AAVE_CEIL);
}

QUICK bool quick_ray_mul(unsigned __int128 *out, unsigned __int128 a, unsigned __int128 b,
                         enum aave_rounding rounding)
{
    const unsigned __int128 half = ((unsigned __int128)RAY_ODD << RAY_SHIFT) / 2;
    struct quick_wide value = quick_wide_mul(a, b);

    if (rounding == AAVE_HALF_UP) {
        quick_wide_add(&value, half);
    }
    const bool is_cut = (value.limb[0] & (((uint64_t)1 << RAY_SHIFT) - 1)) != 0;
    struct quick_wide shifted = {{value.limb[0] >> RAY_SHIFT | value.limb[1] << (64 - RAY_SHIFT),
                                  value.limb[1] >> RAY_SHIFT | value.limb[2] << (64 - RAY_SHIFT),
                                  value.limb[2] >> RAY_SHIFT}};
    if (rounding == AAVE_CEIL && is_cut) {
        /* ceil(x / (a × b)) = ceil(ceil(x / a) / b) */
        quick_wide_add(&shifted, 1);
    }
    return quick_wide_div(out, &shifted, &quick_ray_odd, rounding == AAVE_CEIL);
}

/* In: quick_fits. */
QUICK unsigned __int128 quick_low(const struct u256 *a)
{
    return (unsigned __int128)a->limb[1] << 64 | a->limb[0];
}

#endif
