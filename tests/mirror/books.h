/* Books for tests of what is done to whole mirrors. */
#ifndef TESTS_MIRROR_BOOKS_H
#define TESTS_MIRROR_BOOKS_H

#include "mirror/mirror.h"

/** A market of `reserves` reserves at block 1000, and where it comes from. */
void books_market(struct market *out, uint32_t reserves);
extern const struct mirror_origin books_origin;

/** An account's address; ascending numbers are not ascending addresses. */
struct address books_account(uint32_t number);
/** Makes the account known, whole: supplies `supplied` of reserve `in`, owes `owed` of `from`. */
uint32_t books_add(struct book *book, uint32_t number, uint32_t in, uint32_t from);
/** One fact. */
void books_apply(struct book *book, uint32_t slot, enum account_fact_kind kind, uint32_t reserve,
                 uint64_t value);
/** Gives: book_free. Whole, stale, touched, drifted, unsupported and unread accounts, `count` of
 * them, learned in the order of `first`, `first` + 1, … */
struct book *books_mixed(uint32_t count, uint32_t first);

#endif
