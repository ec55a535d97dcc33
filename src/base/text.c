/*
 * Requests, decisions and reasons are text, and thinking rooms may not touch printf: it reads the
 * locale, and its formats are checked by nobody at run time. Each kind of value has its own word.
 */
#include "base/text.h"

#include <string.h>

#include "base/hex.h"

void text_release(struct text *text)
{
    buffer_release(&text->buffer);
}

void text_clear(struct text *text)
{
    buffer_clear(&text->buffer);
    if (text->buffer.data != NULL)
        text->buffer.data[0] = '\0';
}

const char *text_string(const struct text *text)
{
    return text->buffer.data == NULL ? "" : (const char *)text->buffer.data;
}

size_t text_length(const struct text *text)
{
    return text->buffer.size;
}

struct bytes text_bytes(const struct text *text)
{
    return buffer_bytes(&text->buffer);
}

/* Room for `size` characters, with the NUL already behind them. */
static char *text_extend(struct text *text, size_t size)
{
    buffer_reserve(&text->buffer, size + 1);
    char *start = (char *)text->buffer.data + text->buffer.size;
    start[size] = '\0';
    text->buffer.size += size;
    return start;
}

void text_add_bytes(struct text *text, struct bytes bytes)
{
    if (bytes.size != 0)
        memcpy(text_extend(text, bytes.size), bytes.data, bytes.size);
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, bytes_of_text(string));
}

void text_add_char(struct text *text, char c)
{
    *text_extend(text, 1) = c;
}

void text_add_u64(struct text *text, uint64_t value)
{
    char reversed[20];
    size_t count = 0;
    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    char *out = text_extend(text, count);
    for (size_t i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
}

void text_add_i64(struct text *text, int64_t value)
{
    if (value < 0)
        text_add_char(text, '-');
    /* Negated as unsigned, because −INT64_MIN is no int64_t. */
    text_add_u64(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void text_add_u256(struct text *text, const struct u256 *value)
{
    char digits[U256_TEXT_SIZE];
    size_t count = u256_format(digits, value);
    text_add_bytes(text, bytes_of(digits, count));
}

void text_add_fixed(struct text *text, const struct u256 *value, unsigned decimals, unsigned shown)
{
    char digits[U256_TEXT_SIZE];
    size_t count = u256_format(digits, value);
    size_t whole = count > decimals ? count - decimals : 0;
    if (whole == 0)
        text_add_char(text, '0');
    else
        text_add_bytes(text, bytes_of(digits, whole));
    if (shown == 0)
        return;
    text_add_char(text, '.');
    /* The digit at place i behind the point stands i behind where the point is; before the number
     * begins and behind its last decimal there are only zeros. */
    size_t missing = count < decimals ? decimals - count : 0;
    for (size_t i = 0; i < shown; i++) {
        bool is_there = i >= missing && i < decimals;
        text_add_char(text, is_there ? digits[whole + i - missing] : '0');
    }
}

void text_add_hex(struct text *text, struct bytes bytes)
{
    text_add(text, "0x");
    hex_encode(text_extend(text, 2 * bytes.size), bytes);
}

void text_add_quantity(struct text *text, uint64_t value)
{
    unsigned digits = value == 0 ? 1 : (67 - (unsigned)__builtin_clzll(value)) / 4;
    text_add(text, "0x");
    char *out = text_extend(text, digits);
    for (unsigned i = 0; i < digits; i++)
        out[i] = "0123456789abcdef"[value >> (4 * (digits - 1 - i)) & 0x0f];
}
