/* What chain_learn.c learns, chain.c keeps and chain_answer.c gives. */
#ifndef TESTS_KEEPER_CHAIN_INSIDE_H
#define TESTS_KEEPER_CHAIN_INSIDE_H

#include <jansson.h>
#include <pthread.h>

#include "tests/keeper/chain.h"

#define CHAIN_BLOCKS_MAX 512
#define HEALTH_SELECTOR "bf92857c" /* getUserAccountData */

struct chain_block {
    uint64_t number;
    uint64_t reads_at; /* the block whose reads it gives */
    char hash[67];
    json_t *header;
    json_t *logs;
    unsigned healths; /* calls of this block that asked for health */
};

struct chain_spoiler {
    unsigned times;
    const char *text;
};

struct chain {
    struct config config;
    char multicall[43];
    uint32_t count;
    struct chain_block block[CHAIN_BLOCKS_MAX];
    json_t *history;   /* logs before the first block, and of it */
    json_t *before;    /* "number" → header of a block before the first, where it was recorded */
    json_t *reads;     /* "target:data" → [[number, succeeded, "hex"], …] */
    json_t *overruled; /* selector → "hex" */
    json_t *receipts;  /* hash → receipt */
    json_t *sent;      /* hash → true: posted to this node */
    json_t *estimates; /* data of the call → gas, as recorded last */
    uint64_t estimate; /* of all; 0: none */
    json_t *fees;      /* block number → fee history up to it */
    uint64_t nonce;    /* of the keeper's account at the first block */
    uint64_t nonce_block; /* at which it was heard; 0: before anything of ours */
    pthread_mutex_t lock;
    uint32_t shown;
    unsigned walk;
    unsigned polls;
    struct chain_spoiler spoiler[CHAIN_KINDS];
    unsigned kinds[CHAIN_KINDS];
    unsigned unknown;
    unsigned forks;
    bool lies;
    unsigned strays;
    bool mines;
    unsigned misjudges;
};

struct chain_block *chain_block_of(struct chain *chain, const char *hash);
/** Of a receipt or a log. */
uint64_t chain_number_of(json_t *placed);
void chain_number_key(char out[32], uint64_t number);
/** Replays the recording to learn its questions, and takes its answers to them. */
void chain_learn(struct chain *chain, const char *recording);
/** Header of a block before the first: as recorded, or an empty one that somebody could have made.
 *  Gives: json_decref. */
json_t *chain_before(const struct chain *chain, uint64_t number);
/** The answer of an aggregate3 that is executed in that block, as JSON text. */
void chain_calls_answer(struct text *out, struct chain *chain, struct bytes calldata,
                        struct chain_block *block);
/** Is it in a block up to the head? NULL: no. */
bool chain_is_mined(const struct chain *chain, json_t *receipt);
/** Of an earlier life of the keeper: the count of nonces that was heard first holds it. */
bool chain_is_before(const struct chain *chain, json_t *receipt);
/** The array of reads in the calldata of an aggregate3, and how many; false: it is none. */
bool chain_calls(struct bytes *array, size_t *count, struct bytes calldata);
/** "target:data" of read `index`. */
bool chain_key(char out[512], struct bytes array, size_t index);

/* chain_sent.c; the lock is held */
uint64_t chain_nonce_locked(struct chain *chain);
void chain_take_sent(struct text *out, struct chain *chain, const char *raw);
void chain_tell_transaction(struct text *out, struct chain *chain, const char *hash);

#endif
