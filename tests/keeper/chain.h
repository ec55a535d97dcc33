/*
 * A node whose chain is what a recording knows of one: it answers any question about those blocks,
 * in whatever batch, and its head moves when a test says so. A read is answered as of its block, or
 * as of the last block before it at which it was read. Any thread may ask it.
 */
#ifndef TESTS_KEEPER_CHAIN_H
#define TESTS_KEEPER_CHAIN_H

#include "keeper/config.h"

struct chain;

/** What a request asks for, told by its words. */
enum chain_kind {
    CHAIN_GREETING,
    CHAIN_TERMS,   /* reads of the market only */
    CHAIN_HISTORY, /* logs of a range */
    CHAIN_ACCOUNTS,
    CHAIN_AUDIT, /* the chain's own health */
    CHAIN_POLL,  /* the newest header and its logs */
    CHAIN_BLOCK, /* a header or logs by hash */
    CHAIN_SIMULATION,
    CHAIN_ESTIMATE,
    CHAIN_RECEIPTS,
    CHAIN_SEND,
    CHAIN_KINDS
};

/** Replays the recording once to learn which questions its answers belong to. */
struct chain *chain_of(const char *recording);
void chain_free(struct chain *chain);
const struct config *chain_config(const struct chain *chain);

uint32_t chain_blocks(const struct chain *chain);
uint64_t chain_number(const struct chain *chain, uint32_t index);
/** The head from now on; at first it is block 0. */
void chain_show(struct chain *chain, uint32_t index);
uint32_t chain_shown(struct chain *chain);
/** The head moves on by one after each so many polls; 0: it stands. */
void chain_walk(struct chain *chain, unsigned polls);
/** Block `from` and all behind it never were: others of the same numbers stand there, empty, in
 *  which everything is as in the block before. What was mined in them is in no block. */
void chain_fork(struct chain *chain, uint32_t from);
/** The same, onto branch `branch` of that block and those behind it, which always looks the same.
 */
void chain_branch(struct chain *chain, uint32_t from, unsigned branch);
/** So many empty blocks more, behind the last, in which everything is as in that. */
void chain_extend(struct chain *chain, uint32_t blocks);
/** So many more, made at once as hardhat_mine makes them: only the last names its parent. */
void chain_bulk(struct chain *chain, uint32_t blocks);
/** What it was told of the keeper's own transactions is forgotten, and what is posted from now on
 *  lands in the block behind the head: for stories that send other bytes than were recorded. */
void chain_mine(struct chain *chain);
/** From now on the head gives itself a number that is not its own; or no more. */
void chain_lie(struct chain *chain, bool lies);
/** From now on the first so many calls of each block that ask for health hear a unit too much. */
void chain_misjudge(struct chain *chain, unsigned times);
/** The next `times` multicalls are executed in the block before the one that they ask for. */
void chain_stray(struct chain *chain, unsigned times);
/** From now on a liquidation is estimated to take so much gas; 0: as recorded, and where nothing
 * is, it knows no such method. */
void chain_estimate(struct chain *chain, uint64_t gas);
/** Whatever is read by that selector (eight digits) answers these bytes (in hex) from now on. */
void chain_overrule(struct chain *chain, const char *selector, const char *digits);
/** Who borrows of what, where. */
struct chain_borrow {
    struct address pool;
    struct address asset;
};

/** In that block so many borrow who were never heard of (chain_borrower); what is read of them is
 * the test's to overrule. */
void chain_borrow(struct chain *chain, uint32_t block, const struct chain_borrow *borrow,
                  uint32_t count);
struct address chain_borrower(uint32_t index);
/** The keeper's next nonce at the head. */
uint64_t chain_nonce(struct chain *chain);
/** The next `times` requests of that kind are answered with this text; NULL: cut off. */
void chain_spoil(struct chain *chain, enum chain_kind kind, unsigned times, const char *text);
/** How many requests of each kind there were. */
void chain_count(struct chain *chain, unsigned out[CHAIN_KINDS]);
/** Reads that the recording knows nothing of. */
unsigned chain_unknown(struct chain *chain);

/** For server_reply. In: context  a chain. Gives: free; NULL: cut off. */
char *chain_answer(void *context, const char *request);

#endif
