/*
 * Reads one YAML document by tables: a table names a mapping's keys, how each is taken and what to
 * write where it is missing. Whatever is wrong becomes a fault with its mark, and reading goes on,
 * so that an operator sees all of them at once.
 */
#ifndef KEEPER_CONFIG_NODE_H
#define KEEPER_CONFIG_NODE_H

#include <yaml.h>

#include "base/text.h"
#include "base/units.h"

/** Faults listed; further ones are only counted. */
#define CONFIG_FAULTS_MAX 64
#define CONFIG_PLACE_MAX 96

struct config_fault {
    size_t line; /* from 1 */
    size_t column;
    char text[320]; /* "KEY: what is wrong; what to do" */
};

struct config_reader {
    yaml_document_t *document;
    uint32_t fault_count;
    uint32_t fault_dropped;
    struct config_fault fault[CONFIG_FAULTS_MAX];
};

/** A node, and the name under which it stands: "chain.endpoints[1].url". */
struct config_place {
    const yaml_node_t *node;
    char name[CONFIG_PLACE_MAX];
};

struct config_field {
    const char *key;
    void (*take)(struct config_reader *reader, const struct config_field *field,
                 const struct config_place *place, void *target);
    const char *hint; /* "what to do", for a missing or a wrong value */
    size_t offset;    /* of the target in what the table fills */
    size_t size;      /* of a text, its NUL included */
    uint64_t min;     /* of a number, or of a duration in ms */
    uint64_t max;
    const char *const *choice; /* of an enum in its order, up to a NULL */
    bool is_required;
};

struct config_table {
    const struct config_field *field;
    uint32_t count; /* at most 32 */
};

/** Of a mapping under way: which fields had their turn. */
struct config_fields_seen {
    uint32_t mask;
    void *base;
};

/** `mark` counts from 0, as libyaml does. */
__attribute__((format(printf, 4, 5))) void config_fault_at(struct config_reader *reader,
                                                           const yaml_mark_t *mark,
                                                           const char *name, const char *format,
                                                           ...);
__attribute__((format(printf, 3, 4))) void config_fault(struct config_reader *reader,
                                                        const struct config_place *place,
                                                        const char *format, ...);
/** In order of lines, each behind "NAME:LINE:COLUMN: ". */
void config_faults_format(struct text *out, struct config_reader *reader, const char *name);

/** Every key of a mapping by its table; unknown, repeated and missing ones are faults. */
void config_take_mapping(struct config_reader *reader, const struct config_table *table,
                         const struct config_place *place, void *base);
/** The value of a key; NULL: no mapping, or no such key. */
const yaml_node_t *config_find(const struct config_reader *reader, const yaml_node_t *mapping,
                               const char *key);
/** Place of a list's item, or of a mapping's value. */
struct config_place config_item(const struct config_reader *reader, const struct config_place *list,
                                size_t index);
/** Number of items; 0 after a fault where it is no list, or one that is empty or over `max`. */
size_t config_list(struct config_reader *reader, const struct config_place *place, size_t max,
                   const char *hint);
/** The text of a scalar; NULL after a fault: no scalar, empty, or with a control character. */
const char *config_scalar(struct config_reader *reader, const struct config_field *field,
                          const struct config_place *place);
/** Secrets have no business in a config file: a fault for each that looks like one. */
void config_find_secrets(struct config_reader *reader);
bool config_is_secret_name(const char *name);
bool config_is_secret_value(const char *value);

/* How a scalar is taken; `target` is of the type named. */
void config_take_text(struct config_reader *reader, const struct config_field *field,
                      const struct config_place *place, void *target); /* char[field->size] */
void config_take_u64(struct config_reader *reader, const struct config_field *field,
                     const struct config_place *place, void *target);
void config_take_u32(struct config_reader *reader, const struct config_field *field,
                     const struct config_place *place, void *target);
/** A share like "50%", from field->min to field->max percent; none: 0. */
void config_take_percent_or_none(struct config_reader *reader, const struct config_field *field,
                                 const struct config_place *place, void *target);
/** A bare number whose key names its unit. int64_t. */
void config_take_ms(struct config_reader *reader, const struct config_field *field,
                    const struct config_place *place, void *target);
/** "20s" → int64_t, in ms. */
void config_take_duration(struct config_reader *reader, const struct config_field *field,
                          const struct config_place *place, void *target);
void config_take_wei(struct config_reader *reader, const struct config_field *field,
                     const struct config_place *place, void *target);
void config_take_address(struct config_reader *reader, const struct config_field *field,
                         const struct config_place *place, void *target);
/** unsigned int, the place in field->choice. */
void config_take_choice(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target);

#endif
