/* Keccak-256 with the original padding (0x01), which Ethereum kept and SHA-3 did not. */
#ifndef ETH_KECCAK_H
#define ETH_KECCAK_H

#include "eth/address.h"

/** Of a longer input no trail is kept. Its states take half as much again. */
#define KECCAK_TRAIL_MAX ((size_t)256 << 10)

/** Where the sponge stood behind each block of the last input: one that begins like it is absorbed
 *  from where they part. Owned; zero-initialise, then keccak_trail_release. */
struct keccak_trail {
    struct buffer input; /* its whole blocks */
    struct buffer states;
};

void keccak_trail_release(struct keccak_trail *trail);
void keccak256(struct hash32 *out, struct bytes input);
/** The same hash, which costs little where most of the input is that of the last call. */
void keccak256_along(struct hash32 *out, struct keccak_trail *trail, struct bytes input);
/** First four bytes of the hash of "transfer(address,uint256)". */
void selector_of(uint8_t out[4], const char *signature);
/** Hash of "Transfer(address,address,uint256)". */
void topic_of(struct hash32 *out, const char *signature);

#endif
