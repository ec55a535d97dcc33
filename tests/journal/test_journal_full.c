/* A disk that takes no more. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/journal/journal_fixture.h"

TestSuite(journal_full, .init = journal_folder_make, .fini = journal_folder_remove);

/* Turns of two events each, until one is refused with `wanted`. Each turn that was refused leaves
 * neither of its events, and the next that fits is taken. */
static void fills_up(struct journal *journal, enum journal_error wanted, void (*more_space)(void *),
                     void *context)
{
    static char big[65536];
    enum journal_error error = JOURNAL_OK;
    struct journal_counter first = {0};
    TEXT all = {0};

    memset(big, 'x', sizeof(big) - 1);
    for (; first.count < 64 && error == JOURNAL_OK; first.count++) {
        char key[32];
        snprintf(key, sizeof(key), "big/%zu", first.count);
        const struct journal_entry entries[] = {an_event("{\"a\":1}"), a_keep(key, big),
                                                an_event("{\"b\":2}")};
        error = journal_commit(journal, journal_why, entries, ARRAY_LENGTH(entries), 2);
    }
    cr_assert_eq(error, wanted, "%d: %s", (int)error, journal_why);
    first.count--;
    more_space(context);
    journal_committed(journal, an_event("after"), 9);
    journal_close(journal);
    journal = journal_opened();
    cr_assert_eq(journal_events(journal, 2, &all, journal_event_visit), JOURNAL_OK);
    journal_close(journal);
    size_t a = 0;
    size_t b = 0;
    for (const char *c = text_string(&all); *c != '\0'; c++) {
        a += strncmp(c, "{\"a\":1}", 7) == 0;
        b += strncmp(c, "{\"b\":2}", 7) == 0;
    }
    cr_assert(eq(sz, a, first.count));
    cr_assert(eq(sz, b, first.count));
    cr_assert_not_null(strstr(text_string(&all), "9 after;"));
}

static void pages_more(void *context)
{
    cr_assert_eq(sqlite3_exec(context, "PRAGMA max_page_count = 100000", NULL, NULL, NULL), 0);
}

Test(journal_full, writes_all_or_nothing_where_it_is_full)
{
    struct journal *journal = journal_opened();
    cr_assert_eq(sqlite3_exec(journal->database, "PRAGMA max_page_count = 60", NULL, NULL, NULL),
                 0);
    fills_up(journal, JOURNAL_FULL, pages_more, journal->database);
}

static void limit_is(rlim_t bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void limit_more(void *context)
{
    (void)context;
    limit_is(RLIM_INFINITY);
}

Test(journal_full, writes_all_or_nothing_where_a_write_is_cut_short)
{
    struct journal *journal = journal_opened();
    limit_is(300000);
    fills_up(journal, JOURNAL_FAILED, limit_more, NULL);
}

static void ballast_drop(void *context)
{
    cr_assert_eq(unlink(context), 0);
}

Test(journal_full, writes_all_or_nothing_where_the_disk_is_full)
{
    char ballast[128];
    char room[262144] = {0};
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("plimsoll", journal_folder, "tmpfs", 0, "size=1m") != 0)
        cr_skip_test("no disk can be made here: not root");
    snprintf(ballast, sizeof(ballast), "%s/ballast", journal_folder);
    FILE *file = fopen(ballast, "w");
    cr_assert_eq(fwrite(room, 1, sizeof(room), file), sizeof(room));
    fclose(file);
    fills_up(journal_opened(), JOURNAL_FULL, ballast_drop, ballast);
    cr_assert_eq(umount2(journal_folder, MNT_DETACH), 0);
}
