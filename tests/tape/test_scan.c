#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <string.h>

#include "tape/scan.h"

Test(scan, takes_what_is_json)
{
    static const char *const texts[] = {"{}",
                                        "[]",
                                        "null",
                                        "true",
                                        "false",
                                        "0",
                                        "-0.5e+10",
                                        "123456789012345678901234567890",
                                        "\"\"",
                                        "\"\\u0000\\ud83d\\ude00 \\\\ \\\" \\/ é 😀\"",
                                        "{\"a\":[1,2,{\"b\":null}],\"a\":2}",
                                        "[ 1 , \t2 ]",
                                        "1E5"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        cr_assert(scan_is_value(bytes_of_text(texts[i])), "%s", texts[i]);
}

Test(scan, refuses_what_is_not)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "{",
                                        "}",
                                        "[1,]",
                                        "[,]",
                                        "{\"a\"}",
                                        "{a:1}",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "nul",
                                        "True",
                                        "01",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "1e",
                                        "--1",
                                        "\"",
                                        "\"\\x\"",
                                        "\"\\u12g4\"",
                                        "\"\\u",
                                        "\"\\",
                                        "\"\x01\"",
                                        "\"\n\"",
                                        "[1 2]",
                                        "1 2",
                                        " 1",
                                        "1 ",
                                        "NaN",
                                        "\xff",
                                        "\"\xff\"",
                                        "\"\xed\xa0\x80\"",
                                        "\"\xc0\xaf\"",
                                        "\"\xf4\x90\x80\x80\"",
                                        "\"\xc3\"",
                                        "[1}",
                                        "{\"a\":1]",
                                        "'a'",
                                        "\xef\xbb\xbf{}"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        cr_assert(not(scan_is_value(bytes_of_text(texts[i]))), "%s", texts[i]);
}

Test(scan, refuses_what_is_too_deep_before_the_stack_is_gone)
{
    static char text[2000001];
    memset(text, '[', sizeof text - 1);
    cr_assert(not(scan_is_value(bytes_of_text(text))));
    memset(text, '[', SCAN_DEPTH_MAX);
    memset(text + SCAN_DEPTH_MAX, ']', SCAN_DEPTH_MAX);
    cr_assert(scan_is_value(bytes_of(text, 2 * SCAN_DEPTH_MAX)));
    memset(text, '[', SCAN_DEPTH_MAX + 1);
    memset(text + SCAN_DEPTH_MAX + 1, ']', SCAN_DEPTH_MAX + 1);
    cr_assert(not(scan_is_value(bytes_of(text, 2 * SCAN_DEPTH_MAX + 2))));
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return *state >> 33;
}

/* Random texts of JSON's own letters: what jansson takes, we take, and the other way round. Only
 * the two things that jansson refuses beyond the grammar are kept out: numbers without end, and
 * half of a surrogate pair. */
Test(scan, agrees_with_a_json_library)
{
    static const char *const pieces[] = {
        "{",  "}",       "[", "]",    ",",    ":",       "\"",     "\"a\"", "\"b\"",
        "1",  "-2.5",    "0", "e5",   "null", "true",    "false",  " ",     "\\n",
        "\\", "\\u00e9", "é", "\x80", "x",    "{\"k\":", "\"k\":1"};
    uint64_t state = 7;
    size_t taken = 0;
    for (int round = 0; round < 200000; round++) {
        char text[256] = "";
        size_t count = next_random(&state) % 9 + 1;
        size_t size = 0;
        for (size_t i = 0; i < count; i++) {
            const char *piece = pieces[next_random(&state) % ARRAY_LENGTH(pieces)];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        if (text[0] == ' ' || text[size - 1] == ' ')
            continue;
        json_t *json = json_loadb(text, size,
                                  JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
        bool is_json = json != NULL;
        json_decref(json);
        cr_assert(eq(int, scan_is_value(bytes_of(text, size)), is_json), "%.*s", (int)size, text);
        taken += is_json;
    }
    cr_assert(gt(sz, taken, 1000));
}

/* A string is skipped many bytes at a time: each byte must count wherever it stands among them. */
Test(scan, agrees_with_a_json_library_on_any_byte_anywhere_in_a_string)
{
    char text[100];

    for (size_t at = 1; at < sizeof(text) - 1; at++) {
        for (int byte = 0; byte < 256; byte++) {
            memset(text, 'a', sizeof(text));
            text[0] = text[sizeof(text) - 1] = '"';
            text[at] = (char)byte;
            json_t *json = json_loadb(text, sizeof(text), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            bool is_json = json != NULL;
            json_decref(json);
            cr_assert(eq(int, scan_is_value(bytes_of(text, sizeof(text))), is_json), "%d at %zu",
                      byte, at);
        }
    }
}

Test(scan, gives_back_what_a_string_stands_for)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {{"\"\"", ""},
                {"\"plain\"", "plain"},
                {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
                {"\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"", "Aé€😀"},
                {"\"é\\u00C9\"", "éÉ"}};
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct bytes out;
        cr_assert(scan_string(&out, bytes_of_text(rows[i].text), &arena));
        cr_assert(bytes_equal(out, bytes_of_text(rows[i].expected)), "%s", rows[i].text);
    }
    arena_release(&arena);
}

Test(scan, refuses_half_of_a_surrogate_pair)
{
    static const char *const texts[] = {
        "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\ud83d\\u0041\"",
        "12",          "\""};
    struct arena arena = {0};
    struct bytes out;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        cr_assert(not(scan_string(&out, bytes_of_text(texts[i]), &arena)), "%s", texts[i]);
    arena_release(&arena);
}

Test(scan, reads_numbers_to_the_last)
{
    uint64_t u;
    int64_t i;
    cr_assert(scan_u64(&u, bytes_of_text("18446744073709551615")));
    cr_assert(eq(u64, u, UINT64_MAX));
    cr_assert(not(scan_u64(&u, bytes_of_text("18446744073709551616"))));
    cr_assert(not(scan_u64(&u, bytes_of_text("-1"))));
    cr_assert(not(scan_u64(&u, bytes_of_text(""))));
    cr_assert(not(scan_u64(&u, bytes_of_text("1.0"))));
    cr_assert(scan_i64(&i, bytes_of_text("-9223372036854775808")));
    cr_assert(eq(i64, i, INT64_MIN));
    cr_assert(not(scan_i64(&i, bytes_of_text("9223372036854775808"))));
    cr_assert(not(scan_i64(&i, bytes_of_text("-"))));
}
