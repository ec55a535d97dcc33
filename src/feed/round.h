/*
 * A round: a list of reads, all at one block hash, in as few multicalls as the node's gas cap lets
 * through. The cap is learned: a call that runs out of gas is cut in two, and the size remembered.
 * An answer from another block than the header's ends the round, and nothing of it is believed.
 */
#ifndef FEED_ROUND_H
#define FEED_ROUND_H

#include "feed/ask.h"
#include "feed/multicall.h"

/** Multicalls of one round under way at the same time. */
#define ROUND_ASKS_MAX 4
/** Reads in one multicall at first; halved where a node cannot, doubled slowly where it can. */
#define ROUND_READS_FIRST 400
#define ROUND_READS_MAX 2000
/** Pieces of a list that were given back to be asked again. */
#define ROUND_AGAIN_MAX 64

enum round_state {
    ROUND_IDLE,
    ROUND_RUNNING,
    ROUND_DONE,
    ROUND_UNKNOWN_BLOCK, /* the node does not have that block (any more) */
    ROUND_FAILED         /* no endpoint could answer, or garbage */
};

struct round_piece {
    size_t first;
    size_t count;
};

struct round_ask {
    uint64_t id; /* 0: free */
    struct round_piece piece;
};

/** Owned; zero-initialise, then round_release. */
struct round {
    enum round_state state;
    struct header header; /* of the block that is read */
    struct read_list reads;
    size_t next;
    size_t aside;     /* reads from here on have calls of their own */
    size_t reads_max; /* learned; outlives the round */
    int endpoint;
    struct round_ask ask[ROUND_ASKS_MAX];
    struct round_piece again[ROUND_AGAIN_MAX];
    size_t again_count;
    struct buffer answer; /* of one multicall; its memory is kept */
    uint64_t calls;       /* multicalls asked, ever */
    const char *why;      /* of FAILED */
    int strayed;          /* of FAILED: the endpoint that answered from another block; else -1 */
};

/** What a read's answer goes to. */
struct round_sink {
    void *context;
    void (*result)(void *context, const struct read *read, bool succeeded, struct bytes data);
};

void round_release(struct round *round);
/** Takes the reads out of `reads`, which is empty afterwards. None: DONE at once. */
void round_begin(struct round *round, struct read_list *reads, const struct header *header,
                 int endpoint);
/** Reads from `first` on go into calls of their own: where such a call fails, its reads are
 * answered as failed, and the round goes on. Right behind round_begin. */
void round_set_aside(struct round *round, size_t first);
/** Adds the next multicalls, as many as may be under way. */
void round_ask(struct round *round, struct ask_list *asks, const struct address *multicall);
/** False: not an answer of this round. Late answers of an abandoned round are nobody's. */
bool round_answer(struct round *round, const struct observation *observation,
                  struct rpc_answers *answers, const struct round_sink *sink);
/** Answers that still come are ignored. */
void round_abandon(struct round *round);

#endif
