#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tape/fixture.h"

static const char *const BODY = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}";
#define HEADER "{\"plimsoll\":1,\"program\":\"p\",\"chain\":31337,\"config\":{},\"time\":1}\n"
#define TURN "{\"turn\":1,\"now\":5,\"count\":1}\n"
#define ANSWER                                                                                     \
    "{\"kind\":\"answer\",\"status\":\"ok\",\"id\":1,\"endpoint\":0,\"http\":200,\"json\":{}}\n"

/* Opening for writing fails so, and the file is as it was. */
static void refuse_writing(const struct fixture *fixture, enum tape_error expected)
{
    struct tape_header header = a_header();
    struct tape_writer *writer;
    bool was_torn;
    struct buffer before = fixture_bytes(fixture);
    cr_assert(eq(int, tape_writer_open(&writer, &was_torn, fixture->path, &header), expected));
    struct buffer after = fixture_bytes(fixture);
    cr_assert(bytes_equal(buffer_bytes(&before), buffer_bytes(&after)));
    buffer_release(&before);
    buffer_release(&after);
}

static void refuse(const char *name, struct bytes content, enum tape_error expected)
{
    struct fixture fixture = fixture_begin(name);
    fixture_put(&fixture, content);
    struct found found = fixture_read(&fixture);
    cr_assert(eq(int, found.end, expected), "%.60s: %s", (const char *)content.data, found.why);
    cr_assert(gt(sz, strlen(found.why), 0));
    refuse_writing(&fixture, expected);
    fixture_end(&fixture);
}

Test(tape_refusals, leaves_a_foreign_file_alone)
{
    static const char *const texts[] = {"hello",
                                        "hello\n",
                                        "{}\n",
                                        "{\"plimsoll\":0}\n",
                                        "{\"plimsoll\":\"1\"}\n",
                                        "{\"plimsol",
                                        "[1]\n",
                                        "\n\n\n",
                                        ("{\"event\":\"decision\"}\n" HEADER),
                                        "(\xb5/\xfdnot really a frame, is it\n",
                                        "{\"plimsoll\":1,\"chain\":1}\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (strcmp(texts[i], "{\"plimsol") != 0)
            refuse("a.ndjson", bytes_of_text(texts[i]), TAPE_FOREIGN);
    }
    static uint8_t zeros[10 << 20];
    refuse("a.ndjson", bytes_of(zeros, sizeof zeros), TAPE_FOREIGN);
}

Test(tape_refusals, leaves_another_chain_s_recording_alone)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    struct tape_header header = a_header();
    struct tape_writer *writer;
    bool was_torn;
    header.chain_id = 1;
    cr_assert(eq(int, tape_writer_open(&writer, &was_torn, fixture.path, &header), TAPE_OK));
    fixture_write(writer, 1, BODY);
    fixture_close(writer);
    refuse_writing(&fixture, TAPE_WRONG_CHAIN);
    fixture_end(&fixture);
}

Test(tape_refusals, leaves_another_chain_s_torn_recording_alone)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    fixture_put_text(
        &fixture, "{\"plimsoll\":1,\"program\":\"p\",\"chain\":7,\"config\":{},\"time\":1}\n{\"tu");
    cr_assert(eq(int, fixture_read(&fixture).end, TAPE_TORN));
    refuse_writing(&fixture, TAPE_WRONG_CHAIN);
    fixture_end(&fixture);
}

Test(tape_refusals, says_that_a_recording_is_newer)
{
    refuse("a.ndjson", bytes_of_text("{\"plimsoll\":3,\"anything\":[]}\n"), TAPE_NEWER);
    refuse("a.ndjson", bytes_of_text(HEADER TURN ANSWER "{\"plimsoll\":18446744073709551615}\n"),
           TAPE_NEWER);
}

Test(tape_refusals, does_not_mix_plain_and_packed)
{
    struct fixture fixture = fixture_begin("tape.zst");
    struct tape_writer *writer = fixture_writer(&fixture);
    fixture_write(writer, 1, BODY);
    fixture_close(writer);
    struct buffer packed = fixture_bytes(&fixture);
    fixture_put_text(&fixture, HEADER TURN ANSWER);
    cr_assert(eq(int, fixture_read(&fixture).end, TAPE_END), "its bytes say what it is");
    refuse_writing(&fixture, TAPE_FOREIGN);
    fixture_end(&fixture);
    fixture = fixture_begin("tape.ndjson");
    fixture_put(&fixture, buffer_bytes(&packed));
    cr_assert(eq(int, fixture_read(&fixture).end, TAPE_END));
    refuse_writing(&fixture, TAPE_FOREIGN);
    buffer_release(&packed);
    fixture_end(&fixture);
}

Test(tape_refusals, tells_damage_in_the_middle_from_a_torn_tail)
{
    static const char *const texts[] = {
        HEADER "what is this\n" TURN ANSWER,
        HEADER "{\"turn\":1,\"now\":5}\n",
        HEADER "{\"turn\":-1,\"now\":5,\"count\":0}\n",
        HEADER "{\"turn\":1,\"now\":5,\"count\":1048577}\n",
        HEADER ANSWER,
        HEADER TURN TURN ANSWER,
        HEADER TURN HEADER,
        HEADER TURN "{\"kind\":\"answer\",\"status\":\"fine\",\"id\":1}\n",
        HEADER TURN "{\"kind\":\"question\",\"status\":\"ok\",\"id\":1}\n",
        HEADER TURN "{\"kind\":\"answer\",\"status\":\"ok\"}\n",
        HEADER TURN "{\"kind\":\"answer\",\"status\":\"ok\",\"id\":1,\"endpoint\":65536}\n",
        HEADER TURN "{\"kind\":\"answer\",\"status\":\"ok\",\"id\":1,\"hex\":\"0\"}\n",
        HEADER TURN "{\"kind\":\"answer\",\"status\":\"ok\",\"id\":1,\"hex\":\"0g\"}\n",
        HEADER TURN "{\"kind\":\"answer\",\"status\":\"ok\",\"id\":1,\"text\":5}\n",
        HEADER TURN
        "{\"kind\":\"answer\",\"status\":\"ok\",\"id\":1,\"ask\":\"0123456789abcdef0\"}\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        refuse("a.ndjson", bytes_of_text(texts[i]), TAPE_CORRUPT);
    refuse(
        "a.ndjson",
        bytes_of_text(HEADER TURN ANSWER
                      "{\"plimsoll\":1,\"program\":\"p\",\"chain\":1,\"config\":{},\"time\":1}\n"),
        TAPE_WRONG_CHAIN);
}

Test(tape_refusals, names_the_line)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    fixture_put_text(&fixture, HEADER TURN ANSWER "nonsense\n" TURN ANSWER);
    struct found found = fixture_read(&fixture);
    cr_assert(eq(int, found.end, TAPE_CORRUPT));
    cr_assert(eq(sz, found.turns, 1));
    cr_assert(strstr(found.why, "line 4") != NULL, "%s", found.why);
    fixture_end(&fixture);
}

Test(tape_refusals, notices_a_frame_that_was_changed)
{
    struct fixture fixture = fixture_begin("tape.zst");
    struct tape_writer *writer = fixture_writer(&fixture);
    for (int t = 1; t <= 3; t++)
        fixture_write(writer, t, BODY);
    fixture_close(writer);
    struct buffer bytes = fixture_bytes(&fixture);
    for (size_t at = bytes.size / 2; at < bytes.size; at++) {
        bytes.data[at] ^= 0x10;
        fixture_put(&fixture, buffer_bytes(&bytes));
        struct found found = fixture_read(&fixture);
        /* one bit of a frame's head means nothing */
        bool is_same = found.turns == 3 && strcmp(found.last_body, BODY) == 0;
        cr_assert(found.end == TAPE_CORRUPT || found.end == TAPE_TORN || is_same, "%zu", at);
        bytes.data[at] ^= 0x10;
    }
    buffer_release(&bytes);
    fixture_end(&fixture);
}

Test(tape_refusals, lets_one_write_at_a_time)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    struct tape_writer *writer = fixture_writer(&fixture);
    refuse_writing(&fixture, TAPE_CANNOT_OPEN);
    fixture_write(writer, 1, BODY);
    fixture_close(writer);
    cr_assert(eq(int, fixture_read(&fixture).end, TAPE_END));
    fixture_close(fixture_writer(&fixture));
    fixture_end(&fixture);
}

Test(tape_refusals, says_what_cannot_be_opened)
{
    struct tape_header header = a_header();
    struct tape_writer *writer;
    struct tape_reader *reader;
    bool was_torn;
    char why[256];
    cr_assert(eq(int, tape_writer_open(&writer, &was_torn, "/nowhere/at/all", &header),
                 TAPE_CANNOT_OPEN));
    cr_assert(eq(int, tape_writer_open(&writer, &was_torn, "/", &header), TAPE_CANNOT_OPEN));
    cr_assert(eq(int, tape_reader_open(&reader, why, "/nowhere/at/all"), TAPE_CANNOT_OPEN));
    cr_assert(eq(str, why, "No such file or directory"));
    cr_assert(eq(int, tape_reader_open(&reader, why, "/"), TAPE_CANNOT_OPEN));
}

Test(tape_refusals, says_that_the_disk_is_full)
{
    struct tape_header header = a_header();
    struct tape_writer *writer;
    bool was_torn;
    cr_assert(eq(int, tape_writer_open(&writer, &was_torn, "/dev/full", &header), TAPE_FULL));
}

Test(tape_refusals, ends_with_a_whole_turn_when_the_disk_fills_up)
{
    static const char *const names[] = {"tape.ndjson", "tape.zst"};
    for (size_t n = 0; n < 2; n++) {
        struct fixture fixture = fixture_begin(names[n]);
        struct tape_writer *writer = fixture_writer(&fixture);
        fixture_write(writer, 1, BODY);
        fixture_write(writer, 2, BODY);
        struct stat status;
        cr_assert(eq(int, stat(fixture.path, &status), 0));
        /* a limit on the file's size stands for a disk of that size */
        struct rlimit limit = {(rlim_t)status.st_size + 20, RLIM_INFINITY};
        signal(SIGXFSZ, SIG_IGN);
        cr_assert(eq(int, setrlimit(RLIMIT_FSIZE, &limit), 0));
        struct observation answer = an_answer(3, BODY);
        cr_assert(eq(int, tape_write_turn(writer, 3, &answer, NULL, 1), TAPE_OK));
        cr_assert(eq(int, tape_flush(writer), TAPE_FULL));
        cr_assert(eq(int, tape_write_turn(writer, 4, &answer, NULL, 1), TAPE_FULL));
        cr_assert(eq(int, tape_writer_close(writer), TAPE_FULL));
        limit.rlim_cur = RLIM_INFINITY;
        cr_assert(eq(int, setrlimit(RLIMIT_FSIZE, &limit), 0));
        struct found found = fixture_read(&fixture);
        cr_assert(eq(int, found.end, TAPE_END));
        cr_assert(eq(sz, found.turns, 2));
        fixture_end(&fixture);
    }
}

Test(tape_refusals, makes_a_file_that_others_do_not_read)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    struct stat status;
    umask(0);
    fixture_close(fixture_writer(&fixture));
    cr_assert(eq(int, stat(fixture.path, &status), 0));
    cr_assert(eq(int, status.st_mode & 0777, 0600));
    fixture_end(&fixture);
}
