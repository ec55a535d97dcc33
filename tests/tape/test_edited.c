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

struct key {
    char text[17];
};

static struct key key_of(uint64_t version, const char *body)
{
    BUFFER plain = {0};
    struct key key;
    tape_key(key.text, &plain, version, bytes_of_text(body));
    cr_assert(eq(sz, strlen(key.text), 16));
    return key;
}

Test(tape_key, does_not_depend_on_ids)
{
    for (uint64_t version = 1; version <= TAPE_VERSION; version++) {
        struct key first =
            key_of(version, "[{\"jsonrpc\":\"2.0\",\"id\":256,\"method\":\"a\"},{\"id\":257}]");
        struct key second =
            key_of(version, "[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a\"},{\"id\":99999}]");
        struct key third =
            key_of(version, "[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"b\"},{\"id\":99999}]");
        cr_assert(eq(str, first.text, second.text));
        cr_assert(ne(str, first.text, third.text));
        (void)key_of(version, "\"id\":");
    }
}

Test(tape_key, of_version_1_is_the_beginning_of_a_keccak)
{
    cr_assert(eq(str, key_of(1, "").text, "c5d2460186f7233c"));
    cr_assert(eq(str, key_of(1, "abc").text, "4e03657aea45a94f"));
}

/* As xxhsum -H3 says it. */
Test(tape_key, of_version_2_is_xxh3)
{
    cr_assert(eq(str, key_of(2, "").text, "2d06800538d394c2"));
    cr_assert(eq(str, key_of(2, "abc").text, "78af5f94892f3950"));
}
