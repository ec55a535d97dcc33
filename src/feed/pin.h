/*
 * The last blocks up to a header, by hash. The logs of a range are those of whatever chain the node
 * has while it answers, and nodes flip between branches; but no fork that is followed reaches below
 * these blocks, so that a range before them and their own logs by hash are all there are.
 *
 * Headers are asked by number, many at once, and believed by their parents; logs then by hash. A
 * chain made for tests may name no parent for blocks that it made in bulk (hardhat_mine: all zeros,
 * which no block of a real chain but the first has): what stands before such a block is believed by
 * its number.
 */
#ifndef FEED_PIN_H
#define FEED_PIN_H

#include "feed/ask.h"
#include "feed/log_store.h"

/** Blocks that are taken by hash, the header's own among them: as deep as a fork is followed. */
#define PIN_BLOCKS 64

enum pin_state {
    PIN_IDLE,
    PIN_RUNNING,
    PIN_DONE,  /* log_store_deliver gives the logs */
    PIN_FAILED /* `why`: nobody answers, or the node's chain is another one now */
};

/** Owned; zero-initialise, then pin_release. */
struct pin {
    enum pin_state state;
    uint64_t ask; /* id under way, 0: none */
    uint32_t calls;
    uint32_t calls_max;                 /* of a batch: halved where it fails; outlives one use */
    uint32_t count;                     /* blocks wanted */
    uint32_t known;                     /* of them their hashes are known, newest first */
    uint32_t taken;                     /* of them their logs are in */
    struct block_ref block[PIN_BLOCKS]; /* [0]: the header's */
    struct hash32 parent;               /* of block[known - 1] */
    struct log_store store;
    int endpoint;
    const char *why;
};

void pin_release(struct pin *pin);
/** The header's block and those before it down to `from`, PIN_BLOCKS at most; where `from` lies
 *  behind the header, as many as there are. */
void pin_begin(struct pin *pin, const struct header *header, uint64_t from, int endpoint);
/** The next question; nothing where one is under way. */
void pin_ask(struct pin *pin, struct ask_list *asks, const struct log_filter *filter);
/** False: not an answer of this. */
bool pin_answer(struct pin *pin, const struct observation *observation,
                struct rpc_answers *answers);
/** Once DONE: another block of that number is among them. */
bool pin_contradicts(const struct pin *pin, const struct block_ref *block);
void pin_abandon(struct pin *pin);

#endif
