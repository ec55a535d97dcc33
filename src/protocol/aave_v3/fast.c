/*
 * A new price asks for the health of every account there is, and nearly all of that time is
 * division. General 256-bit division costs several times what these numbers need.
 */
#include "protocol/aave_v3/fast.h"

/* 1e27 = 2^27 × 5^27, and the odd part fits one limb. */
#define RAY_SHIFT 27u
#define RAY_ODD 7450580596923828125u

/* Least significant limb first; below 2^192. */
struct wide {
    uint64_t limb[3];
};

static bool fits_96(const struct u256 *a)
{
    return a->limb[3] == 0 && a->limb[2] == 0 && a->limb[1] >> 32 == 0;
}

static struct wide wide_mul(const struct u256 *a, const struct u256 *b)
{
    const unsigned __int128 low = (unsigned __int128)a->limb[0] * b->limb[0];
    const unsigned __int128 middle = (unsigned __int128)a->limb[0] * b->limb[1] +
                                     (unsigned __int128)a->limb[1] * b->limb[0] + (low >> 64);
    const unsigned __int128 high = (unsigned __int128)a->limb[1] * b->limb[1] + (middle >> 64);

    return (struct wide){{(uint64_t)low, (uint64_t)middle, (uint64_t)high}};
}

/* False: it left 192 bits. */
static bool wide_add(struct wide *a, unsigned __int128 b)
{
    unsigned __int128 sum = (unsigned __int128)a->limb[0] + (uint64_t)b;

    a->limb[0] = (uint64_t)sum;
    sum = (sum >> 64) + a->limb[1] + (uint64_t)(b >> 64);
    a->limb[1] = (uint64_t)sum;
    sum = (sum >> 64) + a->limb[2];
    a->limb[2] = (uint64_t)sum;
    return sum >> 64 == 0;
}

/*
 * One digit of 32 bits of (rest × 2^32 + next) / divisor, with rest < divisor, whose top bit is
 * set: a guess from the top halves is at most two too large (Knuth, 4.3.1, algorithm D).
 * Out: *rest, what is left.
 */
static uint64_t divide_digit(uint64_t *rest, uint64_t next, uint64_t divisor)
{
    const uint64_t top = divisor >> 32;
    const uint64_t bottom = divisor & UINT32_MAX;
    uint64_t digit = *rest / top;
    uint64_t left = *rest % top;

    while (left <= UINT32_MAX && (digit > UINT32_MAX || digit * bottom > (left << 32 | next))) {
        digit--;
        left += top;
    }
    *rest = (*rest << 32 | next) - digit * divisor;
    return digit;
}

/* (rest × 2^64 + low) / divisor: two digits. */
static uint64_t divide_step(uint64_t *rest, uint64_t low, uint64_t divisor)
{
    const uint64_t high = divide_digit(rest, low >> 32, divisor);

    return high << 32 | divide_digit(rest, low & UINT32_MAX, divisor);
}

/* False: a quotient over 128 bits. */
static bool wide_div(unsigned __int128 *quotient, bool *has_rest, const struct wide *a,
                     uint64_t divisor)
{
    const unsigned shift = (unsigned)__builtin_clzll(divisor);
    const uint64_t scaled = divisor << shift;
    const unsigned back = 63 - shift; /* shifting by 64 - shift in two steps, as shift may be 0 */

    if (a->limb[2] >= divisor) {
        return false;
    }
    uint64_t rest = a->limb[2] << shift | a->limb[1] >> 1 >> back;
    const uint64_t middle = a->limb[1] << shift | a->limb[0] >> 1 >> back;
    const uint64_t high = divide_step(&rest, middle, scaled);
    const uint64_t low = divide_step(&rest, a->limb[0] << shift, scaled);
    *quotient = (unsigned __int128)high << 64 | low;
    *has_rest = rest != 0;
    return true;
}

static bool conclude(struct u256 *out, unsigned __int128 quotient, bool up)
{
    if (up && ++quotient == 0) {
        return false;
    }
    *out = u256_of_u128(quotient);
    return true;
}

bool aave_fast_mul_div(struct u256 *out, const struct u256 *const factor[2],
                       const struct u256 *divisor, enum aave_rounding rounding)
{
    unsigned __int128 quotient;
    bool has_rest;

    if (!fits_96(factor[0]) || !fits_96(factor[1]) || !u256_fits_u64(divisor) ||
        divisor->limb[0] == 0) {
        return false;
    }
    struct wide product = wide_mul(factor[0], factor[1]);
    if (rounding == AAVE_HALF_UP && !wide_add(&product, divisor->limb[0] / 2)) {
        return false;
    }
    return wide_div(&quotient, &has_rest, &product, divisor->limb[0]) &&
           conclude(out, quotient, rounding == AAVE_CEIL && has_rest);
}

bool aave_fast_ray_mul(struct u256 *out, const struct u256 *a, const struct u256 *b,
                       enum aave_rounding rounding)
{
    const unsigned __int128 half = ((unsigned __int128)RAY_ODD << RAY_SHIFT) / 2;
    unsigned __int128 quotient;
    bool has_rest;

    if (!fits_96(a) || !fits_96(b)) {
        return false;
    }
    struct wide product = wide_mul(a, b);
    if (rounding == AAVE_HALF_UP && !wide_add(&product, half)) {
        return false;
    }
    const uint64_t cut = product.limb[0] & (((uint64_t)1 << RAY_SHIFT) - 1);
    const struct wide shifted = {
        {product.limb[0] >> RAY_SHIFT | product.limb[1] << (64 - RAY_SHIFT),
         product.limb[1] >> RAY_SHIFT | product.limb[2] << (64 - RAY_SHIFT),
         product.limb[2] >> RAY_SHIFT}};
    return wide_div(&quotient, &has_rest, &shifted, RAY_ODD) &&
           conclude(out, quotient, rounding == AAVE_CEIL && (has_rest || cut != 0));
}
