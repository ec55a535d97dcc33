/*
 * Published transactions of all four forms. From a vector's fields and the signature on its wire
 * bytes the same wire bytes are built, and the hash that was signed; that our own signature is the
 * same is for the room that signs.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "eth/keccak.h"
#include "eth/transaction.h"
#include "tests/eth/bytes_of_hex.h"
#include "tests/vectors/vectors.h"

/* What a transaction borrows while it is held against its vector. */
struct loan {
    struct buffer data;
    struct buffer access_list;
};

static void loan_release(struct loan *loan)
{
    buffer_release(&loan->data);
    buffer_release(&loan->access_list);
}

#define LOAN __attribute__((cleanup(loan_release))) struct loan

/* An integer in a vector: a number, "0x…" of any length, or nothing. False: over 64 bits where
 * `is_u64`. */
static bool read_integer(struct u256 *out, const json_t *fields, const char *name, bool is_u64)
{
    const json_t *value = json_object_get(fields, name);
    *out = U256_ZERO;
    if (json_is_integer(value))
        *out = u256_of((uint64_t)json_integer_value(value));
    if (json_is_string(value)) {
        const char *digits = json_string_value(value) + 2;
        TEXT even = {0}; /* half a byte may lead */
        BUFFER bytes = {0};
        text_add(&even, strlen(digits) % 2 == 0 ? "0x" : "0x0");
        text_add(&even, digits);
        *out = u256_of_bytes(bytes_of_hex(&bytes, text_string(&even)));
    }
    return !is_u64 || u256_fits_u64(out);
}

static void read_to(struct transaction *out, const json_t *fields)
{
    const char *to = json_string_value(json_object_get(fields, "to"));
    out->has_to = to != NULL && strlen(to) > 2;
    if (!out->has_to)
        return;
    BUFFER bytes = {0};
    struct bytes address = bytes_of_hex(&bytes, to);
    cr_assert(eq(sz, address.size, 20));
    memcpy(out->to.byte, address.data, 20);
}

static void read_access_list(struct buffer *out, const json_t *list)
{
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry)
    {
        size_t start = out->size;
        BUFFER bytes = {0};
        rlp_add_string(out, bytes_of_hex(&bytes, vector_text(entry, "address")));
        size_t keys = out->size;
        size_t at;
        json_t *key;
        json_array_foreach(json_object_get(entry, "storageKeys"), at, key)
        {
            rlp_add_string(out, bytes_of_hex(&bytes, json_string_value(key)));
        }
        rlp_end_list(out, keys);
        rlp_end_list(out, start);
    }
}

/* False: a field over 64 bits that we hold in 64. */
static bool read_fields(struct transaction *out, struct loan *loan, const json_t *fields)
{
    struct u256 nonce;
    struct u256 gas;
    struct u256 chain_id;
    const char *data = json_string_value(json_object_get(fields, "data"));
    bool fits = read_integer(&nonce, fields, "nonce", true) &&
                read_integer(&gas, fields, "gasLimit", true) &&
                read_integer(&chain_id, fields, "chainId", true);
    out->nonce = nonce.limb[0];
    out->gas = gas.limb[0];
    out->chain_id = chain_id.limb[0];
    read_integer(&out->gas_price.value, fields, "gasPrice", false);
    read_integer(&out->max_fee_per_gas.value, fields, "maxFeePerGas", false);
    read_integer(&out->max_priority_fee_per_gas.value, fields, "maxPriorityFeePerGas", false);
    read_integer(&out->value.value, fields, "value", false);
    read_to(out, fields);
    read_access_list(&loan->access_list, json_object_get(fields, "accessList"));
    out->access_list = buffer_bytes(&loan->access_list);
    if (data != NULL)
        out->data = bytes_of_hex(&loan->data, data);
    return fits;
}

/* Our bytes for these fields are the published ones, and the published ones decode to them. */
static void judge(struct transaction *transaction, const char *plain, const char *wire)
{
    BUFFER raw = {0};
    BUFFER ours = {0};
    struct hash32 expected;
    struct hash32 hash;
    struct transaction decoded;
    transaction_encode_unsigned(&ours, transaction);
    cr_assert(is_hex(buffer_bytes(&ours), plain));
    keccak256(&expected, buffer_bytes(&ours));
    transaction_signing_hash(&hash, transaction);
    cr_assert(hash32_is_equal(&hash, &expected));
    if (transaction->has_chain_id) {
        cr_assert(
            eq(int, transaction_decode_unsigned(&decoded, buffer_bytes(&ours)), TRANSACTION_OK));
        cr_assert(eq(u64, decoded.chain_id, transaction->chain_id));
    }
    struct bytes bytes = bytes_of_hex(&raw, wire);
    cr_assert(eq(int, transaction_decode(&decoded, bytes), TRANSACTION_OK));
    cr_assert(eq(int, decoded.type, transaction->type));
    cr_assert(eq(int, decoded.has_chain_id, transaction->has_chain_id));
    transaction_signing_hash(&hash, &decoded);
    cr_assert(hash32_is_equal(&hash, &expected));
    transaction->is_signed = true;
    transaction->y_parity = decoded.y_parity;
    transaction->r = decoded.r;
    transaction->s = decoded.s;
    buffer_clear(&ours);
    transaction_encode(&ours, transaction);
    cr_assert(is_hex(buffer_bytes(&ours), wire));
}

static void refuse(const char *wire)
{
    BUFFER raw = {0};
    struct transaction decoded;
    cr_assert(
        eq(int, transaction_decode(&decoded, bytes_of_hex(&raw, wire)), TRANSACTION_FIELD_RANGE));
}

Test(vectors, legacy_transactions_with_and_without_a_chain)
{
    json_t *root = vectors_load("transactions.json");
    size_t refused = 0;
    size_t i;
    json_t *vector;
    json_array_foreach(root, i, vector)
    {
        LOAN loan = {0};
        struct transaction transaction = {.type = TRANSACTION_LEGACY};
        const char *wire = vector_text(vector, "signedTransaction");
        /* A gas limit or nonce over 64 bits is no transaction of any chain (EIP-2681 for nonces,
         * EIP-1985 for gas): refused, by name. */
        if (!read_fields(&transaction, &loan, vector)) {
            refuse(wire);
            refused++;
            continue;
        }
        judge(&transaction, vector_text(vector, "unsignedTransaction"), wire);
        transaction.has_chain_id = true;
        transaction.chain_id = 5;
        judge(&transaction, vector_text(vector, "unsignedTransactionChainId5"),
              vector_text(vector, "signedTransactionChainId5"));
    }
    cr_log_info("%zu of %zu were refused for a field over 64 bits", refused, i);
    cr_expect(gt(sz, i - refused, 900));
    json_decref(root);
}

Test(vectors, typed_transactions)
{
    json_t *root = vectors_load("typed-transactions.json");
    size_t count[3] = {0};
    size_t i;
    json_t *vector;
    json_array_foreach(root, i, vector)
    {
        LOAN loan = {0};
        const json_t *fields = json_object_get(vector, "tx");
        json_int_t type = json_integer_value(json_object_get(fields, "type"));
        struct transaction transaction = {.type = (enum transaction_type)type,
                                          .has_chain_id = true};
        cr_assert(read_fields(&transaction, &loan, fields));
        judge(&transaction, vector_text(vector, "unsigned"), vector_text(vector, "signed"));
        count[type]++;
    }
    cr_expect(gt(sz, count[TRANSACTION_ACCESS_LIST], 500));
    cr_expect(gt(sz, count[TRANSACTION_DYNAMIC_FEE], 500));
    json_decref(root);
}
