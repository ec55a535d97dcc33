/*
 * Two things are known about a block before anybody is asked: which logs it cannot hold, from its
 * bloom, and what the next one will charge, from its fullness. Both save a round trip.
 */
#include "eth/block.h"

#include "eth/keccak.h"

/* EIP-1559 */
#define ELASTICITY 2
#define BASE_FEE_CHANGE_DENOMINATOR 8

struct bloom_bits bloom_bits_of(struct bytes item)
{
    struct bloom_bits bits;
    struct hash32 hash;
    keccak256(&hash, item);
    for (size_t i = 0; i < BLOOM_BITS; i++)
        bits.bit[i] = (uint16_t)((hash.byte[2 * i] << 8 | hash.byte[2 * i + 1]) % 2048);
    return bits;
}

bool bloom_has(const uint8_t bloom[256], const struct bloom_bits *bits)
{
    for (size_t i = 0; i < BLOOM_BITS; i++) {
        unsigned bit = bits->bit[i];
        if ((bloom[255 - bit / 8] >> bit % 8 & 1) == 0)
            return false;
    }
    return true;
}

struct wei header_next_base_fee(const struct header *header)
{
    uint64_t target = header->gas_limit / ELASTICITY;
    if (target == 0 || header->gas_used == target)
        return header->base_fee;
    bool is_rising = header->gas_used > target;
    struct u256 distance =
        u256_of(is_rising ? header->gas_used - target : target - header->gas_used);
    /* floor(floor(x / target) / 8) is floor(x / (8 × target)). */
    struct u256 divisor = u256_of_u128((unsigned __int128)target * BASE_FEE_CHANGE_DENOMINATOR);
    struct u256 delta;
    struct wei next;
    if (!u256_mul_div(&delta, &header->base_fee.value, &distance, &divisor))
        delta = U256_MAX;
    if (!is_rising) {
        next.value = u256_sub_floor(&header->base_fee.value, &delta);
        return next;
    }
    if (u256_is_zero(&delta))
        delta = U256_ONE;
    /* A header that a node made up may hold any fee: then the next one is the highest there is. */
    if (!u256_add(&next.value, &header->base_fee.value, &delta))
        next.value = U256_MAX;
    return next;
}
