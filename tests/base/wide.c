/* See wide.h. */
#include "tests/base/wide.h"

struct wide wide_of(const struct u256 *value)
{
    struct wide out = {{0}};
    for (int i = 0; i < 8; i++)
        out.word[i] = (uint32_t)(value->limb[i / 2] >> (i % 2 * 32));
    return out;
}

struct wide wide_of_u64(uint64_t value)
{
    return (struct wide){{(uint32_t)value, (uint32_t)(value >> 32)}};
}

int wide_compare(const struct wide *a, const struct wide *b)
{
    for (int i = WIDE_WORDS - 1; i >= 0; i--) {
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i] ? -1 : 1;
    }
    return 0;
}

bool wide_is_zero(const struct wide *a)
{
    return wide_compare(a, &(struct wide){{0}}) == 0;
}

void wide_add(struct wide *a, const struct wide *b)
{
    uint64_t carry = 0;
    for (int i = 0; i < WIDE_WORDS; i++) {
        carry += (uint64_t)a->word[i] + b->word[i];
        a->word[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

void wide_sub(struct wide *a, const struct wide *b)
{
    int64_t borrow = 0;
    for (int i = 0; i < WIDE_WORDS; i++) {
        borrow += (int64_t)a->word[i] - b->word[i];
        a->word[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
}

bool wide_bit(const struct wide *a, int bit)
{
    return (a->word[bit / 32] >> (bit % 32) & 1) != 0;
}

struct wide wide_mul(const struct wide *a, const struct wide *b)
{
    struct wide out = {{0}};
    for (int bit = 255; bit >= 0; bit--) {
        struct wide twice = out;
        wide_add(&out, &twice);
        if (wide_bit(b, bit))
            wide_add(&out, a);
    }
    return out;
}

void wide_divide(struct wide *quotient, struct wide *remainder, const struct wide *a,
                 const struct wide *b)
{
    *quotient = (struct wide){{0}};
    *remainder = (struct wide){{0}};
    for (int bit = 32 * WIDE_WORDS - 33; bit >= 0; bit--) {
        struct wide twice = *remainder;
        wide_add(remainder, &twice);
        remainder->word[0] |= wide_bit(a, bit);
        if (wide_compare(remainder, b) >= 0) {
            wide_sub(remainder, b);
            quotient->word[bit / 32] |= (uint32_t)1 << bit % 32;
        }
    }
}

bool wide_fits(const struct wide *a)
{
    for (int i = 8; i < WIDE_WORDS; i++) {
        if (a->word[i] != 0)
            return false;
    }
    return true;
}

struct u256 wide_to_u256(const struct wide *a)
{
    struct u256 out = U256_ZERO;
    MUST(wide_fits(a));
    for (int i = 0; i < 8; i++)
        out.limb[i / 2] |= (uint64_t)a->word[i] << (i % 2 * 32);
    return out;
}
