/*
 * The daemon's journal is opened by one writer, and beside it by anybody who wants to know what
 * happened: the readers must not need the writer's leave, nor hold it up.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "journal/store.h"

/** How long a lock of sqlite's own is waited for: a checkpoint, a recovery. */
#define BUSY_MS 2000

/* "PATH: what": nobody asks which file was meant. */
static enum journal_error with_path(enum journal_error error, char why[JOURNAL_WHY_SIZE],
                                    const char *path)
{
    char what[JOURNAL_WHY_SIZE];
    (void)snprintf(what, sizeof(what), "%s", why);
    (void)snprintf(why, JOURNAL_WHY_SIZE, "%.90s: %.160s", path, what);
    return error;
}

/* Made here and not by sqlite, so that nobody else can read it from its first moment. sqlite gives
 * the files beside it the same mode. */
static enum journal_error file_make(char why[JOURNAL_WHY_SIZE], const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        (void)snprintf(why, JOURNAL_WHY_SIZE, "%s; the file and its folder must be writable",
                       strerror(errno));
        return JOURNAL_CANNOT_OPEN;
    }
    (void)close(file);
    return JOURNAL_OK;
}

static enum journal_error database_open(sqlite3 **out, char why[JOURNAL_WHY_SIZE], const char *name,
                                        int flags)
{
    int code = sqlite3_open_v2(name, out, flags | SQLITE_OPEN_NOMUTEX, NULL);
    MUST(*out != NULL); /* NULL only without memory */
    if (code != SQLITE_OK)
        return store_error(*out, why, "cannot be opened");
    (void)sqlite3_extended_result_codes(*out, 1);
    (void)sqlite3_busy_timeout(*out, BUSY_MS);
    return JOURNAL_OK;
}

static int on_log(void *context, sqlite3 *database, const char *name, int pages)
{
    (void)database, (void)name;
    ((struct journal *)context)->log_pages = pages;
    return SQLITE_OK;
}

static enum journal_error writer_prepare(char why[JOURNAL_WHY_SIZE], sqlite3 *database,
                                         const char *identity)
{
    char mode[16];
    bool is_new;
    enum journal_error error = store_prove(&is_new, why, database, identity);
    if (error != JOURNAL_OK)
        return error;
    if (!store_text(mode, sizeof(mode), database, "PRAGMA journal_mode = WAL") ||
        !store_run(database, "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                             "PRAGMA journal_size_limit = 16777216"))
        return store_error(database, why, "cannot be written");
    if (strcmp(mode, "wal") != 0) {
        (void)snprintf(why, JOURNAL_WHY_SIZE,
                       "its file system knows no shared memory; put it on a local disk");
        return JOURNAL_CANNOT_OPEN;
    }
    /* A disk that became read-only since shows now, and not at the first decision. */
    if (is_new)
        return store_make(why, database, identity);
    error = store_migrate(why, database);
    if (error != JOURNAL_OK)
        return error;
    if (!store_run(database, "BEGIN IMMEDIATE; ROLLBACK"))
        return store_error(database, why, "cannot be written");
    return JOURNAL_OK;
}

enum journal_error journal_open(struct journal **out, char why[256], const char *path,
                                const char *identity)
{
    struct journal *journal = must_alloc(1, sizeof(*journal));
    char *real = NULL;

    journal->lock = -1;
    enum journal_error error = file_make(why, path);
    if (error == JOURNAL_OK) {
        real = realpath(path, NULL); /* one lock, whichever link leads here */
        error = journal_lock(&journal->lock, why, real != NULL ? real : path);
        free(real);
    }
    if (error == JOURNAL_OK)
        error = database_open(&journal->database, why, path, SQLITE_OPEN_READWRITE);
    if (error == JOURNAL_OK)
        error = writer_prepare(why, journal->database, identity);
    if (error == JOURNAL_OK) {
        /* instead of sqlite's own, which folds its log back in the middle of a commit */
        (void)sqlite3_wal_hook(journal->database, on_log, journal);
        *out = journal;
        return JOURNAL_OK;
    }
    journal_close(journal);
    return with_path(error, why, path);
}

/* In words, where sqlite only knows that it "cannot open". */
static enum journal_error file_prove(char why[JOURNAL_WHY_SIZE], const char *path)
{
    struct stat status;

    if (access(path, R_OK) != 0 || stat(path, &status) != 0)
        (void)snprintf(why, JOURNAL_WHY_SIZE, "%s%s", strerror(errno),
                       errno == ENOENT ? "; the daemon makes it when it first runs"
                                       : "; it must be readable");
    else if (!S_ISREG(status.st_mode))
        (void)snprintf(why, JOURNAL_WHY_SIZE, "is no file");
    else
        return JOURNAL_OK;
    return JOURNAL_CANNOT_OPEN;
}

/* sqlite takes options only behind a name in the form of a URL. */
static void name_frozen(struct text *out, const char *path)
{
    text_add(out, "file:");
    for (; *path != '\0'; path++) {
        if (*path == '?' || *path == '#' || *path == '%') {
            char digits[4];
            (void)snprintf(digits, sizeof(digits), "%%%02X", (unsigned char)*path);
            text_add(out, digits);
        } else {
            text_add_char(out, *path);
        }
    }
    text_add(out, "?immutable=1");
}

static bool has_log(const char *path)
{
    TEXT name = {0};
    struct stat status;

    text_add(&name, path);
    text_add(&name, "-wal");
    return stat(text_string(&name), &status) == 0 && status.st_size > 0;
}

static enum journal_error reader_try(struct journal *journal, char why[JOURNAL_WHY_SIZE],
                                     const char *name, int flags)
{
    bool is_new;
    enum journal_error error = database_open(&journal->database, why, name, flags);

    if (error == JOURNAL_OK)
        error = store_prove(&is_new, why, journal->database, NULL);
    if (error == JOURNAL_OK && is_new) {
        (void)snprintf(why, JOURNAL_WHY_SIZE, "is empty: no daemon has written it yet");
        error = JOURNAL_FOREIGN;
    }
    return error;
}

enum journal_error journal_open_read(struct journal **out, char why[256], const char *path)
{
    struct journal *journal = must_alloc(1, sizeof(*journal));

    journal->lock = -1;
    enum journal_error error = file_prove(why, path);
    if (error == JOURNAL_OK)
        error = reader_try(journal, why, path, SQLITE_OPEN_READONLY);
    /* Where the folder may not be written, sqlite cannot make the shared memory that keeps readers
     * and a writer apart; with nothing left in the log there is no writer to be kept apart from. */
    if (error == JOURNAL_CANNOT_OPEN && journal->database != NULL && !has_log(path)) {
        TEXT name = {0};
        name_frozen(&name, path);
        (void)sqlite3_close(journal->database);
        journal->database = NULL;
        error =
            reader_try(journal, why, text_string(&name), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    }
    if (error == JOURNAL_OK) {
        *out = journal;
        return JOURNAL_OK;
    }
    journal_close(journal);
    return with_path(error, why, path);
}

enum journal_error journal_prove(char why[256], const char *path, const char *identity)
{
    struct journal *journal;
    struct stat status;
    bool is_new;

    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0)
        return JOURNAL_OK;
    enum journal_error error = journal_open_read(&journal, why, path);
    if (error != JOURNAL_OK)
        return error;
    error = store_prove(&is_new, why, journal->database, identity);
    journal_close(journal);
    return error == JOURNAL_OK ? error : with_path(error, why, path);
}

void journal_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    sqlite3_stmt *const statements[] = {journal->begin, journal->commit, journal->rollback,
                                        journal->event, journal->keep,   journal->forget};
    for (size_t i = 0; i < ARRAY_LENGTH(statements); i++)
        (void)sqlite3_finalize(statements[i]);
    (void)sqlite3_close(journal->database);
    if (journal->lock >= 0)
        (void)close(journal->lock);
    free(journal);
}
