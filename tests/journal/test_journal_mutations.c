/* Whatever a disk or a hand does to a journal: it is refused with a word why, or read as far as it
 * can be, and reading ends. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/base/random.h"
#include "tests/journal/journal_fixture.h"

#define EVENTS 700u /* over two pages of the reader's */
#define ROUNDS 120
#define SHOWN_MAX (4 * EVENTS)

TestSuite(journal_mutations, .init = journal_folder_make, .fini = journal_folder_remove,
          .timeout = 120);

static void whole_written(struct buffer *out)
{
    struct journal *journal = journal_opened();
    struct journal_entry entries[EVENTS];
    struct stat status;

    for (size_t i = 0; i < EVENTS; i++)
        entries[i] = an_event("{\"event\":\"head\",\"number\":12345}");
    for (int64_t at = 0; at < 3; at++)
        cr_assert_eq(journal_commit(journal, journal_why, entries, EVENTS / 3, at), JOURNAL_OK);
    for (char key[] = "flight/a"; key[7] <= 'p'; key[7]++)
        journal_committed(journal, a_keep(key, "{\"nonce\":5,\"state\":\"sent\"}"), 4);
    journal_close(journal);
    int file = open(journal_path, O_RDONLY);
    cr_assert_eq(fstat(file, &status), 0);
    uint8_t *data = buffer_extend(out, (size_t)status.st_size);
    cr_assert_eq(read(file, data, out->size), (ssize_t)out->size);
    close(file);
}

static void damaged_written(struct bytes whole, uint64_t *state)
{
    int file = open(journal_path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

    cr_assert_eq(write(file, whole.data, whole.size), (ssize_t)whole.size);
    for (uint64_t left = 1 + random_below(state, 6); left > 0; left--) {
        uint8_t piece[64];
        size_t size = random_below(state, 4) == 0 ? 1 + random_below(state, sizeof(piece)) : 1;
        /* headers and cell pointers of pages are where it hurts */
        size_t at = random_below(state, 2) == 0
                        ? random_below(state, whole.size / 4096) * 4096 + random_below(state, 200)
                        : random_below(state, whole.size);
        random_fill(state, piece, sizeof(piece));
        if (at + size <= whole.size)
            cr_assert_eq(pwrite(file, piece, size, (off_t)at), (ssize_t)size);
    }
    if (random_below(state, 10) == 0)
        cr_assert_eq(ftruncate(file, (off_t)random_below(state, whole.size)), 0);
    close(file);
}

static void kept_visit(void *context, struct bytes key, struct bytes value)
{
    size_t *count = context;

    (void)key;
    (void)value;
    (*count)++;
}

static bool event_visit(void *context, int64_t time_ms, struct bytes line)
{
    size_t *count = context;

    (void)time_ms;
    (void)line;
    return ++*count < SHOWN_MAX;
}

/* Everything is asked of it; what it says is not believed, but must come to an end. */
static void journal_read(struct journal *journal)
{
    for (int64_t since_ms = 0; since_ms < 4; since_ms++) {
        size_t shown = 0;
        enum journal_error error = journal_events(journal, since_ms, &shown, event_visit);

        cr_assert(error == JOURNAL_OK || error == JOURNAL_CORRUPT || error == JOURNAL_FAILED);
        cr_assert(lt(sz, shown, SHOWN_MAX), "it never ends");
    }
    size_t kept = 0;
    (void)!journal_kept(journal, &kept, kept_visit);
    cr_assert(lt(sz, kept, SHOWN_MAX));
}

static void leftovers_remove(void)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal"};

    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        TEXT name = {0};

        text_add(&name, journal_path);
        text_add(&name, endings[i]);
        (void)unlink(text_string(&name));
    }
}

Test(journal_mutations, never_end_in_anything_but_an_answer)
{
    BUFFER whole = {0};
    uint64_t state = 77;
    uint32_t refused = 0;
    uint32_t read = 0;

    whole_written(&whole);
    for (int i = 0; i < ROUNDS; i++) {
        struct journal *journal;

        damaged_written(buffer_bytes(&whole), &state);
        journal_why[0] = '\0';
        if (journal_open_read(&journal, journal_why, journal_path) == JOURNAL_OK) {
            journal_read(journal);
            journal_close(journal);
        } else {
            cr_assert(ne(chr, journal_why[0], '\0'), "refused without a word");
        }
        journal_why[0] = '\0';
        if (journal_open(&journal, journal_why, journal_path, IDENTITY) == JOURNAL_OK) {
            struct journal_entry entry = a_keep("flight/z", "{}");

            journal_read(journal);
            (void)!journal_commit(journal, journal_why, &entry, 1, 9);
            journal_close(journal);
            read++;
        } else {
            cr_assert(ne(chr, journal_why[0], '\0'), "refused without a word");
            refused++;
        }
        leftovers_remove();
    }
    cr_assert(gt(u32, refused, ROUNDS / 10), "hardly any was refused: %u", refused);
    cr_assert(gt(u32, read, ROUNDS / 10), "hardly any was read: %u", read);
}
