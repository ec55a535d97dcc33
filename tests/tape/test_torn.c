#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tape/fixture.h"

static const char *const NAMES[] = {"tape.ndjson", "tape.ndjson.zst"};
static const char *const BODY = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"price\":\"1985\"}}";

/* Three turns, each flushed. Out: the sizes after each. Gives: buffer_release */
static struct buffer three_turns(const struct fixture *fixture, size_t sizes[4])
{
    struct tape_writer *writer = fixture_writer(fixture);
    struct stat status;
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            fixture_write(writer, (int64_t)i, BODY);
        cr_assert(eq(int, stat(fixture->path, &status), 0));
        sizes[i] = (size_t)status.st_size;
    }
    fixture_close(writer);
    return fixture_bytes(fixture);
}

/* What is whole at this size: turns, and whether anything is left over. */
static size_t whole_turns(const size_t sizes[4], size_t size)
{
    size_t turns = 0;
    for (size_t i = 1; i < 4; i++)
        turns += size >= sizes[i];
    return turns;
}

Test(tape_torn, gives_every_whole_turn_of_a_file_cut_anywhere)
{
    for (size_t n = 0; n < 2; n++) {
        struct fixture fixture = fixture_begin(NAMES[n]);
        size_t sizes[4];
        struct buffer bytes = three_turns(&fixture, sizes);
        for (size_t size = 1; size <= bytes.size; size++) {
            fixture_put(&fixture, bytes_slice(buffer_bytes(&bytes), 0, size));
            struct found found = fixture_read(&fixture);
            size_t turns = whole_turns(sizes, size);
            bool is_whole = size == sizes[0] || (turns > 0 && size == sizes[turns]);
            /* the text of a line may be whole where its newline, or its frame's end, is not */
            cr_assert(found.turns == turns || found.turns == turns + 1, "%zu: %zu", size,
                      found.turns);
            cr_assert(found.end == TAPE_TORN || found.end == TAPE_END, "%zu: %s", size, found.why);
            cr_assert(found.end == TAPE_END || !is_whole, "%zu: %s", size, found.why);
            cr_assert(found.turns == turns || !is_whole);
        }
        buffer_release(&bytes);
        fixture_end(&fixture);
    }
}

Test(tape_torn, goes_on_from_a_file_cut_anywhere)
{
    for (size_t n = 0; n < 2; n++) {
        struct fixture fixture = fixture_begin(NAMES[n]);
        size_t sizes[4];
        struct buffer bytes = three_turns(&fixture, sizes);
        struct tape_header header = a_header();
        for (size_t size = 0; size <= bytes.size; size++) {
            struct tape_writer *writer;
            bool was_torn;
            fixture_put(&fixture, bytes_slice(buffer_bytes(&bytes), 0, size));
            struct found before = fixture_read(&fixture);
            enum tape_error error = tape_writer_open(&writer, &was_torn, fixture.path, &header);
            cr_assert(eq(int, error, TAPE_OK), "%zu: %s", size, tape_error_text(error));
            cr_assert(eq(int, was_torn, before.end == TAPE_TORN), "%zu", size);
            fixture_write(writer, 99, "{\"last\":true}");
            fixture_close(writer);
            struct found after = fixture_read(&fixture);
            cr_assert(eq(int, after.end, TAPE_END), "%zu: %s", size, after.why);
            cr_assert(eq(sz, after.turns, before.turns + 1), "%zu", size);
            cr_assert(eq(sz, after.headers, before.headers + 1), "%zu", size);
            cr_assert(eq(u64, after.last_number, before.last_number + 1));
            cr_assert(eq(str, after.last_body, "{\"last\":true}"));
        }
        buffer_release(&bytes);
        fixture_end(&fixture);
    }
}

/* A frame of many turns, as a killed process leaves it that did not flush: what can be unpacked is
 * kept, also when the recording goes on. */
Test(tape_torn, keeps_the_whole_turns_of_a_torn_frame)
{
    struct fixture fixture = fixture_begin(NAMES[1]);
    struct tape_writer *writer = fixture_writer(&fixture);
    uint64_t state = 1;
    char body[1200];
    for (int t = 1; t <= 2000; t++) {
        size_t size = (size_t)snprintf(body, sizeof body, "{\"n\":%d,\"noise\":\"", t);
        for (int i = 0; i < 1000; i++) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            body[size++] = (char)('A' + (state >> 40) % 26);
        }
        memcpy(body + size, "\"}", 3);
        struct observation answer = an_answer(1, body);
        cr_assert(eq(int, tape_write_turn(writer, t, &answer, NULL, 1), TAPE_OK));
    }
    fixture_close(writer);
    struct buffer bytes = fixture_bytes(&fixture);
    struct tape_header header = a_header();
    for (size_t eighth = 3; eighth < 8; eighth++) {
        bool was_torn;
        fixture_put(&fixture, bytes_slice(buffer_bytes(&bytes), 0, bytes.size * eighth / 8));
        struct found before = fixture_read(&fixture);
        cr_assert(eq(int, before.end, TAPE_TORN));
        cr_assert(gt(sz, before.turns, 100 * eighth));
        cr_assert(eq(int, tape_writer_open(&writer, &was_torn, fixture.path, &header), TAPE_OK));
        cr_assert(was_torn);
        fixture_close(writer);
        struct found after = fixture_read(&fixture);
        cr_assert(eq(int, after.end, TAPE_END));
        cr_assert(eq(sz, after.turns, before.turns));
        cr_assert(eq(str, after.last_body, before.last_body));
        cr_assert(eq(sz, after.headers, 2));
    }
    buffer_release(&bytes);
    fixture_end(&fixture);
}

Test(tape_torn, does_not_give_half_of_a_turn)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    struct tape_writer *writer = fixture_writer(&fixture);
    struct observation two[] = {an_answer(1, BODY), an_answer(2, BODY)};
    fixture_write(writer, 1, BODY);
    cr_assert(eq(int, tape_write_turn(writer, 2, two, NULL, 2), TAPE_OK));
    fixture_close(writer);
    struct buffer bytes = fixture_bytes(&fixture);
    /* without its last line, which is whole */
    size_t size = bytes.size - 1;
    while (bytes.data[size - 1] != '\n')
        size--;
    fixture_put(&fixture, bytes_slice(buffer_bytes(&bytes), 0, size));
    struct found found = fixture_read(&fixture);
    cr_assert(eq(int, found.end, TAPE_TORN));
    cr_assert(eq(sz, found.turns, 1));
    buffer_release(&bytes);
    fixture_end(&fixture);
}

Test(tape_torn, takes_zeros_at_the_end_for_a_torn_tail)
{
    struct fixture fixture = fixture_begin("tape.ndjson");
    size_t sizes[4];
    struct buffer bytes = three_turns(&fixture, sizes);
    buffer_extend(&bytes, 5000);
    fixture_put(&fixture, buffer_bytes(&bytes));
    struct found found = fixture_read(&fixture);
    cr_assert(eq(int, found.end, TAPE_TORN));
    cr_assert(eq(sz, found.turns, 3));
    fixture_close(fixture_writer(&fixture));
    cr_assert(eq(int, fixture_read(&fixture).end, TAPE_END));
    buffer_release(&bytes);
    fixture_end(&fixture);
}

Test(tape_torn, loses_only_what_was_not_flushed_when_it_is_killed)
{
    for (size_t n = 0; n < 2; n++) {
        struct fixture fixture = fixture_begin(NAMES[n]);
        pid_t child = fork();
        if (child == 0) {
            struct tape_writer *writer = fixture_writer(&fixture);
            for (int t = 1; t <= 50; t++)
                fixture_write(writer, t, BODY);
            struct observation answer = an_answer(1, BODY);
            for (int t = 51; t <= 20000; t++)
                (void)!tape_write_turn(writer, t, &answer, NULL, 1);
            kill(getpid(), SIGKILL);
        }
        int status;
        cr_assert(eq(int, waitpid(child, &status, 0), child));
        struct found found = fixture_read(&fixture);
        cr_assert(found.end == TAPE_END || found.end == TAPE_TORN, "%s", found.why);
        cr_assert(ge(sz, found.turns, 50));
        fixture_close(fixture_writer(&fixture));
        cr_assert(eq(int, fixture_read(&fixture).end, TAPE_END));
        fixture_end(&fixture);
    }
}
