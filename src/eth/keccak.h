/* Keccak-256 with the original padding (0x01), which Ethereum kept and SHA-3 did not. */
#ifndef ETH_KECCAK_H
#define ETH_KECCAK_H

#include "eth/address.h"

void keccak256(struct hash32 *out, struct bytes input);
/** First four bytes of the hash of "transfer(address,uint256)". */
void selector_of(uint8_t out[4], const char *signature);
/** Hash of "Transfer(address,address,uint256)". */
void topic_of(struct hash32 *out, const char *signature);

#endif
