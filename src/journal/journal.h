/*
 * journal: what we must not forget, in one sqlite file. Events are lines that only get appended;
 * kept values are keys that a later life needs (flights, spend). It refuses to know what they mean.
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/** 1: events and kept values. 2: the same tables, but what is kept may be what landed, what is
 *  private, what the breakers saw: whoever knows only 1 would take that up wrongly. */
#define JOURNAL_VERSION 2

struct journal;

enum journal_error {
    JOURNAL_OK,
    JOURNAL_CANNOT_OPEN, /* path, permissions */
    JOURNAL_LOCKED,      /* another daemon writes it */
    JOURNAL_FOREIGN,     /* no journal, or of another chain or account */
    JOURNAL_NEWER,       /* written by a later version */
    JOURNAL_CORRUPT,
    JOURNAL_FULL, /* the disk */
    JOURNAL_FAILED
};

enum journal_entry_kind {
    JOURNAL_EVENT, /* append `value`, one line of JSON */
    JOURNAL_KEEP,  /* key → value, replaces */
    JOURNAL_FORGET /* key */
};

struct journal_entry {
    enum journal_entry_kind kind;
    struct bytes key;
    struct bytes value;
};

/**
 * Opens for writing, makes it where it is missing (mode 0600), migrates one of an older format in
 * one transaction, takes the writer's lock (a lock file
 * beside it, held by the process, gone with it).
 *
 * In:    identity  "31337 0xabc…": chain and account; one journal never serves two
 * Gives: journal_close
 * Fails: see the enum; `why` (size 256) then says it for an operator
 */
MUST_CHECK enum journal_error journal_open(struct journal **out, char why[256], const char *path,
                                           const char *identity);
/** For readers beside a running daemon: no lock, nothing written; older formats as they are. */
MUST_CHECK enum journal_error journal_open_read(struct journal **out, char why[256],
                                                const char *path);
/** Would journal_open take it? A journal of that identity, or an empty file. No lock, nothing
 *  written. `why` as above. */
MUST_CHECK enum journal_error journal_prove(char why[256], const char *path, const char *identity);
void journal_close(struct journal *journal);

/**
 * All entries in one transaction, on disk (fsync) when this returns OK, with all that was written
 * before; none of them otherwise.
 * In:  now_ms  the turn's clock; stands beside events so that `since` can find them
 */
MUST_CHECK enum journal_error journal_commit(struct journal *journal, char why[256],
                                             const struct journal_entry *entries, size_t count,
                                             int64_t now_ms);
/**
 * The same, but on disk only with the next journal_commit or journal_tidy: it outlives the process
 * at once, a loss of power not before then. For what has no consequence outside this machine yet.
 */
MUST_CHECK enum journal_error journal_write(struct journal *journal, char why[256],
                                            const struct journal_entry *entries, size_t count,
                                            int64_t now_ms);
/** False: something was written that is not known to be on disk. */
bool journal_is_synced(const struct journal *journal);
/** False: among it is a kept value. */
bool journal_is_kept(const struct journal *journal);
/** In a calm moment: folds sqlite's log back into the file once it holds JOURNAL_LOG_PAGES, which
 *  takes the disk some milliseconds. At JOURNAL_LOG_PAGES_MAX a commit does so itself. */
void journal_tidy(struct journal *journal);
#define JOURNAL_LOG_PAGES 1000
#define JOURNAL_LOG_PAGES_MAX 4000

/** Every kept key in order of keys. The visitor's bytes are lent for the call. */
MUST_CHECK enum journal_error journal_kept(struct journal *journal, void *context,
                                           void (*visit)(void *context, struct bytes key,
                                                         struct bytes value));
/** Events at or after since_ms in order of writing; stops where the visitor says false. */
MUST_CHECK enum journal_error
journal_events(struct journal *journal, int64_t since_ms, void *context,
               bool (*visit)(void *context, int64_t time_ms, struct bytes line));
const char *journal_error_text(enum journal_error error);

#endif
