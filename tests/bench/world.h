/*
 * A chain with one market, held in memory: its head, its accounts, and what each contract answers
 * at the head. Block by block one asset falls, and with each fall exactly one more account goes
 * under water.
 */
#ifndef TESTS_BENCH_WORLD_H
#define TESTS_BENCH_WORLD_H

#include "base/table.h"
#include "eth/transaction.h"
#include "tests/bench/book.h"

#define WORLD_CHAIN_ID 31337u
#define WORLD_BLOCKS_MAX 4096u
#define WORLD_BLOCK_S 2u
#define WORLD_BASE_FEE 1000000000u
#define WORLD_GAS_USED 400000u

/** The keeper's transaction, from its sending on. */
struct world_flight {
    bool is_known;
    struct hash32 hash;
    uint64_t nonce;
    uint64_t block; /* 0: pending */
    uint32_t account;
    uint32_t debt;
    uint32_t collateral;
    struct u256 repaid;
    struct u256 seized;
};

struct world {
    struct market market; /* the truth at the head */
    struct address keeper;
    struct address multicall;
    struct bench_account *account;
    uint32_t account_count;
    struct table accounts;
    uint32_t target_count; /* accounts 0 to here go under one by one */
    uint32_t fallen;
    uint64_t head;
    uint64_t nonces[WORLD_BLOCKS_MAX]; /* the keeper's transaction count at each block */
    struct world_flight flight;        /* the last */
};

/** Gives: world_free. */
struct world *world_new(uint32_t positions, uint32_t targets, const struct address *keeper);
void world_free(struct world *world);
struct hash32 world_hash(uint64_t block);
uint64_t world_timestamp(uint64_t block);
/** A block in which nothing happens: time passes, and interest with it. */
void world_pass(struct world *world);
/** A block in which the next account goes under water. */
void world_fall(struct world *world);
/** A signed transaction; false: it is no liquidation of ours. */
bool world_take(struct world *world, struct bytes raw);
/** A block with that transaction. */
void world_mine(struct world *world);
/** What a contract answers at the head; false: it reverts. */
bool world_read(struct buffer *out, const struct world *world, const struct address *target,
                struct bytes data);
/** Multicall3.aggregate3 over world_read; false: no such call. */
bool world_multicall(struct buffer *out, const struct world *world, struct bytes data);

#endif
