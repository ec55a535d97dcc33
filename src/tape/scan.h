/*
 * JSON text read from left to right, without building anything: where a value begins and ends is
 * all that a recording needs to know. What it accepts is RFC 8259, no more: valid UTF-8, no raw
 * control characters, up to SCAN_DEPTH_MAX levels.
 */
#ifndef TAPE_SCAN_H
#define TAPE_SCAN_H

#include "base/arena.h"
#include "base/bytes.h"

/** Deeper text is recorded as text. */
#define SCAN_DEPTH_MAX 256

struct scan {
    struct bytes text;
    size_t at;
};

enum scan_member { SCAN_MEMBER, SCAN_END, SCAN_BROKEN };

/** The next value, white space before it skipped. Out: *value  from its first byte to its last. */
MUST_CHECK bool scan_value(struct bytes *value, struct scan *scan);
/** Steps into an object. False: the next value is none. */
MUST_CHECK bool scan_enter(struct scan *scan);
/**
 * The next member of the object that was entered; `is_first` says whether a comma is due.
 * Out: *name  between its quotes, escapes as they stand; *value as scan_value
 */
MUST_CHECK enum scan_member scan_member(struct bytes *name, struct bytes *value, struct scan *scan,
                                        bool is_first);
/** Nothing but white space is left. */
bool scan_is_done(struct scan *scan);
/** Is all of it one value, with nothing around it? */
bool scan_is_value(struct bytes text);
bool scan_is_utf8(struct bytes text);

/** What a string value stands for, escapes resolved. In: quotes included. Lends: from the arena.
 *  False: no string, or half of a surrogate pair. */
MUST_CHECK bool scan_string(struct bytes *out, struct bytes value, struct arena *arena);
/** Digits only. */
MUST_CHECK bool scan_u64(uint64_t *out, struct bytes value);
MUST_CHECK bool scan_i64(int64_t *out, struct bytes value);

#endif
