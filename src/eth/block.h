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

#define BLOOM_BITS 3

/** The bits that an item sets: they cost a hash, and stay. */
struct bloom_bits {
    uint16_t bit[BLOOM_BITS]; /* counted from the end */
};

/** Yellow Paper 4.3.1, M3:2048. In: item  an address (20 bytes) or a topic (32) */
struct bloom_bits bloom_bits_of(struct bytes item);
/** May a log of that item be in the block? */
bool bloom_has(const uint8_t bloom[256], const struct bloom_bits *bits);

/** EIP-1559: the base fee of the block behind this one. */
struct wei header_next_base_fee(const struct header *header);

#endif
