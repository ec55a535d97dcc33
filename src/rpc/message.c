/*
 * jansson reads 20 MB a second, and every answer is parsed once already. So this skips: a value
 * that nobody here wants costs a look at each of its bytes, and mostly it stands behind the id.
 */
#include "rpc/message.h"

#include <string.h>

#include "base/u256.h"

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* From inside a string to behind its closing quote, or to the end. */
static size_t string_scan(struct frame *frame, struct bytes bytes, size_t at)
{
    for (; at < bytes.size; at++) {
        if (frame->is_escaped) {
            frame->is_escaped = false;
        } else if (bytes.data[at] == '\\') {
            frame->is_escaped = true;
        } else if (bytes.data[at] == '"') {
            frame->is_in_string = false;
            return at + 1;
        }
    }
    return at;
}

/* True: the byte ends the text. */
static bool structure_scan(struct frame *frame, uint8_t byte)
{
    if (byte == '"')
        frame->is_in_string = true;
    else if (byte == '{' || byte == '[')
        frame->depth++;
    else if (byte == '}' || byte == ']')
        return --frame->depth == 0;
    return false;
}

enum frame_end frame_scan(struct frame *frame, size_t *used, struct bytes bytes)
{
    size_t at = 0;
    while (frame->depth == 0 && at < bytes.size && is_space(bytes.data[at]))
        at++;
    if (frame->depth == 0 && at < bytes.size && bytes.data[at] != '{' && bytes.data[at] != '[') {
        *used = at;
        return FRAME_BROKEN;
    }
    while (at < bytes.size) {
        if (frame->is_in_string) {
            at = string_scan(frame, bytes, at);
        } else if (structure_scan(frame, bytes.data[at++])) {
            *used = at;
            return FRAME_WHOLE;
        }
    }
    *used = at;
    return FRAME_OPEN;
}

/* ---- what a text says */

/* What is left to read. */
struct reader {
    struct bytes text;
    size_t at;
};

static uint8_t peek(struct reader *reader)
{
    while (reader->at < reader->text.size && is_space(reader->text.data[reader->at]))
        reader->at++;
    return reader->at < reader->text.size ? reader->text.data[reader->at] : 0;
}

static bool take(struct reader *reader, uint8_t wanted)
{
    if (peek(reader) != wanted)
        return false;
    reader->at++;
    return true;
}

/* One value, with its quotes or brackets. Of one that the end of the text cuts there is what there
 * is of an object or array, and nothing of anything else: half a number is another number. */
static struct bytes value_take(struct reader *reader)
{
    uint8_t first = peek(reader);
    size_t begin = reader->at;
    struct bytes rest = bytes_slice(reader->text, begin, reader->text.size - begin);
    struct frame frame = {0};
    size_t used = 0;
    if (first == '{' || first == '[') {
        (void)frame_scan(&frame, &used, rest);
    } else if (first == '"') {
        frame.is_in_string = true;
        used = string_scan(&frame, rest, 1);
    } else {
        while (used < rest.size && !is_space(rest.data[used]) && rest.data[used] != ',' &&
               rest.data[used] != '}' && rest.data[used] != ']')
            used++;
    }
    reader->at = begin + used;
    if (first == '{' || first == '[')
        return bytes_slice(rest, 0, used);
    bool is_cut = first == '"' ? frame.is_in_string : used == rest.size;
    return bytes_slice(rest, 0, is_cut ? 0 : used);
}

/* The next member of an object that was entered; false: there is none. */
static bool member_take(struct reader *reader, struct bytes *key, struct bytes *value)
{
    (void)take(reader, ',');
    if (peek(reader) != '"')
        return false;
    *key = value_take(reader);
    if (!take(reader, ':'))
        return false;
    *value = value_take(reader);
    return value->size > 0;
}

/* In quotes, as nodes write their own words. */
static bool is_word(struct bytes value, const char *word)
{
    return value.size >= 2 && value.data[0] == '"' &&
           bytes_equal(bytes_slice(value, 1, value.size - 2), bytes_of_text(word));
}

/* The last member of that name of an object; size 0: none. */
static struct bytes member_find(struct bytes object, const char *name)
{
    struct reader reader = {object, 0};
    struct bytes found = {0};
    struct bytes key;
    struct bytes value;
    if (!take(&reader, '{'))
        return found;
    while (member_take(&reader, &key, &value))
        if (is_word(key, name))
            found = value;
    return found;
}

/* Some nodes send ids back as strings. */
static bool read_id(uint64_t *out, struct bytes value)
{
    struct u256 wide;
    if (value.size >= 2 && value.data[0] == '"')
        value = bytes_slice(value, 1, value.size - 2);
    if (!u256_parse(&wide, (const char *)value.data, value.size) || !u256_fits_u64(&wide))
        return false;
    *out = wide.limb[0];
    return true;
}

static bool is_hash(struct bytes value)
{
    struct hash32 hash;
    return value.size > 2 && value.data[0] == '"' &&
           hash32_parse(&hash, (const char *)value.data + 1, value.size - 2);
}

/* A header has a parent, and comes from nobody. */
static bool is_transaction(struct bytes result)
{
    return is_hash(result) ||
           (member_find(result, "from").size > 0 && member_find(result, "parentHash").size == 0);
}

static void read_push(struct message *out, struct bytes params)
{
    struct bytes result = member_find(params, "result");
    struct bytes hash = member_find(result, "hash");
    if (is_transaction(result)) {
        out->kind = MESSAGE_POOL;
        out->pooled = result;
        return;
    }
    out->kind = MESSAGE_PUSH;
    out->has_hash = hash.size > 2 && hash.data[0] == '"' &&
                    hash32_parse(&out->hash, (const char *)hash.data + 1, hash.size - 2);
}

static void read_object(struct message *out, struct reader *reader)
{
    struct bytes params = {0};
    struct bytes key;
    struct bytes value;
    bool is_push = false;
    if (!take(reader, '{'))
        return;
    while (member_take(reader, &key, &value)) {
        if (is_word(key, "id") && read_id(&out->id, value))
            out->kind = MESSAGE_ANSWER;
        else if (is_word(key, "error"))
            out->is_error = !bytes_equal(value, bytes_of_text("null"));
        else if (is_word(key, "method"))
            is_push = is_word(value, "eth_subscription");
        else if (is_word(key, "params"))
            params = value;
    }
    if (is_push)
        read_push(out, params);
}

void message_read(struct message *out, struct bytes text)
{
    struct reader reader = {text, 0};
    *out = (struct message){.kind = MESSAGE_STRAY};
    if (!take(&reader, '[')) {
        read_object(out, &reader);
        return;
    }
    do {
        struct bytes element = value_take(&reader);
        struct reader inside = {element, 0};
        read_object(out, &inside);
    } while (out->kind != MESSAGE_ANSWER && take(&reader, ','));
    out->is_error = false;
    if (out->kind == MESSAGE_PUSH || out->kind == MESSAGE_POOL)
        *out = (struct message){.kind = MESSAGE_STRAY};
}
