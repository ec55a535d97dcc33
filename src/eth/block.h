/* A block's header as far as a keeper needs it. */
#ifndef ETH_BLOCK_H
#define ETH_BLOCK_H

#include "base/units.h"
#include "eth/address.h"

struct block_ref {
    uint64_t number;
    struct hash32 hash;
};

struct header {
    uint64_t number;
    struct hash32 hash;
    struct hash32 parent;
    uint64_t timestamp_s;
    struct wei base_fee;
    uint64_t gas_limit;
    uint64_t gas_used;
    uint8_t bloom[256];
};

/** Yellow Paper 4.3.1: may a log of this address (20 bytes) or topic (32) be in the block? */
bool bloom_has(const uint8_t bloom[256], struct bytes item);

/** EIP-1559: the base fee of the block behind this one. */
struct wei header_next_base_fee(const struct header *header);

#endif
