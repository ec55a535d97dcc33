/*
 * A second implementation, as slow and plain as can be: products by adding, quotients a bit at a
 * time. Where the two differ, one of them is wrong.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/base/random.h"

#define ROUNDS 3000
#define WORDS 18 /* 576 bits: 512 and room for a carry */

/* Least significant word first. */
struct wide {
    uint32_t word[WORDS];
};

static struct wide wide_of(const struct u256 *value)
{
    struct wide out = {{0}};
    for (int i = 0; i < 8; i++)
        out.word[i] = (uint32_t)(value->limb[i / 2] >> (i % 2 * 32));
    return out;
}

static int wide_compare(const struct wide *a, const struct wide *b)
{
    for (int i = WORDS - 1; i >= 0; i--) {
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i] ? -1 : 1;
    }
    return 0;
}

static void wide_add(struct wide *a, const struct wide *b)
{
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (uint64_t)a->word[i] + b->word[i];
        a->word[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void wide_sub(struct wide *a, const struct wide *b)
{
    int64_t borrow = 0;
    for (int i = 0; i < WORDS; i++) {
        borrow += (int64_t)a->word[i] - b->word[i];
        a->word[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
}

static bool wide_bit(const struct wide *a, int bit)
{
    return (a->word[bit / 32] >> (bit % 32) & 1) != 0;
}

static struct wide wide_mul(const struct wide *a, const struct wide *b)
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

static void wide_divide(struct wide *quotient, struct wide *remainder, const struct wide *a,
                        const struct wide *b)
{
    *quotient = (struct wide){{0}};
    *remainder = (struct wide){{0}};
    for (int bit = 32 * WORDS - 33; bit >= 0; bit--) {
        struct wide twice = *remainder;
        wide_add(remainder, &twice);
        remainder->word[0] |= wide_bit(a, bit);
        if (wide_compare(remainder, b) >= 0) {
            wide_sub(remainder, b);
            quotient->word[bit / 32] |= (uint32_t)1 << bit % 32;
        }
    }
}

static bool wide_fits(const struct wide *a)
{
    for (int i = 8; i < WORDS; i++) {
        if (a->word[i] != 0)
            return false;
    }
    return true;
}

/* What one of our functions said, against what the slow way says. */
static void check(bool ours_fits, const struct u256 *ours, const struct wide *theirs)
{
    cr_assert(eq(int, ours_fits, wide_fits(theirs)));
    if (!ours_fits)
        return;
    struct wide wide = wide_of(ours);
    cr_assert(eq(int, wide_compare(&wide, theirs), 0));
}

Test(u256_property, sums_and_differences_are_the_slow_ones)
{
    uint64_t state = 1;
    for (int i = 0; i < ROUNDS; i++) {
        struct u256 a = random_u256(&state);
        struct u256 b = random_u256(&state);
        struct u256 out = U256_ZERO;
        struct wide wide_a = wide_of(&a);
        struct wide wide_b = wide_of(&b);
        bool fits = u256_sub(&out, &a, &b);
        cr_assert(eq(int, fits, wide_compare(&wide_a, &wide_b) >= 0));
        if (fits) {
            struct wide difference = wide_a;
            wide_sub(&difference, &wide_b);
            check(true, &out, &difference);
        }
        wide_add(&wide_a, &wide_b);
        fits = u256_add(&out, &a, &b);
        check(fits, &out, &wide_a);
    }
}

Test(u256_property, products_are_the_slow_ones)
{
    uint64_t state = 2;
    for (int i = 0; i < ROUNDS; i++) {
        struct u256 a = random_u256(&state);
        struct u256 b = random_u256(&state);
        struct u256 out = U256_ZERO;
        struct wide wide_a = wide_of(&a);
        struct wide wide_b = wide_of(&b);
        struct wide product = wide_mul(&wide_a, &wide_b);
        bool fits = u256_mul(&out, &a, &b);
        check(fits, &out, &product);
    }
}

Test(u256_property, quotients_and_remainders_are_the_slow_ones)
{
    uint64_t state = 3;
    for (int i = 0; i < ROUNDS; i++) {
        struct u256 a = random_u256(&state);
        struct u256 b = random_u256(&state);
        struct u256 out = U256_ZERO;
        struct u256 rest = U256_ZERO;
        bool fits = u256_div(&out, &rest, &a, &b);
        cr_assert(eq(int, fits, !u256_is_zero(&b)));
        if (!fits)
            continue;
        struct wide wide_a = wide_of(&a);
        struct wide wide_b = wide_of(&b);
        struct wide quotient;
        struct wide remainder;
        wide_divide(&quotient, &remainder, &wide_a, &wide_b);
        check(true, &out, &quotient);
        check(true, &rest, &remainder);
    }
}

/* Divisors as contracts have them, and any. */
static struct u256 divisor(uint64_t *state)
{
    static const unsigned exponent[] = {0, 4, 6, 8, 18, 27, 36, 54};
    uint64_t which = random_below(state, 2 * ARRAY_LENGTH(exponent));
    return which < ARRAY_LENGTH(exponent) ? u256_ten_to(exponent[which]) : random_u256(state);
}

Test(u256_property, products_over_quotients_are_the_slow_ones_in_each_direction)
{
    uint64_t state = 4;
    const struct u256 one = U256_ONE;
    struct wide wide_one = wide_of(&one);
    for (int i = 0; i < ROUNDS; i++) {
        struct u256 a = random_u256(&state);
        struct u256 b = random_u256(&state);
        struct u256 c = divisor(&state);
        if (u256_is_zero(&c))
            continue;
        struct wide wide_a = wide_of(&a);
        struct wide wide_b = wide_of(&b);
        struct wide wide_c = wide_of(&c);
        struct wide product = wide_mul(&wide_a, &wide_b);
        struct wide quotient;
        struct wide remainder;
        struct u256 out = U256_ZERO;
        wide_divide(&quotient, &remainder, &product, &wide_c);
        bool fits = u256_mul_div(&out, &a, &b, &c);
        check(fits, &out, &quotient);

        struct wide up = quotient;
        if (wide_compare(&remainder, &(struct wide){{0}}) != 0)
            wide_add(&up, &wide_one);
        fits = u256_mul_div_up(&out, &a, &b, &c);
        check(fits, &out, &up);

        struct wide twice = remainder;
        wide_add(&twice, &remainder);
        struct wide nearest = quotient;
        if (wide_compare(&twice, &wide_c) >= 0)
            wide_add(&nearest, &wide_one);
        fits = u256_mul_div_half_up(&out, &a, &b, &c);
        check(fits, &out, &nearest);
    }
}

Test(u256_property, output_may_be_an_input)
{
    uint64_t state = 5;
    for (int i = 0; i < ROUNDS; i++) {
        const struct u256 a = random_u256(&state);
        const struct u256 b = random_u256(&state);
        struct u256 apart = a;
        struct u256 same = a;
        cr_assert(eq(int, u256_add(&apart, &a, &b), u256_add(&same, &same, &b)));
        cr_assert(u256_is_equal(&apart, &same));
        apart = same = b;
        cr_assert(eq(int, u256_mul(&apart, &a, &b), u256_mul(&same, &a, &same)));
        cr_assert(u256_is_equal(&apart, &same));
        apart = same = b;
        cr_assert(eq(int, u256_div(&apart, NULL, &a, &b), u256_div(&same, NULL, &a, &same)));
        cr_assert(u256_is_equal(&apart, &same));
        apart = same = b;
        cr_assert(eq(int, u256_mul_div(&apart, &a, &a, &b), u256_mul_div(&same, &a, &a, &same)));
        cr_assert(u256_is_equal(&apart, &same));
    }
}

Test(u256_property, text_and_words_come_back_as_they_were)
{
    uint64_t state = 6;
    for (int i = 0; i < ROUNDS; i++) {
        struct u256 value = random_u256(&state);
        struct u256 back;
        char text[U256_TEXT_SIZE];
        uint8_t word[32];
        size_t length = u256_format(text, &value);
        cr_assert(u256_parse(&back, text, length) && u256_is_equal(&back, &value));
        u256_to_word(word, &value);
        back = u256_of_word(word);
        cr_assert(u256_is_equal(&back, &value));
    }
}
