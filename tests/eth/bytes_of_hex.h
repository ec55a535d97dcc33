/* Bytes written as hex in a test, and text to compare them with. */
#ifndef TESTS_ETH_BYTES_OF_HEX_H
#define TESTS_ETH_BYTES_OF_HEX_H

#include <criterion/criterion.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"

/** Appends the bytes of "0x…". Lends: from `out`, until it next grows. */
static inline struct bytes bytes_of_hex(struct buffer *out, const char *hex)
{
    size_t start = out->size;
    cr_assert(hex_decode_prefixed(out, hex, strlen(hex)), "no hex: %s", hex);
    return bytes_slice(buffer_bytes(out), start, out->size - start);
}

/** Whether the bytes are those of "0x…" in lower case. */
static inline bool is_hex(struct bytes bytes, const char *hex)
{
    TEXT text = {0};
    text_add_hex(&text, bytes);
    bool is_equal = strcmp(text_string(&text), hex) == 0;
    if (!is_equal)
        cr_log_info("%s\n is not\n%s", text_string(&text), hex);
    return is_equal;
}

#endif
