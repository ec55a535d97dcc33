/*
 * Everything that a node says is hex, megabytes of it a minute: sixteen bytes at a time, and of the
 * rest one look-up a digit; no branch but the one that refuses.
 */
#include "base/hex.h"

#include <string.h>

/* The digit's value with bit 4 set, so that 0, what every other character gets, means none. */
#define DIGIT(value) (0x10 | (value))

static const uint8_t digit_of[256] = {
    ['0'] = DIGIT(0),  ['1'] = DIGIT(1),  ['2'] = DIGIT(2),  ['3'] = DIGIT(3),  ['4'] = DIGIT(4),
    ['5'] = DIGIT(5),  ['6'] = DIGIT(6),  ['7'] = DIGIT(7),  ['8'] = DIGIT(8),  ['9'] = DIGIT(9),
    ['a'] = DIGIT(10), ['b'] = DIGIT(11), ['c'] = DIGIT(12), ['d'] = DIGIT(13), ['e'] = DIGIT(14),
    ['f'] = DIGIT(15), ['A'] = DIGIT(10), ['B'] = DIGIT(11), ['C'] = DIGIT(12), ['D'] = DIGIT(13),
    ['E'] = DIGIT(14), ['F'] = DIGIT(15),
};

/* Bytes, or their digits, that are looked at together: what every processor of ours can. */
#define LANES 16

#define BYTE_LANES __attribute__((vector_size(LANES))) uint8_t
#define PAIR_LANES __attribute__((vector_size(LANES))) uint16_t

static BYTE_LANES lanes_at(const void *from)
{
    BYTE_LANES value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* What each digit is worth. Out: *strange  gets bits where one is none */
static BYTE_LANES values_of(BYTE_LANES *strange, BYTE_LANES digit)
{
    BYTE_LANES decimal = digit - '0';
    BYTE_LANES letter = (digit | 0x20) - 'a';
    BYTE_LANES is_decimal = (BYTE_LANES)(decimal <= 9);
    BYTE_LANES is_letter = (BYTE_LANES)(letter <= 5);
    *strange |= ~(is_decimal | is_letter);
    return (decimal & is_decimal) | ((letter + 10) & is_letter);
}

/* Each pair of digits as the byte that it stands for, in the lower half of the pair. */
static PAIR_LANES joined(BYTE_LANES value)
{
    return ((PAIR_LANES)value << 4 | (PAIR_LANES)value >> 8) & 0xff;
}

/* Writes `size` / LANES × LANES bytes; false: a digit of theirs is none. */
static bool decode_lanes(uint8_t *out, size_t size, const uint8_t *digit)
{
    BYTE_LANES strange = {0};
    for (size_t at = 0; at + LANES <= size; at += LANES) {
        BYTE_LANES first = (BYTE_LANES)joined(values_of(&strange, lanes_at(digit + 2 * at)));
        BYTE_LANES second =
            (BYTE_LANES)joined(values_of(&strange, lanes_at(digit + 2 * at + LANES)));
        BYTE_LANES bytes = __builtin_shufflevector(first, second, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
                                                   20, 22, 24, 26, 28, 30);
        memcpy(out + at, &bytes, sizeof bytes);
    }
    uint64_t half[2];
    memcpy(half, &strange, sizeof half);
    return (half[0] | half[1]) == 0;
}

bool hex_decode(uint8_t *out, size_t size, const char *text, size_t length)
{
    if (length % 2 != 0 || length / 2 != size)
        return false;
    const uint8_t *digit = (const uint8_t *)text;
    unsigned all = decode_lanes(out, size, digit) ? 0x10 : 0;
    for (size_t i = size / LANES * LANES; i < size; i++) {
        unsigned high = digit_of[digit[2 * i]];
        unsigned low = digit_of[digit[2 * i + 1]];
        all &= high & low;
        out[i] = (uint8_t)(high << 4 | (low & 0x0f));
    }
    return all == 0x10;
}

bool hex_decode_prefixed(struct buffer *out, const char *text, size_t length)
{
    if (length < 2 || text[0] != '0' || text[1] != 'x' || length % 2 != 0)
        return false;
    size_t size = length / 2 - 1;
    size_t start = out->size;
    buffer_reserve(out, size + 1);
    if (!hex_decode(out->data + start, size, text + 2, length - 2))
        return false;
    out->size = start + size;
    return true;
}

static BYTE_LANES digits_of(BYTE_LANES value)
{
    return value + '0' + ((BYTE_LANES)(value > 9) & ('a' - '0' - 10));
}

static void encode_lanes(char *out, struct bytes bytes)
{
    for (size_t at = 0; at + LANES <= bytes.size; at += LANES) {
        BYTE_LANES value = lanes_at(bytes.data + at);
        BYTE_LANES high = digits_of((BYTE_LANES)((PAIR_LANES)value >> 4) & 0x0f);
        BYTE_LANES low = digits_of(value & 0x0f);
        BYTE_LANES first = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5,
                                                   21, 6, 22, 7, 23);
        BYTE_LANES second = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
                                                    13, 29, 14, 30, 15, 31);
        memcpy(out + 2 * at, &first, sizeof first);
        memcpy(out + 2 * at + LANES, &second, sizeof second);
    }
}

void hex_encode(char *out, struct bytes bytes)
{
    static const char digit[] = "0123456789abcdef";
    encode_lanes(out, bytes);
    for (size_t i = bytes.size / LANES * LANES; i < bytes.size; i++) {
        out[2 * i] = digit[bytes.data[i] >> 4];
        out[2 * i + 1] = digit[bytes.data[i] & 0x0f];
    }
    out[2 * bytes.size] = '\0';
}

bool hex_quantity(uint64_t *out, const char *text, size_t length)
{
    if (length < 3 || text[0] != '0' || text[1] != 'x')
        return false;
    uint64_t value = 0;
    for (size_t i = 2; i < length; i++) {
        unsigned digit = digit_of[(uint8_t)text[i]];
        if (digit == 0 || value >> 60 != 0)
            return false;
        value = value << 4 | (digit & 0x0f);
    }
    *out = value;
    return true;
}
