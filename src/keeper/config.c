/*
 * One file decides whose money is spent and where it stops. It is read whole before anything
 * happens, and an operator hears of everything that is wrong with it in one go.
 */
#include "keeper/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/config_section.h"

/* Where a key of the root stands, or the root itself, for faults about what is not there. */
static struct config_place root_place(const struct config_reader *reader, const char *section,
                                      const char *key)
{
    const yaml_node_t *root = yaml_document_get_root_node(reader->document);
    const yaml_node_t *node = config_find(reader, root, section);
    const yaml_node_t *value = config_find(reader, node, key);
    struct config_place place = {.node = value != NULL ? value : node != NULL ? node : root};

    (void)snprintf(place.name, sizeof(place.name), "%s.%s", section, key);
    return place;
}

/* What no single key can be blamed for. */
static void fees_check(struct config_reader *reader, const struct limit_settings *limits)
{
    if (!u256_is_less(&limits->fee_per_gas_max.value, &limits->priority_fee_per_gas.value))
        return;
    struct config_place place = root_place(reader, "limits", "fee_per_gas_max");
    config_fault(reader, &place,
                 "is under limits.priority_fee_per_gas (1 gwei where it is not given), so that "
                 "nothing could be sent; raise the one or lower the other");
}

/* A way that leads nowhere is found out now, not with the first liquidation. */
static void ways_check(struct config_reader *reader, const struct settings *settings)
{
    struct config_place place = root_place(reader, "chain", "endpoints");
    bool may_send = settings->chain.endpoint_count == 0;
    bool is_relayed = settings->chain.endpoint_count == 0;

    for (uint32_t i = 0; i < settings->chain.endpoint_count; i++) {
        const struct endpoint_settings *endpoint = &settings->chain.endpoint[i];

        may_send = may_send || endpoint->may_send;
        is_relayed = is_relayed || endpoint->takes_private || endpoint->takes_bundles;
    }
    if (settings->way_out == WAY_PRIVATE && !is_relayed)
        config_fault(reader, &place,
                     "none of them has the role private or bundle, and keeper.way_out is private; "
                     "give one of them such a role, or write public");
    else if (!may_send && settings->way_out == WAY_PUBLIC)
        config_fault(reader, &place,
                     "none of them may send, and keeper.mode is live; give one of them the role "
                     "send");
    else if (!may_send && settings->private_blocks > 0)
        config_fault(reader, &place,
                     "none of them may send, though what is not included goes to the public pool "
                     "after keeper.private_blocks (5 where it is not given); give one of them the "
                     "role send, or write private_blocks: 0");
}

static void machine_check(struct config_reader *reader, const struct config *config)
{
    const yaml_node_t *root = yaml_document_get_root_node(reader->document);
    const yaml_node_t *signer = config_find(reader, root, "signer");

    if (config_find(reader, root, "journal") == NULL) {
        struct config_place place = root_place(reader, "journal", "path");
        config_fault(reader, &place, "is missing; write the file that holds the journal");
    }
    if (config->settings.mode != KEEPER_LIVE)
        return;
    if (config_find(reader, signer, "keystore") == NULL &&
        config_find(reader, signer, "socket") == NULL &&
        config_find(reader, signer, "url") == NULL) {
        struct config_place place = root_place(reader, "signer", "keystore");
        config_fault(reader, &place,
                     "is missing, and keeper.mode is live; write the keystore's file (`plimsoll "
                     "key new`), or signer.socket, or signer.url");
    }
    ways_check(reader, &config->settings);
}

static void document_take(struct config_reader *reader, struct config *config, bool is_whole)
{
    static const struct config_field fields[] = {
        {.key = "chain",
         .take = config_take_chain,
         .offset = offsetof(struct config, settings.chain),
         .hint = "write which chain, and its endpoints",
         .is_required = true},
        {.key = "markets",
         .take = config_take_markets,
         .offset = offsetof(struct config, settings),
         .hint = "write `- name:`, `protocol:` and `address:` under it",
         .is_required = true},
        {.key = "keeper",
         .take = config_take_keeper,
         .offset = offsetof(struct config, settings),
         .hint = "write whose account works",
         .is_required = true},
        {.key = "limits", .take = config_take_limits},
        {.key = "signer", .take = config_take_signer},
        {.key = "journal", .take = config_take_journal},
        {.key = "report", .take = config_take_report},
    };
    static const struct config_table table = {fields, ARRAY_LENGTH(fields)};
    struct config_place root = {.node = yaml_document_get_root_node(reader->document)};

    if (root.node == NULL) {
        const yaml_mark_t start = {0};
        config_fault_at(reader, &start, "config",
                        "is empty; start from config/plimsoll.example.yaml");
        return;
    }
    if (root.node->type != YAML_MAPPING_NODE) {
        config_fault_at(reader, &root.node->start_mark, "config",
                        "must hold keys; start from config/plimsoll.example.yaml");
        return;
    }
    config_take_mapping(reader, &table, &root, config);
    config_find_secrets(reader);
    fees_check(reader, &config->settings.limits);
    struct config_place backrun = root_place(reader, "keeper", "backrun");
    config_check_backrun(reader, &backrun, &config->settings);
    struct config_place signer = root_place(reader, "signer", "policy");
    config->policy.chain_id = config->settings.chain.id;
    config_check_signer(reader, &signer, config);
    if (is_whole)
        machine_check(reader, config);
}

/* libyaml gives no line to a byte that it cannot read: count up to it. */
static void syntax_fault(struct config_reader *reader, const yaml_parser_t *parser,
                         struct bytes text)
{
    yaml_mark_t mark = parser->problem_mark;
    const char *problem = parser->problem == NULL ? "cannot be read" : parser->problem;

    if (parser->error == YAML_READER_ERROR) {
        mark = (yaml_mark_t){0};
        for (size_t i = 0; i < text.size && i < parser->problem_offset; i++) {
            mark.column = text.data[i] == '\n' ? 0 : mark.column + 1;
            mark.line += text.data[i] == '\n';
        }
    }
    config_fault_at(reader, &mark, "yaml", "%s; mend the file's syntax here or just above",
                    problem);
}

static void parser_take(struct config_reader *reader, struct config *config, yaml_parser_t *parser,
                        struct bytes text, bool is_whole)
{
    yaml_document_t document;
    yaml_document_t second;

    if (!yaml_parser_load(parser, &document)) {
        syntax_fault(reader, parser, text);
        return;
    }
    reader->document = &document;
    document_take(reader, config, is_whole);
    reader->document = NULL;
    yaml_document_delete(&document);
    if (parser->stream_end_produced)
        return;
    if (!yaml_parser_load(parser, &second)) {
        syntax_fault(reader, parser, text);
        return;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    if (root != NULL)
        config_fault_at(reader, &root->start_mark, "yaml",
                        "a second document begins; a config is one document");
    yaml_document_delete(&second);
}

static bool text_take(struct config *out, struct text *faults, struct bytes text, const char *name,
                      bool is_whole)
{
    struct config_reader *reader = must_alloc(1, sizeof(*reader));
    yaml_parser_t parser;

    memset(out, 0, sizeof(*out)); /* padding too: settings are compared as bytes */
    (void)snprintf(out->file, sizeof(out->file), "%s", name);
    config_set_defaults(out);
    MUST(yaml_parser_initialize(&parser));
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    /* libyaml asserts that there is a string, an empty one too */
    yaml_parser_set_input_string(&parser, text.size == 0 ? (const uint8_t *)"" : text.data,
                                 text.size);
    parser_take(reader, out, &parser, text, is_whole);
    yaml_parser_delete(&parser);
    bool is_sound = reader->fault_count == 0;
    config_faults_format(faults, reader, name);
    free(reader);
    return is_sound;
}

bool config_parse(struct config *out, struct text *faults, struct bytes text, const char *name)
{
    return text_take(out, faults, text, name, false);
}

static void file_fault(struct text *faults, const char *path, const char *what)
{
    text_add(faults, path);
    text_add(faults, ":1:1: config: ");
    text_add(faults, what);
    text_add(faults, "; name the config file with -c\n");
}

bool config_read(struct config *out, struct text *faults, const char *path)
{
    BUFFER content = {0};
    FILE *file = fopen(path, "re");
    size_t taken = 0;

    if (file == NULL) {
        file_fault(faults, path, strerror(errno));
        return false;
    }
    do {
        uint8_t *room = buffer_extend(&content, 16384);
        taken = fread(room, 1, 16384, file);
        content.size -= 16384 - taken;
    } while (taken > 0 && content.size <= CONFIG_SIZE_MAX);
    int failure = ferror(file) ? errno : 0;
    (void)fclose(file);
    if (failure != 0 || content.size > CONFIG_SIZE_MAX) {
        file_fault(faults, path, failure != 0 ? strerror(failure) : "is over 1 MiB");
        return false;
    }
    return text_take(out, faults, buffer_bytes(&content), path, true);
}
