/*
 * The bytes that cost money. Each of the four forms is written in one place, from the same fields,
 * so that what is hashed, what is signed and what is sent cannot drift apart.
 */
#include "eth/transaction.h"

#include "eth/keccak.h"

/* EIP-155: v is this much more than 2 × chain id + parity. */
#define V_EIP155 35
#define V_LEGACY 27

static void add_to(struct buffer *out, const struct transaction *transaction)
{
    const struct address *to = &transaction->to;
    rlp_add_string(out,
                   transaction->has_to ? bytes_of(to->byte, sizeof to->byte) : (struct bytes){0});
}

static void add_access_list(struct buffer *out, const struct transaction *transaction)
{
    size_t start = out->size;
    buffer_add_bytes(out, transaction->access_list);
    rlp_end_list(out, start);
}

static void add_legacy_fields(struct buffer *out, const struct transaction *transaction)
{
    rlp_add_u64(out, transaction->nonce);
    rlp_add_u256(out, &transaction->gas_price.value);
    rlp_add_u64(out, transaction->gas);
    add_to(out, transaction);
    rlp_add_u256(out, &transaction->value.value);
    rlp_add_string(out, transaction->data);
}

static void add_typed_fields(struct buffer *out, const struct transaction *transaction)
{
    rlp_add_u64(out, transaction->chain_id);
    rlp_add_u64(out, transaction->nonce);
    if (transaction->type == TRANSACTION_ACCESS_LIST) {
        rlp_add_u256(out, &transaction->gas_price.value);
    } else {
        rlp_add_u256(out, &transaction->max_priority_fee_per_gas.value);
        rlp_add_u256(out, &transaction->max_fee_per_gas.value);
    }
    rlp_add_u64(out, transaction->gas);
    add_to(out, transaction);
    rlp_add_u256(out, &transaction->value.value);
    rlp_add_string(out, transaction->data);
    add_access_list(out, transaction);
}

void transaction_encode_unsigned(struct buffer *out, const struct transaction *transaction)
{
    if (transaction->type != TRANSACTION_LEGACY) {
        buffer_add_byte(out, (uint8_t)transaction->type);
        size_t start = out->size;
        add_typed_fields(out, transaction);
        rlp_end_list(out, start);
        return;
    }
    size_t start = out->size;
    add_legacy_fields(out, transaction);
    if (transaction->has_chain_id) {
        rlp_add_u64(out, transaction->chain_id);
        rlp_add_u64(out, 0);
        rlp_add_u64(out, 0);
    }
    rlp_end_list(out, start);
}

/* 2 × chain id leaves 64 bits before a chain id does. */
static struct u256 legacy_v(const struct transaction *transaction)
{
    if (!transaction->has_chain_id)
        return u256_of(V_LEGACY + (uint64_t)transaction->y_parity);
    return u256_of_u128((unsigned __int128)transaction->chain_id * 2 + V_EIP155 +
                        transaction->y_parity);
}

void transaction_encode(struct buffer *out, const struct transaction *transaction)
{
    MUST(transaction->is_signed && transaction->y_parity <= 1);
    bool is_typed = transaction->type != TRANSACTION_LEGACY;
    if (is_typed)
        buffer_add_byte(out, (uint8_t)transaction->type);
    size_t start = out->size;
    if (is_typed) {
        add_typed_fields(out, transaction);
        rlp_add_u64(out, transaction->y_parity);
    } else {
        struct u256 v = legacy_v(transaction);
        add_legacy_fields(out, transaction);
        rlp_add_u256(out, &v);
    }
    rlp_add_u256(out, &transaction->r);
    rlp_add_u256(out, &transaction->s);
    rlp_end_list(out, start);
}

void transaction_signing_hash(struct hash32 *out, const struct transaction *transaction)
{
    BUFFER bytes = {0};
    transaction_encode_unsigned(&bytes, transaction);
    keccak256(out, buffer_bytes(&bytes));
}

const char *transaction_error_text(enum transaction_error error)
{
    switch (error) {
    case TRANSACTION_OK:
        return "well";
    case TRANSACTION_EMPTY:
        return "no bytes";
    case TRANSACTION_UNKNOWN_TYPE:
        return "a type of transaction that is not known here";
    case TRANSACTION_MALFORMED:
        return "not canonical RLP";
    case TRANSACTION_FIELD_COUNT:
        return "too many or too few fields";
    case TRANSACTION_FIELD_RANGE:
        return "a field out of its range";
    case TRANSACTION_BAD_SIGNATURE:
        return "a signature out of range (v, r, s, or s in the upper half)";
    case TRANSACTION_UNSIGNED:
        return "not signed";
    }
    must_fail("no transaction_error", __FILE__, __LINE__);
}
