/*
 * A journal of another chain, or one that a later version wrote, looks like any other file until
 * its flights are taken for ours. It is proved before anything is read from it or written to it.
 */
#include "journal/store.h"

#include <stdio.h>
#include <string.h>

/** A whole check reads the whole file: up to here it costs a fraction of a second. */
#define QUICK_CHECK_PAGES_MAX 16384

enum journal_error store_error(sqlite3 *database, char why[JOURNAL_WHY_SIZE], const char *doing)
{
    int code = sqlite3_errcode(database) & 0xff;

    (void)snprintf(why, JOURNAL_WHY_SIZE, "%s: %s", doing, sqlite3_errmsg(database));
    switch (code) {
    case SQLITE_FULL:
        return JOURNAL_FULL;
    case SQLITE_CORRUPT:
        return JOURNAL_CORRUPT;
    case SQLITE_NOTADB:
        return JOURNAL_FOREIGN;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return JOURNAL_CANNOT_OPEN;
    case SQLITE_BUSY:
        return JOURNAL_LOCKED;
    }
    return JOURNAL_FAILED;
}

bool store_run(sqlite3 *database, const char *sql)
{
    return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

bool store_number(int64_t *out, sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        return false;
    bool is_there = sqlite3_step(statement) == SQLITE_ROW;
    if (is_there)
        *out = sqlite3_column_int64(statement, 0);
    return sqlite3_finalize(statement) == SQLITE_OK && is_there;
}

bool store_text(char *out, size_t size, sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        return false;
    bool is_there = sqlite3_step(statement) == SQLITE_ROW;
    const unsigned char *text = is_there ? sqlite3_column_text(statement, 0) : NULL;
    (void)snprintf(out, size, "%s", text == NULL ? "" : (const char *)text);
    return sqlite3_finalize(statement) == SQLITE_OK && is_there;
}

static enum journal_error prove_whole(char why[JOURNAL_WHY_SIZE], sqlite3 *database)
{
    char answer[160];
    int64_t pages;

    if (!store_number(&pages, database, "PRAGMA page_count"))
        return store_error(database, why, "cannot be read");
    if (pages > QUICK_CHECK_PAGES_MAX)
        return JOURNAL_OK;
    if (!store_text(answer, sizeof(answer), database, "PRAGMA quick_check(1)"))
        return store_error(database, why, "cannot be checked");
    if (strcmp(answer, "ok") == 0)
        return JOURNAL_OK;
    (void)snprintf(why, JOURNAL_WHY_SIZE,
                   "the file is damaged (%.60s); restore a copy, or move it away and start afresh",
                   answer);
    return JOURNAL_CORRUPT;
}

static enum journal_error prove_identity(char why[JOURNAL_WHY_SIZE], sqlite3 *database,
                                         const char *identity)
{
    char found[128];

    if (!store_text(found, sizeof(found), database,
                    "SELECT value FROM meta WHERE key = 'identity'"))
        return store_error(database, why, "cannot be read");
    if (identity == NULL || strcmp(found, identity) == 0)
        return JOURNAL_OK;
    (void)snprintf(why, JOURNAL_WHY_SIZE,
                   "it is of \"%.64s\", not of \"%.64s\"; name another journal.path", found,
                   identity);
    return JOURNAL_FOREIGN;
}

enum journal_error store_prove(bool *is_new, char why[JOURNAL_WHY_SIZE], sqlite3 *database,
                               const char *identity)
{
    int64_t application;
    int64_t version;
    int64_t tables;

    if (!store_number(&application, database, "PRAGMA application_id") ||
        !store_number(&version, database, "PRAGMA user_version") ||
        !store_number(&tables, database, "SELECT count(*) FROM sqlite_master"))
        return store_error(database, why, "is no journal, or a broken one");
    *is_new = application == 0 && version == 0 && tables == 0;
    if (*is_new)
        return JOURNAL_OK;
    if (application != JOURNAL_APPLICATION) {
        (void)snprintf(why, JOURNAL_WHY_SIZE,
                       "the file is another program's database; name another journal.path");
        return JOURNAL_FOREIGN;
    }
    if (version > JOURNAL_VERSION) {
        (void)snprintf(why, JOURNAL_WHY_SIZE,
                       "a later version wrote it (format %lld, this one knows %d); run that one",
                       (long long)version, JOURNAL_VERSION);
        return JOURNAL_NEWER;
    }
    if (version < 1) { /* ours from its first moment on has one */
        (void)snprintf(why, JOURNAL_WHY_SIZE,
                       "the file is damaged (format %lld); restore a copy, or move it away and "
                       "start afresh",
                       (long long)version);
        return JOURNAL_CORRUPT;
    }
    enum journal_error error = prove_whole(why, database);
    return error != JOURNAL_OK ? error : prove_identity(why, database, identity);
}

/* In each step's place, what makes the next format of it. Tables have had one form so far: the step
 * to 2 is the mark itself, which keeps older programs away from what they would misread. */
static const char *const step_from[JOURNAL_VERSION] = {[1] = ""};

enum journal_error store_migrate(char why[JOURNAL_WHY_SIZE], sqlite3 *database)
{
    char mark[48];
    int64_t version;
    bool is_done;

    if (!store_number(&version, database, "PRAGMA user_version"))
        return store_error(database, why, "cannot be read");
    if (version == JOURNAL_VERSION)
        return JOURNAL_OK;
    MUST(version > 0 && version < JOURNAL_VERSION); /* store_prove looked */
    is_done = store_run(database, "BEGIN IMMEDIATE");
    for (; is_done && version < JOURNAL_VERSION; version++)
        is_done = store_run(database, step_from[version]);
    (void)snprintf(mark, sizeof(mark), "PRAGMA user_version = %d; COMMIT", JOURNAL_VERSION);
    if (is_done && store_run(database, mark))
        return JOURNAL_OK;
    /* whoever cannot migrate it closes it, which rolls back */
    return store_error(database, why, "is of an older format and cannot be written");
}

/* All in one transaction: a crash leaves an empty file or a whole journal. */
enum journal_error store_make(char why[JOURNAL_WHY_SIZE], sqlite3 *database, const char *identity)
{
    static const char tables[] =
        "BEGIN IMMEDIATE;"
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE event(id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, line TEXT NOT NULL);"
        "CREATE INDEX event_time ON event(time_ms);"
        "CREATE TABLE kept(key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";
    char *mark = sqlite3_mprintf("INSERT INTO meta VALUES('identity', %Q);"
                                 "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
                                 identity, JOURNAL_APPLICATION, JOURNAL_VERSION);
    MUST(mark != NULL);
    bool is_made = store_run(database, tables) && store_run(database, mark);
    sqlite3_free(mark);
    return is_made ? JOURNAL_OK : store_error(database, why, "cannot be made");
}
