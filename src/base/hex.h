/* Hex digits to bytes and back. Nothing here takes or writes the "0x" unless its name says so. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/**
 * In:    text  `length` digits, either case, no prefix
 * Out:   out   exactly `size` bytes
 * Fails: false: length is not 2 × size, or a digit is none; `out` is then unspecified
 */
MUST_CHECK bool hex_decode(uint8_t *out, size_t size, const char *text, size_t length);

/** As hex_decode, of "0x…" to a buffer (appended), any even number of digits. */
MUST_CHECK bool hex_decode_prefixed(struct buffer *out, const char *text, size_t length);

/** Out: 2 × bytes.size lower-case digits and a NUL. */
void hex_encode(char *out, struct bytes bytes);

/** A JSON-RPC quantity ("0x0", "0x1b4"; leading zeros tolerated). False: not one, or over 64 bits.
 */
MUST_CHECK bool hex_quantity(uint64_t *out, const char *text, size_t length);

#endif
