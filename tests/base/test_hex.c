/* Hex digits and back. */
#include "base/hex.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/base/random.h"

Test(hex, reads_either_case)
{
    uint8_t out[4];
    cr_assert(hex_decode(out, 4, "dEadBEEf", 8));
    cr_expect(eq(int, memcmp(out, "\xde\xad\xbe\xef", 4), 0));
    cr_assert(hex_decode(out, 0, "", 0));
}

Test(hex, takes_each_digit_and_nothing_else)
{
    for (int c = 0; c < 256; c++) {
        bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        char high[2] = {(char)c, '0'};
        char low[2] = {'0', (char)c};
        uint8_t out;
        cr_expect(eq(int, hex_decode(&out, 1, high, 2), is_digit), "%d", c);
        cr_expect(eq(int, hex_decode(&out, 1, low, 2), is_digit), "%d", c);
    }
}

Test(hex, refuses_another_length_than_was_asked_for)
{
    uint8_t out[4];
    cr_expect(not(hex_decode(out, 4, "deadbe", 6)));
    cr_expect(not(hex_decode(out, 2, "deadbe", 6)));
    cr_expect(not(hex_decode(out, 1, "dea", 3)));
    cr_expect(not(hex_decode(out, 2, "dea", 3)));
}

Test(hex, appends_prefixed_bytes)
{
    BUFFER out = {0};
    buffer_add_byte(&out, 1);
    cr_assert(hex_decode_prefixed(&out, "0x", 2));
    cr_expect(eq(sz, out.size, 1));
    cr_assert(hex_decode_prefixed(&out, "0xFF00", 6));
    cr_expect(eq(sz, out.size, 3));
    cr_expect(eq(int, memcmp(out.data, "\x01\xff\x00", 3), 0));
}

Test(hex, refuses_bytes_without_prefix_or_of_half_a_byte_and_leaves_the_buffer)
{
    BUFFER out = {0};
    const char *row[] = {"", "0", "ff", "0X00", "0x0", "0x0g", "1x00", "x000"};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++)
        cr_expect(not(hex_decode_prefixed(&out, row[i], strlen(row[i]))), "%s", row[i]);
    cr_expect(eq(sz, out.size, 0));
}

Test(hex, writes_what_it_reads)
{
    uint64_t state = 7;
    for (size_t size = 0; size < 200; size++) {
        uint8_t bytes[200];
        uint8_t back[200];
        char text[401];
        random_fill(&state, bytes, size);
        hex_encode(text, bytes_of(bytes, size));
        cr_assert(eq(sz, strlen(text), 2 * size));
        cr_assert(hex_decode(back, size, text, 2 * size));
        cr_assert(eq(int, memcmp(bytes, back, size), 0));
    }
}

static int value_of(char digit)
{
    const char *digits = "0123456789abcdefABCDEF";
    const char *found = digit == '\0' ? NULL : strchr(digits, digit);
    return found == NULL ? -1 : (int)(found - digits) - (found - digits > 15 ? 6 : 0);
}

/* A digit at a time. */
static bool plain_decode(uint8_t *out, size_t size, const char *text)
{
    for (size_t i = 0; i < size; i++) {
        int high = value_of(text[2 * i]);
        int low = value_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(16 * high + low);
    }
    return true;
}

/* The end of what is read is the end of its array, so that a byte too many is seen. */
Test(hex, reads_from_anywhere_what_a_digit_at_a_time_reads)
{
    const char *digits = "0123456789abcdefABCDEF";
    uint64_t state = 9;
    for (size_t size = 0; size <= 70; size++) {
        for (size_t shift = 0; shift <= 17; shift++) {
            char text[160];
            uint8_t plain[70];
            uint8_t fast[90];
            char *begin = text + sizeof text - 2 * size;
            for (size_t i = 0; i < 2 * size; i++)
                begin[i] = digits[random_u64(&state) % 22];
            cr_assert(plain_decode(plain, size, begin));
            cr_assert(hex_decode(fast + sizeof fast - size, size, begin, 2 * size));
            cr_assert(eq(int, memcmp(fast + sizeof fast - size, plain, size), 0));
            memmove(text + shift, begin, 2 * size);
            cr_assert(hex_decode(fast + shift, size, text + shift, 2 * size));
            cr_assert(eq(int, memcmp(fast + shift, plain, size), 0));
        }
    }
}

Test(hex, refuses_whatever_is_no_digit_wherever_it_stands)
{
    for (size_t size = 1; size <= 35; size++) {
        char text[70];
        uint8_t plain[35];
        uint8_t out[35];
        memset(text, '7', sizeof text);
        for (size_t i = 0; i < 2 * size * 256; i++) {
            text[i / 256] = (char)(i % 256);
            cr_assert(
                eq(int, hex_decode(out, size, text, 2 * size), plain_decode(plain, size, text)),
                "%zu of %zu", i, size);
            text[i / 256] = '7';
        }
    }
}

Test(hex, writes_from_anywhere_what_a_digit_at_a_time_writes)
{
    uint8_t bytes[256 + 40];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t shift = 0; shift <= 17; shift++) {
        for (size_t size = 0; size <= 256; size++) {
            const uint8_t *begin = bytes + sizeof bytes - shift - size;
            char text[17 + 513];
            char *out = text + shift;
            hex_encode(out, bytes_of(begin, size));
            for (size_t i = 0; i < size; i++) {
                cr_assert(eq(chr, out[2 * i], "0123456789abcdef"[begin[i] >> 4]));
                cr_assert(eq(chr, out[2 * i + 1], "0123456789abcdef"[begin[i] & 15]));
            }
            cr_assert(eq(chr, out[2 * size], '\0'));
        }
    }
}

Test(hex, reads_quantities_with_or_without_leading_zeros)
{
    const struct {
        const char *text;
        uint64_t value;
    } row[] = {{"0x0", 0},
               {"0x1b4", 436},
               {"0x00000000000000000000001", 1},
               {"0xffffffffffffffff", UINT64_MAX},
               {"0xAb", 171}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        uint64_t value = 9;
        cr_expect(hex_quantity(&value, row[i].text, strlen(row[i].text)), "%s", row[i].text);
        cr_expect(eq(u64, value, row[i].value));
    }
}

Test(hex, refuses_what_is_no_quantity)
{
    const char *row[] = {"", "0x", "0", "1", "x1", "0xg", "0x1 ", "-0x1", "0x10000000000000000"};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        uint64_t value = 9;
        cr_expect(not(hex_quantity(&value, row[i], strlen(row[i]))), "%s", row[i]);
        cr_expect(eq(u64, value, 9));
    }
}
