/* Reading ahead: a walk over positions that lie far apart waits for memory, unless it says early
 * where it goes next. */
#ifndef MIRROR_AHEAD_H
#define MIRROR_AHEAD_H

#include "mirror/book.h"

/** How far a walk is ahead with the two steps. */
#define AHEAD_RECORD 16u
#define AHEAD_LEGS 6u

/** The record and the account of that slot are about to be read. */
void book_ahead_record(const struct book *book, uint32_t slot);
/** So are its legs; the record should be at hand. */
void book_ahead_legs(const struct book *book, uint32_t slot);
/** For step `at` of a walk over `count` slots: both, as far ahead as they should be. */
void book_ahead(const struct book *book, const uint32_t *slot, uint32_t count, uint32_t at);

#endif
