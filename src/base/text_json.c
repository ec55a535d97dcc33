/*
 * A JSON string must be valid whatever a stranger put into a token's name or an error's message:
 * one raw byte too many, and the line of the report that tells of an attack is the one that nobody
 * can read.
 */
#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Length of the UTF-8 sequence at the start of `rest` (Unicode 15, table 3-7), 0 where it is none.
 */
static size_t utf8_length(struct bytes rest)
{
    static const struct {
        uint8_t first_min, first_max, second_min, second_max, length;
    } row[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    size_t i = 0;
    while (i < ARRAY_LENGTH(row) &&
           (rest.data[0] < row[i].first_min || rest.data[0] > row[i].first_max))
        i++;
    if (i == ARRAY_LENGTH(row) || row[i].length > rest.size)
        return 0;
    for (size_t at = 1; at < row[i].length; at++) {
        uint8_t low = at == 1 ? row[i].second_min : 0x80;
        uint8_t high = at == 1 ? row[i].second_max : 0xbf;
        if (rest.data[at] < low || rest.data[at] > high)
            return 0;
    }
    return row[i].length;
}

static void text_add_json_ascii(struct text *text, uint8_t byte)
{
    switch (byte) {
    case '"':
        text_add(text, "\\\"");
        return;
    case '\\':
        text_add(text, "\\\\");
        return;
    case '\n':
        text_add(text, "\\n");
        return;
    case '\r':
        text_add(text, "\\r");
        return;
    case '\t':
        text_add(text, "\\t");
        return;
    }
    if (byte >= 0x20 && byte != 0x7f) {
        text_add_char(text, (char)byte);
        return;
    }
    text_add(text, "\\u00");
    text_add_char(text, "0123456789abcdef"[byte >> 4]);
    text_add_char(text, "0123456789abcdef"[byte & 0x0f]);
}

void text_add_json(struct text *text, struct bytes string)
{
    text_add_char(text, '"');
    size_t at = 0;
    while (at < string.size) {
        struct bytes rest = bytes_slice(string, at, string.size - at);
        size_t length = utf8_length(rest);
        if (length == 0)
            text_add(text, REPLACEMENT);
        else if (length == 1)
            text_add_json_ascii(text, rest.data[0]);
        else
            text_add_bytes(text, bytes_slice(rest, 0, length));
        at += length == 0 ? 1 : length;
    }
    text_add_char(text, '"');
}
