/*
 * What real contracts returned, as published with the values that it means. A small encoder over
 * our words makes the same bytes; our readers find the values of the types that they have.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "eth/abi.h"
#include "tests/eth/bytes_of_hex.h"
#include "tests/vectors/vectors.h"

/* "address[4]" is an array of 4; "bytes[]" one of any length; else no array. Out: length of the
 * element's type. */
static bool split_array(const char *type, size_t *element, long *fixed)
{
    const char *bracket = strrchr(type, '[');
    if (bracket == NULL)
        return false;
    *element = (size_t)(bracket - type);
    *fixed = bracket[1] == ']' ? -1 : atol(bracket + 1);
    return true;
}

static bool is_dynamic(const char *type)
{
    if (strstr(type, "[]") != NULL)
        return true;
    return strncmp(type, "string", 6) == 0 || strcmp(type, "bytes") == 0 ||
           strncmp(type, "bytes[", 6) == 0;
}

/* A JSON value's own text: bytes as hex, numbers as digits. */
static const char *text_of(const json_t *value)
{
    return json_string_value(json_object_get(value, "value"));
}

static void add_value(struct buffer *out, const char *type, const json_t *value);

/* Heads, with offsets for what is dynamic, then tails. */
static void add_sequence(struct buffer *out, const char **type, const json_t *values)
{
    size_t start = out->size;
    size_t count = json_array_size(values);
    size_t *head = must_alloc(count, sizeof *head);
    for (size_t i = 0; i < count; i++) {
        head[i] = out->size;
        if (is_dynamic(type[i]))
            abi_add_u64(out, 0);
        else
            add_value(out, type[i], json_array_get(values, i));
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_dynamic(type[i]))
            continue;
        abi_set_u64(out, head[i], out->size - start);
        add_value(out, type[i], json_array_get(values, i));
    }
    free(head);
}

static void add_array(struct buffer *out, const char *element, long fixed, const json_t *values)
{
    size_t count = json_array_size(values);
    const char **type = must_alloc(count, sizeof *type);
    for (size_t i = 0; i < count; i++)
        type[i] = element;
    if (fixed < 0)
        abi_add_u64(out, count);
    add_sequence(out, type, values);
    free(type);
}

static void add_integer(struct buffer *out, const char *digits)
{
    struct u256 value;
    bool is_negative = digits[0] == '-';
    cr_assert(u256_parse(&value, digits + is_negative, strlen(digits) - is_negative));
    if (is_negative) { /* two's complement */
        cr_assert(u256_sub(&value, &value, &U256_ONE));
        for (size_t i = 0; i < 4; i++)
            value.limb[i] = ~value.limb[i];
    }
    abi_add_u256(out, &value);
}

static void add_value(struct buffer *out, const char *type, const json_t *value)
{
    size_t length;
    long fixed;
    BUFFER bytes = {0};
    if (split_array(type, &length, &fixed)) {
        char element[64] = "";
        memcpy(element, type, length);
        add_array(out, element, fixed, value);
    } else if (strcmp(type, "string") == 0) {
        abi_add_bytes(out, bytes_of_text(text_of(value)));
    } else if (strcmp(type, "bytes") == 0) {
        abi_add_bytes(out, bytes_of_hex(&bytes, text_of(value)));
    } else if (strncmp(type, "bytes", 5) == 0) {
        struct bytes few = bytes_of_hex(&bytes, text_of(value));
        memcpy(buffer_extend(out, ABI_WORD), few.data, few.size);
    } else if (strcmp(type, "address") == 0) {
        struct address address;
        const char *text = text_of(value);
        cr_assert(eq(int, address_parse(&address, text, strlen(text)), ADDRESS_OK));
        abi_add_address(out, &address);
    } else if (strcmp(type, "bool") == 0) {
        abi_add_bool(out, json_is_true(json_object_get(value, "value")));
    } else {
        add_integer(out, text_of(value));
    }
}

/* Words that a value takes where it stands: a dynamic one only its offset. */
static size_t head_words(const char *type)
{
    size_t length;
    long fixed;
    if (is_dynamic(type) || !split_array(type, &length, &fixed))
        return 1;
    char element[64] = "";
    memcpy(element, type, length);
    return (size_t)fixed * head_words(element);
}

/* Reads what our readers have a word for; *index is where the next value's head begins. */
static void expect_value(struct bytes data, size_t *index, const char *type, const json_t *value)
{
    size_t length;
    long fixed;
    size_t at = *index;
    bool is_array = split_array(type, &length, &fixed);
    *index += head_words(type);
    BUFFER bytes = {0};
    if (is_array && fixed < 0) {
        struct bytes rest;
        size_t count;
        cr_assert(abi_array(&rest, &count, data, at));
        cr_assert(eq(sz, count, json_array_size(value)));
    } else if (is_array) {
        return;
    } else if (strcmp(type, "string") == 0 || strcmp(type, "bytes") == 0) {
        struct bytes found;
        bool is_text = strcmp(type, "string") == 0;
        cr_assert(abi_bytes(&found, data, at));
        cr_assert(bytes_equal(found, is_text ? bytes_of_text(text_of(value))
                                             : bytes_of_hex(&bytes, text_of(value))));
    } else if (strcmp(type, "address") == 0) {
        struct address address;
        char text[ADDRESS_TEXT_SIZE];
        cr_assert(abi_address(&address, data, at));
        address_format(text, &address);
        cr_assert(eq(str, text, (char *)text_of(value)));
    } else if (strcmp(type, "bool") == 0) {
        bool flag;
        cr_assert(abi_bool(&flag, data, at));
        cr_assert(eq(int, flag, json_is_true(json_object_get(value, "value"))));
    }
}

static void judge(const json_t *vector)
{
    json_t *types = json_loads(vector_text(vector, "types"), 0, NULL);
    json_t *values = json_loads(vector_text(vector, "normalizedValues"), 0, NULL);
    const char *type[64];
    size_t count = json_array_size(types);
    cr_assert(le(sz, count, ARRAY_LENGTH(type)));
    for (size_t i = 0; i < count; i++)
        type[i] = json_string_value(json_array_get(types, i));
    BUFFER ours = {0};
    add_sequence(&ours, type, values);
    cr_assert(is_hex(buffer_bytes(&ours), vector_text(vector, "result")), "%s",
              vector_text(vector, "name"));
    size_t index = 0;
    for (size_t i = 0; i < count; i++)
        expect_value(buffer_bytes(&ours), &index, type[i], json_array_get(values, i));
    json_decref(types);
    json_decref(values);
}

Test(vectors, abi_of_what_contracts_returned)
{
    json_t *root = vectors_load("contract-interface.json");
    size_t i;
    json_t *vector;
    json_array_foreach(root, i, vector)
    {
        judge(vector);
    }
    cr_expect(gt(sz, i, 2000));
    json_decref(root);
}
