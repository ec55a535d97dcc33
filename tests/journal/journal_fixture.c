#include "tests/journal/journal_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char journal_folder[64];
char journal_path[96];
char journal_why[256];

void journal_folder_make(void)
{
    strcpy(journal_folder, "/tmp/plimsoll-journal-XXXXXX");
    cr_assert_not_null(mkdtemp(journal_folder));
    snprintf(journal_path, sizeof(journal_path), "%s/j.db", journal_folder);
}

void journal_folder_remove(void)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock"};
    char name[128];
    chmod(journal_folder, 0700);
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        snprintf(name, sizeof(name), "%s%s", journal_path, endings[i]);
        unlink(name);
    }
    rmdir(journal_folder);
}

struct journal *journal_opened(void)
{
    struct journal *journal;
    enum journal_error error = journal_open(&journal, journal_why, journal_path, IDENTITY);
    cr_assert_eq(error, JOURNAL_OK, "%s", journal_why);
    return journal;
}

struct journal *journal_opened_to_read(void)
{
    struct journal *journal;
    enum journal_error error = journal_open_read(&journal, journal_why, journal_path);
    cr_assert_eq(error, JOURNAL_OK, "%s", journal_why);
    return journal;
}

struct journal_entry an_event(const char *line)
{
    return (struct journal_entry){.kind = JOURNAL_EVENT, .value = bytes_of_text(line)};
}

struct journal_entry a_keep(const char *key, const char *value)
{
    return (struct journal_entry){
        .kind = JOURNAL_KEEP, .key = bytes_of_text(key), .value = bytes_of_text(value)};
}

struct journal_entry a_forget(const char *key)
{
    return (struct journal_entry){.kind = JOURNAL_FORGET, .key = bytes_of_text(key)};
}

void journal_committed(struct journal *journal, struct journal_entry entry, int64_t now_ms)
{
    enum journal_error error = journal_commit(journal, journal_why, &entry, 1, now_ms);
    cr_assert_eq(error, JOURNAL_OK, "%s", journal_why);
}

void journal_kept_visit(void *context, struct bytes key, struct bytes value)
{
    struct text *text = context;
    text_add_bytes(text, key);
    text_add_char(text, '=');
    text_add_bytes(text, value);
    text_add_char(text, ';');
}

bool journal_event_visit(void *context, int64_t time_ms, struct bytes line)
{
    struct text *text = context;
    text_add_i64(text, time_ms);
    text_add_char(text, ' ');
    text_add_bytes(text, line);
    text_add_char(text, ';');
    return true;
}

void journal_kept_is(struct journal *journal, const char *wanted)
{
    TEXT text = {0};
    cr_assert_eq(journal_kept(journal, &text, journal_kept_visit), JOURNAL_OK);
    cr_assert_str_eq(text_string(&text), wanted);
}

void journal_events_are(struct journal *journal, int64_t since_ms, const char *wanted)
{
    TEXT text = {0};
    cr_assert_eq(journal_events(journal, since_ms, &text, journal_event_visit), JOURNAL_OK);
    cr_assert_str_eq(text_string(&text), wanted);
}

bool journal_count_visit(void *context, int64_t time_ms, struct bytes line)
{
    struct journal_counter *counter = context;
    cr_assert_eq(time_ms, counter->last + 1);
    cr_assert(gt(sz, line.size, 0));
    counter->last = time_ms;
    counter->count++;
    return counter->count != counter->stop;
}

void journal_many_written(struct journal *journal, int64_t count)
{
    struct journal_entry *entries = calloc((size_t)count, sizeof(*entries));
    for (int64_t i = 0; i < count; i++) {
        entries[0] = an_event("{\"event\":\"head\"}");
        journal_committed(journal, entries[0], i);
    }
    free(entries);
}
