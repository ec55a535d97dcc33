/*
 * A typed key that is silently ignored has cost keepers money: a limit that nobody read. So each
 * mapping is held against its table, and what stands on either side alone is a fault.
 */
#include "keeper/config_node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fault_add(struct config_reader *reader, const yaml_mark_t *mark, const char *name,
                      const char *format, va_list values)
{
    if (reader->fault_count == CONFIG_FAULTS_MAX) {
        reader->fault_dropped++;
        return;
    }
    struct config_fault *fault = &reader->fault[reader->fault_count++];
    fault->line = mark->line + 1;
    fault->column = mark->column + 1;
    int length = snprintf(fault->text, sizeof(fault->text), "%s: ", name);
    size_t used = length < 0 ? 0 : (size_t)length;
    if (used < sizeof(fault->text))
        (void)vsnprintf(fault->text + used, sizeof(fault->text) - used, format, values);
}

void config_fault_at(struct config_reader *reader, const yaml_mark_t *mark, const char *name,
                     const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fault_add(reader, mark, name, format, values);
    va_end(values);
}

void config_fault(struct config_reader *reader, const struct config_place *place,
                  const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fault_add(reader, &place->node->start_mark, place->name, format, values);
    va_end(values);
}

static int fault_compare(const void *left, const void *right)
{
    const struct config_fault *a = left;
    const struct config_fault *b = right;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return strcmp(a->text, b->text);
}

void config_faults_format(struct text *out, struct config_reader *reader, const char *name)
{
    qsort(reader->fault, reader->fault_count, sizeof(reader->fault[0]), fault_compare);
    for (uint32_t i = 0; i < reader->fault_count; i++) {
        text_add(out, name);
        text_add_char(out, ':');
        text_add_u64(out, reader->fault[i].line);
        text_add_char(out, ':');
        text_add_u64(out, reader->fault[i].column);
        text_add(out, ": ");
        text_add(out, reader->fault[i].text);
        text_add_char(out, '\n');
    }
    if (reader->fault_dropped == 0)
        return;
    text_add(out, name);
    text_add(out, ": and ");
    text_add_u64(out, reader->fault_dropped);
    text_add(out, " more faults; mend these first\n");
}

static const yaml_node_t *node_at(const struct config_reader *reader, int index)
{
    return yaml_document_get_node(reader->document, index);
}

/* The text of a key or value, NULL where it is no scalar or has a NUL inside. */
static const char *node_text(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE)
        return NULL;
    const char *text = (const char *)node->data.scalar.value;
    return strlen(text) == node->data.scalar.length ? text : NULL;
}

/* What a file says goes to terminals and logs: no control characters, no length without end. */
static void name_shown(char out[33], const char *text)
{
    size_t length = 0;
    for (; length < 32 && text[length] != '\0'; length++) {
        unsigned char c = (unsigned char)text[length];
        out[length] = c < ' ' || c >= 0x7f ? '?' : text[length];
    }
    out[length] = '\0';
}

static struct config_place place_below(const struct config_place *parent, const yaml_node_t *node,
                                       const char *key)
{
    struct config_place place = {.node = node};
    const char *dot = parent->name[0] == '\0' ? "" : ".";
    char shown[33];

    name_shown(shown, key);
    (void)snprintf(place.name, sizeof(place.name), "%.60s%s%s", parent->name, dot, shown);
    return place;
}

static uint32_t field_find(const struct config_table *table, const char *key)
{
    uint32_t index = 0;
    while (index < table->count && strcmp(table->field[index].key, key) != 0)
        index++;
    return index;
}

static void pair_take(struct config_reader *reader, const struct config_table *table,
                      const struct config_place *parent, const yaml_node_pair_t *pair,
                      struct config_fields_seen *seen)
{
    const yaml_node_t *key = node_at(reader, pair->key);
    const char *name = node_text(key);
    if (name == NULL) {
        config_fault_at(reader, &key->start_mark, parent->name,
                        "a key that is no plain text; write KEY: VALUE");
        return;
    }
    struct config_place place = place_below(parent, node_at(reader, pair->value), name);
    uint32_t index = field_find(table, name);
    if (index == table->count && config_is_secret_name(name))
        return; /* config_find_secrets says more about it */
    if (index == table->count) {
        config_fault_at(reader, &key->start_mark, place.name,
                        "unknown key; config/plimsoll.example.yaml shows every key");
        return;
    }
    if ((seen->mask >> index & 1) != 0) {
        config_fault_at(reader, &key->start_mark, place.name,
                        "stands here a second time; keep one of the two");
        return;
    }
    seen->mask |= 1U << index;
    const struct config_field *field = &table->field[index];
    field->take(reader, field, &place, (char *)seen->base + field->offset);
}

void config_take_mapping(struct config_reader *reader, const struct config_table *table,
                         const struct config_place *place, void *base)
{
    struct config_fields_seen seen = {.base = base};

    if (place->node->type != YAML_MAPPING_NODE) {
        config_fault(reader, place, "must hold keys; write KEY: VALUE lines under it");
        return;
    }
    const yaml_node_pair_t *pair = place->node->data.mapping.pairs.start;
    for (; pair < place->node->data.mapping.pairs.top; pair++)
        pair_take(reader, table, place, pair, &seen);
    for (uint32_t i = 0; i < table->count; i++) {
        if (!table->field[i].is_required || (seen.mask >> i & 1) != 0)
            continue;
        struct config_place missing = place_below(place, place->node, table->field[i].key);
        config_fault(reader, &missing, "is missing; %s", table->field[i].hint);
    }
}

const yaml_node_t *config_find(const struct config_reader *reader, const yaml_node_t *mapping,
                               const char *key)
{
    if (mapping == NULL || mapping->type != YAML_MAPPING_NODE)
        return NULL;
    const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
    for (; pair < mapping->data.mapping.pairs.top; pair++) {
        const char *name = node_text(node_at(reader, pair->key));
        if (name != NULL && strcmp(name, key) == 0)
            return node_at(reader, pair->value);
    }
    return NULL;
}

struct config_place config_item(const struct config_reader *reader, const struct config_place *list,
                                size_t index)
{
    struct config_place place;

    place.node = node_at(reader, list->node->data.sequence.items.start[index]);
    (void)snprintf(place.name, sizeof(place.name), "%.60s[%zu]", list->name, index);
    return place;
}

size_t config_list(struct config_reader *reader, const struct config_place *place, size_t max,
                   const char *hint)
{
    if (place->node->type != YAML_SEQUENCE_NODE) {
        config_fault(reader, place, "must be a list; %s", hint);
        return 0;
    }
    const yaml_node_item_t *start = place->node->data.sequence.items.start;
    size_t count = (size_t)(place->node->data.sequence.items.top - start);
    if (count == 0)
        config_fault(reader, place, "is an empty list; %s", hint);
    if (count <= max)
        return count;
    config_fault(reader, place, "has %zu items; at most %zu are supported", count, max);
    return 0;
}

const char *config_scalar(struct config_reader *reader, const struct config_field *field,
                          const struct config_place *place)
{
    const char *text = node_text(place->node);
    if (place->node->type != YAML_SCALAR_NODE) {
        config_fault(reader, place, "must be one value, not a list or keys; %s", field->hint);
        return NULL;
    }
    bool is_plain = place->node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (text != NULL &&
        (text[0] == '\0' || (is_plain && (strcmp(text, "~") == 0 || strcmp(text, "null") == 0)))) {
        config_fault(reader, place, "is empty; %s", field->hint);
        return NULL;
    }
    bool is_clean = text != NULL;
    for (const char *c = text; is_clean && *c != '\0'; c++)
        is_clean = (unsigned char)*c >= ' ' && *c != 0x7f;
    if (is_clean)
        return text;
    config_fault(reader, place, "has a control character in it; %s", field->hint);
    return NULL;
}
