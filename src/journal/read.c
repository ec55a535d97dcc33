/*
 * Whoever pages through a year of events must not keep the writer's log from being folded back into
 * the file: a reader's transaction holds it all. So events are taken a page at a time, each in a
 * transaction that is over before the first of its lines is shown.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal/store.h"

/** Events in one transaction. */
#define PAGE_EVENTS 256

/* Where a page's events lie in its bytes. */
struct page {
    struct buffer lines;
    size_t count;
    int64_t last_id;
    struct {
        int64_t time_ms;
        size_t offset;
        size_t size;
    } event[PAGE_EVENTS];
};

static struct bytes column_bytes(sqlite3_stmt *statement, int column)
{
    const void *data = sqlite3_column_blob(statement, column);
    return bytes_of(data, data == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, column));
}

static enum journal_error failure(struct journal *journal)
{
    char why[JOURNAL_WHY_SIZE];
    enum journal_error error = store_error(journal->database, why, "");
    return error == JOURNAL_CORRUPT ? JOURNAL_CORRUPT : JOURNAL_FAILED;
}

enum journal_error journal_kept(struct journal *journal, void *context,
                                void (*visit)(void *context, struct bytes key, struct bytes value))
{
    sqlite3_stmt *statement;
    int code;

    if (sqlite3_prepare_v2(journal->database, "SELECT key, value FROM kept ORDER BY key", -1,
                           &statement, NULL) != SQLITE_OK)
        return failure(journal);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        visit(context, column_bytes(statement, 0), column_bytes(statement, 1));
    enum journal_error error = code == SQLITE_DONE ? JOURNAL_OK : failure(journal);
    (void)sqlite3_finalize(statement);
    return error;
}

static bool page_fill(struct page *page, sqlite3_stmt *statement)
{
    int code = SQLITE_DONE;

    page->count = 0;
    buffer_clear(&page->lines);
    while (page->count < PAGE_EVENTS && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct bytes line = column_bytes(statement, 2);
        page->last_id = sqlite3_column_int64(statement, 0);
        page->event[page->count].time_ms = sqlite3_column_int64(statement, 1);
        page->event[page->count].offset = page->lines.size;
        page->event[page->count].size = line.size;
        buffer_add_bytes(&page->lines, line);
        page->count++;
    }
    return sqlite3_reset(statement) == SQLITE_OK && (code == SQLITE_DONE || code == SQLITE_ROW);
}

static bool page_show(const struct page *page, void *context,
                      bool (*visit)(void *context, int64_t time_ms, struct bytes line))
{
    for (size_t i = 0; i < page->count; i++) {
        struct bytes line =
            bytes_slice(buffer_bytes(&page->lines), page->event[i].offset, page->event[i].size);
        if (!visit(context, page->event[i].time_ms, line))
            return false;
    }
    return true;
}

/* From the first event that is late enough; those behind it are asked for their time one by one,
 * because a clock may have been set back in between. */
static enum journal_error
pages_show(struct journal *journal, sqlite3_stmt *statement, int64_t after_id, void *context,
           bool (*visit)(void *context, int64_t time_ms, struct bytes line))
{
    struct page *page = must_alloc(1, sizeof(*page));
    enum journal_error error = JOURNAL_OK;
    bool goes_on = true;

    page->last_id = after_id;
    while (goes_on) {
        if (sqlite3_bind_int64(statement, 2, page->last_id) != SQLITE_OK ||
            !page_fill(page, statement)) {
            error = failure(journal);
            break;
        }
        goes_on = page_show(page, context, visit) && page->count == PAGE_EVENTS;
    }
    buffer_release(&page->lines);
    free(page);
    return error;
}

enum journal_error journal_events(struct journal *journal, int64_t since_ms, void *context,
                                  bool (*visit)(void *context, int64_t time_ms, struct bytes line))
{
    static const char sql[] =
        "SELECT id, time_ms, line FROM event WHERE time_ms >= ?1 AND id > ?2 AND id <= ?3 "
        "ORDER BY id LIMIT 256";
    sqlite3_stmt *statement;
    char first[128];
    int64_t first_id;
    int64_t last_id;

    (void)snprintf(first, sizeof(first),
                   "SELECT coalesce(min(id), 0) FROM event WHERE time_ms >= %" PRId64, since_ms);
    /* what is written while it is read is not for this reader: else it might never end */
    if (!store_number(&first_id, journal->database, first) ||
        !store_number(&last_id, journal->database, "SELECT coalesce(max(id), 0) FROM event"))
        return failure(journal);
    if (sqlite3_prepare_v2(journal->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return failure(journal);
    bool is_bound = sqlite3_bind_int64(statement, 1, since_ms) == SQLITE_OK &&
                    sqlite3_bind_int64(statement, 3, last_id) == SQLITE_OK;
    enum journal_error error =
        is_bound ? pages_show(journal, statement, first_id - 1, context, visit) : failure(journal);
    (void)sqlite3_finalize(statement);
    return error;
}

const char *journal_error_text(enum journal_error error)
{
    switch (error) {
    case JOURNAL_OK:
        return "ok";
    case JOURNAL_CANNOT_OPEN:
        return "cannot be opened";
    case JOURNAL_LOCKED:
        return "another process writes it";
    case JOURNAL_FOREIGN:
        return "no journal, or of another chain or account";
    case JOURNAL_NEWER:
        return "written by a later version";
    case JOURNAL_CORRUPT:
        return "damaged";
    case JOURNAL_FULL:
        return "the disk is full";
    case JOURNAL_FAILED:
        return "the disk fails";
    }
    return "unknown";
}
