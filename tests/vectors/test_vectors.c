/* Hashes, addresses, RLP and selectors, as published: the same bytes, not merely valid ones. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "eth/keccak.h"
#include "eth/rlp.h"
#include "tests/eth/bytes_of_hex.h"
#include "tests/vectors/vectors.h"

Test(vectors, keccak_256)
{
    json_t *root = vectors_load("hashes.json");
    size_t i;
    json_t *vector;
    json_array_foreach(root, i, vector)
    {
        BUFFER data = {0};
        struct hash32 hash;
        keccak256(&hash, bytes_of_hex(&data, vector_text(vector, "data")));
        cr_assert(is_hex(bytes_of(hash.byte, 32), vector_text(vector, "keccak256")));
    }
    cr_expect(gt(sz, i, 500));
    json_decref(root);
}

Test(vectors, eip_55_addresses)
{
    json_t *root = vectors_load("accounts.json");
    size_t i;
    json_t *vector;
    json_array_foreach(root, i, vector)
    {
        const char *plain = vector_text(vector, "address");
        const char *checked = vector_text(vector, "checksumAddress");
        struct address address;
        char text[ADDRESS_TEXT_SIZE];
        cr_assert(eq(int, address_parse(&address, plain, strlen(plain)), ADDRESS_OK));
        address_format(text, &address);
        cr_assert(eq(str, text, (char *)checked));
        cr_assert(eq(int, address_parse(&address, checked, strlen(checked)), ADDRESS_OK));
    }
    cr_expect(gt(sz, i, 1000));
    json_decref(root);
}

Test(vectors, selectors)
{
    json_t *root = vectors_load("contract-signatures.json");
    size_t i;
    json_t *vector;
    json_array_foreach(root, i, vector)
    {
        uint8_t selector[4];
        selector_of(selector, vector_text(vector, "signature"));
        cr_assert(is_hex(bytes_of(selector, 4), vector_text(vector, "sigHash")));
    }
    cr_expect(gt(sz, i, 1000));
    json_decref(root);
}

static void rlp_add_json(struct buffer *out, const json_t *decoded)
{
    if (json_is_string(decoded)) {
        BUFFER bytes = {0};
        rlp_add_string(out, bytes_of_hex(&bytes, json_string_value(decoded)));
        return;
    }
    size_t start = out->size;
    size_t i;
    json_t *item;
    json_array_foreach(decoded, i, item)
    {
        rlp_add_json(out, item);
    }
    rlp_end_list(out, start);
}

static void expect_rlp(struct rlp_reader *reader, const json_t *decoded)
{
    if (json_is_string(decoded)) {
        struct bytes string;
        cr_assert(eq(int, rlp_next_string(reader, &string), RLP_OK));
        cr_assert(is_hex(string, json_string_value(decoded)));
        return;
    }
    struct rlp_reader list;
    struct rlp_item none;
    size_t i;
    json_t *item;
    cr_assert(eq(int, rlp_next_list(reader, &list), RLP_OK));
    json_array_foreach(decoded, i, item)
    {
        expect_rlp(&list, item);
    }
    cr_assert(eq(int, rlp_next(&list, &none), RLP_END));
}

Test(vectors, rlp_both_ways)
{
    json_t *root = vectors_load("rlp-coder.json");
    size_t i;
    json_t *vector;
    json_array_foreach(root, i, vector)
    {
        BUFFER ours = {0};
        const json_t *decoded = json_object_get(vector, "decoded");
        rlp_add_json(&ours, decoded);
        cr_assert(is_hex(buffer_bytes(&ours), vector_text(vector, "encoded")));
        cr_assert(eq(int, rlp_check(buffer_bytes(&ours)), RLP_OK));
        struct rlp_reader reader = {buffer_bytes(&ours)};
        expect_rlp(&reader, decoded);
        cr_assert(eq(sz, reader.rest.size, 0));
    }
    cr_expect(gt(sz, i, 50));
    json_decref(root);
}
