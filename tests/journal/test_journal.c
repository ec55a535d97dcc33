/* What the journal promises: all of a turn, over restarts, and readers at any time. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/journal/journal_fixture.h"

TestSuite(journal, .init = journal_folder_make, .fini = journal_folder_remove);

Test(journal, remembers_over_a_restart)
{
    struct journal *journal = journal_opened();
    const struct journal_entry entries[] = {an_event("{\"a\":1}"), a_keep("flight/2", "two"),
                                            a_keep("flight/1", "one"), an_event("{\"b\":2}")};
    cr_assert_eq(journal_commit(journal, journal_why, entries, 4, 1000), JOURNAL_OK);
    journal_close(journal);
    journal = journal_opened();
    journal_kept_is(journal, "flight/1=one;flight/2=two;");
    journal_events_are(journal, 0, "1000 {\"a\":1};1000 {\"b\":2};");
    journal_close(journal);
}

Test(journal, replaces_what_it_keeps_and_forgets_it)
{
    struct journal *journal = journal_opened();
    const struct journal_entry entries[] = {a_keep("a", "1"),        a_keep("b", "2"),
                                            a_keep("a", "3"),        a_forget("b"),
                                            a_forget("never there"), a_keep("", "")};
    cr_assert_eq(journal_commit(journal, journal_why, entries, ARRAY_LENGTH(entries), 0),
                 JOURNAL_OK);
    journal_kept_is(journal, "=;a=3;");
    journal_close(journal);
}

Test(journal, takes_bytes_of_any_kind)
{
    struct journal *journal = journal_opened();
    struct journal_entry entry = {
        .kind = JOURNAL_KEEP, .key = bytes_of("a\0b", 3), .value = bytes_of("\xff\0\x01", 3)};
    journal_committed(journal, entry, 0);
    TEXT text = {0};
    cr_assert_eq(journal_kept(journal, &text, journal_kept_visit), JOURNAL_OK);
    cr_assert(eq(sz, text_length(&text), 8));
    cr_assert_eq(memcmp(text_string(&text), "a\0b=\xff\0\x01;", 8), 0);
    journal_close(journal);
}

Test(journal, takes_nothing_without_a_word)
{
    struct journal *journal = journal_opened();
    cr_assert_eq(journal_commit(journal, journal_why, NULL, 0, 0), JOURNAL_OK);
    journal_events_are(journal, INT64_MIN, "");
    journal_kept_is(journal, "");
    journal_close(journal);
}

Test(journal, finds_events_by_their_time_in_order_of_writing)
{
    struct journal *journal = journal_opened();
    journal_committed(journal, an_event("one"), 100);
    journal_committed(journal, an_event("two"), 200);
    journal_committed(journal, an_event("set back"), 150);
    journal_committed(journal, an_event("four"), 300);
    journal_events_are(journal, 200, "200 two;300 four;");
    journal_events_are(journal, 150, "200 two;150 set back;300 four;");
    journal_events_are(journal, 301, "");
    journal_events_are(journal, INT64_MIN, "100 one;200 two;150 set back;300 four;");
    journal_close(journal);
}

Test(journal, shows_events_over_many_pages_once_each)
{
    struct journal *journal = journal_opened();
    journal_many_written(journal, 1024);
    struct journal_counter counter = {.last = -1};
    cr_assert_eq(journal_events(journal, 0, &counter, journal_count_visit), JOURNAL_OK);
    cr_assert(eq(sz, counter.count, 1024));
    counter = (struct journal_counter){.last = 699};
    cr_assert_eq(journal_events(journal, 700, &counter, journal_count_visit), JOURNAL_OK);
    cr_assert(eq(sz, counter.count, 324));
    journal_close(journal);
}

Test(journal, stops_where_the_visitor_has_enough)
{
    struct journal *journal = journal_opened();
    journal_many_written(journal, 600);
    struct journal_counter counter = {.last = -1, .stop = 300};
    cr_assert_eq(journal_events(journal, 0, &counter, journal_count_visit), JOURNAL_OK);
    cr_assert(eq(sz, counter.count, 300));
    journal_close(journal);
}

Test(journal, lets_readers_in_while_it_is_written)
{
    struct journal *writer = journal_opened();
    journal_committed(writer, an_event("one"), 1);
    struct journal *reader = journal_opened_to_read();
    journal_events_are(reader, 0, "1 one;");
    journal_committed(writer, an_event("two"), 2);
    journal_committed(writer, a_keep("k", "v"), 2);
    journal_events_are(reader, 0, "1 one;2 two;");
    journal_kept_is(reader, "k=v;");
    journal_close(reader);
    journal_committed(writer, an_event("three"), 3);
    journal_close(writer);
    reader = journal_opened_to_read();
    journal_events_are(reader, 2, "2 two;3 three;");
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
    journal_committed(appender->writer, an_event("more"), 9);
    return true;
}

Test(journal, ends_reading_though_more_is_written_meanwhile)
{
    struct journal *writer = journal_opened();
    journal_many_written(writer, 300);
    struct journal *reader = journal_opened_to_read();
    struct appender appender = {.writer = writer};
    cr_assert_eq(journal_events(reader, 0, &appender, append_visit), JOURNAL_OK);
    cr_assert(eq(sz, appender.count, 300));
    journal_close(reader);
    journal_close(writer);
}

Test(journal, holds_no_transaction_while_lines_are_shown)
{
    struct journal *writer = journal_opened();
    journal_many_written(writer, 300);
    struct journal *reader = journal_opened_to_read();
    struct appender appender = {.writer = writer};
    cr_assert_eq(journal_events(reader, 0, &appender, append_visit), JOURNAL_OK);
    journal_close(reader);
    /* the log can be folded back although the reader was in the midst of it */
    sqlite3 *other;
    int in_log = -1;
    int folded = -1;
    cr_assert_eq(sqlite3_open(journal_path, &other), SQLITE_OK);
    cr_assert_eq(
        sqlite3_wal_checkpoint_v2(other, NULL, SQLITE_CHECKPOINT_TRUNCATE, &in_log, &folded),
        SQLITE_OK);
    cr_assert_eq(in_log, folded);
    sqlite3_close(other);
    journal_close(writer);
}

Test(journal, says_what_each_error_is)
{
    for (int error = JOURNAL_OK; error <= JOURNAL_FAILED; error++)
        cr_assert_str_neq(journal_error_text((enum journal_error)error), "unknown");
}
