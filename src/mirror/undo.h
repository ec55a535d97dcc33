/*
 * What a book needs to stand again as it did at one of the last blocks: of each account that
 * changed since, how it was before. Memory follows the changes, not the accounts.
 */
#ifndef MIRROR_UNDO_H
#define MIRROR_UNDO_H

#include "base/bytes.h"
#include "mirror/bitmap.h"
#include "mirror/book.h"

/** From one checkpoint to the next. */
struct undo_epoch {
    struct block_ref block; /* of the checkpoint that it begins with */
    uint32_t accounts;      /* known there */
    struct buffer images;   /* of accounts known there, each before its first change; reused */
};

/** Owned; zero-initialise, then undo_release. */
struct undo {
    struct undo_epoch epoch[BOOK_CHECKPOINTS]; /* ring */
    uint32_t first;
    uint32_t count;
    size_t bytes;        /* capacity of all images */
    struct bitmap saved; /* slots with an image in the newest epoch */
};

void undo_release(struct undo *undo);
size_t undo_memory(const struct undo *undo);

#endif
