/* Observations between two turns: copied in by callbacks, lent to one turn, then gone. Two sets of
 * memory change places, so that a steady state allocates nothing. */
#ifndef KEEPER_QUEUE_H
#define KEEPER_QUEUE_H

#include "base/arena.h"
#include "eth/observation.h"

/** The digest of what an observation answers; see tape_key. */
#define ASK_KEY_SIZE 17
/** Questions whose digest is remembered until the answer comes; only while recording. */
#define ASK_KEYS_MAX 4096

struct ask_key {
    uint64_t id; /* 0: free */
    bool is_sign;
    char key[ASK_KEY_SIZE];
};

/** Owned; zero-initialise, then queue_release. */
struct queue {
    struct arena arena[2];
    struct observation *waiting;
    char (*keys)[ASK_KEY_SIZE];
    size_t count;
    size_t capacity;
    struct observation *lent;
    char (*lent_keys)[ASK_KEY_SIZE];
    size_t lent_capacity;
    uint32_t side; /* which arena is being filled */
    struct ask_key *ask;
};

void queue_release(struct queue *queue);
/** Copies key and body. */
void queue_add(struct queue *queue, const struct observation *observation);
/** What waits, lent until the next queue_take. */
size_t queue_take(struct queue *queue, struct observation **out, char (**keys)[ASK_KEY_SIZE]);
/** Remembers what question `id` was. */
void queue_remember(struct queue *queue, uint64_t id, bool is_sign, const char key[ASK_KEY_SIZE]);

#endif
