/*
 * What we kept must come back as it was or be refused: a nonce that is misread is money sent twice.
 * jansson reads the object once; the getters hold each field to its type and range.
 */
#include "eth/record.h"

#include <jansson.h>
#include <string.h>

#include "base/hex.h"

static bool value_is_plain(const json_t *value)
{
    return json_is_string(value) || json_is_integer(value) || json_is_boolean(value);
}

bool record_parse(struct record *record, struct bytes json)
{
    const char *name;
    json_t *value;

    record->root = json_loadb((const char *)json.data, json.size,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    if (!json_is_object(record->root))
        return false;
    json_object_foreach(record->root, name, value)
    {
        if (!value_is_plain(value))
            return false;
    }
    return true;
}

void record_release(struct record *record)
{
    json_decref(record->root);
    record->root = NULL;
}

bool record_has(const struct record *record, const char *name)
{
    return json_object_get(record->root, name) != NULL;
}

bool record_text(struct bytes *out, const struct record *record, const char *name)
{
    const json_t *value = json_object_get(record->root, name);

    if (!json_is_string(value))
        return false;
    *out = bytes_of(json_string_value(value), json_string_length(value));
    return true;
}

bool record_i64(int64_t *out, const struct record *record, const char *name)
{
    const json_t *value = json_object_get(record->root, name);

    if (!json_is_integer(value))
        return false;
    *out = (int64_t)json_integer_value(value);
    return true;
}

bool record_u64(uint64_t *out, const struct record *record, const char *name)
{
    int64_t value;

    if (!record_i64(&value, record, name) || value < 0)
        return false;
    *out = (uint64_t)value;
    return true;
}

bool record_u32(uint32_t *out, const struct record *record, const char *name)
{
    uint64_t value;

    if (!record_u64(&value, record, name) || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

bool record_bool(bool *out, const struct record *record, const char *name)
{
    const json_t *value = json_object_get(record->root, name);

    if (!json_is_boolean(value))
        return false;
    *out = json_is_true(value);
    return true;
}

bool record_u256(struct u256 *out, const struct record *record, const char *name)
{
    struct bytes text;

    return record_text(&text, record, name) && u256_parse(out, (const char *)text.data, text.size);
}

bool record_hex_size(size_t *out, const struct record *record, const char *name)
{
    struct bytes text;

    if (!record_text(&text, record, name) || text.size < 2 || text.size % 2 != 0 ||
        memcmp(text.data, "0x", 2) != 0)
        return false;
    *out = text.size / 2 - 1;
    return true;
}

bool record_hex(uint8_t *out, size_t size, const struct record *record, const char *name)
{
    struct bytes text;
    size_t found;

    return record_hex_size(&found, record, name) && found == size &&
           record_text(&text, record, name) &&
           hex_decode(out, size, (const char *)text.data + 2, text.size - 2);
}

bool record_address(struct address *out, const struct record *record, const char *name)
{
    struct address address;

    if (!record_hex(address.byte, sizeof(address.byte), record, name))
        return false;
    *out = address;
    return true;
}

bool record_hash32(struct hash32 *out, const struct record *record, const char *name)
{
    struct hash32 hash;

    if (!record_hex(hash.byte, sizeof(hash.byte), record, name))
        return false;
    *out = hash;
    return true;
}
