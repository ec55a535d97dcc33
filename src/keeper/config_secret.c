/*
 * Config files are copied into tickets, repositories and recordings. A key or a password in one is
 * a leak that waits, so it is refused even where nothing would read it, and never repeated back.
 */
#include <string.h>

#include "keeper/config_node.h"

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool config_is_secret_name(const char *name)
{
    static const char *const inside[] = {"privatekey", "mnemonic", "seedphrase", "passphrase",
                                         "secretkey"};
    static const char *const whole[] = {"password", "passwd", "secret", "seed", "pk", "key"};
    char folded[64];
    size_t length = 0;

    for (; *name != '\0' && length + 1 < sizeof(folded); name++)
        if (is_lower(*name) || is_upper(*name))
            folded[length++] = is_upper(*name) ? (char)(*name - 'A' + 'a') : *name;
    folded[length] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(inside); i++)
        if (strstr(folded, inside[i]) != NULL)
            return true;
    for (size_t i = 0; i < ARRAY_LENGTH(whole); i++)
        if (strcmp(folded, whole[i]) == 0)
            return true;
    return false;
}

/* 12, 15, 18, 21 or 24 words of lower-case letters. */
static bool is_mnemonic(const char *value)
{
    size_t words = 0;
    while (*value != '\0') {
        size_t letters = 0;
        while (is_lower(value[letters]))
            letters++;
        if (letters < 3 || letters > 8)
            return false;
        words++;
        value += letters;
        if (*value != '\0' && *value++ != ' ')
            return false;
    }
    return words >= 12 && words <= 24 && words % 3 == 0;
}

bool config_is_secret_value(const char *value)
{
    size_t digits = 0;

    if (is_mnemonic(value))
        return true;
    if (value[0] == '0' && (value[1] == 'x' || value[1] == 'X'))
        value += 2;
    while (is_hex_digit(value[digits]))
        digits++;
    return digits == 64 && value[digits] == '\0';
}

static bool node_is_secret(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE &&
           config_is_secret_value((const char *)node->data.scalar.value);
}

static void secret_fault(struct config_reader *reader, const yaml_node_t *at, const char *name)
{
    config_fault_at(reader, &at->start_mark, name,
                    "a secret in the config file; put the key into a keystore (`plimsoll key "
                    "import`), its password into signer.password_file, and trust neither again");
}

static void pair_search(struct config_reader *reader, const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = yaml_document_get_node(reader->document, pair->key);
    const yaml_node_t *value = yaml_document_get_node(reader->document, pair->value);
    const char *name = key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : "";

    if (node_is_secret(key))
        secret_fault(reader, key, "a key");
    else if (config_is_secret_name(name))
        secret_fault(reader, key, name);
    else if (node_is_secret(value))
        secret_fault(reader, value, name);
}

/* Over the document's flat list of nodes and not down its tree: aliases may make that a cycle. */
void config_find_secrets(struct config_reader *reader)
{
    const yaml_node_t *node = reader->document->nodes.start;
    for (; node < reader->document->nodes.top; node++) {
        if (node->type == YAML_MAPPING_NODE) {
            const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
            for (; pair < node->data.mapping.pairs.top; pair++)
                pair_search(reader, pair);
        }
        if (node->type != YAML_SEQUENCE_NODE)
            continue;
        const yaml_node_item_t *item = node->data.sequence.items.start;
        for (; item < node->data.sequence.items.top; item++) {
            const yaml_node_t *value = yaml_document_get_node(reader->document, *item);
            if (node_is_secret(value))
                secret_fault(reader, value, "a list's item");
        }
    }
}
