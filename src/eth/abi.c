/*
 * What a contract is told and what it answers is words of 32 bytes with offsets between them. The
 * answers come from contracts and nodes that nobody here wrote: every offset is an attempt to read
 * somewhere else until its bound has been checked.
 */
#include "eth/abi.h"

#include <string.h>

#include "eth/keccak.h"

void abi_add_selector(struct buffer *out, const char *signature)
{
    selector_of(buffer_extend(out, 4), signature);
}

/* Nearly every number here fits its last eight bytes. */
#define NARROW (ABI_WORD - sizeof(uint64_t))

/* In: word  whose first bytes are zero */
static void narrow_put(uint8_t *word, uint64_t value)
{
    uint64_t big_endian = __builtin_bswap64(value);
    memcpy(word + NARROW, &big_endian, sizeof big_endian);
}

void abi_add_u64(struct buffer *out, uint64_t value)
{
    narrow_put(buffer_extend(out, ABI_WORD), value);
}

void abi_add_u256(struct buffer *out, const struct u256 *value)
{
    u256_to_word(buffer_extend(out, ABI_WORD), value);
}

void abi_add_address(struct buffer *out, const struct address *address)
{
    memcpy(buffer_extend(out, ABI_WORD) + 12, address->byte, sizeof address->byte);
}

void abi_add_bool(struct buffer *out, bool value)
{
    abi_add_u64(out, value ? 1 : 0);
}

void abi_add_bytes(struct buffer *out, struct bytes bytes)
{
    abi_add_u64(out, bytes.size);
    buffer_add_bytes(out, bytes);
    buffer_extend(out, (ABI_WORD - bytes.size % ABI_WORD) % ABI_WORD);
}

void abi_set_u64(struct buffer *out, size_t position, uint64_t value)
{
    MUST(position <= out->size && out->size - position >= ABI_WORD);
    memset(out->data + position, 0, NARROW);
    narrow_put(out->data + position, value);
}

/* NULL behind the end. */
static const uint8_t *word_at(struct bytes data, size_t index)
{
    return index < data.size / ABI_WORD ? data.data + index * ABI_WORD : NULL;
}

bool abi_u256(struct u256 *out, struct bytes data, size_t index)
{
    const uint8_t *word = word_at(data, index);
    if (word == NULL)
        return false;
    *out = u256_of_word(word);
    return true;
}

bool abi_u64(uint64_t *out, struct bytes data, size_t index)
{
    const uint8_t *word = word_at(data, index);
    uint64_t quarter[4];
    if (word == NULL)
        return false;
    memcpy(quarter, word, sizeof quarter);
    if ((quarter[0] | quarter[1] | quarter[2]) != 0)
        return false;
    *out = __builtin_bswap64(quarter[3]);
    return true;
}

bool abi_address(struct address *out, struct bytes data, size_t index)
{
    const uint8_t *word = word_at(data, index);
    return word != NULL && address_of_word(out, word);
}

bool abi_bool(bool *out, struct bytes data, size_t index)
{
    uint64_t value;
    if (!abi_u64(&value, data, index) || value > 1)
        return false;
    *out = value == 1;
    return true;
}

/* The length word that the offset at word `index` points to, and all that follows it. */
static bool dynamic_at(uint64_t *length, struct bytes *rest, struct bytes data, size_t index)
{
    uint64_t offset;
    if (!abi_u64(&offset, data, index) || offset > data.size)
        return false;
    struct bytes tail = bytes_slice(data, offset, data.size - offset);
    if (!abi_u64(length, tail, 0))
        return false;
    *rest = bytes_slice(tail, ABI_WORD, tail.size - ABI_WORD);
    return true;
}

bool abi_bytes(struct bytes *out, struct bytes data, size_t index)
{
    uint64_t length;
    struct bytes rest;
    if (!dynamic_at(&length, &rest, data, index) || length > rest.size)
        return false;
    *out = bytes_slice(rest, 0, length);
    return true;
}

bool abi_array(struct bytes *out, size_t *count, struct bytes data, size_t index)
{
    uint64_t length;
    struct bytes rest;
    /* No element is less than a word, so that a count beyond the data is a lie. */
    if (!dynamic_at(&length, &rest, data, index) || length > rest.size / ABI_WORD)
        return false;
    *out = rest;
    *count = length;
    return true;
}

bool abi_symbol(char *out, size_t size, struct bytes data)
{
    MUST(size > 0);
    struct bytes text;
    if (data.size == ABI_WORD) {
        const uint8_t *end = memchr(data.data, 0, ABI_WORD);
        text = bytes_slice(data, 0, end == NULL ? ABI_WORD : (size_t)(end - data.data));
    } else if (!abi_bytes(&text, data, 0)) {
        return false;
    }
    size_t length = text.size < size - 1 ? text.size : size - 1;
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = text.data[i];
        out[i] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
    }
    out[length] = '\0';
    return true;
}
