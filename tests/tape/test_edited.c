#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tests/tape/fixture.h"

#define HEADER "{\"plimsoll\":1,\"program\":\"p\",\"chain\":31337,\"config\":{},\"time\":1}\n"
#define TURN "{\"turn\":1,\"now\":5,\"count\":1}\n"

Test(tape_edited, reads_a_price_that_was_changed)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    struct tape_writer *writer = fixture_writer(&fixture);
    fixture_write(writer, 1, "{\"result\":{\"price\":\"1985\"}}");
    fixture_close(writer);
    struct buffer bytes = fixture_bytes(&fixture);
    uint8_t *digit = memmem(bytes.data, bytes.size, "1985", 4);
    cr_assert(digit != NULL);
    digit[0] = '2';
    fixture_put(&fixture, buffer_bytes(&bytes));
    struct found found = fixture_read(&fixture);
    cr_assert(eq(int, found.end, TAPE_END));
    cr_assert(eq(str, found.last_body, "{\"result\":{\"price\":\"2985\"}}"));
    buffer_release(&bytes);
    fixture_end(&fixture);
}

Test(tape_edited, reads_what_an_editor_or_a_script_leaves)
{
    static const char *const texts[] = {
        /* spaces, another order, a name that nobody knows, a last newline taken away */
        HEADER TURN "{ \"id\" : 1, \"json\" : {\"a\": 1}, \"note\": [1, {\"b\": \"}\"}], "
                    "\"status\": \"ok\", \"kind\": \"answer\" }",
        /* carriage returns, empty lines */
        "{\"plimsoll\":1,\"program\":\"p\",\"chain\":31337,\"config\":{},\"time\":1}\r\n\r\n" TURN
        "\n  \n{\"kind\":\"answer\",\"status\":\"ok\",\"id\":1,\"json\":{\"a\": 1}}\r\n\n",
        /* no http, no endpoint */
        HEADER TURN
        "{\"kind\":\"answer\",\"status\":\"ok\",\"id\":1,\"text\":\"{\\\"a\\\": 1}\"}\n",
        HEADER TURN
        "{\"kind\":\"answer\",\"status\":\"ok\",\"id\":1,\"hex\":\"7B2261223A20317d\"}\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct fixture fixture = fixture_begin("tape.ndjson");
        fixture_put_text(&fixture, texts[i]);
        struct found found = fixture_read(&fixture);
        cr_assert(eq(int, found.end, TAPE_END), "%zu: %s", i, found.why);
        cr_assert(eq(sz, found.turns, 1));
        cr_assert(eq(str, found.last_body, "{\"a\": 1}"));
        struct tape_writer *writer = fixture_writer(&fixture);
        fixture_write(writer, 2, "{}");
        fixture_close(writer);
        found = fixture_read(&fixture);
        cr_assert(eq(int, found.end, TAPE_END), "%zu: %s", i, found.why);
        cr_assert(eq(sz, found.turns, 2));
        cr_assert(eq(sz, found.headers, 2));
        fixture_end(&fixture);
    }
}

Test(tape_edited, goes_on_with_a_new_header_and_the_next_number)
{
    static const char *const names[] = {"tape.ndjson", "tape.zst"};
    for (size_t n = 0; n < 2; n++) {
        struct fixture fixture = fixture_begin(names[n]);
        for (int life = 0; life < 3; life++) {
            struct tape_writer *writer = fixture_writer(&fixture);
            fixture_write(writer, life * 2, "{}");
            fixture_write(writer, life * 2 + 1, "{}");
            fixture_close(writer);
        }
        struct found found = fixture_read(&fixture);
        cr_assert(eq(int, found.end, TAPE_END));
        cr_assert(eq(sz, found.headers, 3));
        cr_assert(eq(sz, found.turns, 6));
        cr_assert(eq(u64, found.last_number, 6));
        fixture_end(&fixture);
    }
}

Test(tape_key, does_not_depend_on_ids)
{
    char first[17];
    char second[17];
    char third[17];
    tape_key(first,
             bytes_of_text("[{\"jsonrpc\":\"2.0\",\"id\":256,\"method\":\"a\"},{\"id\":257}]"));
    tape_key(second,
             bytes_of_text("[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a\"},{\"id\":99999}]"));
    tape_key(third,
             bytes_of_text("[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"b\"},{\"id\":99999}]"));
    cr_assert(eq(str, first, second));
    cr_assert(ne(str, first, third));
    cr_assert(eq(sz, strlen(first), 16));
}

Test(tape_key, is_the_beginning_of_a_keccak)
{
    char key[17];
    tape_key(key, (struct bytes){0});
    cr_assert(eq(str, key, "c5d2460186f7233c"));
    tape_key(key, bytes_of_text("abc"));
    cr_assert(eq(str, key, "4e03657aea45a94f"));
    tape_key(key, bytes_of_text("\"id\":"));
    cr_assert(eq(sz, strlen(key), 16));
}

/* More lengths than trails are kept of, asked again and again with other ids and other ends. */
Test(tape_key, is_the_same_along_the_questions_before)
{
    struct tape_keys keys = {0};
    TEXT body = {0};
    char plain[17];
    char along[17];
    for (uint64_t i = 0; i < 400; i++) {
        text_clear(&body);
        text_add(&body, "[{\"id\":");
        text_add_u64(&body, i * i * 256);
        for (uint64_t j = 0; j < 40 * (i % (2 * TAPE_KEYS_TRAILS - 3)); j++)
            text_add_u64(&body, j == i % 37 ? i : 7);
        text_add(&body, i % 5 == 0 ? "},{\"id\":}]" : "},{\"id\":12}]");
        tape_key(plain, text_bytes(&body));
        tape_key_along(along, &keys, text_bytes(&body));
        cr_assert(eq(str, plain, along), "question %lu", (unsigned long)i);
    }
    tape_keys_release(&keys);
}
