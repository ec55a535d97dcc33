/*
 * One flat JSON object of texts and whole numbers: the form in which our own state is kept. It
 * comes back from a disk that may have lied, so each field is held to its name, type and range.
 */
#ifndef ETH_RECORD_H
#define ETH_RECORD_H

#include "base/u256.h"
#include "eth/address.h"

/** Owned; record_parse, then record_release (also after a failure). */
struct record {
    struct json_t *root;
};

#define RECORD __attribute__((cleanup(record_release))) struct record

/** False: no JSON object, a name twice, or a value that is neither text, integer nor boolean. */
MUST_CHECK bool record_parse(struct record *record, struct bytes json);
void record_release(struct record *record);

/** Whether that name stands in it, of whatever type. */
bool record_has(const struct record *record, const char *name);

/* False: no such name, another type, or out of range; *out is then untouched. */

/** Lends: until record_release; may hold any character. */
MUST_CHECK bool record_text(struct bytes *out, const struct record *record, const char *name);
MUST_CHECK bool record_i64(int64_t *out, const struct record *record, const char *name);
/** A number, not below zero. JSON's integers end at 2^63 − 1 here. */
MUST_CHECK bool record_u64(uint64_t *out, const struct record *record, const char *name);
MUST_CHECK bool record_u32(uint32_t *out, const struct record *record, const char *name);
MUST_CHECK bool record_bool(bool *out, const struct record *record, const char *name);
/** Decimal digits in a text. */
MUST_CHECK bool record_u256(struct u256 *out, const struct record *record, const char *name);
/** "0x…" of exactly `size` bytes; where false, `out` is unspecified. */
MUST_CHECK bool record_hex(uint8_t *out, size_t size, const struct record *record,
                           const char *name);
/** Bytes that "0x…" holds; false where it is no such text. */
MUST_CHECK bool record_hex_size(size_t *out, const struct record *record, const char *name);
MUST_CHECK bool record_address(struct address *out, const struct record *record, const char *name);
MUST_CHECK bool record_hash32(struct hash32 *out, const struct record *record, const char *name);

#endif
