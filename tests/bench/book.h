/*
 * A market of twelve assets and as many positions as asked for, in the shapes that a real pool
 * holds: long, short, several collaterals, loops in e-mode, stable pairs; sizes from 100 USD to 3
 * M. The same seed gives the same book everywhere.
 */
#ifndef TESTS_BENCH_BOOK_H
#define TESTS_BENCH_BOOK_H

#include "mirror/book.h"
#include "protocol/protocol.h"

#define BENCH_TIMESTAMP_S 1700000000u
#define BENCH_RESERVES 12u
#define BENCH_LEGS_MAX 8u

/** One account as the chain holds it. */
struct bench_account {
    struct address address;
    uint8_t category;
    uint32_t leg_count;
    struct {
        uint32_t reserve;
        bool is_debt;
        unsigned __int128 scaled;
    } leg[BENCH_LEGS_MAX];
};

/** SplitMix64. */
uint64_t bench_random(uint64_t *state);
/** Aave V3.6, complete at a block, trusted, our purse full; prepared at BENCH_TIMESTAMP_S. */
void bench_market(struct market *market);
/** Account `index` of the seed: owes between `from` and `to` per mille of what its collateral, by
 *  its threshold, bears; at 1000 it stands at the edge. */
void bench_account(struct bench_account *out, const struct market *market, uint64_t index,
                   uint64_t from, uint64_t to);
/** Base currency to what the pool stores of that reserve. */
unsigned __int128 bench_scaled(const struct reserve *reserve, uint64_t value, bool is_debt);
/** What getUserConfiguration answers: bit 2i debt, bit 2i + 1 collateral. */
struct u256 bench_config(const struct bench_account *account);
/** Gives: book_free. Healthy accounts, all facts known. */
struct book *bench_book(const struct market *market, uint32_t count);

#endif
