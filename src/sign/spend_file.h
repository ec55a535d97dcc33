/*
 * The signer's count of the day on disk: a file of its own, of two slots that are written in turn,
 * each with its sequence number and a checksum. It is made whole before the first request, so that
 * keeping a count takes no room on the disk, no name and no further descriptor.
 *
 * What stands there is counted ahead: a part of the day's limit more than was signed, so that most
 * signatures wait for no disk. A signer that is killed reads that part as spent.
 */
#ifndef SIGN_SPEND_FILE_H
#define SIGN_SPEND_FILE_H

#include "sign/spend.h"

/** Bytes of one slot's content; slots lie SPEND_SLOT_STRIDE apart, on pages of their own. */
#define SPEND_SLOT_SIZE                                                                            \
    (SPEND_MAGIC_SIZE + 8 + 8 + 20 + 8 + 8 + 32 + 8 + SPEND_NONCES_MAX * 40 + 32)
#define SPEND_SLOT_STRIDE 12288
#define SPEND_FILE_SIZE (2 * SPEND_SLOT_STRIDE)
/** Bytes that a slot begins with. While it is written it begins with other ones, so that a part of
 * a slot is never taken for one that was damaged. */
#define SPEND_MAGIC_SIZE 16
extern const uint8_t spend_slot_unfinished[SPEND_MAGIC_SIZE];
/** So much of the limit is counted ahead: one part of so many. */
#define SPEND_AHEAD_PARTS 64
/** How long a signer that is just ending may still hold it. */
#define SPEND_LOCK_WAIT_MS 5000

/** Zero but `fd` -1: closed. */
struct spend_file {
    int fd;
    uint64_t sequence; /* of the slot that was written last, */
    int64_t begun_ms;  /* its window, */
    struct wei total;  /* and its total */
    uint64_t chain_id; /* whose count it is */
    struct address account;
};

/**
 * Opens and locks it, reads what was counted; makes it where there is none, on disk when this
 * returns. In:    file  chain_id and account are set False: `why`: it cannot be made or opened,
 * another signer holds it, it is another account's or chain's, or its bytes are not what was
 * written last (a slot of which a part was written leaves the one before). None of these may sign:
 * what was signed before would not be counted.
 */
MUST_CHECK bool spend_file_open(struct spend_file *file, struct spend *spend, char why[256],
                                const char *path);
/** On disk when this returns true. False: the disk took it not; the slot before still stands. */
MUST_CHECK bool spend_file_write(struct spend_file *file, const struct spend *spend);
/** The slot on disk says as much or more when this returns true; it is written, a part of `max`
 * ahead, where it did not. */
MUST_CHECK bool spend_file_keep(struct spend_file *file, const struct spend *spend,
                                const struct wei *max);
/** Writes the count as it is where the slot is ahead of it: for the end of a signer. */
void spend_file_settle(struct spend_file *file, const struct spend *spend);
void spend_file_close(struct spend_file *file);

/** One slot's bytes, and back. Pure. */
void spend_slot_encode(uint8_t out[SPEND_SLOT_SIZE], const struct spend_file *file,
                       const struct spend *spend);
/** Out: *file's sequence, chain and account. False: no slot, or damaged. */
MUST_CHECK bool spend_slot_decode(struct spend_file *file, struct spend *spend,
                                  const uint8_t in[SPEND_SLOT_SIZE]);

#endif
