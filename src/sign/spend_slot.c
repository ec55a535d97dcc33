/*
 * A count that was damaged must not be read as a smaller one: a slot has a fixed size, one way of
 * being written, and a checksum over all of it.
 */
#include <string.h>

#include "eth/keccak.h"
#include "sign/spend_file.h"

static const uint8_t magic[SPEND_MAGIC_SIZE] = "plimsoll spend1";
const uint8_t spend_slot_unfinished[SPEND_MAGIC_SIZE] = "spend unfinished";

static uint8_t *put_u64(uint8_t *at, uint64_t value)
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        at[i] = (uint8_t)value;
    return at + 8;
}

static const uint8_t *get_u64(uint64_t *out, const uint8_t *at)
{
    *out = 0;
    for (int i = 0; i < 8; i++)
        *out = *out << 8 | at[i];
    return at + 8;
}

static void checksum(struct hash32 *out, const uint8_t *slot)
{
    keccak256(out, bytes_of(slot, SPEND_SLOT_SIZE - sizeof out->byte));
}

void spend_slot_encode(uint8_t out[SPEND_SLOT_SIZE], const struct spend_file *file,
                       const struct spend *spend)
{
    struct hash32 hash;
    uint8_t *at = out;

    memset(out, 0, SPEND_SLOT_SIZE);
    memcpy(at, magic, sizeof magic);
    at = put_u64(at + sizeof magic, file->sequence);
    at = put_u64(at, file->chain_id);
    memcpy(at, file->account.byte, sizeof file->account.byte);
    at = put_u64(at + sizeof file->account.byte, spend->has_begun);
    at = put_u64(at, (uint64_t)spend->begun_ms);
    u256_to_word(at, &spend->total.value);
    at = put_u64(at + 32, spend->count);
    for (uint32_t i = 0; i < spend->count; i++) {
        at = put_u64(at, spend->nonce[i]);
        u256_to_word(at, &spend->dearest[i].value);
        at += 32;
    }
    checksum(&hash, out);
    memcpy(out + SPEND_SLOT_SIZE - sizeof hash.byte, hash.byte, sizeof hash.byte);
}

bool spend_slot_decode(struct spend_file *file, struct spend *spend,
                       const uint8_t in[SPEND_SLOT_SIZE])
{
    uint64_t has_begun, begun_ms, count;
    struct hash32 hash;
    const uint8_t *at = in;

    checksum(&hash, in);
    if (memcmp(at, magic, sizeof magic) != 0 ||
        memcmp(in + SPEND_SLOT_SIZE - sizeof hash.byte, hash.byte, sizeof hash.byte) != 0)
        return false;
    at = get_u64(&file->sequence, at + sizeof magic);
    at = get_u64(&file->chain_id, at);
    memcpy(file->account.byte, at, sizeof file->account.byte);
    at = get_u64(&has_begun, at + sizeof file->account.byte);
    at = get_u64(&begun_ms, at);
    *spend = (struct spend){.has_begun = has_begun == 1,
                            .begun_ms = (int64_t)begun_ms,
                            .total.value = u256_of_word(at)};
    at = get_u64(&count, at + 32);
    if (has_begun > 1 || count > SPEND_NONCES_MAX || spend->begun_ms < 0)
        return false;
    for (; spend->count < count; spend->count++) {
        at = get_u64(&spend->nonce[spend->count], at);
        spend->dearest[spend->count].value = u256_of_word(at);
        at += 32;
    }
    return true;
}
