/*
 * A node may answer with anything, and a recording is one line for each answer that a person can
 * read and edit. What is JSON stands as it came; what would break the line is escaped; what is no
 * text is hex. In each case the very bytes can be had back.
 */
#include <string.h>

#include "base/hex.h"
#include "tape/line.h"
#include "tape/scan.h"

/* Programs that read lines take a carriage return for an end of one, too. */
static bool is_one_line(struct bytes text)
{
    return memchr(text.data, '\n', text.size) == NULL && memchr(text.data, '\r', text.size) == NULL;
}

/* Nodes written in Go end each answer with a newline, which would make a text of all that they say.
 */
static struct bytes without_tail(struct bytes body)
{
    size_t size = body.size;
    while (size > 0 && memchr(" \t\r\n", body.data[size - 1], 4) != NULL)
        size--;
    return bytes_slice(body, 0, size);
}

static void add_name(struct text *out, const char *name)
{
    text_add(out, ",\"");
    text_add(out, name);
    text_add(out, "\":");
}

static void add_hex(struct text *out, const char *name, struct bytes bytes)
{
    add_name(out, name);
    text_add_char(out, '"');
    size_t size = bytes.size * 2;
    char *digits = (char *)buffer_extend(&out->buffer, size + 1);
    hex_encode(digits, bytes);
    out->buffer.size--;
    text_add_char(out, '"');
}

static void add_text_or_hex(struct text *out, const char *text_name, const char *hex_name,
                            struct bytes bytes)
{
    if (!scan_is_utf8(bytes)) {
        add_hex(out, hex_name, bytes);
        return;
    }
    add_name(out, text_name);
    text_add_json(out, bytes);
}

static void add_body(struct text *out, struct bytes body)
{
    if (body.size == 0)
        return;
    struct bytes value = without_tail(body);
    if (value.size == 0 || !is_one_line(value) || !scan_is_value(value)) {
        add_text_or_hex(out, "text", "hex", body);
        return;
    }
    if (value.size < body.size) {
        add_name(out, "tail");
        text_add_json(out, bytes_slice(body, value.size, body.size - value.size));
    }
    add_name(out, "json");
    text_add_bytes(out, value);
}

void line_add_header(struct text *out, const struct tape_header *header)
{
    struct bytes config = bytes_of_text(header->config == NULL ? "null" : header->config);
    text_add(out, "{\"plimsoll\":");
    text_add_u64(out, header->version == 0 ? TAPE_VERSION : header->version);
    add_name(out, "program");
    text_add_json(out, bytes_of_text(header->program == NULL ? "" : header->program));
    add_name(out, "chain");
    text_add_u64(out, header->chain_id);
    add_name(out, "config");
    if (is_one_line(config) && scan_is_value(config))
        text_add_bytes(out, config);
    else
        text_add_json(out, config);
    add_name(out, "time");
    text_add_i64(out, header->now_ms);
    text_add(out, "}\n");
}

void line_add_turn(struct text *out, uint64_t number, int64_t now_ms, size_t count)
{
    text_add(out, "{\"turn\":");
    text_add_u64(out, number);
    add_name(out, "now");
    text_add_i64(out, now_ms);
    add_name(out, "count");
    text_add_u64(out, count);
    text_add(out, "}\n");
}

void line_add_observation(struct text *out, const struct observation *observation, const char *key)
{
    text_add(out, "{\"kind\":\"");
    text_add(out, observation_kind_text(observation->kind));
    text_add(out, "\",\"status\":\"");
    text_add(out, observation_status_text(observation->status));
    text_add_char(out, '"');
    add_name(out, "id");
    text_add_u64(out, observation->id);
    if (observation->kind == OBSERVATION_ANSWER || observation->endpoint != 0) {
        add_name(out, "endpoint");
        text_add_u64(out, observation->endpoint);
    }
    if (observation->kind == OBSERVATION_ANSWER || observation->http_status != 0) {
        add_name(out, "http");
        text_add_u64(out, observation->http_status);
    }
    if (key != NULL && key[0] != '\0') {
        add_name(out, "ask");
        text_add_json(out, bytes_of_text(key));
    }
    if (observation->key.size != 0)
        add_text_or_hex(out, "key", "key_hex", observation->key);
    add_body(out, observation->body);
    text_add(out, "}\n");
}
