/*
 * jansson reads about 20 MB/s; most of a node's answer is long hex that nobody wants as a JSON
 * string. elide copies an answer with each long, escape-free "0x…" replaced by "@offset,length",
 * so that jansson sees little, and the hex is decoded straight from the original. Equal in meaning
 * to plain jansson; a fuzzer holds it to that.
 */
#ifndef ETH_ELIDE_H
#define ETH_ELIDE_H

#include "base/bytes.h"

/** As long as a hash; strings of fewer characters stay where they are. */
#define ELIDE_MIN 66

/**
 * Appends the shortened copy. A string of the original that itself begins with '@' is kept apart by
 * doubling the '@'. Bytes that are no JSON are copied as they are.
 */
void elide(struct buffer *out, struct bytes original);

/**
 * The characters that a string value of the shortened copy stands for (between its quotes).
 * In:  value, length   as jansson gave it
 * Out: *text, *size    in `original`, or in `value` itself
 * False: an offset outside of the original: not ours.
 */
MUST_CHECK bool elide_find(const char **text, size_t *size, struct bytes original,
                           const char *value, size_t length);

#endif
