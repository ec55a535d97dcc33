/* Inside journal only: what an open journal is made of. */
#ifndef JOURNAL_STORE_H
#define JOURNAL_STORE_H

#include <sqlite3.h>

#include "journal/journal.h"

#define JOURNAL_WHY_SIZE 256
/** "PLMS": sqlite's mark of whose file it is. */
#define JOURNAL_APPLICATION 0x504c4d53

struct journal {
    sqlite3 *database;
    int lock;      /* -1: a reader */
    int log_pages; /* in sqlite's log, since they were last folded back */
    bool is_lazy;  /* the next transaction would not be waited for */
    bool has_unsynced;
    bool has_unsynced_values; /* of kept values */
    /* prepared at the first use, finalised on close */
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    sqlite3_stmt *rollback;
    sqlite3_stmt *event;
    sqlite3_stmt *keep;
    sqlite3_stmt *forget;
};

/** The writer's lock, beside the journal, held until it is closed or the process ends. */
MUST_CHECK enum journal_error journal_lock(int *lock, char why[JOURNAL_WHY_SIZE], const char *path);

/** What sqlite's last failure on it means, with sqlite's own words in `why`. */
enum journal_error store_error(sqlite3 *database, char why[JOURNAL_WHY_SIZE], const char *doing);
/** One statement without rows. */
MUST_CHECK bool store_run(sqlite3 *database, const char *sql);
/** First column of the first row, as a number or as text (copied, cut to `size`). */
MUST_CHECK bool store_number(int64_t *out, sqlite3 *database, const char *sql);
MUST_CHECK bool store_text(char *out, size_t size, sqlite3 *database, const char *sql);

/** Is it ours, of this version, whole, and of that identity (NULL: any)? `is_new`: empty. */
MUST_CHECK enum journal_error store_prove(bool *is_new, char why[JOURNAL_WHY_SIZE],
                                          sqlite3 *database, const char *identity);
/** From whatever older format it is of to this one: all of it, or nothing of it. */
MUST_CHECK enum journal_error store_migrate(char why[JOURNAL_WHY_SIZE], sqlite3 *database);
/** Makes the tables of a new one. */
MUST_CHECK enum journal_error store_make(char why[JOURNAL_WHY_SIZE], sqlite3 *database,
                                         const char *identity);

#endif
