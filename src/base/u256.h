/*
 * 256-bit unsigned integers, as the machine that runs the contracts has them. Every operation that
 * can leave 256 bits says so; none wraps in silence. Products are 512 bits inside, so that
 * a × b / c is exact as long as the quotient fits. GMP's mpn functions on four limbs; no heap.
 */
#ifndef BASE_U256_H
#define BASE_U256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/** Least significant limb first. */
struct u256 {
    uint64_t limb[4];
};

#define U256_ZERO ((struct u256){{0, 0, 0, 0}})
#define U256_ONE ((struct u256){{1, 0, 0, 0}})
#define U256_MAX ((struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}})
/** Decimal digits of 2^256 − 1, and a NUL. */
#define U256_TEXT_SIZE 79

/* The short ones stand here: a call costs more than what they do. */

static inline struct u256 u256_of(uint64_t value)
{
    return (struct u256){{value, 0, 0, 0}};
}

static inline struct u256 u256_of_u128(unsigned __int128 value)
{
    return (struct u256){{(uint64_t)value, (uint64_t)(value >> 64), 0, 0}};
}

static inline struct u256 u256_of_halves(unsigned __int128 low, unsigned __int128 high)
{
    return (struct u256){
        {(uint64_t)low, (uint64_t)(low >> 64), (uint64_t)high, (uint64_t)(high >> 64)}};
}

/** 10^exponent; MUST be at most 77. */
struct u256 u256_ten_to(unsigned exponent);

/** The lower and the upper half. */
static inline unsigned __int128 u256_low(const struct u256 *a)
{
    return (unsigned __int128)a->limb[1] << 64 | a->limb[0];
}

static inline unsigned __int128 u256_high(const struct u256 *a)
{
    return (unsigned __int128)a->limb[3] << 64 | a->limb[2];
}

int u256_compare(const struct u256 *a, const struct u256 *b);

static inline bool u256_is_zero(const struct u256 *a)
{
    return (a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]) == 0;
}

static inline bool u256_is_equal(const struct u256 *a, const struct u256 *b)
{
    return ((a->limb[0] ^ b->limb[0]) | (a->limb[1] ^ b->limb[1]) | (a->limb[2] ^ b->limb[2]) |
            (a->limb[3] ^ b->limb[3])) == 0;
}

static inline bool u256_is_less(const struct u256 *a, const struct u256 *b)
{
    return u256_high(a) != u256_high(b) ? u256_high(a) < u256_high(b) : u256_low(a) < u256_low(b);
}

static inline bool u256_fits_u64(const struct u256 *a)
{
    return (a->limb[1] | a->limb[2] | a->limb[3]) == 0;
}

static inline bool u256_fits_u128(const struct u256 *a)
{
    return (a->limb[2] | a->limb[3]) == 0;
}

unsigned __int128 u256_to_u128(const struct u256 *a);
/** Number of significant bits, 0 for 0. */
unsigned u256_bits(const struct u256 *a);

static inline struct u256 u256_min(const struct u256 *a, const struct u256 *b)
{
    return u256_is_less(b, a) ? *b : *a;
}

/* Out may be one of the inputs. False: the result left 256 bits (or went below zero), or a division
 * by zero; *out is then untouched. */
MUST_CHECK static inline bool u256_add(struct u256 *out, const struct u256 *a, const struct u256 *b)
{
    const unsigned __int128 low = u256_low(a) + u256_low(b);
    const bool carry = low < u256_low(a);
    unsigned __int128 high;
    const bool over = __builtin_add_overflow(u256_high(a), u256_high(b), &high);

    if (__builtin_add_overflow(high, (unsigned __int128)carry, &high) || over)
        return false;
    *out = u256_of_halves(low, high);
    return true;
}

MUST_CHECK bool u256_sub(struct u256 *out, const struct u256 *a, const struct u256 *b);
MUST_CHECK bool u256_mul(struct u256 *out, const struct u256 *a, const struct u256 *b);
/** Rounds toward zero. `remainder` may be NULL. */
MUST_CHECK bool u256_div(struct u256 *out, struct u256 *remainder, const struct u256 *a,
                         const struct u256 *b);
/** a × b / c with the product in 512 bits: toward zero, away from zero, to the nearest (half up).
 */
MUST_CHECK bool u256_mul_div(struct u256 *out, const struct u256 *a, const struct u256 *b,
                             const struct u256 *c);
MUST_CHECK bool u256_mul_div_up(struct u256 *out, const struct u256 *a, const struct u256 *b,
                                const struct u256 *c);
MUST_CHECK bool u256_mul_div_half_up(struct u256 *out, const struct u256 *a, const struct u256 *b,
                                     const struct u256 *c);

/** To about 52 bits; for bounds that a test proves, never for money. */
static inline double u256_to_double(const struct u256 *a)
{
    return u256_fits_u64(a) ? (double)a->limb[0]
                            : (double)a->limb[3] * 0x1p192 + (double)a->limb[2] * 0x1p128 +
                                  (double)a->limb[1] * 0x1p64 + (double)a->limb[0];
}

/** As subtraction, but 0 where it would go below. */
static inline struct u256 u256_sub_floor(const struct u256 *a, const struct u256 *b)
{
    const bool borrow = u256_low(a) < u256_low(b);

    return u256_is_less(a, b)
               ? U256_ZERO
               : u256_of_halves(u256_low(a) - u256_low(b), u256_high(a) - u256_high(b) - borrow);
}

/** Big-endian, as an EVM word. */
void u256_to_word(uint8_t out[32], const struct u256 *value);
struct u256 u256_of_word(const uint8_t word[32]);
/** Big-endian, at most 32 bytes. */
struct u256 u256_of_bytes(struct bytes bytes);

/** Decimal digits only. False: empty, a character that is no digit, or over 256 bits. */
MUST_CHECK bool u256_parse(struct u256 *out, const char *text, size_t length);
/** "0x…", 1 to 64 digits. */
MUST_CHECK bool u256_parse_hex(struct u256 *out, const char *text, size_t length);
/** Out: decimal digits and a NUL, at most U256_TEXT_SIZE. Returns the number of digits. */
size_t u256_format(char out[U256_TEXT_SIZE], const struct u256 *value);

#endif
