/*
 * Recursive length prefix (Yellow Paper, appendix B). The decoder takes only the canonical form:
 * shortest length, no single byte below 0x80 with a prefix, nothing behind the last item.
 */
#ifndef ETH_RLP_H
#define ETH_RLP_H

#include "base/bytes.h"
#include "base/u256.h"

/** Lists deeper than this are refused by rlp_check; items are otherwise read one level at a time.
 */
#define RLP_DEPTH_MAX 64

void rlp_add_string(struct buffer *out, struct bytes string);
/** Big-endian without leading zeros; 0 is the empty string. */
void rlp_add_u64(struct buffer *out, uint64_t value);
void rlp_add_u256(struct buffer *out, const struct u256 *value);
/** Wraps what was added since out->size was `start` into a list. */
void rlp_end_list(struct buffer *out, size_t start);

enum rlp_error {
    RLP_OK,
    RLP_END,       /* no further item */
    RLP_TRUNCATED, /* the length points behind the end */
    RLP_NOT_CANONICAL,
    RLP_WRONG_TYPE, /* a list where a string was wanted, or the other way round */
    RLP_TOO_LARGE   /* an integer over the width asked for */
};

/** Reads forward; copy it to look ahead. */
struct rlp_reader {
    struct bytes rest;
};

struct rlp_item {
    bool is_list;
    struct bytes payload; /* of the input */
};

MUST_CHECK enum rlp_error rlp_next(struct rlp_reader *reader, struct rlp_item *out);
MUST_CHECK enum rlp_error rlp_next_string(struct rlp_reader *reader, struct bytes *out);
/** Out: a reader of the list's items. */
MUST_CHECK enum rlp_error rlp_next_list(struct rlp_reader *reader, struct rlp_reader *out);
MUST_CHECK enum rlp_error rlp_next_u64(struct rlp_reader *reader, uint64_t *out);
MUST_CHECK enum rlp_error rlp_next_u256(struct rlp_reader *reader, struct u256 *out);
/** The whole input is one canonical item, all the way down. */
MUST_CHECK enum rlp_error rlp_check(struct bytes input);
const char *rlp_error_text(enum rlp_error error);

#endif
