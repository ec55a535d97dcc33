/*
 * After an incident somebody reads down the journal: each event must fit a line, whatever kind it
 * is, and none may be left out because this version does not know it.
 */
#include "keeper/journal_row.h"

#include <jansson.h>
#include <string.h>

#include "keeper/ink.h"
#include "keeper/since.h"

#define WHAT_WIDTH 10
#define ACCOUNT_WIDTH 42
#define WHY_WIDTH 18

/* Text from the file, without what could steer a terminal, filled up to `width` places. */
static void cell_add(struct text *out, const char *code_on, const char *text, size_t width)
{
    size_t places = 0;

    text_add(out, code_on);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        text_add_char(out, c < ' ' || c == 0x7f ? '?' : *text);
        places += (c & 0xc0) != 0x80;
    }
    text_add(out, code_on[0] == '\0' ? "" : ink_off(true, INK_GOOD));
    for (; places < width; places++)
        text_add_char(out, ' ');
    text_add(out, "  ");
}

static const char *string_at(const json_t *event, const char *key)
{
    const char *text = json_string_value(json_object_get(event, key));
    return text == NULL ? "" : text;
}

/* The verdict of a decision, what became of a transaction, else the event's own name. */
static const char *what_of(const json_t *event)
{
    const char *verdict = string_at(event, "verdict");
    const char *status = string_at(event, "status");

    if (verdict[0] != '\0')
        return verdict;
    return status[0] != '\0' ? status : string_at(event, "event");
}

static enum ink what_ink(const char *what)
{
    static const char *const good[] = {"liquidate", "mined"};
    static const char *const bad[] = {"reverted", "dropped", "drift", "breaker"};

    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        if (strcmp(what, good[i]) == 0)
            return INK_GOOD;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        if (strcmp(what, bad[i]) == 0)
            return INK_BAD;
    return INK_PLAIN;
}

/* What explains it: the reason, the stage that was too slow, the transaction's hash. */
static void why_add(struct text *out, const json_t *event)
{
    static const char *const keys[] = {"reason", "stage", "breaker", "hash"};
    const char *why = "";

    for (size_t i = 0; i < ARRAY_LENGTH(keys) && why[0] == '\0'; i++)
        why = string_at(event, keys[i]);
    size_t length = strlen(why);
    if (length <= WHY_WIDTH) {
        text_add(out, why);
        return;
    }
    text_add_bytes(out, bytes_of(why, 10));
    text_add(out, "…");
    text_add(out, why + length - 6);
}

static void net_add(struct text *out, const json_t *event)
{
    const char *net = string_at(json_object_get(event, "profit"), "net");
    const char *digits = net[0] == '-' ? net + 1 : net;
    struct u256 wei;

    if (!u256_parse(&wei, digits, strlen(digits)))
        return;
    text_add(out, digits == net ? "" : "-");
    text_add_fixed(out, &wei, 18, 6);
}

static void block_add(struct text *out, const json_t *event)
{
    const json_t *block = json_object_get(event, "block");
    if (json_is_integer(block))
        text_add_i64(out, json_integer_value(block));
}

/* Nobody wants the spaces that only hold the next column's place. */
static void line_end(struct text *out)
{
    while (out->buffer.size > 0 && out->buffer.data[out->buffer.size - 1] == ' ')
        out->buffer.size--;
    text_add_char(out, '\n');
}

void journal_head_add(struct text *out, bool colour)
{
    text_add(out, ink_on(colour, INK_FAINT));
    cell_add(out, "", "time (UTC)", 19);
    cell_add(out, "", "block", 10);
    cell_add(out, "", "what", WHAT_WIDTH);
    cell_add(out, "", "account", ACCOUNT_WIDTH);
    cell_add(out, "", "why", WHY_WIDTH);
    text_add(out, "net, ether");
    text_add(out, ink_off(colour, INK_FAINT));
    line_end(out);
}

void journal_row_add(struct text *out, bool colour, int64_t time_ms, struct bytes line)
{
    json_t *event = json_loadb((const char *)line.data, line.size, JSON_ALLOW_NUL, NULL);
    char time[24];
    TEXT shown = {0};

    time_format(time, time_ms);
    cell_add(out, ink_on(colour, INK_FAINT), time, 19);
    if (!json_is_object(event)) {
        text_add_bytes(&shown, line);
        cell_add(out, "", text_string(&shown), 0);
        line_end(out);
        json_decref(event);
        return;
    }
    const char *what = what_of(event);
    block_add(&shown, event);
    cell_add(out, "", text_string(&shown), 10);
    cell_add(out, ink_on(colour, what_ink(what)), what, WHAT_WIDTH);
    cell_add(out, "", string_at(event, "account"), ACCOUNT_WIDTH);
    text_clear(&shown);
    why_add(&shown, event);
    cell_add(out, "", text_string(&shown), WHY_WIDTH);
    text_clear(&shown);
    net_add(&shown, event);
    bool is_loss = text_string(&shown)[0] == '-';
    cell_add(out, ink_on(colour && is_loss, INK_BAD), text_string(&shown), 0);
    line_end(out);
    json_decref(event);
}
