/*
 * Ethereum froze on Keccak before NIST changed the padding, so no library's SHA-3 gives its hashes.
 * The permutation is the same: it is nettle's, and only the sponge around it is ours.
 */
#include "eth/keccak.h"

#include <nettle/sha3.h>
#include <string.h>

/* Bytes taken in between two permutations, for 256 bits: 200 − 2 × 32. */
#define RATE 136
#define LANE 8

static void absorb(struct sha3_state *state, const uint8_t block[RATE])
{
    for (size_t i = 0; i < RATE / LANE; i++) {
        uint64_t lane;
        memcpy(&lane, block + LANE * i, sizeof lane); /* lanes are little-endian, as we are */
        state->a[i] ^= lane;
    }
    sha3_permute(state);
}

/* In: rest  behind the last whole block */
static void finish(struct hash32 *out, struct sha3_state *state, struct bytes rest)
{
    uint8_t last[RATE] = {0};
    if (rest.size != 0)
        memcpy(last, rest.data, rest.size);
    last[rest.size] = 0x01;
    last[RATE - 1] |= 0x80;
    absorb(state, last);
    memcpy(out->byte, state->a, sizeof out->byte);
}

void keccak256(struct hash32 *out, struct bytes input)
{
    struct sha3_state state = {0};
    while (input.size >= RATE) {
        absorb(&state, input.data);
        input = bytes_slice(input, RATE, input.size - RATE);
    }
    finish(out, &state, input);
}

void selector_of(uint8_t out[4], const char *signature)
{
    struct hash32 hash;
    topic_of(&hash, signature);
    memcpy(out, hash.byte, 4);
}

void topic_of(struct hash32 *out, const char *signature)
{
    keccak256(out, bytes_of_text(signature));
}
