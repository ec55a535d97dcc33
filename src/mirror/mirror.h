/*
 * A market's mirror as bytes: what was learned from years of logs and a million calls is kept, so
 * that a restart asks only for what changed since.
 *
 * Canonical: accounts in order of address, legs in order of reserve, and nothing that does not
 * matter, so that equal mirrors are equal bytes whatever order they were learned in. Every field is
 * written for itself, low byte first. A change of what is written here or of the flags' values is a
 * new MIRROR_FORMAT: an older or newer file is refused, and the mirror built afresh.
 *
 * Of the market only what is needed to know it again and to bound its legs is kept: its terms are
 * read anew in any case. What is stale stays so; what an audit doubts comes back as stale.
 */
#ifndef MIRROR_MIRROR_H
#define MIRROR_MIRROR_H

#include "mirror/book.h"

#define MIRROR_FORMAT 1u

/** Of which chain, and since when its logs were read: who borrowed before is not in it. */
struct mirror_origin {
    uint64_t chain_id;
    uint64_t from_block;
};

/** What mirror_decode gives. */
struct mirror {
    struct block_ref block;
    uint64_t timestamp_s;
    uint32_t revision; /* of the pool's code then */
    uint32_t reserve_count;
    struct address asset[RESERVES_MAX]; /* which token stood at each index; zero: dropped */
    struct book *book;                  /* owned */
};

enum mirror_error {
    MIRROR_OK,
    MIRROR_TORN,        /* ends before it says it does */
    MIRROR_NOT_ONE,     /* does not begin as a mirror does */
    MIRROR_VERSION,     /* another MIRROR_FORMAT */
    MIRROR_OF_CHAIN,    /* of another chain */
    MIRROR_OF_MARKET,   /* another name, address or protocol */
    MIRROR_BEGINS_LATE, /* its logs were read from a later block on than is wanted now */
    MIRROR_TOO_MANY,    /* more reserves or accounts than a book may hold */
    MIRROR_MALFORMED,   /* says what no mirror says: an order broken, a reserve that is none */
    MIRROR_OF_BLOCK     /* for whoever takes several: of another block than the first */
};

/** Appends. In: market, book  of the same block, which is market->block. */
void mirror_encode(struct buffer *out, const struct market *market, const struct book *book,
                   const struct mirror_origin *origin);

/**
 * In:    market  what it must be of: name, root and protocol; `origin` likewise
 *        seed    as of book_new
 * Out:   *out    gives out->book: book_free
 * Fails: as named above, the first that holds; *out is then untouched
 */
MUST_CHECK enum mirror_error mirror_decode(struct mirror *out, struct bytes bytes,
                                           const struct market *market,
                                           const struct mirror_origin *origin, uint64_t seed);
/** What the error means, for an operator. */
const char *mirror_error_text(enum mirror_error error);

#endif
