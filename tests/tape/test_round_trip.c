#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/tape/fixture.h"

static const char *const NAMES[] = {"tape.ndjson", "tape.ndjson.zst"};

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return *state >> 33;
}

/* Bytes, text with all that must be escaped, JSON, JSON with something behind or around it. */
static size_t random_body(uint8_t *out, uint64_t *state)
{
    static const char *const texts[] = {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}",
                                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}\n",
                                        " {\"leading\":1}",
                                        "{\n  \"pretty\": 1\n}",
                                        "{\"a\" : [ 1.50, 1e400 , \"\\u0000\" ] }\r\n \t",
                                        "<html>\r\n\"quoted\" \\ é 😀 \x01\x7f</html>",
                                        "null",
                                        "\"a plain string\"",
                                        "18446744073709551616",
                                        "{\"cut",
                                        "[[[[[[[[[[]]]]]]]]]]"};
    if (next_random(state) % 3 != 0) {
        const char *text = texts[next_random(state) % ARRAY_LENGTH(texts)];
        memcpy(out, text, strlen(text));
        return strlen(text);
    }
    size_t size = next_random(state) % 200;
    bool is_ascii = next_random(state) % 2 == 0;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(next_random(state) % (is_ascii ? 128 : 256));
    return size;
}

#define TURNS 300
#define PER_TURN_MAX 7

struct written {
    struct observation observations[TURNS][PER_TURN_MAX];
    char keys[TURNS][PER_TURN_MAX][17];
    size_t counts[TURNS];
    uint8_t bodies[TURNS][PER_TURN_MAX][256];
    uint8_t words[TURNS][PER_TURN_MAX][256];
};

static void write_all(struct written *written, struct tape_writer *writer, uint64_t *state)
{
    for (size_t t = 0; t < TURNS; t++) {
        written->counts[t] = next_random(state) % (PER_TURN_MAX + 1);
        for (size_t i = 0; i < written->counts[t]; i++) {
            struct observation *one = &written->observations[t][i];
            one->kind = (enum observation_kind)(next_random(state) % (OBSERVATION_POOL + 1));
            one->status = (enum observation_status)(next_random(state) % (OBSERVED_UNRECORDED + 1));
            one->id = next_random(state) % 3 == 0 ? UINT64_MAX : next_random(state);
            one->endpoint = (uint16_t)next_random(state);
            one->http_status = (uint16_t)(next_random(state) % 600);
            one->body = bytes_of(written->bodies[t][i], random_body(written->bodies[t][i], state));
            one->key = bytes_of(written->words[t][i], random_body(written->words[t][i], state));
            if (next_random(state) % 2 == 0)
                memcpy(written->keys[t][i], "0123456789abcdef", 17);
        }
        cr_assert(eq(int,
                     tape_write_turn(writer, (int64_t)t - 5, written->observations[t],
                                     (const char(*)[17])written->keys[t], written->counts[t]),
                     TAPE_OK));
        if (next_random(state) % 4 == 0)
            cr_assert(eq(int, tape_flush(writer), TAPE_OK));
    }
}

static void compare(const struct observation *read, const struct observation *expected)
{
    cr_assert(eq(int, read->kind, expected->kind));
    cr_assert(eq(int, read->status, expected->status));
    cr_assert(eq(u64, read->id, expected->id));
    cr_assert(eq(u16, read->endpoint, expected->endpoint));
    cr_assert(eq(u16, read->http_status, expected->http_status));
    cr_assert(bytes_equal(read->key, expected->key));
    cr_assert(bytes_equal(read->body, expected->body), "%.*s", (int)expected->body.size,
              (const char *)expected->body.data);
}

static void read_all(const struct written *written, const struct fixture *fixture)
{
    struct tape_reader *reader;
    struct arena arena = {0};
    struct tape_turn turn;
    char why[256];
    cr_assert(eq(int, tape_reader_open(&reader, why, fixture->path), TAPE_OK));
    cr_assert(eq(int, tape_read(&turn, why, reader, &arena), TAPE_OK));
    cr_assert(turn.is_header);
    for (size_t t = 0; t < TURNS; t++) {
        arena_clear(&arena);
        cr_assert(eq(int, tape_read(&turn, why, reader, &arena), TAPE_OK), "%s", why);
        cr_assert(not(turn.is_header));
        cr_assert(eq(u64, turn.number, t + 1));
        cr_assert(eq(i64, turn.now_ms, (int64_t)t - 5));
        cr_assert(eq(sz, turn.count, written->counts[t]));
        for (size_t i = 0; i < turn.count; i++) {
            compare(&turn.observations[i], &written->observations[t][i]);
            cr_assert(eq(str, turn.keys[i], (char *)written->keys[t][i]));
        }
    }
    cr_assert(eq(int, tape_read(&turn, why, reader, &arena), TAPE_END));
    tape_reader_close(reader);
    arena_release(&arena);
}

Test(tape, gives_back_what_was_written_byte_for_byte)
{
    static struct written written[2];
    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture = fixture_begin(NAMES[i]);
        uint64_t state = 42;
        struct tape_writer *writer = fixture_writer(&fixture);
        write_all(&written[i], writer, &state);
        fixture_close(writer);
        read_all(&written[i], &fixture);
        fixture_end(&fixture);
    }
}

Test(tape, keeps_its_header)
{
    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture = fixture_begin(NAMES[i]);
        struct tape_reader *reader;
        struct arena arena = {0};
        struct tape_turn turn;
        char why[256];
        fixture_close(fixture_writer(&fixture));
        cr_assert(eq(int, tape_reader_open(&reader, why, fixture.path), TAPE_OK));
        cr_assert(eq(int, tape_read(&turn, why, reader, &arena), TAPE_OK));
        cr_assert(turn.is_header);
        cr_assert(eq(u64, turn.header.chain_id, 31337));
        cr_assert(eq(i64, turn.header.now_ms, 1700000000000));
        cr_assert(eq(str, (char *)turn.header.program, "plimsoll 1.0"));
        cr_assert(eq(str, (char *)turn.header.config, (char *)a_header().config));
        tape_reader_close(reader);
        arena_release(&arena);
        fixture_end(&fixture);
    }
}

Test(tape, keeps_a_config_that_is_more_than_a_line)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    struct tape_header header = a_header();
    struct tape_writer *writer;
    struct tape_reader *reader;
    struct arena arena = {0};
    struct tape_turn turn;
    bool was_torn;
    char why[256];
    header.config = "chain:\n  id: \"31337\"\n";
    cr_assert(eq(int, tape_writer_open(&writer, &was_torn, fixture.path, &header), TAPE_OK));
    fixture_close(writer);
    cr_assert(eq(int, tape_reader_open(&reader, why, fixture.path), TAPE_OK));
    cr_assert(eq(int, tape_read(&turn, why, reader, &arena), TAPE_OK));
    cr_assert(eq(str, (char *)turn.header.config, (char *)header.config));
    tape_reader_close(reader);
    arena_release(&arena);
    fixture_end(&fixture);
}

/* The format is a promise to whoever reads recordings with other tools. */
Test(tape, is_lines_that_a_person_can_read)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    struct tape_writer *writer = fixture_writer(&fixture);
    struct observation observations[] = {
        an_answer(34, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}\n"),
        {.kind = OBSERVATION_ANSWER, .status = OBSERVED_TIMED_OUT, .id = 35, .endpoint = 2},
        {.kind = OBSERVATION_SIGNED, .id = 36, .body = bytes_of("\x02\xf8", 2)},
        {.kind = OBSERVATION_COMMAND, .key = bytes_of_text("stop")},
        {.kind = OBSERVATION_RESTORED,
         .key = bytes_of("\xff", 1),
         .body = bytes_of_text("two\nlines")}};
    const char keys[5][17] = {"9f00000000000000"};
    cr_assert(eq(int, tape_write_turn(writer, 1700000000123, observations, keys, 5), TAPE_OK));
    fixture_close(writer);
    struct buffer bytes = fixture_bytes(&fixture);
    buffer_add_byte(&bytes, 0);
    cr_assert(
        eq(str, (char *)bytes.data,
           "{\"plimsoll\":2,\"program\":\"plimsoll 1.0\",\"chain\":31337,"
           "\"config\":{\"chain\":{\"id\":31337},\"markets\":[]},\"time\":1700000000000}\n"
           "{\"turn\":1,\"now\":1700000000123,\"count\":5}\n"
           "{\"kind\":\"answer\",\"status\":\"ok\",\"id\":34,\"endpoint\":1,\"http\":200,"
           "\"ask\":\"9f00000000000000\",\"tail\":\"\\n\","
           "\"json\":{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}}\n"
           "{\"kind\":\"answer\",\"status\":\"timed-out\",\"id\":35,\"endpoint\":2,\"http\":0}\n"
           "{\"kind\":\"signed\",\"status\":\"ok\",\"id\":36,\"hex\":\"02f8\"}\n"
           "{\"kind\":\"command\",\"status\":\"ok\",\"id\":0,\"key\":\"stop\"}\n"
           "{\"kind\":\"restored\",\"status\":\"ok\",\"id\":0,\"key_hex\":\"ff\",\"text\":"
           "\"two\\nlines\"}\n"));
    buffer_release(&bytes);
    fixture_end(&fixture);
}

Test(tape, is_readable_by_others_after_each_flush)
{
    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture = fixture_begin(NAMES[i]);
        struct tape_writer *writer = fixture_writer(&fixture);
        cr_assert(eq(int, fixture_read(&fixture).end, TAPE_END));
        for (size_t t = 1; t <= 20; t++) {
            fixture_write(writer, (int64_t)t, "{\"n\":1}");
            struct found found = fixture_read(&fixture);
            cr_assert(eq(int, found.end, TAPE_END));
            cr_assert(eq(sz, found.turns, t));
        }
        fixture_close(writer);
        fixture_end(&fixture);
    }
}

Test(tape, gives_back_answers_of_many_megabytes)
{
    enum { SIZE = 20 << 20 };
    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture = fixture_begin(NAMES[i]);
        struct tape_writer *writer = fixture_writer(&fixture);
        struct buffer body = {0};
        buffer_extend(&body, SIZE);
        for (size_t at = 0; at < SIZE; at++)
            body.data[at] = (uint8_t)("0123456789abcdef"[at * at % 251 % 16]);
        body.data[0] = body.data[SIZE - 1] = '"';
        struct observation answer = an_answer(1, "");
        answer.body = buffer_bytes(&body);
        for (int t = 0; t < 3; t++)
            cr_assert(eq(int, tape_write_turn(writer, t, &answer, NULL, 1), TAPE_OK));
        fixture_close(writer);
        struct tape_reader *reader;
        struct arena arena = {0};
        struct tape_turn turn;
        char why[256];
        cr_assert(eq(int, tape_reader_open(&reader, why, fixture.path), TAPE_OK));
        cr_assert(eq(int, tape_read(&turn, why, reader, &arena), TAPE_OK));
        for (int t = 0; t < 3; t++) {
            arena_clear(&arena);
            cr_assert(eq(int, tape_read(&turn, why, reader, &arena), TAPE_OK));
            cr_assert(bytes_equal(turn.observations[0].body, buffer_bytes(&body)));
        }
        cr_assert(eq(int, tape_read(&turn, why, reader, &arena), TAPE_END));
        tape_reader_close(reader);
        arena_release(&arena);
        buffer_release(&body);
        fixture_end(&fixture);
    }
}
