/* Text without printf. */
#include "base/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/base/random.h"

Test(text, is_an_empty_string_before_anything_is_added)
{
    TEXT text = {0};
    cr_expect(eq(str, (char *)text_string(&text), ""));
    cr_expect(eq(sz, text_length(&text), 0));
    text_add(&text, "");
    cr_expect(eq(str, (char *)text_string(&text), ""));
}

Test(text, is_terminated_after_each_step)
{
    TEXT text = {0};
    for (unsigned i = 0; i < 300; i++) {
        text_add_char(&text, 'x');
        cr_assert(eq(sz, strlen(text_string(&text)), i + 1));
        cr_assert(eq(sz, text_length(&text), i + 1));
    }
    text_clear(&text);
    cr_expect(eq(str, (char *)text_string(&text), ""));
}

Test(text, writes_integers_as_printf_would)
{
    const uint64_t row[] = {0, 1, 9, 10, 255, 1000000007, INT64_MAX, UINT64_MAX};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        TEXT text = {0};
        char expected[100];
        text_add_u64(&text, row[i]);
        text_add_char(&text, ' ');
        text_add_i64(&text, (int64_t)row[i]);
        text_add_char(&text, ' ');
        text_add_quantity(&text, row[i]);
        snprintf(expected, sizeof expected, "%lu %ld 0x%lx", row[i], (int64_t)row[i], row[i]);
        cr_expect(eq(str, (char *)text_string(&text), expected));
    }
    TEXT text = {0};
    text_add_i64(&text, INT64_MIN);
    cr_expect(eq(str, (char *)text_string(&text), "-9223372036854775808"));
}

Test(text, writes_fixed_point_cut_toward_zero)
{
    const struct {
        uint64_t value;
        unsigned decimals, shown;
        const char *text;
    } row[] = {{0, 18, 2, "0.00"},
               {1, 0, 0, "1"},
               {1999, 3, 2, "1.99"},
               {1999, 3, 0, "1"},
               {999, 3, 0, "0"},
               {5, 3, 3, "0.005"},
               {5, 3, 2, "0.00"},
               {5, 3, 6, "0.005000"},
               {123456, 3, 5, "123.45600"},
               {7, 0, 2, "7.00"},
               {1000000000000000000u, 18, 18, "1.000000000000000000"},
               {1, 77, 3, "0.000"}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        TEXT text = {0};
        struct u256 value = u256_of(row[i].value);
        text_add_fixed(&text, &value, row[i].decimals, row[i].shown);
        cr_expect(eq(str, (char *)text_string(&text), (char *)row[i].text));
    }
}

Test(text, writes_bytes_as_hex)
{
    TEXT text = {0};
    text_add_hex(&text, (struct bytes){0});
    text_add_hex(&text, bytes_of("\x00\xff", 2));
    cr_expect(eq(str, (char *)text_string(&text), "0x0x00ff"));
}

Test(text, writes_json_strings_escaped)
{
    TEXT text = {0};
    text_add_json(&text, bytes_of("a\"\\/\n\r\t\b\x7f\0z\xc3\xa9", 13));
    cr_expect(eq(str, (char *)text_string(&text),
                 "\"a\\\"\\\\/\\n\\r\\t\\u0008\\u007f\\u0000z\xc3\xa9\""));
}

Test(text, writes_a_replacement_for_each_byte_that_is_no_utf8)
{
    const struct {
        const char *bytes, *json;
    } row[] = {{"\xff", "\"\xef\xbf\xbd\""},
               {"\xc3", "\"\xef\xbf\xbd\""},
               {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
               {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* surrogate */
               {"\xe2\x82\xac", "\"\xe2\x82\xac\""},
               {"\xf0\x9f\x92\xb0", "\"\xf0\x9f\x92\xb0\""},
               {"\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        TEXT text = {0};
        text_add_json(&text, bytes_of_text(row[i].bytes));
        cr_expect(eq(str, (char *)text_string(&text), (char *)row[i].json));
    }
}

Test(text, writes_json_that_a_parser_takes_whatever_the_bytes)
{
    uint64_t state = 8;
    for (int i = 0; i < 2000; i++) {
        TEXT text = {0};
        uint8_t bytes[40];
        size_t size = random_below(&state, sizeof bytes);
        random_fill(&state, bytes, size);
        text_add_json(&text, bytes_of(bytes, size));
        json_t *value = json_loads(text_string(&text), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        cr_assert(ne(ptr, value, NULL));
        json_decref(value);
    }
}
