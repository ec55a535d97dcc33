/*
 * The same transaction must have one spelling only, or a signer can be shown one thing and sign
 * another. So the decoder refuses every form that the encoder would not have chosen.
 */
#include "eth/rlp.h"

#include <string.h>

#define SHORT_MAX 55
#define STRING_SHORT 0x80
#define STRING_LONG 0xb7
#define LIST_SHORT 0xc0
#define LIST_LONG 0xf7

/* The prefix for a payload of that size; returns its length, at most 9. */
static size_t prefix_write(uint8_t out[9], size_t size, uint8_t short_base, uint8_t long_base)
{
    if (size <= SHORT_MAX) {
        out[0] = (uint8_t)(short_base + size);
        return 1;
    }
    size_t length = 8 - (size_t)__builtin_clzll(size) / 8;
    out[0] = (uint8_t)(long_base + length);
    for (size_t i = 0; i < length; i++)
        out[1 + i] = (uint8_t)(size >> (8 * (length - 1 - i)));
    return 1 + length;
}

void rlp_add_string(struct buffer *out, struct bytes string)
{
    if (string.size == 1 && string.data[0] < STRING_SHORT) {
        buffer_add_byte(out, string.data[0]);
        return;
    }
    uint8_t prefix[9];
    size_t length = prefix_write(prefix, string.size, STRING_SHORT, STRING_LONG);
    buffer_add(out, prefix, length);
    buffer_add_bytes(out, string);
}

void rlp_add_u64(struct buffer *out, uint64_t value)
{
    struct u256 wide = u256_of(value);
    rlp_add_u256(out, &wide);
}

void rlp_add_u256(struct buffer *out, const struct u256 *value)
{
    uint8_t word[32];
    u256_to_word(word, value);
    size_t size = (u256_bits(value) + 7) / 8;
    rlp_add_string(out, bytes_of(word + sizeof word - size, size));
}

void rlp_end_list(struct buffer *out, size_t start)
{
    MUST(start <= out->size);
    uint8_t prefix[9];
    size_t size = out->size - start;
    size_t length = prefix_write(prefix, size, LIST_SHORT, LIST_LONG);
    buffer_extend(out, length);
    memmove(out->data + start + length, out->data + start, size);
    memcpy(out->data + start, prefix, length);
}

/* Reads the size behind a long prefix. In: rest  begins with the prefix */
static enum rlp_error long_size(size_t *out, struct bytes rest, size_t length)
{
    if (rest.size < 1 + length)
        return RLP_TRUNCATED;
    if (rest.data[1] == 0)
        return RLP_NOT_CANONICAL;
    uint64_t size = 0;
    for (size_t i = 0; i < length; i++)
        size = size << 8 | rest.data[1 + i];
    if (size <= SHORT_MAX)
        return RLP_NOT_CANONICAL;
    *out = size;
    return RLP_OK;
}

enum rlp_error rlp_next(struct rlp_reader *reader, struct rlp_item *out)
{
    struct bytes rest = reader->rest;
    if (rest.size == 0)
        return RLP_END;
    uint8_t first = rest.data[0];
    bool is_list = first >= LIST_SHORT;
    uint8_t short_base = is_list ? LIST_SHORT : STRING_SHORT;
    uint8_t long_base = is_list ? LIST_LONG : STRING_LONG;
    size_t header = 1;
    size_t size = 1;
    if (first < STRING_SHORT) {
        header = 0; /* a byte that is its own encoding */
    } else if (first <= long_base) {
        size = (size_t)(first - short_base);
    } else {
        size_t length = (size_t)(first - long_base);
        enum rlp_error error = long_size(&size, rest, length);
        if (error != RLP_OK)
            return error;
        header = 1 + length;
    }
    if (size > rest.size - header)
        return RLP_TRUNCATED;
    out->is_list = is_list;
    out->payload = bytes_slice(rest, header, size);
    if (header == 1 && size == 1 && !is_list && out->payload.data[0] < STRING_SHORT)
        return RLP_NOT_CANONICAL;
    reader->rest = bytes_slice(rest, header + size, rest.size - header - size);
    return RLP_OK;
}

enum rlp_error rlp_next_string(struct rlp_reader *reader, struct bytes *out)
{
    struct rlp_reader ahead = *reader;
    struct rlp_item item;
    enum rlp_error error = rlp_next(&ahead, &item);
    if (error != RLP_OK)
        return error;
    if (item.is_list)
        return RLP_WRONG_TYPE;
    *reader = ahead;
    *out = item.payload;
    return RLP_OK;
}

enum rlp_error rlp_next_list(struct rlp_reader *reader, struct rlp_reader *out)
{
    struct rlp_reader ahead = *reader;
    struct rlp_item item;
    enum rlp_error error = rlp_next(&ahead, &item);
    if (error != RLP_OK)
        return error;
    if (!item.is_list)
        return RLP_WRONG_TYPE;
    *reader = ahead;
    out->rest = item.payload;
    return RLP_OK;
}

enum rlp_error rlp_next_u64(struct rlp_reader *reader, uint64_t *out)
{
    struct rlp_reader ahead = *reader;
    struct u256 value;
    enum rlp_error error = rlp_next_u256(&ahead, &value);
    if (error != RLP_OK)
        return error;
    if (!u256_fits_u64(&value))
        return RLP_TOO_LARGE;
    *reader = ahead;
    *out = value.limb[0];
    return RLP_OK;
}

enum rlp_error rlp_next_u256(struct rlp_reader *reader, struct u256 *out)
{
    struct rlp_reader ahead = *reader;
    struct bytes string;
    enum rlp_error error = rlp_next_string(&ahead, &string);
    if (error != RLP_OK)
        return error;
    if (string.size > 0 && string.data[0] == 0)
        return RLP_NOT_CANONICAL;
    if (string.size > 32)
        return RLP_TOO_LARGE;
    *reader = ahead;
    *out = u256_of_bytes(string);
    return RLP_OK;
}

enum rlp_error rlp_check(struct bytes input)
{
    /* What is left to read on each level; a loop, because a stranger chooses the depth. */
    struct rlp_reader level[RLP_DEPTH_MAX + 1];
    size_t depth = 0;
    struct rlp_item item;
    level[0].rest = input;
    enum rlp_error error = rlp_next(&level[0], &item);
    if (error != RLP_OK)
        return error == RLP_END ? RLP_TRUNCATED : error;
    if (level[0].rest.size != 0)
        return RLP_NOT_CANONICAL;
    for (;;) {
        if (item.is_list) {
            if (depth == RLP_DEPTH_MAX)
                return RLP_TOO_LARGE;
            level[++depth].rest = item.payload;
        }
        while (depth > 0 && level[depth].rest.size == 0)
            depth--;
        if (depth == 0)
            return RLP_OK;
        error = rlp_next(&level[depth], &item);
        if (error != RLP_OK)
            return error;
    }
}

const char *rlp_error_text(enum rlp_error error)
{
    switch (error) {
    case RLP_OK:
        return "well";
    case RLP_END:
        return "no further item";
    case RLP_TRUNCATED:
        return "a length that points behind the end";
    case RLP_NOT_CANONICAL:
        return "not the shortest encoding";
    case RLP_WRONG_TYPE:
        return "a list where a string was wanted, or a string where a list was";
    case RLP_TOO_LARGE:
        return "larger or deeper than may be";
    }
    must_fail("no rlp_error", __FILE__, __LINE__);
}
