/*
 * Before anything leaves this machine, what is about to leave stands on its disk. A turn's records
 * are one transaction: after a crash there is all of a turn, or nothing of it.
 */
#include "journal/store.h"

/* Compiled once for all turns. */
static bool prepared(struct journal *journal, sqlite3_stmt **statement, const char *sql)
{
    if (*statement != NULL)
        return true;
    return sqlite3_prepare_v3(journal->database, sql, -1, SQLITE_PREPARE_PERSISTENT, statement,
                              NULL) == SQLITE_OK;
}

/* Runs it, and makes it ready for the next time. */
static bool stepped(sqlite3_stmt *statement)
{
    bool is_done = sqlite3_step(statement) == SQLITE_DONE;
    int code = sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    return is_done && code == SQLITE_OK;
}

static bool run(struct journal *journal, sqlite3_stmt **statement, const char *sql)
{
    return prepared(journal, statement, sql) && stepped(*statement);
}

/* sqlite takes a NULL pointer for NULL, where an empty value was meant. */
static bool blob_bound(sqlite3_stmt *statement, int index, struct bytes bytes)
{
    const void *data = bytes.size == 0 ? (const void *)"" : bytes.data;
    return sqlite3_bind_blob64(statement, index, data, bytes.size, SQLITE_STATIC) == SQLITE_OK;
}

static bool event_add(struct journal *journal, struct bytes line, int64_t now_ms)
{
    const char *text = line.size == 0 ? "" : (const char *)line.data;
    return prepared(journal, &journal->event, "INSERT INTO event(time_ms, line) VALUES(?, ?)") &&
           sqlite3_bind_int64(journal->event, 1, now_ms) == SQLITE_OK &&
           sqlite3_bind_text64(journal->event, 2, text, line.size, SQLITE_STATIC, SQLITE_UTF8) ==
               SQLITE_OK &&
           stepped(journal->event);
}

static bool entry_add(struct journal *journal, const struct journal_entry *entry, int64_t now_ms)
{
    switch (entry->kind) {
    case JOURNAL_EVENT:
        return event_add(journal, entry->value, now_ms);
    case JOURNAL_KEEP:
        return prepared(journal, &journal->keep, "INSERT OR REPLACE INTO kept VALUES(?, ?)") &&
               blob_bound(journal->keep, 1, entry->key) &&
               blob_bound(journal->keep, 2, entry->value) && stepped(journal->keep);
    case JOURNAL_FORGET:
        return prepared(journal, &journal->forget, "DELETE FROM kept WHERE key = ?") &&
               blob_bound(journal->forget, 1, entry->key) && stepped(journal->forget);
    }
    return false;
}

static bool entries_add(struct journal *journal, const struct journal_entry *entries, size_t count,
                        int64_t now_ms)
{
    for (size_t i = 0; i < count; i++)
        if (!entry_add(journal, &entries[i], now_ms))
            return false;
    return true;
}

/* Without it sqlite hands its log to the system and goes on; with it, it waits for the disk, and so
 * for all that was handed over before. */
static bool laziness_set(struct journal *journal, bool is_lazy)
{
    if (journal->is_lazy == is_lazy)
        return true;
    if (!store_run(journal->database,
                   is_lazy ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL"))
        return false;
    journal->is_lazy = is_lazy;
    return true;
}

/* A page of the log is all that it takes for everything before it to be waited for. */
static const char touched[] = "INSERT OR REPLACE INTO meta VALUES('synced', '')";

static void log_fold(struct journal *journal)
{
    /* a reader may hold it up, or the disk be full: then another time */
    (void)sqlite3_wal_checkpoint_v2(journal->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    journal->log_pages = 0;
}

void journal_tidy(struct journal *journal)
{
    if (journal->log_pages >= JOURNAL_LOG_PAGES)
        log_fold(journal);
}

static enum journal_error entries_put(struct journal *journal, char why[256],
                                      const struct journal_entry *entries, size_t count,
                                      int64_t now_ms)
{
    MUST(journal->lock >= 0); /* a reader has nothing to say */
    if (run(journal, &journal->begin, "BEGIN IMMEDIATE") &&
        entries_add(journal, entries, count, now_ms) && run(journal, &journal->commit, "COMMIT")) {
        if (journal->log_pages >= JOURNAL_LOG_PAGES_MAX)
            log_fold(journal);
        return JOURNAL_OK;
    }
    enum journal_error error = store_error(journal->database, why, "the journal takes no record");
    /* some failures have rolled it back already */
    if (sqlite3_get_autocommit(journal->database) == 0)
        (void)run(journal, &journal->rollback, "ROLLBACK");
    switch (error) {
    case JOURNAL_FULL:
    case JOURNAL_CORRUPT:
        return error;
    case JOURNAL_OK:
    case JOURNAL_CANNOT_OPEN:
    case JOURNAL_LOCKED:
    case JOURNAL_FOREIGN:
    case JOURNAL_NEWER:
    case JOURNAL_FAILED:
        break;
    }
    return JOURNAL_FAILED;
}

enum journal_error journal_commit(struct journal *journal, char why[256],
                                  const struct journal_entry *entries, size_t count, int64_t now_ms)
{
    enum journal_error error;

    if (count == 0 && !journal->has_unsynced)
        return JOURNAL_OK;
    if (!laziness_set(journal, false) || (count == 0 && !store_run(journal->database, touched)))
        return store_error(journal->database, why, "the journal cannot wait for its disk");
    error = count == 0 ? JOURNAL_OK : entries_put(journal, why, entries, count, now_ms);
    if (error == JOURNAL_OK)
        journal->has_unsynced = journal->has_unsynced_values = false;
    return error;
}

bool journal_is_synced(const struct journal *journal)
{
    return !journal->has_unsynced;
}

bool journal_is_kept(const struct journal *journal)
{
    return !journal->has_unsynced_values;
}

enum journal_error journal_write(struct journal *journal, char why[256],
                                 const struct journal_entry *entries, size_t count, int64_t now_ms)
{
    if (count == 0)
        return JOURNAL_OK;
    if (!laziness_set(journal, true))
        return store_error(journal->database, why, "the journal cannot be written");
    journal->has_unsynced = true;
    for (size_t i = 0; i < count; i++)
        journal->has_unsynced_values |= entries[i].kind == JOURNAL_KEEP;
    return entries_put(journal, why, entries, count, now_ms);
}
