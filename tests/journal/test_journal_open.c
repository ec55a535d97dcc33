/* Whose a journal is: one writer, one chain and account, one version, one owner. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/journal/journal_fixture.h"

TestSuite(journal_open, .init = journal_folder_make, .fini = journal_folder_remove);

Test(journal_open, is_readable_by_its_owner_only)
{
    umask(0);
    struct journal *journal = journal_opened();
    static const char *const endings[] = {"", "-wal", ".lock"};
    journal_committed(journal, an_event("one"), 1);
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        char name[128];
        struct stat status;
        snprintf(name, sizeof(name), "%s%s", journal_path, endings[i]);
        cr_assert_eq(stat(name, &status), 0, "%s", name);
        cr_assert_eq(status.st_mode & 0777, 0600, "%s", name);
    }
    journal_close(journal);
}

/* What another process gets; its exit code is the error. */
static int opened_elsewhere(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct journal *journal;
        enum journal_error error = journal_open(&journal, journal_why, journal_path, IDENTITY);
        char wanted[32];
        snprintf(wanted, sizeof(wanted), "process %d writes it", getppid());
        if (error == JOURNAL_LOCKED && strstr(journal_why, wanted) == NULL)
            _exit(99);
        _exit((int)error);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_neq(WIFEXITED(status), 0);
    return WEXITSTATUS(status);
}

Test(journal_open, refuses_a_second_writer_and_names_the_first)
{
    struct journal *journal = journal_opened();
    cr_assert_eq(opened_elsewhere(), JOURNAL_LOCKED);
    journal_committed(journal, an_event("still mine"), 1);
    journal_close(journal);
    cr_assert_eq(opened_elsewhere(), JOURNAL_OK);
}

Test(journal_open, refuses_a_second_writer_that_comes_by_a_link)
{
    char link[128];
    char real[96];
    snprintf(link, sizeof(link), "%s/link.db", journal_folder);
    strcpy(real, journal_path);
    struct journal *journal = journal_opened();
    cr_assert_eq(symlink(journal_path, link), 0);
    snprintf(journal_path, sizeof(journal_path), "%.90s", link);
    cr_assert_eq(opened_elsewhere(), JOURNAL_LOCKED);
    strcpy(journal_path, real);
    unlink(link);
    journal_close(journal);
}

Test(journal_open, is_free_again_when_its_writer_was_killed)
{
    int ready[2];
    cr_assert_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct journal *journal = journal_opened();
        const struct journal_entry entries[] = {an_event("before"), a_keep("k", "v")};
        if (journal_commit(journal, journal_why, entries, 2, 5) != JOURNAL_OK)
            _exit(1);
        (void)!write(ready[1], "x", 1);
        for (;;)
            pause();
    }
    char byte;
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    struct journal *journal = journal_opened();
    journal_events_are(journal, 0, "5 before;");
    journal_kept_is(journal, "k=v;");
    journal_close(journal);
}

Test(journal_open, is_free_though_a_child_of_its_writer_lives)
{
    struct journal *journal = journal_opened();
    int hold[2];
    cr_assert_eq(pipe(hold), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(hold[1]);
        (void)!read(hold[0], &byte, 1);
        _exit(0);
    }
    journal_close(journal);
    cr_assert_eq(opened_elsewhere(), JOURNAL_OK);
    close(hold[1]);
    waitpid(child, NULL, 0);
}

Test(journal_open, refuses_the_journal_of_another_account)
{
    struct journal *journal = journal_opened();
    journal_close(journal);
    cr_assert_eq(journal_open(&journal, journal_why, journal_path, "1 0xother"), JOURNAL_FOREIGN);
    cr_assert_not_null(strstr(journal_why, "it is of \"" IDENTITY "\", not of \"1 0xother\""), "%s",
                       journal_why);
    cr_assert_not_null(strstr(journal_why, journal_path), "%s", journal_why);
}

static void changed(const char *sql)
{
    sqlite3 *database;
    cr_assert_eq(sqlite3_open(journal_path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

Test(journal_open, refuses_what_a_later_version_wrote)
{
    struct journal *journal = journal_opened();
    journal_close(journal);
    changed("PRAGMA user_version = 3");
    cr_assert_eq(journal_open(&journal, journal_why, journal_path, IDENTITY), JOURNAL_NEWER);
    cr_assert_not_null(strstr(journal_why, "format 3, this one knows 2"), "%s", journal_why);
    cr_assert_eq(journal_open_read(&journal, journal_why, journal_path), JOURNAL_NEWER);
}

/* One that says something, as the first format wrote it. */
static void an_older_journal(void)
{
    struct journal *journal = journal_opened();
    journal_committed(journal, an_event("once upon a time"), 1);
    journal_committed(journal, a_keep("flight/7", "aloft"), 2);
    journal_close(journal);
    changed("PRAGMA user_version = 1");
}

static void says_what_it_said(struct journal *journal, int64_t format)
{
    int64_t version;
    journal_kept_is(journal, "flight/7=aloft;");
    journal_events_are(journal, 0, "1 once upon a time;");
    cr_assert(store_number(&version, journal->database, "PRAGMA user_version"));
    cr_assert(eq(i64, version, format));
    journal_close(journal);
}

Test(journal_open, migrates_what_an_older_version_wrote)
{
    an_older_journal();
    says_what_it_said(journal_opened(), JOURNAL_VERSION);
    says_what_it_said(journal_opened(), JOURNAL_VERSION);
}

Test(journal_open, shows_what_an_older_version_wrote_as_it_is)
{
    an_older_journal();
    cr_assert_eq(journal_prove(journal_why, journal_path, IDENTITY), JOURNAL_OK);
    says_what_it_said(journal_opened_to_read(), 1);
}

static ssize_t no_room(int file, const void *data, size_t size, off_t offset)
{
    (void)file, (void)data, (void)size, (void)offset;
    errno = ENOSPC;
    return -1;
}

Test(journal_open, leaves_an_older_one_whole_where_the_disk_takes_no_migration)
{
    struct journal *journal;
    sqlite3_vfs *files = sqlite3_vfs_find(NULL);

    an_older_journal();
    cr_assert_eq(files->xSetSystemCall(files, "pwrite64", (sqlite3_syscall_ptr)no_room), SQLITE_OK);
    cr_assert_neq(journal_open(&journal, journal_why, journal_path, IDENTITY), JOURNAL_OK);
    cr_assert_eq(files->xSetSystemCall(files, "pwrite64", NULL), SQLITE_OK);
    says_what_it_said(journal_opened_to_read(), 1);
}

Test(journal_open, refuses_another_programs_database)
{
    struct journal *journal;
    changed("CREATE TABLE birds(name)");
    cr_assert_eq(journal_open(&journal, journal_why, journal_path, IDENTITY), JOURNAL_FOREIGN);
    cr_assert_eq(journal_open_read(&journal, journal_why, journal_path), JOURNAL_FOREIGN);
    sqlite3 *database;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(journal_path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(database, "PRAGMA journal_mode", -1, &statement, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    cr_assert_str_eq((const char *)sqlite3_column_text(statement, 0), "delete", "it was changed");
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

static void file_is(const char *content, size_t size)
{
    FILE *file = fopen(journal_path, "w");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(content, 1, size, file), size);
    fclose(file);
}

Test(journal_open, refuses_a_file_that_is_no_database)
{
    struct journal *journal;
    char text[4096];
    memset(text, 'x', sizeof(text));
    file_is(text, sizeof(text));
    cr_assert_eq(journal_open(&journal, journal_why, journal_path, IDENTITY), JOURNAL_FOREIGN);
    cr_assert_eq(journal_open_read(&journal, journal_why, journal_path), JOURNAL_FOREIGN);
    struct stat status;
    cr_assert_eq(stat(journal_path, &status), 0);
    cr_assert_eq(status.st_size, 4096);
}

Test(journal_open, begins_in_an_empty_file)
{
    struct journal *journal;
    file_is("", 0);
    cr_assert_eq(journal_open_read(&journal, journal_why, journal_path), JOURNAL_FOREIGN);
    cr_assert_not_null(strstr(journal_why, "no daemon has written it yet"), "%s", journal_why);
    journal = journal_opened();
    journal_close(journal);
}

Test(journal_open, refuses_a_damaged_file)
{
    struct journal *journal = journal_opened();
    char page[4096];
    journal_many_written(journal, 400);
    journal_close(journal);
    memset(page, 0xa5, sizeof(page));
    int file = open(journal_path, O_RDWR);
    for (off_t at = 4096; at < 5 * 4096; at += 4096)
        cr_assert_eq(pwrite(file, page, sizeof(page), at), (ssize_t)sizeof(page));
    close(file);
    cr_assert_eq(journal_open(&journal, journal_why, journal_path, IDENTITY), JOURNAL_CORRUPT, "%s",
                 journal_why);
    cr_assert_eq(journal_open_read(&journal, journal_why, journal_path), JOURNAL_CORRUPT, "%s",
                 journal_why);
}

Test(journal_open, refuses_a_folder_that_is_not_there)
{
    struct journal *journal;
    snprintf(journal_path, sizeof(journal_path), "%s/none/j.db", journal_folder);
    cr_assert_eq(journal_open(&journal, journal_why, journal_path, IDENTITY), JOURNAL_CANNOT_OPEN);
    cr_assert_not_null(strstr(journal_why, "No such file or directory"), "%s", journal_why);
    cr_assert_eq(journal_open_read(&journal, journal_why, journal_path), JOURNAL_CANNOT_OPEN);
    cr_assert_not_null(strstr(journal_why, "No such file or directory"), "%s", journal_why);
}

Test(journal_open, refuses_a_folder_in_its_place)
{
    struct journal *journal;
    snprintf(journal_path, sizeof(journal_path), "%s", journal_folder);
    cr_assert_eq(journal_open(&journal, journal_why, journal_path, IDENTITY), JOURNAL_CANNOT_OPEN);
    cr_assert_eq(journal_open_read(&journal, journal_why, journal_path), JOURNAL_CANNOT_OPEN, "%s",
                 journal_why);
}

/* Root may write everywhere, so that the rest of it runs as nobody. Exit code: 0 as wanted. */
static int as_nobody(int (*act)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && setuid(65534) != 0)
            _exit(98);
        _exit(act());
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
}

static int write_refused(void)
{
    struct journal *journal;
    return journal_open(&journal, journal_why, journal_path, IDENTITY) == JOURNAL_CANNOT_OPEN ? 0
                                                                                              : 1;
}

static int read_works(void)
{
    struct journal *journal;
    struct journal_counter counter = {.last = 6};
    if (journal_open_read(&journal, journal_why, journal_path) != JOURNAL_OK)
        return 1;
    if (journal_events(journal, 0, &counter, journal_count_visit) != JOURNAL_OK ||
        counter.count != 1)
        return 2;
    journal_close(journal);
    return 0;
}

static int read_refused(void)
{
    struct journal *journal;
    return journal_open_read(&journal, journal_why, journal_path) == JOURNAL_CANNOT_OPEN ? 0 : 1;
}

Test(journal_open, can_be_read_where_nothing_may_be_written)
{
    struct journal *journal = journal_opened();
    journal_committed(journal, an_event("seven"), 7);
    journal_close(journal);
    char name[128];
    snprintf(name, sizeof(name), "%s.lock", journal_path);
    unlink(name);
    chmod(journal_path, 0444);
    chmod(journal_folder, 0555);
    cr_assert_eq(as_nobody(write_refused), 0);
    cr_assert_eq(as_nobody(read_works), 0);
    chmod(journal_path, 0400);
    if (getuid() == 0)
        cr_assert_eq(as_nobody(read_refused), 0);
}
