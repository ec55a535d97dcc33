/*
 * A recording may have been edited by hand: order and white space are free, names that we do not
 * know are passed over, and a value that is not what it should be is refused rather than guessed.
 */
#include <string.h>

#include "base/hex.h"
#include "tape/line.h"
#include "tape/scan.h"

#define NAME(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const struct bytes NAMES[LINE_FIELDS] = {
    NAME("plimsoll"), NAME("program"),  NAME("chain"), NAME("config"), NAME("time"),
    NAME("turn"),     NAME("now"),      NAME("count"), NAME("kind"),   NAME("status"),
    NAME("id"),       NAME("endpoint"), NAME("http"),  NAME("ask"),    NAME("key"),
    NAME("key_hex"),  NAME("tail"),     NAME("json"),  NAME("text"),   NAME("hex")};

bool line_read(struct line *out, struct bytes text)
{
    struct scan scan = {text, 0};
    struct bytes name;
    struct bytes value;
    enum scan_member member;
    *out = (struct line){0};
    if (!scan_enter(&scan))
        return false;
    for (bool is_first = true;; is_first = false) {
        member = scan_member(&name, &value, &scan, is_first);
        if (member != SCAN_MEMBER)
            break;
        for (size_t i = 0; i < LINE_FIELDS; i++) {
            if (bytes_equal(name, NAMES[i]))
                out->value[i] = value;
        }
    }
    return member == SCAN_END && scan_is_done(&scan);
}

static const char *text_in(struct arena *arena, struct bytes bytes)
{
    return arena_text(arena, (const char *)bytes.data, bytes.size);
}

bool line_header(struct tape_header *out, const struct line *line, struct arena *arena)
{
    struct bytes program;
    struct bytes config = line->value[LINE_CONFIG];
    *out = (struct tape_header){0};
    if (!scan_u64(&out->version, line->value[LINE_PLIMSOLL]) || out->version == 0)
        return false;
    if (out->version > TAPE_VERSION)
        return true;
    if (!scan_u64(&out->chain_id, line->value[LINE_CHAIN]) ||
        !scan_i64(&out->now_ms, line->value[LINE_TIME]) ||
        !scan_string(&program, line->value[LINE_PROGRAM], arena) || config.size == 0)
        return false;
    if (config.data[0] == '"' && !scan_string(&config, config, arena))
        return false;
    out->program = text_in(arena, program);
    out->config = text_in(arena, config);
    return true;
}

bool line_turn(struct tape_turn *out, const struct line *line)
{
    uint64_t count;
    if (!scan_u64(&out->number, line->value[LINE_TURN]) ||
        !scan_i64(&out->now_ms, line->value[LINE_NOW]) ||
        !scan_u64(&count, line->value[LINE_COUNT]) || count > TAPE_OBSERVATIONS_MAX)
        return false;
    out->count = (size_t)count;
    return true;
}

/* In quotes, without escapes: all of our own words are. */
static bool is_word(struct bytes value, const char *word)
{
    return value.size >= 2 && value.data[0] == '"' &&
           bytes_equal(bytes_slice(value, 1, value.size - 2), bytes_of_text(word));
}

static bool read_kind(enum observation_kind *out, struct bytes value)
{
    for (int i = OBSERVATION_ANSWER; i <= OBSERVATION_POOL; i++) {
        *out = (enum observation_kind)i;
        if (is_word(value, observation_kind_text(*out)))
            return true;
    }
    return false;
}

static bool read_status(enum observation_status *out, struct bytes value)
{
    for (int i = OBSERVED_OK; i <= OBSERVED_UNRECORDED; i++) {
        *out = (enum observation_status)i;
        if (is_word(value, observation_status_text(*out)))
            return true;
    }
    return false;
}

static bool read_u16(uint16_t *out, struct bytes value)
{
    uint64_t number = 0;
    if (value.size != 0 && (!scan_u64(&number, value) || number > UINT16_MAX))
        return false;
    *out = (uint16_t)number;
    return true;
}

static bool read_hex(struct bytes *out, struct bytes value, struct arena *arena)
{
    if (value.size < 2 || value.data[0] != '"')
        return false;
    size_t size = (value.size - 2) / 2;
    uint8_t *bytes = arena_take(arena, size + 1);
    *out = bytes_of(bytes, size);
    return hex_decode(bytes, size, (const char *)value.data + 1, value.size - 2);
}

static bool read_json(struct bytes *out, const struct line *line, struct arena *arena)
{
    struct bytes json = line->value[LINE_JSON];
    struct bytes tail = {0};
    if (line->value[LINE_TAIL].size != 0 && !scan_string(&tail, line->value[LINE_TAIL], arena))
        return false;
    if (tail.size == 0) {
        *out = bytes_of(arena_copy(arena, json.data, json.size), json.size);
        return true;
    }
    uint8_t *bytes = arena_take(arena, json.size + tail.size);
    memcpy(bytes, json.data, json.size);
    memcpy(bytes + json.size, tail.data, tail.size);
    *out = bytes_of(bytes, json.size + tail.size);
    return true;
}

static bool read_body(struct bytes *out, const struct line *line, struct arena *arena)
{
    *out = (struct bytes){0};
    if (line->value[LINE_JSON].size != 0)
        return read_json(out, line, arena);
    if (line->value[LINE_TEXT].size != 0)
        return scan_string(out, line->value[LINE_TEXT], arena);
    return line->value[LINE_HEX].size == 0 || read_hex(out, line->value[LINE_HEX], arena);
}

static bool read_key(struct bytes *out, const struct line *line, struct arena *arena)
{
    *out = (struct bytes){0};
    if (line->value[LINE_KEY].size != 0)
        return scan_string(out, line->value[LINE_KEY], arena);
    return line->value[LINE_KEY_HEX].size == 0 || read_hex(out, line->value[LINE_KEY_HEX], arena);
}

static bool read_ask(char key[17], struct bytes value)
{
    memset(key, 0, 17);
    if (value.size == 0)
        return true;
    if (value.size < 2 || value.size > 18 || value.data[0] != '"')
        return false;
    memcpy(key, value.data + 1, value.size - 2);
    return strchr(key, '\\') == NULL;
}

bool line_observation(struct observation *out, char key[17], const struct line *line,
                      struct arena *arena)
{
    *out = (struct observation){0};
    return read_kind(&out->kind, line->value[LINE_KIND]) &&
           read_status(&out->status, line->value[LINE_STATUS]) &&
           scan_u64(&out->id, line->value[LINE_ID]) &&
           read_u16(&out->endpoint, line->value[LINE_ENDPOINT]) &&
           read_u16(&out->http_status, line->value[LINE_HTTP]) &&
           read_ask(key, line->value[LINE_ASK]) && read_key(&out->key, line, arena) &&
           read_body(&out->body, line, arena);
}
