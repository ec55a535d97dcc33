/*
 * Contract ABI: words out, words in. Encoding appends 32-byte words to a buffer; decoding reads by
 * word index and follows offsets, and every bound is checked because a stranger wrote the bytes.
 */
#ifndef ETH_ABI_H
#define ETH_ABI_H

#include "base/u256.h"
#include "eth/address.h"

#define ABI_WORD 32

void abi_add_selector(struct buffer *out, const char *signature);
void abi_add_u64(struct buffer *out, uint64_t value);
void abi_add_u256(struct buffer *out, const struct u256 *value);
void abi_add_address(struct buffer *out, const struct address *address);
void abi_add_bool(struct buffer *out, bool value);
/** Length word, then the bytes padded to whole words. The caller wrote the offset word before. */
void abi_add_bytes(struct buffer *out, struct bytes bytes);
/** Overwrites the word at byte `position` of the buffer. */
void abi_set_u64(struct buffer *out, size_t position, uint64_t value);

/* Word `index` of `data`, which begins after any selector. False: behind the end, or out of range
 * for the type (an address with dirty upper bytes, a bool that is neither 0 nor 1). */
MUST_CHECK bool abi_u256(struct u256 *out, struct bytes data, size_t index);
MUST_CHECK bool abi_u64(uint64_t *out, struct bytes data, size_t index);
MUST_CHECK bool abi_address(struct address *out, struct bytes data, size_t index);
MUST_CHECK bool abi_bool(bool *out, struct bytes data, size_t index);
/** The dynamic value whose offset (relative to `data`) stands at word `index`: its bytes. */
MUST_CHECK bool abi_bytes(struct bytes *out, struct bytes data, size_t index);
/** A dynamic array: *count elements, and the bytes behind the length word (to the end of data). */
MUST_CHECK bool abi_array(struct bytes *out, size_t *count, struct bytes data, size_t index);
/** A string, or what old tokens give: bytes32, cut at the first NUL. At most size − 1 characters;
 *  control characters and non-ASCII become '?'. */
MUST_CHECK bool abi_symbol(char *out, size_t size, struct bytes data);

#endif
