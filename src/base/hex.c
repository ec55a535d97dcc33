/*
 * Everything that a node says is hex, megabytes of it a minute: one look-up a digit, no branch but
 * the one that refuses.
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

bool hex_decode(uint8_t *out, size_t size, const char *text, size_t length)
{
    if (length % 2 != 0 || length / 2 != size)
        return false;
    const uint8_t *digit = (const uint8_t *)text;
    unsigned all = 0x10;
    for (size_t i = 0; i < size; i++) {
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

void hex_encode(char *out, struct bytes bytes)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
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
