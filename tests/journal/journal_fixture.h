/* A journal in a folder of its own, and what tests ask of it. */
#ifndef TESTS_JOURNAL_FIXTURE_H
#define TESTS_JOURNAL_FIXTURE_H

#include "base/text.h"
#include "journal/store.h"

#define IDENTITY "31337 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"

extern char journal_folder[64];
extern char journal_path[96];
extern char journal_why[JOURNAL_WHY_SIZE];

void journal_folder_make(void);
void journal_folder_remove(void);

/** Must succeed. */
struct journal *journal_opened(void);
struct journal *journal_opened_to_read(void);
void journal_committed(struct journal *journal, struct journal_entry entry, int64_t now_ms);
/** One event a millisecond, from 0. */
void journal_many_written(struct journal *journal, int64_t count);

struct journal_entry an_event(const char *line);
struct journal_entry a_keep(const char *key, const char *value);
struct journal_entry a_forget(const char *key);

/** "key=value;key=value;" and "time line;time line;" */
void journal_kept_is(struct journal *journal, const char *wanted);
void journal_events_are(struct journal *journal, int64_t since_ms, const char *wanted);
/** Visitors that fill a struct text so. */
void journal_kept_visit(void *context, struct bytes key, struct bytes value);
bool journal_event_visit(void *context, int64_t time_ms, struct bytes line);

/** Visitor that wants times one behind the other, and stops after `stop` (0: never). */
struct journal_counter {
    int64_t last;
    size_t count;
    size_t stop;
};
bool journal_count_visit(void *context, int64_t time_ms, struct bytes line);

#endif
