/* Which recorded answer belongs to which question of this run: by what was asked, first come first
 * served, and never before it was asked. */
#ifndef KEEPER_REPLAY_MATCH_H
#define KEEPER_REPLAY_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"

#define MATCH_KEY_SIZE 16

struct match_key {
    uint64_t left;  /* answers that the recording still holds */
    uint32_t first; /* waiting questions: indexes into waiting, oldest first */
    uint32_t last;
    uint32_t count;
};

struct match_waiting {
    uint64_t id;
    uint32_t next;
};

/** Owned; match_init, then match_release. */
struct match {
    struct table table;
    struct match_key *key;
    uint32_t key_capacity;
    struct match_waiting *waiting;
    uint32_t waiting_count;
    uint32_t waiting_capacity;
    uint32_t free_first;
};

void match_init(struct match *match);
void match_release(struct match *match);
/** The recording holds one more answer to that question. */
void match_count(struct match *match, const char *key);
/** A question of this run. False: the recording does not answer it (any more). */
bool match_ask(struct match *match, const char *key, uint64_t id);
/** A recorded answer has come. Out: the id it answers; false: nobody asked. */
bool match_answer(struct match *match, const char *key, uint64_t *id);
/** A new life of the recorder: what waited is forgotten. */
void match_forget(struct match *match);

#endif
