/* 256-bit arithmetic: its edges here, its products and quotients in test_u256_property.c. */
#include "base/u256.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <string.h>

static struct u256 u256(const char *decimal)
{
    struct u256 value;
    cr_assert(u256_parse(&value, decimal, strlen(decimal)));
    return value;
}

static bool is(struct u256 value, const char *decimal)
{
    char text[U256_TEXT_SIZE];
    cr_expect(eq(sz, u256_format(text, &value), strlen(text)));
    return strcmp(text, decimal) == 0;
}

#define MAX_TEXT "115792089237316195423570985008687907853269984665640564039457584007913129639935"

Test(u256, reads_and_writes_decimal_digits)
{
    const char *row[] = {"0",
                         "1",
                         "9",
                         "10",
                         "18446744073709551615",
                         "18446744073709551616",
                         "9999999999999999999",
                         "10000000000000000000",
                         "100000000000000000000000000000000000000",
                         MAX_TEXT};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++)
        cr_expect(is(u256(row[i]), row[i]), "%s", row[i]);
    cr_expect(is(u256("000007"), "7"));
    cr_expect(is(U256_MAX, MAX_TEXT));
}

Test(u256, refuses_what_are_no_decimal_digits)
{
    const char *row[] = {
        "",
        "-1",
        "+1",
        " 1",
        "1 ",
        "0x1",
        "1.0",
        "1e18",
        "1:",
        "1/",
        "١",
        "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        "1157920892373161954235709850086879078532699846656405640394575840079131296399350"};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct u256 value = U256_ONE;
        cr_expect(not(u256_parse(&value, row[i], strlen(row[i]))), "%s", row[i]);
        cr_expect(is(value, "1"));
    }
}

Test(u256, reads_hex_of_one_to_64_digits)
{
    struct u256 value;
    cr_assert(u256_parse_hex(&value, "0x0", 3) && is(value, "0"));
    cr_assert(u256_parse_hex(&value, "0xFf", 4) && is(value, "255"));
    const char *max = "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    cr_assert(u256_parse_hex(&value, max, strlen(max)) && is(value, MAX_TEXT));
}

Test(u256, refuses_what_is_no_hex)
{
    const char *row[] = {
        "",     "0x",
        "0",    "ff",
        "0xg",  "0X1",
        "0x 1", "0x00000000000000000000000000000000000000000000000000000000000000000"};
    struct u256 value;
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++)
        cr_expect(not(u256_parse_hex(&value, row[i], strlen(row[i]))), "%s", row[i]);
}

Test(u256, compares_from_the_highest_limb_down)
{
    struct u256 low = u256("18446744073709551615");
    struct u256 high = u256("18446744073709551616");
    cr_expect(u256_is_less(&low, &high));
    cr_expect(not(u256_is_less(&high, &low)));
    cr_expect(not(u256_is_less(&low, &low)));
    cr_expect(eq(int, u256_compare(&high, &low), 1));
    cr_expect(eq(int, u256_compare(&low, &low), 0));
    cr_expect(u256_is_equal(&low, &low) && !u256_is_equal(&low, &high));
    cr_expect(is(u256_min(&high, &low), "18446744073709551615"));
    cr_expect(is(u256_min(&low, &high), "18446744073709551615"));
}

Test(u256, knows_how_wide_it_is)
{
    struct u256 wide = u256("340282366920938463463374607431768211456"); /* 2^128 */
    struct u256 less = u256("340282366920938463463374607431768211455");
    struct u256 max = U256_MAX;
    struct u256 zero = U256_ZERO;
    struct u256 one = U256_ONE;
    cr_expect(not(u256_fits_u128(&wide)));
    cr_expect(u256_fits_u128(&less) && !u256_fits_u64(&less));
    cr_expect(u256_fits_u64(&one));
    cr_expect(eq(uint, u256_bits(&zero), 0));
    cr_expect(eq(uint, u256_bits(&one), 1));
    cr_expect(eq(uint, u256_bits(&less), 128));
    cr_expect(eq(uint, u256_bits(&wide), 129));
    cr_expect(eq(uint, u256_bits(&max), 256));
    cr_expect(u256_to_u128(&less) == ~(unsigned __int128)0);
    cr_expect(is(u256_of_u128(~(unsigned __int128)0), "340282366920938463463374607431768211455"));
}

Test(u256, will_not_be_cut_to_128_bits, .signal = SIGABRT)
{
    struct u256 max = U256_MAX;
    (void)u256_to_u128(&max);
}

Test(u256, knows_each_power_of_ten)
{
    char text[U256_TEXT_SIZE + 1] = "1";
    for (unsigned i = 0; i <= 77; i++) {
        cr_expect(is(u256_ten_to(i), text));
        text[i + 1] = '0';
        text[i + 2] = '\0';
    }
}

Test(u256, has_no_78th_power_of_ten, .signal = SIGABRT)
{
    (void)u256_ten_to(78);
}

Test(u256, refuses_a_sum_over_256_bits_and_leaves_the_output)
{
    struct u256 max = U256_MAX;
    struct u256 out = u256("5");
    cr_expect(not(u256_add(&out, &max, &U256_ONE)));
    cr_expect(is(out, "5"));
    cr_assert(u256_add(&out, &U256_MAX, &U256_ZERO));
    cr_expect(is(out, MAX_TEXT));
}

Test(u256, refuses_a_difference_below_zero_and_leaves_the_output)
{
    struct u256 out = u256("5");
    cr_expect(not(u256_sub(&out, &U256_ZERO, &U256_ONE)));
    cr_expect(is(out, "5"));
    cr_expect(is(u256_sub_floor(&U256_ZERO, &U256_ONE), "0"));
    cr_expect(is(u256_sub_floor(&out, &U256_ONE), "4"));
}

Test(u256, refuses_a_product_over_256_bits)
{
    struct u256 half = u256("340282366920938463463374607431768211456");
    struct u256 out = u256("5");
    cr_expect(not(u256_mul(&out, &half, &half)));
    cr_expect(not(u256_mul(&out, &U256_MAX, &U256_MAX)));
    cr_expect(is(out, "5"));
    struct u256 less = u256("340282366920938463463374607431768211455");
    cr_assert(u256_mul(&out, &less, &less));
    cr_expect(
        is(out, "115792089237316195423570985008687907852589419931798687112530834793049593217025"));
}

Test(u256, refuses_to_divide_by_zero)
{
    struct u256 seven = u256_of(7);
    struct u256 out = u256("5");
    cr_expect(not(u256_div(&out, NULL, &seven, &U256_ZERO)));
    cr_expect(not(u256_mul_div(&out, &seven, &seven, &U256_ZERO)));
    cr_expect(not(u256_mul_div_up(&out, &seven, &seven, &U256_ZERO)));
    cr_expect(not(u256_mul_div_half_up(&out, &seven, &seven, &U256_ZERO)));
    cr_expect(is(out, "5"));
}

Test(u256, keeps_512_bits_between_product_and_quotient)
{
    struct u256 max = U256_MAX;
    struct u256 out;
    cr_assert(u256_mul_div(&out, &max, &max, &max));
    cr_expect(is(out, MAX_TEXT));
    struct u256 less;
    cr_assert(u256_sub(&less, &max, &U256_ONE));
    cr_expect(not(u256_mul_div(&out, &max, &max, &less)));
    cr_assert(u256_mul_div_up(&out, &max, &less, &max));
    cr_expect(u256_is_equal(&out, &less));
}

Test(u256, refuses_a_quotient_that_only_rounding_lifts_over_256_bits)
{
    /* The factors of 2^257 − 1, whose half is 2^256 − 1 and a half. */
    struct u256 a = u256("618298780995040089266257453058982480847");
    struct u256 b = u256("374550598501810936581776630096313181393");
    struct u256 two = u256_of(2);
    struct u256 out;
    cr_assert(u256_mul_div(&out, &a, &b, &two));
    cr_expect(is(out, MAX_TEXT));
    out = U256_ONE;
    cr_expect(not(u256_mul_div_up(&out, &a, &b, &two)));
    cr_expect(not(u256_mul_div_half_up(&out, &a, &b, &two)));
    cr_expect(is(out, "1"));
}

Test(u256, rounds_in_the_direction_that_its_name_says)
{
    struct u256 ten = u256_of(10);
    struct {
        uint64_t a;
        const char *down, *up, *nearest;
    } row[] = {{0, "0", "0", "0"},  {1, "0", "1", "0"},  {4, "0", "1", "0"},
               {5, "0", "1", "1"},  {6, "0", "1", "1"},  {9, "0", "1", "1"},
               {10, "1", "1", "1"}, {14, "1", "2", "1"}, {15, "1", "2", "2"}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct u256 a = u256_of(row[i].a);
        struct u256 out;
        cr_assert(u256_mul_div(&out, &a, &U256_ONE, &ten));
        cr_expect(is(out, row[i].down));
        cr_assert(u256_mul_div_up(&out, &a, &U256_ONE, &ten));
        cr_expect(is(out, row[i].up));
        cr_assert(u256_mul_div_half_up(&out, &a, &U256_ONE, &ten));
        cr_expect(is(out, row[i].nearest));
    }
}

Test(u256, is_a_big_endian_word)
{
    struct u256 value = u256_of(0x0102030405060708u);
    uint8_t word[32];
    u256_to_word(word, &value);
    const uint8_t expected[32] = {[24] = 1, 2, 3, 4, 5, 6, 7, 8};
    cr_expect(eq(int, memcmp(word, expected, 32), 0));
    struct u256 back = u256_of_word(word);
    cr_expect(u256_is_equal(&back, &value));
    back = u256_of_bytes(bytes_of(word + 24, 8));
    cr_expect(u256_is_equal(&back, &value));
    back = u256_of_bytes((struct bytes){0});
    cr_expect(u256_is_zero(&back));
}

Test(u256, is_no_33_bytes, .signal = SIGABRT)
{
    uint8_t much[33] = {0};
    (void)u256_of_bytes(bytes_of(much, sizeof much));
}
