/* Every operation against a second implementation (tests/base/wide.h). Where the two differ, one of
 * them is wrong. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "tests/base/random.h"
#include "tests/base/wide.h"

#define ROUNDS 3000

/* What one of our functions said, against what the slow way says; it began with zero. */
static void check(bool ours_fits, const struct u256 *ours, const struct wide *theirs)
{
    cr_assert(eq(int, ours_fits, wide_fits(theirs)));
    if (!ours_fits) {
        cr_assert(u256_is_zero(ours), "a refusal left something behind");
        return;
    }
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
        out = U256_ZERO;
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

static void refuses_to_divide_by_zero(const struct u256 *a, const struct u256 *b)
{
    const struct u256 before = u256_of(77);
    struct u256 out = before;
    struct u256 rest = before;
    cr_assert(not(u256_div(&out, &rest, a, &U256_ZERO)));
    cr_assert(not(u256_mul_div(&out, a, b, &U256_ZERO)));
    cr_assert(not(u256_mul_div_up(&out, a, b, &U256_ZERO)));
    cr_assert(not(u256_mul_div_half_up(&out, a, b, &U256_ZERO)));
    cr_assert(u256_is_equal(&out, &before) && u256_is_equal(&rest, &before));
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
        if (u256_is_zero(&c)) {
            refuses_to_divide_by_zero(&a, &b);
            continue;
        }
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
        out = U256_ZERO;
        fits = u256_mul_div_up(&out, &a, &b, &c);
        check(fits, &out, &up);

        struct wide twice = remainder;
        wide_add(&twice, &remainder);
        struct wide nearest = quotient;
        if (wide_compare(&twice, &wide_c) >= 0)
            wide_add(&nearest, &wide_one);
        out = U256_ZERO;
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

Test(u256_property, comparisons_widths_and_bounds_are_the_slow_ones)
{
    uint64_t state = 6;
    for (int i = 0; i < ROUNDS; i++) {
        struct u256 a = random_u256(&state);
        struct u256 b = random_below(&state, 8) == 0 ? a : random_u256(&state);
        struct wide wide_a = wide_of(&a);
        struct wide wide_b = wide_of(&b);
        int order = wide_compare(&wide_a, &wide_b);
        int bits = 0;
        for (int bit = 0; bit < 256; bit++)
            bits = wide_bit(&wide_a, bit) ? bit + 1 : bits;
        int ours = u256_compare(&a, &b);
        cr_assert(eq(int, (ours > 0) - (ours < 0), order));
        cr_assert(eq(int, u256_is_less(&a, &b), order < 0));
        cr_assert(eq(int, u256_is_equal(&a, &b), order == 0));
        cr_assert(eq(int, u256_is_zero(&a), wide_is_zero(&wide_a)));
        cr_assert(eq(int, (int)u256_bits(&a), bits));
        cr_assert(eq(int, u256_fits_u64(&a), bits <= 64));
        cr_assert(eq(int, u256_fits_u128(&a), bits <= 128));
        struct u256 least = u256_min(&a, &b);
        cr_assert(u256_is_equal(&least, order < 0 ? &a : &b));
        struct u256 floored = u256_sub_floor(&a, &b);
        struct wide difference = wide_a;
        wide_sub(&difference, &wide_b);
        check(true, &floored, order < 0 ? &(struct wide){{0}} : &difference);
        if (bits <= 128) {
            struct u256 again = u256_of_u128(u256_to_u128(&a));
            cr_assert(u256_is_equal(&again, &a));
        }
    }
}

/* Good to 52 bits, on whichever side: what callers allow for. */
Test(u256_property, doubles_are_close)
{
    uint64_t state = 7;
    for (int i = 0; i < ROUNDS; i++) {
        struct u256 a = random_u256(&state);
        double theirs = 0;
        for (int k = 3; k >= 0; k--) {
            theirs = theirs * 0x1p32 + (double)(a.limb[k] >> 32);
            theirs = theirs * 0x1p32 + (double)(a.limb[k] & UINT32_MAX);
        }
        cr_assert(fabs(u256_to_double(&a) - theirs) <= theirs * 0x1p-50);
    }
}

/* Digits by dividing by ten, one at a time, from the right. */
static size_t slow_digits(char *out, const struct u256 *value, uint64_t base)
{
    const struct wide divisor = wide_of_u64(base);
    struct wide rest = wide_of(value);
    char reversed[80];
    size_t count = 0;
    do {
        struct wide digit;
        struct wide quotient;
        wide_divide(&quotient, &digit, &rest, &divisor);
        reversed[count++] = "0123456789abcdef"[digit.word[0]];
        rest = quotient;
    } while (!wide_is_zero(&rest));
    for (size_t i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    out[count] = '\0';
    return count;
}

Test(u256_property, texts_are_the_slow_ones_and_come_back)
{
    uint64_t state = 8;
    for (int i = 0; i < 300; i++) {
        struct u256 value = i == 0 ? U256_MAX : i == 1 ? U256_ZERO : random_u256(&state);
        struct u256 back;
        char text[U256_TEXT_SIZE];
        char theirs[90] = "000";
        size_t length = u256_format(text, &value);
        cr_assert(eq(sz, length, slow_digits(theirs + 3, &value, 10)));
        cr_assert(eq(str, text, theirs + 3));
        cr_assert(u256_parse(&back, theirs + 3, length) && u256_is_equal(&back, &value));
        cr_assert(u256_parse(&back, theirs, length + 3) && u256_is_equal(&back, &value));
        memcpy(theirs, "0x", 2);
        length = 2 + slow_digits(theirs + 2, &value, 16);
        cr_assert(u256_parse_hex(&back, theirs, length) && u256_is_equal(&back, &value));
    }
}

/* As the text of a contract's answer may be: digits of any number, some of them too many, with
 * something else among them. */
Test(u256_property, digits_are_taken_exactly_where_they_are_a_word)
{
    static const char strange[] = "/:-+ .eExX_,gG\0\n";
    const struct wide ten = wide_of_u64(10);
    uint64_t state = 9;
    uint32_t taken = 0;
    for (int i = 0; i < 2000; i++) {
        char text[82];
        size_t length = i % 3 == 0 ? 77 + random_below(&state, 3) : random_below(&state, 80);
        struct wide value = {{0}};
        bool should = length > 0;
        for (size_t at = 0; at < length; at++) {
            text[at] = (char)('0' + random_below(&state, 10));
            if (random_below(&state, 500) == 0)
                text[at] = strange[random_below(&state, sizeof strange - 1)];
            struct wide digit = wide_of_u64((uint64_t)(text[at] - '0'));
            should = should && text[at] >= '0' && text[at] <= '9';
            if (!should)
                continue;
            value = wide_mul(&ten, &value);
            wide_add(&value, &digit);
            should = wide_fits(&value);
        }
        struct u256 out = U256_ZERO;
        bool is = u256_parse(&out, text, length);
        cr_assert(eq(int, is, should), "%.*s", (int)length, text);
        cr_assert(is || u256_is_zero(&out));
        if (is)
            check(true, &out, &value);
        taken += is;
    }
    cr_assert(gt(u32, taken, 500));
}

Test(u256_property, words_are_the_bytes_from_the_top_down)
{
    uint64_t state = 10;
    for (int i = 0; i < ROUNDS; i++) {
        struct u256 value = random_u256(&state);
        uint8_t word[32];
        u256_to_word(word, &value);
        for (int k = 0; k < 32; k++)
            cr_assert(eq(int, word[31 - k], (uint8_t)(value.limb[k / 8] >> (k % 8 * 8))));
        struct u256 back = u256_of_word(word);
        cr_assert(u256_is_equal(&back, &value));
        size_t skipped = 32 - (u256_bits(&value) + 7) / 8;
        back = u256_of_bytes(bytes_of(word + skipped, 32 - skipped));
        cr_assert(u256_is_equal(&back, &value));
    }
}

Test(u256_property, powers_of_ten_are_the_slow_ones)
{
    const struct wide ten = wide_of_u64(10);
    struct wide power = wide_of_u64(1);
    for (unsigned exponent = 0; exponent <= 77; exponent++) {
        struct u256 is = u256_ten_to(exponent);
        check(true, &is, &power);
        power = wide_mul(&ten, &power);
    }
}
