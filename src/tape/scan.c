/*
 * A recording must give back the very bytes that a node sent, and a JSON library gives back what
 * they meant. So an answer is embedded as it came, and cut out again by looking only for its end.
 */
#include "tape/scan.h"

#include <string.h>

static bool skip_value(struct scan *scan, unsigned depth);

static bool is_left(const struct scan *scan)
{
    return scan->at < scan->text.size;
}

static uint8_t next_byte(const struct scan *scan)
{
    return is_left(scan) ? scan->text.data[scan->at] : 0;
}

static void skip_space(struct scan *scan)
{
    while (is_left(scan)) {
        uint8_t byte = scan->text.data[scan->at];
        if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n')
            return;
        scan->at++;
    }
}

static bool skip_byte(struct scan *scan, uint8_t byte)
{
    skip_space(scan);
    if (next_byte(scan) != byte)
        return false;
    scan->at++;
    return true;
}

static bool skip_word(struct scan *scan, const char *word)
{
    size_t length = strlen(word);
    if (scan->text.size - scan->at < length ||
        memcmp(scan->text.data + scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

static bool skip_digits(struct scan *scan)
{
    size_t start = scan->at;
    while (next_byte(scan) >= '0' && next_byte(scan) <= '9')
        scan->at++;
    return scan->at > start;
}

static bool skip_number(struct scan *scan)
{
    if (next_byte(scan) == '-')
        scan->at++;
    if (next_byte(scan) == '0')
        scan->at++;
    else if (!skip_digits(scan))
        return false;
    if (next_byte(scan) == '.') {
        scan->at++;
        if (!skip_digits(scan))
            return false;
    }
    if (next_byte(scan) != 'e' && next_byte(scan) != 'E')
        return true;
    scan->at++;
    if (next_byte(scan) == '+' || next_byte(scan) == '-')
        scan->at++;
    return skip_digits(scan);
}

static bool is_hex_digit(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F');
}

/* At the backslash. */
static bool skip_escape(struct scan *scan)
{
    const uint8_t *rest = scan->text.data + scan->at;
    size_t size = scan->text.size - scan->at;
    if (size < 2 || rest[1] == '\0' || strchr("\"\\/bfnrtu", rest[1]) == NULL)
        return false;
    if (rest[1] != 'u') {
        scan->at += 2;
        return true;
    }
    if (size < 6 || !is_hex_digit(rest[2]) || !is_hex_digit(rest[3]) || !is_hex_digit(rest[4]) ||
        !is_hex_digit(rest[5]))
        return false;
    scan->at += 6;
    return true;
}

/* Length of the sequence at `rest`, 0 where it is none (Unicode 15, table 3-7). */
static size_t utf8_length(const uint8_t *rest, size_t size)
{
    uint8_t first = rest[0];
    size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length == 1)
        return 1;
    if (first < 0xc2 || first > 0xf4 || size < length)
        return 0;
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (rest[1] < low || rest[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if (rest[i] < 0x80 || rest[i] > 0xbf)
            return 0;
    }
    return length;
}

/* Bytes that are looked at together: a fixed number, of which a compiler makes vectors. */
#define STRIDE 32

/* Past what ends no string, escapes nothing and is of ASCII, a stride at a time. */
static void skip_plain(struct scan *scan)
{
    const uint8_t *data = scan->text.data;

    for (; scan->at + STRIDE <= scan->text.size; scan->at += STRIDE) {
        uint8_t strange = 0;

        for (size_t i = 0; i < STRIDE; i++) {
            uint8_t byte = data[scan->at + i];
            /* with a sign, what is not of ASCII is below a space too */
            strange |= (uint8_t)(((int8_t)byte < 0x20) | (byte == '"') | (byte == '\\'));
        }
        if (strange != 0)
            return;
    }
}

/* At the opening quote. */
static bool skip_string(struct scan *scan)
{
    const uint8_t *data = scan->text.data;
    scan->at++;
    skip_plain(scan);
    while (is_left(scan)) {
        uint8_t byte = data[scan->at];
        if (byte == '"') {
            scan->at++;
            return true;
        }
        if (byte == '\\') {
            if (!skip_escape(scan))
                return false;
        } else if (byte >= 0x80) {
            size_t length = utf8_length(data + scan->at, scan->text.size - scan->at);
            if (length == 0)
                return false;
            scan->at += length;
        } else if (byte < 0x20) {
            return false;
        } else {
            scan->at++;
        }
    }
    return false;
}

static bool skip_name(struct scan *scan)
{
    skip_space(scan);
    return next_byte(scan) == '"' && skip_string(scan) && skip_byte(scan, ':');
}

/* At the opening bracket of an array or an object. */
static bool skip_list(struct scan *scan, unsigned depth)
{
    bool is_object = next_byte(scan) == '{';
    uint8_t end = is_object ? '}' : ']';
    scan->at++;
    if (depth == SCAN_DEPTH_MAX)
        return false;
    if (skip_byte(scan, end))
        return true;
    do {
        if ((is_object && !skip_name(scan)) || !skip_value(scan, depth + 1))
            return false;
    } while (skip_byte(scan, ','));
    return skip_byte(scan, end);
}

static bool skip_value(struct scan *scan, unsigned depth)
{
    skip_space(scan);
    switch (next_byte(scan)) {
    case '{':
    case '[':
        return skip_list(scan, depth);
    case '"':
        return skip_string(scan);
    case 't':
        return skip_word(scan, "true");
    case 'f':
        return skip_word(scan, "false");
    case 'n':
        return skip_word(scan, "null");
    default:
        return skip_number(scan);
    }
}

bool scan_value(struct bytes *value, struct scan *scan)
{
    skip_space(scan);
    size_t start = scan->at;
    if (!skip_value(scan, 0))
        return false;
    *value = bytes_slice(scan->text, start, scan->at - start);
    return true;
}

bool scan_enter(struct scan *scan)
{
    return skip_byte(scan, '{');
}

enum scan_member scan_member(struct bytes *name, struct bytes *value, struct scan *scan,
                             bool is_first)
{
    if (skip_byte(scan, '}'))
        return SCAN_END;
    if (!is_first && !skip_byte(scan, ','))
        return SCAN_BROKEN;
    skip_space(scan);
    size_t start = scan->at + 1;
    if (next_byte(scan) != '"' || !skip_string(scan))
        return SCAN_BROKEN;
    *name = bytes_slice(scan->text, start, scan->at - 1 - start);
    return skip_byte(scan, ':') && scan_value(value, scan) ? SCAN_MEMBER : SCAN_BROKEN;
}

bool scan_is_done(struct scan *scan)
{
    skip_space(scan);
    return !is_left(scan);
}

bool scan_is_value(struct bytes text)
{
    struct scan scan = {text, 0};
    struct bytes value;
    return scan_value(&value, &scan) && value.size == text.size;
}

bool scan_is_utf8(struct bytes text)
{
    for (size_t at = 0, length; at < text.size; at += length) {
        length = utf8_length(text.data + at, text.size - at);
        if (length == 0)
            return false;
    }
    return true;
}
