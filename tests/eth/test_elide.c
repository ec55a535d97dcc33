/* The shortened copy means what the original means, and no stranger can write a note of ours. */
#include "eth/elide.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "tests/base/random.h"
#include "tests/eth/same_json.h"

#define LONG_HEX                                                                                   \
    "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"

static void expect_elided(const char *original, const char *elided)
{
    BUFFER out = {0};
    elide(&out, bytes_of_text(original));
    buffer_add_byte(&out, '\0');
    cr_expect(eq(str, (char *)out.data, (char *)elided));
}

Test(elide, replaces_long_hex)
{
    cr_assert(ge(sz, strlen(LONG_HEX), ELIDE_MIN));
    expect_elided("{\"a\":\"" LONG_HEX "\"}", "{\"a\":\"@6,82\"}");
    expect_elided("[\"" LONG_HEX "\", \"" LONG_HEX "\"]", "[\"@2,82\", \"@88,82\"]");
}

Test(elide, leaves_everything_else)
{
    const char *row[] = {
        "",
        "null",
        "{\"a\":\"0x1234\",\"b\":[1,2.5,true]}",
        "\"" LONG_HEX "g\"",       /* no hex to the end */
        "\"1" LONG_HEX "\"",       /* no prefix */
        "\"" LONG_HEX "\\n\"",     /* an escape */
        "\"" LONG_HEX "\\u0030\"", /* an escape that stands for a digit */
        "\"" LONG_HEX,             /* no end */
        "{\"" LONG_HEX "\":1}",    /* a key */
        "{\"" LONG_HEX "\" \n\t\r:1}",
        "\"a \\\" quote: \\\"" LONG_HEX "\\\"\"",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++)
        expect_elided(row[i], row[i]);
}

/* Digits are looked at many at a time: any other byte must be seen wherever it stands among them.
 */
Test(elide, sees_any_byte_that_is_no_digit_wherever_it_stands)
{
    char text[2 + 150 + 2];

    for (size_t at = 3; at < sizeof(text) - 2; at++) {
        for (int byte = 1; byte < 256; byte++) {
            if (strchr("0123456789abcdefABCDEF\"\\", byte) != NULL)
                continue;
            memset(text, 'f', sizeof(text));
            memcpy(text, "\"0x", 3);
            memcpy(text + sizeof(text) - 2, "\"", 2);
            text[at] = (char)byte;
            expect_elided(text, text);
        }
    }
}

Test(elide, doubles_what_looks_like_a_note)
{
    expect_elided("\"@6,82\"", "\"@@6,82\"");
    expect_elided("\"\\u00406,82\"", "\"@\\u00406,82\"");
    expect_elided("\"\\u0041\"", "\"\\u0041\"");
    expect_elided("{\"@key\":\"@\"}", "{\"@key\":\"@@\"}");
}

Test(elide, finds_what_a_note_stands_for)
{
    const char *original = "{\"a\":\"" LONG_HEX "\"}";
    const char *text;
    size_t size;
    cr_assert(elide_find(&text, &size, bytes_of_text(original), "@6,82", 5));
    cr_expect(eq(ptr, (void *)text, (void *)(original + 6)));
    cr_expect(eq(sz, size, 82));
    cr_assert(elide_find(&text, &size, bytes_of_text(original), "0x12", 4));
    cr_expect(eq(sz, size, 4));
    cr_assert(elide_find(&text, &size, bytes_of_text(original), "@@6,82", 6));
    cr_expect(eq(int, memcmp(text, "@6,82", 5), 0));
    cr_expect(eq(sz, size, 5));
    cr_assert(elide_find(&text, &size, (struct bytes){0}, "", 0));
    cr_expect(eq(sz, size, 0));
}

Test(elide, refuses_notes_that_point_out_of_the_original)
{
    const char *row[] = {"@",
                         "@,",
                         "@1",
                         "@1,",
                         "@,1",
                         "@a,1",
                         "@1,a",
                         "@1,1x",
                         "@9,2",
                         "@11,0",
                         "@0,11",
                         "@10,1",
                         "@ 1,1",
                         "@-1,1",
                         "@18446744073709551615,2",
                         "@2,18446744073709551615",
                         "@18446744073709551616,1",
                         "@99999999999999999999999,1"};
    const char *text;
    size_t size;
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++)
        cr_expect(
            not(elide_find(&text, &size, bytes_of_text("0123456789"), row[i], strlen(row[i]))),
            "%s", row[i]);
    cr_expect(elide_find(&text, &size, bytes_of_text("0123456789"), "@10,0", 5));
}

/* Random JSON, with what matters here over-represented, and now and then a flaw. */
static void add_random(struct text *out, uint64_t *state, int depth);

static void add_random_string(struct text *out, uint64_t *state)
{
    static const char *const part[] = {"@",        "@@",    "0x",     "\\u0040", "\\\"", "\\\\",
                                       "\xc3\xa9", "12,34", "abcdef", "\\n",     "\xff", ":"};
    text_add_char(out, '"');
    if (random_below(state, 2) == 0) {
        text_add(out, "0x");
        for (uint64_t i = random_below(state, 120); i > 0; i--)
            text_add_char(out, "0123456789abcdefABCDEF"[random_below(state, 22)]);
    }
    for (uint64_t i = random_below(state, 3); i > 0; i--)
        text_add(out,
                 part[random_below(state, ARRAY_LENGTH(part) - (random_below(state, 20) > 0))]);
    text_add_char(out, '"');
}

static void add_random_members(struct text *out, uint64_t *state, int depth, bool is_object)
{
    uint64_t count = random_below(state, 4);
    for (uint64_t i = 0; i < count; i++) {
        text_add(out, i == 0 ? " " : ", ");
        if (is_object) {
            add_random_string(out, state);
            text_add(out, random_below(state, 2) == 0 ? ":" : " \t: ");
        }
        add_random(out, state, depth - 1);
    }
}

static void add_random(struct text *out, uint64_t *state, int depth)
{
    static const char *const scalar[] = {"null", "true", "-1", "2.5e3", "18446744073709551616"};
    uint64_t kind = random_below(state, depth > 0 ? 5 : 3);
    if (kind < 2) {
        add_random_string(out, state);
    } else if (kind == 2) {
        text_add(out, scalar[random_below(state, ARRAY_LENGTH(scalar))]);
    } else {
        text_add_char(out, kind == 3 ? '[' : '{');
        add_random_members(out, state, depth, kind == 4);
        text_add_char(out, kind == 3 ? ']' : '}');
    }
}

Test(elide, means_what_plain_jansson_reads)
{
    uint64_t state = 16;
    int well = 0;
    for (int i = 0; i < 20000; i++) {
        TEXT text = {0};
        add_random(&text, &state, 4);
        bool is_flawed = random_below(&state, 4) == 0;
        if (is_flawed) {
            size_t at = random_below(&state, text_length(&text));
            text.buffer.data[at] = (uint8_t) "\"\\@:,{}[]\0 x"[random_below(&state, 12)];
        }
        well += elided_is_same(text_bytes(&text));
    }
    cr_expect(gt(int, well, 10000));
}
