/*
 * By which relays and builders know a searcher: a key that holds no money and signs no transaction,
 * made at start and gone with the process. It may therefore live in the daemon, beside the network.
 */
#ifndef SIGN_RELAY_KEY_H
#define SIGN_RELAY_KEY_H

#include "sign/keystore.h"

/** "X-Flashbots-Signature: ", an address, ':', 65 bytes; each with 0x, and a NUL. */
#define RELAY_HEADER_SIZE 200

struct relay_key {
    struct secret secret;
    char address[ADDRESS_TEXT_SIZE];
};

/** Gives: relay_key_release. Fails: KEYSTORE_FAILED, no random or no locked memory. */
MUST_CHECK enum keystore_error relay_key_new(struct relay_key *out);
void relay_key_release(struct relay_key *key);
/**
 * The header that goes with one body: who asks, and the signature of an EIP-191 personal message,
 * which is the text "0x…" of the body's keccak256 (docs.flashbots.net, "Authentication"). No
 * transaction's hash can be signed so: the message's prefix stands before it.
 * False: the key is none.
 */
MUST_CHECK bool relay_header(char out[RELAY_HEADER_SIZE], const struct relay_key *key,
                             struct bytes body);

#endif
