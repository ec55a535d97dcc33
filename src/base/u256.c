/*
 * Contracts count in 256 bits and liquidations turn on the last unit. C has no such integer, and
 * one that wraps in silence would price a position wrong; so each step that can leave 256 bits says
 * so. Most values are far smaller than their type: the short roads below are what is mostly walked.
 */
#include "base/u256.h"

#include <gmp.h>
#include <string.h>

#define LIMBS 4
#define LIMB_BITS 64

_Static_assert(sizeof(mp_limb_t) == sizeof(uint64_t), "a limb is 64 bits");

int u256_compare(const struct u256 *a, const struct u256 *b)
{
    for (int i = LIMBS - 1; i >= 0; i--) {
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    }
    return 0;
}

unsigned __int128 u256_to_u128(const struct u256 *a)
{
    MUST(u256_fits_u128(a));
    return (unsigned __int128)a->limb[1] << LIMB_BITS | a->limb[0];
}

/* Number of limbs up to the highest that is not zero. */
static mp_size_t limbs_used(const uint64_t *limb, mp_size_t count)
{
    while (count > 0 && limb[count - 1] == 0)
        count--;
    return count;
}

unsigned u256_bits(const struct u256 *a)
{
    mp_size_t used = limbs_used(a->limb, LIMBS);
    if (used == 0)
        return 0;
    return (unsigned)used * LIMB_BITS - (unsigned)__builtin_clzll(a->limb[used - 1]);
}

bool u256_sub(struct u256 *out, const struct u256 *a, const struct u256 *b)
{
    if (u256_is_less(a, b))
        return false;
    *out = u256_sub_floor(a, b);
    return true;
}

/* All 512 bits of a × b; returns the number of limbs used. */
static mp_size_t product_of(uint64_t product[2 * LIMBS], const struct u256 *a, const struct u256 *b)
{
    mp_size_t a_used = limbs_used(a->limb, LIMBS);
    mp_size_t b_used = limbs_used(b->limb, LIMBS);
    memset(product, 0, 2 * LIMBS * sizeof *product);
    if (a_used == 0 || b_used == 0)
        return 0;
    if (a_used >= b_used)
        mpn_mul(product, a->limb, a_used, b->limb, b_used);
    else
        mpn_mul(product, b->limb, b_used, a->limb, a_used);
    return limbs_used(product, a_used + b_used);
}

/* Both in 128 bits, so that the product is in 256: nearly every one is. */
static struct u256 small_product_of(unsigned __int128 a, unsigned __int128 b)
{
    const uint64_t a_high = (uint64_t)(a >> LIMB_BITS);
    const uint64_t b_high = (uint64_t)(b >> LIMB_BITS);
    const unsigned __int128 low = (unsigned __int128)(uint64_t)a * (uint64_t)b;
    const unsigned __int128 cross = (unsigned __int128)a_high * (uint64_t)b;
    const unsigned __int128 middle =
        (unsigned __int128)(uint64_t)a * b_high + (uint64_t)cross + (low >> LIMB_BITS);

    return u256_of_halves(middle << LIMB_BITS | (uint64_t)low, (unsigned __int128)a_high * b_high +
                                                                   (cross >> LIMB_BITS) +
                                                                   (middle >> LIMB_BITS));
}

bool u256_mul(struct u256 *out, const struct u256 *a, const struct u256 *b)
{
    if (u256_fits_u128(a) && u256_fits_u128(b)) {
        *out = small_product_of(u256_low(a), u256_low(b));
        return true;
    }
    uint64_t product[2 * LIMBS];
    if (product_of(product, a, b) > LIMBS)
        return false;
    memcpy(out->limb, product, sizeof out->limb);
    return true;
}

/* Quotient and remainder of `used` limbs by a divisor that is not zero. False: the quotient needs
 * over 256 bits. */
static bool divide(struct u256 *quotient, struct u256 *remainder, const uint64_t *dividend,
                   mp_size_t used, const struct u256 *divisor)
{
    mp_size_t divisor_used = limbs_used(divisor->limb, LIMBS);
    *quotient = U256_ZERO;
    *remainder = U256_ZERO;
    if (used < divisor_used) {
        memcpy(remainder->limb, dividend, (size_t)used * sizeof *dividend);
        return true;
    }
    if (used == 1) { /* then the divisor has no more limbs either */
        quotient->limb[0] = dividend[0] / divisor->limb[0];
        remainder->limb[0] = dividend[0] % divisor->limb[0];
        return true;
    }
    uint64_t result[2 * LIMBS] = {0};
    if (divisor_used == 1)
        remainder->limb[0] = mpn_divrem_1(result, 0, dividend, used, divisor->limb[0]);
    else
        mpn_tdiv_qr(result, remainder->limb, 0, dividend, used, divisor->limb, divisor_used);
    memcpy(quotient->limb, result, sizeof quotient->limb);
    return limbs_used(result, 2 * LIMBS) <= LIMBS;
}

bool u256_div(struct u256 *out, struct u256 *remainder, const struct u256 *a, const struct u256 *b)
{
    if (u256_is_zero(b))
        return false;
    struct u256 quotient;
    struct u256 rest;
    if (u256_fits_u64(a) && u256_fits_u64(b)) {
        const uint64_t left = a->limb[0] % b->limb[0];
        *out = u256_of(a->limb[0] / b->limb[0]);
        if (remainder != NULL)
            *remainder = u256_of(left);
        return true;
    }
    bool fits = divide(&quotient, &rest, a->limb, limbs_used(a->limb, LIMBS), b);
    MUST(fits); /* a quotient is no larger than its dividend */
    *out = quotient;
    if (remainder != NULL)
        *remainder = rest;
    return true;
}

static bool product_divide(struct u256 *quotient, struct u256 *remainder, const struct u256 *a,
                           const struct u256 *b, const struct u256 *c)
{
    if (u256_is_zero(c))
        return false;
    uint64_t product[2 * LIMBS];
    mp_size_t used = product_of(product, a, b);
    return divide(quotient, remainder, product, used, c);
}

bool u256_mul_div(struct u256 *out, const struct u256 *a, const struct u256 *b,
                  const struct u256 *c)
{
    struct u256 quotient;
    struct u256 remainder;
    if (!product_divide(&quotient, &remainder, a, b, c))
        return false;
    *out = quotient;
    return true;
}

bool u256_mul_div_up(struct u256 *out, const struct u256 *a, const struct u256 *b,
                     const struct u256 *c)
{
    struct u256 quotient;
    struct u256 remainder;
    if (!product_divide(&quotient, &remainder, a, b, c))
        return false;
    if (!u256_is_zero(&remainder) && !u256_add(&quotient, &quotient, &U256_ONE))
        return false;
    *out = quotient;
    return true;
}

bool u256_mul_div_half_up(struct u256 *out, const struct u256 *a, const struct u256 *b,
                          const struct u256 *c)
{
    struct u256 quotient;
    struct u256 remainder;
    if (!product_divide(&quotient, &remainder, a, b, c))
        return false;
    struct u256 gap; /* up to the next whole: cannot fail, the remainder is less than c */
    bool below = u256_sub(&gap, c, &remainder);
    MUST(below);
    if (u256_compare(&remainder, &gap) >= 0 && !u256_add(&quotient, &quotient, &U256_ONE))
        return false;
    *out = quotient;
    return true;
}
