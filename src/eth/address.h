/*
 * eth: Ethereum as bytes. Addresses, keccak, RLP, ABI, logs, blocks, transactions, JSON-RPC
 * envelopes, and the observations that everything above thinks about.
 * It refuses to know lending, and sockets.
 */
#ifndef ETH_ADDRESS_H
#define ETH_ADDRESS_H

#include "base/bytes.h"

struct address {
    uint8_t byte[20];
};

/** 32 bytes: a block's hash, a transaction's, a log's topic. */
struct hash32 {
    uint8_t byte[32];
};

/** "0x", 40 digits, a NUL. */
#define ADDRESS_TEXT_SIZE 43
#define HASH32_TEXT_SIZE 67

enum address_error {
    ADDRESS_OK,
    ADDRESS_MALFORMED,   /* not 0x and 40 hex digits */
    ADDRESS_BAD_CHECKSUM /* mixed case that is not the EIP-55 form */
};

/** All-lower and all-upper case pass; mixed case must be the EIP-55 form. */
MUST_CHECK enum address_error address_parse(struct address *out, const char *text, size_t length);
/** EIP-55 form. */
void address_format(char out[ADDRESS_TEXT_SIZE], const struct address *address);
bool address_is_equal(const struct address *a, const struct address *b);
bool address_is_zero(const struct address *address);

/** 0x and exactly 64 digits. */
MUST_CHECK bool hash32_parse(struct hash32 *out, const char *text, size_t length);
void hash32_format(char out[HASH32_TEXT_SIZE], const struct hash32 *hash);
bool hash32_is_equal(const struct hash32 *a, const struct hash32 *b);
bool hash32_is_zero(const struct hash32 *hash);
/** The low 20 bytes of a topic or a word; false where the upper 12 are not zero. */
MUST_CHECK bool address_of_word(struct address *out, const uint8_t word[32]);

#endif
