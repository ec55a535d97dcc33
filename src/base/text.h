/* Builds text without printf, so that rooms which may touch nothing can still speak. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/u256.h"

/** Owned; zero-initialise, then text_release. `text_string` is always NUL-terminated. */
struct text {
    struct buffer buffer;
};

#define TEXT __attribute__((cleanup(text_release))) struct text

void text_release(struct text *text);
void text_clear(struct text *text);
/** Lends: until the text next grows. Never NULL. */
const char *text_string(const struct text *text);
/** Without the NUL. */
size_t text_length(const struct text *text);
struct bytes text_bytes(const struct text *text);

void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, struct bytes bytes);
void text_add_char(struct text *text, char c);
void text_add_u64(struct text *text, uint64_t value);
void text_add_i64(struct text *text, int64_t value);
/** Decimal digits. */
void text_add_u256(struct text *text, const struct u256 *value);
/** Fixed point: value / 10^decimals with `shown` digits after the point, cut toward zero. */
void text_add_fixed(struct text *text, const struct u256 *value, unsigned decimals, unsigned shown);
/** "0x" and two lower-case digits a byte. */
void text_add_hex(struct text *text, struct bytes bytes);
/** A JSON-RPC quantity: "0x1b4", no leading zero. No quotes. */
void text_add_quantity(struct text *text, uint64_t value);
/** A quoted and escaped JSON string; bytes that are no UTF-8 become U+FFFD. */
void text_add_json(struct text *text, struct bytes string);

#endif
