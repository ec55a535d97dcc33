/* What the journal promises: all of a turn or nothing, one writer, readers at any time. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "journal/store.h"

static char folder[64];
static char path[96];
static char why[256];

static void folder_make(void)
{
    strcpy(folder, "/tmp/plimsoll-journal-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/j.db", folder);
}

static void folder_remove(void)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock"};
    char name[128];
    chmod(folder, 0700);
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        unlink(name);
    }
    rmdir(folder);
}

TestSuite(journal, .init = folder_make, .fini = folder_remove);

#define IDENTITY "31337 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"

static struct journal *opened(void)
{
    struct journal *journal;
    enum journal_error error = journal_open(&journal, why, path, IDENTITY);
    cr_assert_eq(error, JOURNAL_OK, "%s", why);
    return journal;
}

static struct journal *opened_to_read(void)
{
    struct journal *journal;
    enum journal_error error = journal_open_read(&journal, why, path);
    cr_assert_eq(error, JOURNAL_OK, "%s", why);
    return journal;
}

static struct journal_entry event(const char *line)
{
    return (struct journal_entry){.kind = JOURNAL_EVENT, .value = bytes_of_text(line)};
}

static struct journal_entry keep(const char *key, const char *value)
{
    return (struct journal_entry){
        .kind = JOURNAL_KEEP, .key = bytes_of_text(key), .value = bytes_of_text(value)};
}

static struct journal_entry forget(const char *key)
{
    return (struct journal_entry){.kind = JOURNAL_FORGET, .key = bytes_of_text(key)};
}

static void committed(struct journal *journal, struct journal_entry entry, int64_t now_ms)
{
    enum journal_error error = journal_commit(journal, why, &entry, 1, now_ms);
    cr_assert_eq(error, JOURNAL_OK, "%s", why);
}

static void kept_visit(void *context, struct bytes key, struct bytes value)
{
    struct text *text = context;
    text_add_bytes(text, key);
    text_add_char(text, '=');
    text_add_bytes(text, value);
    text_add_char(text, ';');
}

static bool event_visit(void *context, int64_t time_ms, struct bytes line)
{
    struct text *text = context;
    text_add_i64(text, time_ms);
    text_add_char(text, ' ');
    text_add_bytes(text, line);
    text_add_char(text, ';');
    return true;
}

static void kept_is(struct journal *journal, const char *wanted)
{
    TEXT text = {0};
    cr_assert_eq(journal_kept(journal, &text, kept_visit), JOURNAL_OK);
    cr_assert_str_eq(text_string(&text), wanted);
}

static void events_are(struct journal *journal, int64_t since_ms, const char *wanted)
{
    TEXT text = {0};
    cr_assert_eq(journal_events(journal, since_ms, &text, event_visit), JOURNAL_OK);
    cr_assert_str_eq(text_string(&text), wanted);
}

Test(journal, remembers_over_a_restart)
{
    struct journal *journal = opened();
    const struct journal_entry entries[] = {event("{\"a\":1}"), keep("flight/2", "two"),
                                            keep("flight/1", "one"), event("{\"b\":2}")};
    cr_assert_eq(journal_commit(journal, why, entries, 4, 1000), JOURNAL_OK);
    journal_close(journal);
    journal = opened();
    kept_is(journal, "flight/1=one;flight/2=two;");
    events_are(journal, 0, "1000 {\"a\":1};1000 {\"b\":2};");
    journal_close(journal);
}

Test(journal, replaces_what_it_keeps_and_forgets_it)
{
    struct journal *journal = opened();
    const struct journal_entry entries[] = {keep("a", "1"), keep("b", "2"),        keep("a", "3"),
                                            forget("b"),    forget("never there"), keep("", "")};
    cr_assert_eq(journal_commit(journal, why, entries, ARRAY_LENGTH(entries), 0), JOURNAL_OK);
    kept_is(journal, "=;a=3;");
    journal_close(journal);
}

Test(journal, takes_bytes_of_any_kind)
{
    struct journal *journal = opened();
    struct journal_entry entry = {
        .kind = JOURNAL_KEEP, .key = bytes_of("a\0b", 3), .value = bytes_of("\xff\0\x01", 3)};
    committed(journal, entry, 0);
    TEXT text = {0};
    cr_assert_eq(journal_kept(journal, &text, kept_visit), JOURNAL_OK);
    cr_assert(eq(sz, text_length(&text), 8));
    cr_assert_eq(memcmp(text_string(&text), "a\0b=\xff\0\x01;", 8), 0);
    journal_close(journal);
}

Test(journal, takes_nothing_without_a_word)
{
    struct journal *journal = opened();
    cr_assert_eq(journal_commit(journal, why, NULL, 0, 0), JOURNAL_OK);
    events_are(journal, INT64_MIN, "");
    kept_is(journal, "");
    journal_close(journal);
}

Test(journal, finds_events_by_their_time_in_order_of_writing)
{
    struct journal *journal = opened();
    committed(journal, event("one"), 100);
    committed(journal, event("two"), 200);
    committed(journal, event("set back"), 150);
    committed(journal, event("four"), 300);
    events_are(journal, 200, "200 two;300 four;");
    events_are(journal, 150, "200 two;150 set back;300 four;");
    events_are(journal, 301, "");
    events_are(journal, INT64_MIN, "100 one;200 two;150 set back;300 four;");
    journal_close(journal);
}

struct counter {
    int64_t last;
    size_t count;
    size_t stop;
};

static bool count_visit(void *context, int64_t time_ms, struct bytes line)
{
    struct counter *counter = context;
    cr_assert_eq(time_ms, counter->last + 1);
    cr_assert(gt(sz, line.size, 0));
    counter->last = time_ms;
    counter->count++;
    return counter->count != counter->stop;
}

static void many_written(struct journal *journal, int64_t count)
{
    struct journal_entry *entries = calloc((size_t)count, sizeof(*entries));
    for (int64_t i = 0; i < count; i++) {
        entries[0] = event("{\"event\":\"head\"}");
        committed(journal, entries[0], i);
    }
    free(entries);
}

Test(journal, shows_events_over_many_pages_once_each)
{
    struct journal *journal = opened();
    many_written(journal, 1024);
    struct counter counter = {.last = -1};
    cr_assert_eq(journal_events(journal, 0, &counter, count_visit), JOURNAL_OK);
    cr_assert(eq(sz, counter.count, 1024));
    counter = (struct counter){.last = 699};
    cr_assert_eq(journal_events(journal, 700, &counter, count_visit), JOURNAL_OK);
    cr_assert(eq(sz, counter.count, 324));
    journal_close(journal);
}

Test(journal, stops_where_the_visitor_has_enough)
{
    struct journal *journal = opened();
    many_written(journal, 600);
    struct counter counter = {.last = -1, .stop = 300};
    cr_assert_eq(journal_events(journal, 0, &counter, count_visit), JOURNAL_OK);
    cr_assert(eq(sz, counter.count, 300));
    journal_close(journal);
}

Test(journal, lets_readers_in_while_it_is_written)
{
    struct journal *writer = opened();
    committed(writer, event("one"), 1);
    struct journal *reader = opened_to_read();
    events_are(reader, 0, "1 one;");
    committed(writer, event("two"), 2);
    committed(writer, keep("k", "v"), 2);
    events_are(reader, 0, "1 one;2 two;");
    kept_is(reader, "k=v;");
    journal_close(reader);
    committed(writer, event("three"), 3);
    journal_close(writer);
    reader = opened_to_read();
    events_are(reader, 2, "2 two;3 three;");
    journal_close(reader);
}

struct appender {
    struct journal *writer;
    size_t count;
};

static bool append_visit(void *context, int64_t time_ms, struct bytes line)
{
    struct appender *appender = context;
    (void)time_ms;
    (void)line;
    appender->count++;
    committed(appender->writer, event("more"), 9);
    return true;
}

Test(journal, ends_reading_though_more_is_written_meanwhile)
{
    struct journal *writer = opened();
    many_written(writer, 300);
    struct journal *reader = opened_to_read();
    struct appender appender = {.writer = writer};
    cr_assert_eq(journal_events(reader, 0, &appender, append_visit), JOURNAL_OK);
    cr_assert(eq(sz, appender.count, 300));
    journal_close(reader);
    journal_close(writer);
}

Test(journal, holds_no_transaction_while_lines_are_shown)
{
    struct journal *writer = opened();
    many_written(writer, 300);
    struct journal *reader = opened_to_read();
    struct appender appender = {.writer = writer};
    cr_assert_eq(journal_events(reader, 0, &appender, append_visit), JOURNAL_OK);
    journal_close(reader);
    /* the log can be folded back although the reader was in the midst of it */
    sqlite3 *other;
    int in_log = -1;
    int folded = -1;
    cr_assert_eq(sqlite3_open(path, &other), SQLITE_OK);
    cr_assert_eq(
        sqlite3_wal_checkpoint_v2(other, NULL, SQLITE_CHECKPOINT_TRUNCATE, &in_log, &folded),
        SQLITE_OK);
    cr_assert_eq(in_log, folded);
    sqlite3_close(other);
    journal_close(writer);
}

Test(journal, is_readable_by_its_owner_only)
{
    umask(0);
    struct journal *journal = opened();
    static const char *const endings[] = {"", "-wal", ".lock"};
    committed(journal, event("one"), 1);
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        char name[128];
        struct stat status;
        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
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
        enum journal_error error = journal_open(&journal, why, path, IDENTITY);
        char wanted[32];
        snprintf(wanted, sizeof(wanted), "process %d writes it", getppid());
        if (error == JOURNAL_LOCKED && strstr(why, wanted) == NULL)
            _exit(99);
        _exit((int)error);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_neq(WIFEXITED(status), 0);
    return WEXITSTATUS(status);
}

Test(journal, refuses_a_second_writer_and_names_the_first)
{
    struct journal *journal = opened();
    cr_assert_eq(opened_elsewhere(), JOURNAL_LOCKED);
    committed(journal, event("still mine"), 1);
    journal_close(journal);
    cr_assert_eq(opened_elsewhere(), JOURNAL_OK);
}

Test(journal, refuses_a_second_writer_that_comes_by_a_link)
{
    char link[128];
    char real[96];
    snprintf(link, sizeof(link), "%s/link.db", folder);
    strcpy(real, path);
    struct journal *journal = opened();
    cr_assert_eq(symlink(path, link), 0);
    snprintf(path, sizeof(path), "%.90s", link);
    cr_assert_eq(opened_elsewhere(), JOURNAL_LOCKED);
    strcpy(path, real);
    unlink(link);
    journal_close(journal);
}

Test(journal, is_free_again_when_its_writer_was_killed)
{
    int ready[2];
    cr_assert_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct journal *journal = opened();
        const struct journal_entry entries[] = {event("before"), keep("k", "v")};
        if (journal_commit(journal, why, entries, 2, 5) != JOURNAL_OK)
            _exit(1);
        (void)!write(ready[1], "x", 1);
        for (;;)
            pause();
    }
    char byte;
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    struct journal *journal = opened();
    events_are(journal, 0, "5 before;");
    kept_is(journal, "k=v;");
    journal_close(journal);
}

Test(journal, is_free_though_a_child_of_its_writer_lives)
{
    struct journal *journal = opened();
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

Test(journal, refuses_the_journal_of_another_account)
{
    struct journal *journal = opened();
    journal_close(journal);
    cr_assert_eq(journal_open(&journal, why, path, "1 0xother"), JOURNAL_FOREIGN);
    cr_assert_not_null(strstr(why, "it is of \"" IDENTITY "\", not of \"1 0xother\""), "%s", why);
    cr_assert_not_null(strstr(why, path), "%s", why);
}

static void changed(const char *sql)
{
    sqlite3 *database;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

Test(journal, refuses_what_a_later_version_wrote)
{
    struct journal *journal = opened();
    journal_close(journal);
    changed("PRAGMA user_version = 2");
    cr_assert_eq(journal_open(&journal, why, path, IDENTITY), JOURNAL_NEWER);
    cr_assert_not_null(strstr(why, "format 2, this one knows 1"), "%s", why);
    cr_assert_eq(journal_open_read(&journal, why, path), JOURNAL_NEWER);
}

Test(journal, refuses_another_programs_database)
{
    struct journal *journal;
    changed("CREATE TABLE birds(name)");
    cr_assert_eq(journal_open(&journal, why, path, IDENTITY), JOURNAL_FOREIGN);
    cr_assert_eq(journal_open_read(&journal, why, path), JOURNAL_FOREIGN);
    sqlite3 *database;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(database, "PRAGMA journal_mode", -1, &statement, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    cr_assert_str_eq((const char *)sqlite3_column_text(statement, 0), "delete", "it was changed");
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

static void file_is(const char *content, size_t size)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(content, 1, size, file), size);
    fclose(file);
}

Test(journal, refuses_a_file_that_is_no_database)
{
    struct journal *journal;
    char text[4096];
    memset(text, 'x', sizeof(text));
    file_is(text, sizeof(text));
    cr_assert_eq(journal_open(&journal, why, path, IDENTITY), JOURNAL_FOREIGN);
    cr_assert_eq(journal_open_read(&journal, why, path), JOURNAL_FOREIGN);
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_size, 4096);
}

Test(journal, begins_in_an_empty_file)
{
    struct journal *journal;
    file_is("", 0);
    cr_assert_eq(journal_open_read(&journal, why, path), JOURNAL_FOREIGN);
    cr_assert_not_null(strstr(why, "no daemon has written it yet"), "%s", why);
    journal = opened();
    journal_close(journal);
}

Test(journal, refuses_a_damaged_file)
{
    struct journal *journal = opened();
    char page[4096];
    many_written(journal, 400);
    journal_close(journal);
    memset(page, 0xa5, sizeof(page));
    int file = open(path, O_RDWR);
    for (off_t at = 4096; at < 5 * 4096; at += 4096)
        cr_assert_eq(pwrite(file, page, sizeof(page), at), (ssize_t)sizeof(page));
    close(file);
    cr_assert_eq(journal_open(&journal, why, path, IDENTITY), JOURNAL_CORRUPT, "%s", why);
    cr_assert_eq(journal_open_read(&journal, why, path), JOURNAL_CORRUPT, "%s", why);
}

Test(journal, refuses_a_folder_that_is_not_there)
{
    struct journal *journal;
    snprintf(path, sizeof(path), "%s/none/j.db", folder);
    cr_assert_eq(journal_open(&journal, why, path, IDENTITY), JOURNAL_CANNOT_OPEN);
    cr_assert_not_null(strstr(why, "No such file or directory"), "%s", why);
    cr_assert_eq(journal_open_read(&journal, why, path), JOURNAL_CANNOT_OPEN);
    cr_assert_not_null(strstr(why, "No such file or directory"), "%s", why);
}

Test(journal, refuses_a_folder_in_its_place)
{
    struct journal *journal;
    snprintf(path, sizeof(path), "%s", folder);
    cr_assert_eq(journal_open(&journal, why, path, IDENTITY), JOURNAL_CANNOT_OPEN);
    cr_assert_eq(journal_open_read(&journal, why, path), JOURNAL_CANNOT_OPEN, "%s", why);
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
    return journal_open(&journal, why, path, IDENTITY) == JOURNAL_CANNOT_OPEN ? 0 : 1;
}

static int read_works(void)
{
    struct journal *journal;
    struct counter counter = {.last = 6};
    if (journal_open_read(&journal, why, path) != JOURNAL_OK)
        return 1;
    if (journal_events(journal, 0, &counter, count_visit) != JOURNAL_OK || counter.count != 1)
        return 2;
    journal_close(journal);
    return 0;
}

static int read_refused(void)
{
    struct journal *journal;
    return journal_open_read(&journal, why, path) == JOURNAL_CANNOT_OPEN ? 0 : 1;
}

Test(journal, can_be_read_where_nothing_may_be_written)
{
    struct journal *journal = opened();
    committed(journal, event("seven"), 7);
    journal_close(journal);
    char name[128];
    snprintf(name, sizeof(name), "%s.lock", path);
    unlink(name);
    chmod(path, 0444);
    chmod(folder, 0555);
    cr_assert_eq(as_nobody(write_refused), 0);
    cr_assert_eq(as_nobody(read_works), 0);
    chmod(path, 0400);
    if (getuid() == 0)
        cr_assert_eq(as_nobody(read_refused), 0);
}

/* Turns of two events each, until one is refused with `wanted`. Each turn that was refused leaves
 * neither of its events, and the next that fits is taken. */
static void fills_up(struct journal *journal, enum journal_error wanted, void (*more_space)(void *),
                     void *context)
{
    static char big[65536];
    enum journal_error error = JOURNAL_OK;
    struct counter first = {0};
    TEXT all = {0};

    memset(big, 'x', sizeof(big) - 1);
    for (; first.count < 64 && error == JOURNAL_OK; first.count++) {
        char key[32];
        snprintf(key, sizeof(key), "big/%zu", first.count);
        const struct journal_entry entries[] = {event("{\"a\":1}"), keep(key, big),
                                                event("{\"b\":2}")};
        error = journal_commit(journal, why, entries, ARRAY_LENGTH(entries), 2);
    }
    cr_assert_eq(error, wanted, "%d: %s", (int)error, why);
    first.count--;
    more_space(context);
    committed(journal, event("after"), 9);
    journal_close(journal);
    journal = opened();
    cr_assert_eq(journal_events(journal, 2, &all, event_visit), JOURNAL_OK);
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

Test(journal, writes_all_or_nothing_where_it_is_full)
{
    struct journal *journal = opened();
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

Test(journal, writes_all_or_nothing_where_a_write_is_cut_short)
{
    struct journal *journal = opened();
    limit_is(300000);
    fills_up(journal, JOURNAL_FAILED, limit_more, NULL);
}

static void ballast_drop(void *context)
{
    cr_assert_eq(unlink(context), 0);
}

Test(journal, writes_all_or_nothing_where_the_disk_is_full)
{
    char ballast[128];
    char room[262144] = {0};
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("plimsoll", folder, "tmpfs", 0, "size=1m") != 0)
        cr_skip_test("no disk can be made here: not root");
    snprintf(ballast, sizeof(ballast), "%s/ballast", folder);
    FILE *file = fopen(ballast, "w");
    cr_assert_eq(fwrite(room, 1, sizeof(room), file), sizeof(room));
    fclose(file);
    fills_up(opened(), JOURNAL_FULL, ballast_drop, ballast);
    cr_assert_eq(umount2(folder, MNT_DETACH), 0);
}

Test(journal, says_what_each_error_is)
{
    for (int error = JOURNAL_OK; error <= JOURNAL_FAILED; error++)
        cr_assert_str_neq(journal_error_text((enum journal_error)error), "unknown");
}
