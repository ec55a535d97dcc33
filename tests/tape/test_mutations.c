#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/tape/fixture.h"

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return *state >> 33;
}

/* A byte changed, a piece taken out, a piece doubled, the rest cut off. */
static void mutate(struct buffer *bytes, uint64_t *state)
{
    size_t at = next_random(state) % bytes->size;
    size_t size = next_random(state) % 40 + 1;
    if (size > bytes->size - at)
        size = bytes->size - at;
    switch (next_random(state) % 4) {
    case 0:
        bytes->data[at] = (uint8_t)next_random(state);
        return;
    case 1:
        memmove(bytes->data + at, bytes->data + at + size, bytes->size - at - size);
        bytes->size -= size;
        return;
    case 2:
        buffer_extend(bytes, size);
        memmove(bytes->data + at + size, bytes->data + at, bytes->size - at - size);
        return;
    default:
        bytes->size = at;
        return;
    }
}

/* Whatever a disk or a hand does to a recording: it is read as far as it goes, or refused; and
 * where it can be continued, what comes of it is whole. */
Test(tape_mutations, never_end_in_anything_but_an_answer)
{
    static const char *const names[] = {"tape.ndjson", "tape.zst"};
    struct tape_header header = a_header();
    uint64_t state = 2024;
    size_t continued = 0;
    for (int round = 0; round < 400; round++) {
        struct fixture fixture = fixture_begin(names[round % 2]);
        struct tape_writer *writer = fixture_writer(&fixture);
        fixture_write(writer, 1, "{\"result\":[1,2,{\"a\":\"0x00\"}]}\n");
        fixture_write(writer, 2, "<html>\n\xff");
        fixture_write(writer, 3, "no \"JSON\"\n");
        fixture_close(writer);
        struct buffer bytes = fixture_bytes(&fixture);
        for (uint64_t count = next_random(&state) % 3 + 1; count > 0 && bytes.size > 1; count--)
            mutate(&bytes, &state);
        fixture_put(&fixture, buffer_bytes(&bytes));
        struct found before = fixture_read(&fixture);
        cr_assert(ne(int, before.end, TAPE_OK));
        bool was_torn;
        if (tape_writer_open(&writer, &was_torn, fixture.path, &header) == TAPE_OK) {
            fixture_close(writer);
            struct found after = fixture_read(&fixture);
            cr_assert(eq(int, after.end, TAPE_END), "%d: %s", round, after.why);
            cr_assert(eq(sz, after.turns, before.turns));
            continued++;
        }
        buffer_release(&bytes);
        fixture_end(&fixture);
    }
    cr_assert(gt(sz, continued, 40));
}
