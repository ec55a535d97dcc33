/* What was escaped to fit on a line comes back as the bytes that it was. */
#include <string.h>

#include "tape/scan.h"

static uint32_t hex4(const uint8_t *digits)
{
    uint32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t low = digits[i] & 0x0fu;
        value = value << 4 | (digits[i] <= '9' ? low : low + 9);
    }
    return value;
}

static size_t put_utf8(uint8_t *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (code & 0x3f));
    return 4;
}

/* At the backslash of an escape that the scan has found whole. Out: *used  of it. Returns how many
 * bytes it stands for, 0: half of a pair. */
static size_t put_escape(uint8_t *out, size_t *used, const uint8_t *escape)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    if (escape[1] != 'u') {
        *used = 2;
        out[0] = (uint8_t)meant[strchr(letters, escape[1]) - letters];
        return 1;
    }
    uint32_t code = hex4(escape + 2);
    *used = 6;
    if (code < 0xd800 || code > 0xdfff)
        return put_utf8(out, code);
    /* The closing quote stands behind, so that these six can be looked at one by one. */
    if (code > 0xdbff || escape[6] != '\\' || escape[7] != 'u')
        return 0;
    uint32_t low = hex4(escape + 8);
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    *used = 12;
    return put_utf8(out, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
}

bool scan_string(struct bytes *out, struct bytes value, struct arena *arena)
{
    if (value.size < 2 || value.data[0] != '"')
        return false;
    /* No escape is shorter than what it stands for. */
    uint8_t *text = arena_take(arena, value.size);
    const uint8_t *next = value.data + 1;
    const uint8_t *end = value.data + value.size - 1;
    size_t size = 0;
    while (next < end) {
        const uint8_t *escape = memchr(next, '\\', (size_t)(end - next));
        size_t plain = (size_t)((escape == NULL ? end : escape) - next);
        memcpy(text + size, next, plain);
        size += plain;
        next += plain;
        if (escape == NULL)
            break;
        size_t used;
        size_t put = put_escape(text + size, &used, escape);
        if (put == 0)
            return false;
        size += put;
        next += used;
    }
    *out = bytes_of(text, size);
    return true;
}

bool scan_u64(uint64_t *out, struct bytes value)
{
    uint64_t number = 0;
    if (value.size == 0)
        return false;
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < '0' || value.data[i] > '9' ||
            __builtin_mul_overflow(number, (uint64_t)10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(value.data[i] - '0'), &number))
            return false;
    }
    *out = number;
    return true;
}

bool scan_i64(int64_t *out, struct bytes value)
{
    uint64_t number;
    bool is_negative = value.size > 0 && value.data[0] == '-';
    if (!scan_u64(&number, is_negative ? bytes_slice(value, 1, value.size - 1) : value))
        return false;
    if (number > (uint64_t)INT64_MAX + is_negative)
        return false;
    *out = is_negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}
