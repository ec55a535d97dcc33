#include "tests/tape/fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fixture fixture_begin(const char *name)
{
    struct fixture fixture;
    const char *base = getenv("TMPDIR");
    snprintf(fixture.folder, sizeof fixture.folder, "%.40s/tape-XXXXXX",
             base == NULL ? "/tmp" : base);
    cr_assert(mkdtemp(fixture.folder) != NULL);
    snprintf(fixture.path, sizeof fixture.path, "%s/%s", fixture.folder, name);
    return fixture;
}

void fixture_end(struct fixture *fixture)
{
    unlink(fixture->path);
    rmdir(fixture->folder);
}

struct buffer fixture_bytes(const struct fixture *fixture)
{
    struct buffer buffer = {0};
    FILE *file = fopen(fixture->path, "rb");
    cr_assert(file != NULL);
    char chunk[65536];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        buffer_add(&buffer, chunk, got);
    fclose(file);
    return buffer;
}

void fixture_put(const struct fixture *fixture, struct bytes bytes)
{
    FILE *file = fopen(fixture->path, "wb");
    cr_assert(file != NULL);
    cr_assert(bytes.size == 0 || fwrite(bytes.data, bytes.size, 1, file) == 1);
    cr_assert(fclose(file) == 0);
}

void fixture_put_text(const struct fixture *fixture, const char *text)
{
    fixture_put(fixture, bytes_of_text(text));
}

struct tape_header a_header(void)
{
    return (struct tape_header){.chain_id = 31337,
                                .now_ms = 1700000000000,
                                .program = "plimsoll 1.0",
                                .config = "{\"chain\":{\"id\":31337},\"markets\":[]}"};
}

struct observation an_answer(uint64_t id, const char *body)
{
    return (struct observation){.kind = OBSERVATION_ANSWER,
                                .status = OBSERVED_OK,
                                .id = id,
                                .endpoint = 1,
                                .http_status = 200,
                                .body = bytes_of_text(body)};
}

struct tape_writer *fixture_writer(const struct fixture *fixture)
{
    struct tape_header header = a_header();
    struct tape_writer *writer;
    bool was_torn;
    enum tape_error error = tape_writer_open(&writer, &was_torn, fixture->path, &header);
    cr_assert(error == TAPE_OK, "%s", tape_error_text(error));
    return writer;
}

void fixture_write(struct tape_writer *writer, int64_t now_ms, const char *body)
{
    struct observation answer = an_answer((uint64_t)now_ms, body);
    cr_assert(tape_write_turn(writer, now_ms, &answer, NULL, 1) == TAPE_OK);
    cr_assert(tape_flush(writer) == TAPE_OK);
}

void fixture_close(struct tape_writer *writer)
{
    cr_assert(tape_writer_close(writer) == TAPE_OK);
}

struct found fixture_read(const struct fixture *fixture)
{
    struct found found = {0};
    struct tape_reader *reader;
    struct arena arena = {0};
    struct tape_turn turn;
    found.end = tape_reader_open(&reader, found.why, fixture->path);
    if (found.end != TAPE_OK)
        return found;
    while ((found.end = tape_read(&turn, found.why, reader, &arena)) == TAPE_OK) {
        found.headers += turn.is_header;
        found.turns += !turn.is_header;
        found.observations += turn.count;
        if (!turn.is_header) {
            found.last_now_ms = turn.now_ms;
            found.last_number = turn.number;
        }
        if (turn.count > 0) {
            struct bytes body = turn.observations[turn.count - 1].body;
            size_t size =
                body.size < sizeof found.last_body ? body.size : sizeof found.last_body - 1;
            memset(found.last_body, 0, sizeof found.last_body);
            if (size != 0)
                memcpy(found.last_body, body.data, size);
        }
        arena_clear(&arena);
    }
    cr_assert(tape_read(&turn, found.why, reader, &arena) == found.end, "the end stays the end");
    tape_reader_close(reader);
    arena_release(&arena);
    return found;
}
