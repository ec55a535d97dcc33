/*
 * A market of thirty assets and as many positions as asked for, in the shapes that a real pool
 * holds: half of them two assets (loops in e-mode among them), 35 % three or four, 15 % five to
 * eight; sizes from 100 USD to 3 M. The same seed gives the same book everywhere.
 */
#ifndef TESTS_BENCH_BOOK_H
#define TESTS_BENCH_BOOK_H

#include "mirror/book.h"
#include "protocol/protocol.h"

#define BENCH_TIMESTAMP_S 1700000000u
#define BENCH_RESERVES 30u
#define BENCH_LEGS_MAX 8u

/** What moves together. */
enum bench_class { BENCH_ETHER, BENCH_BITCOIN, BENCH_STABLE, BENCH_OTHER };

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
/** Account `index` of the seed, its health log-uniform from 1.0005 to 10: 0.4 % lie within one per
 *  cent of the edge. */
void bench_account_spread(struct bench_account *out, const struct market *market, uint64_t index);
enum bench_class bench_class_of(uint32_t reserve);
/** Base currency to what the pool stores of that reserve. */
unsigned __int128 bench_scaled(const struct reserve *reserve, uint64_t value, bool is_debt);
/** What getUserConfiguration answers: bit 2i debt, bit 2i + 1 collateral. */
struct u256 bench_config(const struct bench_account *account);
/** Gives: book_free. Healthy accounts, spread as above, all facts known. */
struct book *bench_book(const struct market *market, uint32_t count);

#endif
