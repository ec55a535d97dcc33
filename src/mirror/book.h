/*
 * mirror: every position of every market at one block. It refuses to know what is worth doing.
 *
 * A book holds the positions of one market: accounts by slot, legs in a slab. Facts go in one by
 * one; what is not yet known is stale and is listed until it is read.
 */
#ifndef MIRROR_BOOK_H
#define MIRROR_BOOK_H

#include "base/table.h"
#include "market/market.h"

/** Accounts that one book may hold; more are refused by book_touch (the market is then not whole).
 */
#define BOOK_ACCOUNTS_MAX 20000000u

struct book;

/** Gives: book_free. `seed` mixes the table's hash only. */
struct book *book_new(uint64_t seed);
void book_free(struct book *book);
uint32_t book_count(const struct book *book);
/** Accounts that owe something. */
uint32_t book_debtors(const struct book *book);
/** Bytes that it holds. */
size_t book_memory(const struct book *book);

/** Lends: until the book changes. */
struct position book_position(const struct book *book, uint32_t slot);
/** TABLE_NONE: not known. */
uint32_t book_find(const struct book *book, const struct address *account);

/**
 * A log named the account: it becomes known and stale, and of `reserve` (unless RESERVE_NONE) the
 * leg too. Out: its slot, or TABLE_NONE at the bound.
 */
uint32_t book_touch(struct book *book, const struct address *account, uint32_t reserve);
/** Every position and leg becomes stale. */
void book_touch_all(struct book *book);
/** Slots that are stale, in order of slot: *cursor begins at 0; TABLE_NONE at the end. */
uint32_t book_next_stale(const struct book *book, uint32_t *cursor);
uint32_t book_stale_count(const struct book *book);

/** Applies one fact of that slot. A config that names a reserve of which no leg is known makes a
 *  stale leg; legs with neither bit are dropped. */
void book_apply(struct book *book, const struct account_fact *fact);
/** Marks or clears POSITION_DRIFTED. */
void book_set_drifted(struct book *book, uint32_t slot, bool drifted);

#endif
