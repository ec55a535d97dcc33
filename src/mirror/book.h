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

/** Blocks that a fork may take back and the book still undo. */
#define BOOK_UNDO_DEPTH 64
/** Checkpoints kept, the one at the newest block among them; of more the oldest is dropped. */
#define BOOK_CHECKPOINTS (BOOK_UNDO_DEPTH + 1)
/** Memory of before-images of one book. At the bound the oldest checkpoints are dropped; where what
 *  changed since the newest one alone is over it, all are. */
#define BOOK_UNDO_BYTES_MAX ((size_t)64 << 20)

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
/** One position becomes stale with all of its legs: it is read again whole. */
void book_touch_whole(struct book *book, uint32_t slot);
/** Every position and leg becomes stale. That is not undone: no checkpoint outlives it. */
void book_touch_all(struct book *book);
/** Slots that are stale, in order of slot: *cursor begins at 0; TABLE_NONE at the end. */
uint32_t book_next_stale(const struct book *book, uint32_t *cursor);
uint32_t book_stale_count(const struct book *book);
/** A slot whose position changed since it was last taken, and takes it; TABLE_NONE: none. */
uint32_t book_take_changed(struct book *book);

/** Applies one fact of that slot. A config that names a reserve of which no leg is known makes a
 *  stale leg; legs with neither bit are dropped. */
void book_apply(struct book *book, const struct account_fact *fact);
/** Marks or clears POSITION_DRIFTED. */
void book_set_drifted(struct book *book, uint32_t slot, bool drifted);

/** The book as it is now is how it stood at that block. Where the newest checkpoint is of the same
 *  block, that one stays. */
void book_checkpoint(struct book *book, const struct block_ref *block);
bool book_has_checkpoint(const struct book *book, const struct block_ref *block);
/**
 * The book stands as it did at that checkpoint: every position to the bit, what was stale then, and
 * accounts that came later are unknown again. Checkpoints behind it are gone.
 * Fails: false   no such checkpoint (any more); the book is untouched
 */
MUST_CHECK bool book_rewind(struct book *book, const struct block_ref *block);
/** No checkpoint is left. */
void book_forget_checkpoints(struct book *book);

#endif
