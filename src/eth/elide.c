/*
 * A block header is nine kilobytes, of which a keeper wants five numbers; logs and call results are
 * nearly all hex. jansson would validate, copy and free each digit. Here one pass over the answer
 * leaves a note in place of each long run of digits, and jansson reads only what is left.
 *
 * Nothing may change its meaning. Only strings that are "0x" and hex digits to the end are
 * replaced, because they are valid JSON whatever surrounds them; never the key of an object, so
 * that doubled keys are still seen; and no string of the node's own can pass for a note of ours.
 */
#include "eth/elide.h"

#include <string.h>

#define SIZE_DIGITS_MAX 20

/* Bytes that are looked at together: a fixed number, of which a compiler makes vectors. */
#define STRIDE 32

static void add_size(struct buffer *out, size_t value)
{
    uint8_t reversed[SIZE_DIGITS_MAX];
    size_t count = 0;
    do {
        reversed[count++] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (count > 0)
        buffer_add_byte(out, reversed[--count]);
}

/* Index of the quote that ends the string whose first character is at `at`; the input's size where
 * there is none. */
static size_t string_end(struct bytes input, size_t at)
{
    const uint8_t *quote = at < input.size ? memchr(input.data + at, '"', input.size - at) : NULL;
    size_t end = quote != NULL ? (size_t)(quote - input.data) : input.size;

    if (quote == NULL || memchr(input.data + at, '\\', end - at) == NULL)
        return end;
    while (at < input.size && input.data[at] != '"')
        at += input.data[at] == '\\' ? 2 : 1;
    return at < input.size ? at : input.size;
}

/* 0: it is one. */
static uint8_t no_hex_digit(uint8_t character)
{
    uint8_t digit = (uint8_t)(character - '0');
    uint8_t letter = (uint8_t)((character | 0x20) - 'a');

    return (uint8_t)((digit > 9) & (letter > 5));
}

static bool is_hex_string(struct bytes string)
{
    uint8_t strange = 0;
    size_t at = 2;

    if (string.size < ELIDE_MIN || string.data[0] != '0' || string.data[1] != 'x')
        return false;
    for (; at + STRIDE <= string.size; at += STRIDE)
        for (size_t i = 0; i < STRIDE; i++)
            strange |= no_hex_digit(string.data[at + i]);
    for (; at < string.size; at++)
        strange |= no_hex_digit(string.data[at]);
    return strange == 0;
}

static bool is_key(struct bytes input, size_t behind_quote)
{
    while (behind_quote < input.size && memchr(" \t\r\n", input.data[behind_quote], 4) != NULL)
        behind_quote++;
    return behind_quote < input.size && input.data[behind_quote] == ':';
}

/* '@' as it is, or as the one escape that JSON has for it. */
static bool begins_like_a_note(struct bytes string)
{
    return (string.size >= 1 && string.data[0] == '@') ||
           (string.size >= 6 && memcmp(string.data, "\\u0040", 6) == 0);
}

void elide(struct buffer *out, struct bytes original)
{
    size_t copied = 0;
    size_t at = 0;
    while (at < original.size) {
        const uint8_t *quote = memchr(original.data + at, '"', original.size - at);
        if (quote == NULL)
            break;
        size_t start = (size_t)(quote - original.data) + 1;
        size_t end = string_end(original, start);
        if (end == original.size)
            break;
        at = end + 1;
        struct bytes string = bytes_slice(original, start, end - start);
        bool is_hex = is_hex_string(string);
        if ((!is_hex && !begins_like_a_note(string)) || is_key(original, at))
            continue;
        buffer_add_bytes(out, bytes_slice(original, copied, start - copied));
        buffer_add_byte(out, '@');
        copied = start;
        if (!is_hex)
            continue;
        add_size(out, start);
        buffer_add_byte(out, ',');
        add_size(out, string.size);
        copied = end;
    }
    if (original.size != 0)
        buffer_add_bytes(out, bytes_slice(original, copied, original.size - copied));
}

/* Reads digits from *at on; false: none, or more than a size can hold. */
static bool read_size(size_t *out, const char *value, size_t length, size_t *at)
{
    size_t first = *at;
    size_t result = 0;
    while (*at < length && value[*at] >= '0' && value[*at] <= '9') {
        if (__builtin_mul_overflow(result, (size_t)10, &result) ||
            __builtin_add_overflow(result, (size_t)(value[*at] - '0'), &result))
            return false;
        ++*at;
    }
    *out = result;
    return *at > first;
}

bool elide_find(const char **text, size_t *size, struct bytes original, const char *value,
                size_t length)
{
    if (length == 0 || value[0] != '@') {
        *text = value;
        *size = length;
        return true;
    }
    if (length > 1 && value[1] == '@') {
        *text = value + 1;
        *size = length - 1;
        return true;
    }
    size_t at = 1;
    size_t offset;
    size_t count;
    if (!read_size(&offset, value, length, &at) || at >= length || value[at++] != ',' ||
        !read_size(&count, value, length, &at) || at != length)
        return false;
    if (offset > original.size || count > original.size - offset)
        return false;
    *text = (const char *)original.data + offset;
    *size = count;
    return true;
}
