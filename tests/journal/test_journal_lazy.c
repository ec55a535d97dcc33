/* What is not waited for at once: how often the disk is, and that nothing overtakes it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/journal/journal_fixture.h"

TestSuite(journal_lazy, .init = journal_folder_make, .fini = journal_folder_remove);

static unsigned syncs;

/* In place of the C library's, for sqlite too. */
int fdatasync(int fd)
{
    syncs++;
    return (int)syscall(SYS_fdatasync, fd);
}

static void written(struct journal *journal, const char *line)
{
    struct journal_entry entry = an_event(line);

    cr_assert_eq(journal_write(journal, journal_why, &entry, 1, 1), JOURNAL_OK, "%s", journal_why);
}

Test(journal_lazy, writes_wait_for_no_disk_and_are_seen_at_once)
{
    struct journal *journal = journal_opened();
    struct journal *reader;

    journal_committed(journal, an_event("one"), 1);
    syncs = 0;
    written(journal, "two");
    written(journal, "three");
    cr_assert(eq(u32, syncs, 0));
    reader = journal_opened_to_read();
    journal_events_are(reader, 0, "1 one;1 two;1 three;");
    journal_close(reader);
    journal_close(journal);
}

Test(journal_lazy, commits_wait_for_what_was_written_before_them)
{
    struct journal *journal = journal_opened();

    written(journal, "one");
    syncs = 0;
    journal_committed(journal, an_event("two"), 1);
    cr_assert(eq(u32, syncs, 1));
    journal_committed(journal, an_event("three"), 1);
    cr_assert(eq(u32, syncs, 2));
    journal_close(journal);
}

Test(journal_lazy, knows_whether_what_was_kept_is_on_disk)
{
    struct journal *journal = journal_opened();
    struct journal_entry kept = {JOURNAL_KEEP, bytes_of_text("key"), bytes_of_text("value")};

    written(journal, "one");
    cr_assert(not(journal_is_synced(journal)));
    cr_assert(journal_is_kept(journal));
    cr_assert_eq(journal_write(journal, journal_why, &kept, 1, 1), JOURNAL_OK);
    written(journal, "two");
    cr_assert(not(journal_is_kept(journal)));
    cr_assert_eq(journal_commit(journal, journal_why, NULL, 0, 1), JOURNAL_OK);
    cr_assert(journal_is_kept(journal));
    cr_assert(journal_is_synced(journal));
    journal_close(journal);
}

Test(journal_lazy, a_commit_of_nothing_waits_where_something_was_written)
{
    struct journal *journal = journal_opened();

    journal_committed(journal, an_event("one"), 1);
    syncs = 0;
    cr_assert_eq(journal_commit(journal, journal_why, NULL, 0, 1), JOURNAL_OK);
    cr_assert(eq(u32, syncs, 0));
    written(journal, "two");
    cr_assert_eq(journal_commit(journal, journal_why, NULL, 0, 1), JOURNAL_OK);
    cr_assert(eq(u32, syncs, 1));
    cr_assert_eq(journal_commit(journal, journal_why, NULL, 0, 1), JOURNAL_OK);
    cr_assert(eq(u32, syncs, 1));
    journal_events_are(journal, 0, "1 one;1 two;");
    journal_close(journal);
}

Test(journal_lazy, the_log_is_folded_back_in_a_calm_moment_and_at_its_bound)
{
    struct journal *journal = journal_opened();

    journal_committed(journal, an_event("one"), 1);
    syncs = 0;
    journal_tidy(journal);
    cr_assert(eq(u32, syncs, 0), "there is next to nothing in it");
    while (journal->log_pages < JOURNAL_LOG_PAGES)
        written(journal, "more");
    cr_assert(eq(u32, syncs, 0), "in the midst of a transaction");
    journal_tidy(journal);
    cr_assert(gt(u32, syncs, 0));
    cr_assert(eq(int, journal->log_pages, 0));
    journal_close(journal);
}

Test(journal_lazy, the_log_never_grows_past_its_bound)
{
    struct journal *journal = journal_opened();
    int most = 0;

    for (int i = 0; i < JOURNAL_LOG_PAGES_MAX; i++) {
        written(journal, "more");
        most = journal->log_pages > most ? journal->log_pages : most;
    }
    cr_assert(lt(int, most, JOURNAL_LOG_PAGES_MAX));
    journal_close(journal);
}
