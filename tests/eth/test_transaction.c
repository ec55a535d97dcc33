/* Transactions as bytes; the published ones are in tests/vectors. */
#include "eth/transaction.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

#include "tests/eth/a_transaction.h"
#include "tests/eth/bytes_of_hex.h"

/* The example of EIP-155: nonce 9, 20 gwei, 21000 gas, one ether, chain 1. */
#define EIP155_UNSIGNED                                                                            \
    "0xec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080"
#define EIP155_SIGNED                                                                              \
    "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a0" \
    "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b" \
    "3800ccf555c9f3dc64214b297fb1966a3b6d83"

/* Sent on a local chain by another signer: EIP-1559, chain 31337, nonce 0. */
#define DYNAMIC_SIGNED                                                                             \
    "0x02f86d827a6980843b9aca0085012a05f2008252089470997970c51812dc3a010c7d01b50e0d17dc79c80180c0" \
    "01a038298746df375e195f1ea1cf00c21da8b04ca90824711526cdc73aea55f38d9aa04c1c98fa34b5209e93edca" \
    "0da9d1496a13e89a3e7b6b42a6512bfdbaf1cdcfc6"

static enum transaction_error decode_hex(struct transaction *out, struct buffer *raw,
                                         const char *hex)
{
    buffer_clear(raw);
    return transaction_decode(out, bytes_of_hex(raw, hex));
}

Test(transaction, is_the_example_of_eip_155)
{
    BUFFER raw = {0};
    BUFFER out = {0};
    struct transaction transaction;
    struct hash32 hash;
    cr_assert(eq(int, decode_hex(&transaction, &raw, EIP155_SIGNED), TRANSACTION_OK));
    cr_expect(eq(int, transaction.type, TRANSACTION_LEGACY));
    cr_expect(transaction.has_chain_id && transaction.has_to && transaction.is_signed);
    cr_expect(eq(u64, transaction.chain_id, 1));
    cr_expect(eq(u64, transaction.nonce, 9));
    cr_expect(eq(u64, transaction.gas, 21000));
    cr_expect(eq(u64, transaction.gas_price.value.limb[0], 20000000000));
    cr_expect(eq(u64, transaction.value.value.limb[0], 1000000000000000000));
    cr_expect(eq(u8, transaction.y_parity, 0));
    cr_expect(eq(sz, transaction.data.size, 0));
    transaction_encode(&out, &transaction);
    cr_expect(is_hex(buffer_bytes(&out), EIP155_SIGNED));
    buffer_clear(&out);
    transaction_encode_unsigned(&out, &transaction);
    cr_expect(is_hex(buffer_bytes(&out), EIP155_UNSIGNED));
    transaction_signing_hash(&hash, &transaction);
    cr_expect(is_hex(bytes_of(hash.byte, 32),
                     "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"));
}

Test(transaction, reads_its_unsigned_form)
{
    BUFFER raw = {0};
    BUFFER out = {0};
    struct transaction transaction;
    struct bytes bytes = bytes_of_hex(&raw, EIP155_UNSIGNED);
    cr_assert(eq(int, transaction_decode_unsigned(&transaction, bytes), TRANSACTION_OK));
    cr_expect(not(transaction.is_signed));
    cr_expect(eq(u64, transaction.chain_id, 1));
    transaction_encode_unsigned(&out, &transaction);
    cr_expect(is_hex(buffer_bytes(&out), EIP155_UNSIGNED));
    cr_expect(eq(int, transaction_decode(&transaction, bytes), TRANSACTION_UNSIGNED));
}

Test(transaction, reads_eip_1559)
{
    BUFFER raw = {0};
    BUFFER out = {0};
    struct transaction transaction;
    cr_assert(eq(int, decode_hex(&transaction, &raw, DYNAMIC_SIGNED), TRANSACTION_OK));
    cr_expect(eq(int, transaction.type, TRANSACTION_DYNAMIC_FEE));
    cr_expect(eq(u64, transaction.chain_id, 31337));
    cr_expect(eq(u64, transaction.max_priority_fee_per_gas.value.limb[0], 1000000000));
    cr_expect(eq(u64, transaction.max_fee_per_gas.value.limb[0], 5000000000));
    cr_expect(eq(u8, transaction.y_parity, 1));
    transaction_encode(&out, &transaction);
    cr_expect(is_hex(buffer_bytes(&out), DYNAMIC_SIGNED));
}

Test(transaction, will_not_be_encoded_for_the_wire_unsigned, .signal = SIGABRT)
{
    BUFFER out = {0};
    struct transaction transaction = {.type = TRANSACTION_DYNAMIC_FEE};
    transaction_encode(&out, &transaction);
}

/* The error that decoding what was encoded ends with. */
static enum transaction_error again(const struct transaction *transaction)
{
    BUFFER raw = {0};
    struct transaction back;
    transaction_encode(&raw, transaction);
    return transaction_decode(&back, buffer_bytes(&raw));
}

static struct u256 u256_hex(const char *hex)
{
    struct u256 value;
    cr_assert(u256_parse_hex(&value, hex, strlen(hex)));
    return value;
}

Test(transaction, refuses_signatures_out_of_range)
{
    struct u256 n = u256_hex("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    struct u256 half =
        u256_hex("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
    for (int type = TRANSACTION_LEGACY; type <= TRANSACTION_DYNAMIC_FEE; type++) {
        struct transaction transaction = a_transaction((enum transaction_type)type);
        cr_expect(eq(int, again(&transaction), TRANSACTION_OK));
        transaction.r = n;
        cr_expect(eq(int, again(&transaction), TRANSACTION_BAD_SIGNATURE));
        cr_assert(u256_sub(&transaction.r, &n, &U256_ONE));
        cr_expect(eq(int, again(&transaction), TRANSACTION_OK));
        transaction.s = half;
        cr_expect(eq(int, again(&transaction), TRANSACTION_OK));
        cr_assert(u256_add(&transaction.s, &half, &U256_ONE));
        cr_expect(eq(int, again(&transaction), TRANSACTION_BAD_SIGNATURE));
        transaction.s = U256_ZERO;
        cr_expect(eq(int, again(&transaction), TRANSACTION_BAD_SIGNATURE));
        transaction.s = U256_ONE;
        transaction.r = U256_ZERO;
        cr_expect(eq(int, again(&transaction), TRANSACTION_BAD_SIGNATURE));
        transaction.s = U256_ZERO;
        cr_expect(eq(int, again(&transaction), TRANSACTION_UNSIGNED));
    }
}

Test(transaction, keeps_each_chain_id_up_to_64_bits)
{
    const uint64_t row[] = {0, 1, 5, 31337, UINT32_MAX, UINT64_MAX / 2, UINT64_MAX};
    for (int type = TRANSACTION_LEGACY; type <= TRANSACTION_DYNAMIC_FEE; type++) {
        for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
            BUFFER raw = {0};
            struct transaction transaction = a_transaction((enum transaction_type)type);
            struct transaction back;
            transaction.chain_id = row[i];
            transaction.y_parity = i % 2;
            transaction_encode(&raw, &transaction);
            cr_assert(eq(int, transaction_decode(&back, buffer_bytes(&raw)), TRANSACTION_OK));
            cr_expect(eq(u64, back.chain_id, row[i]));
            cr_expect(eq(u8, back.y_parity, i % 2));
            cr_expect(back.has_chain_id);
        }
    }
}

Test(transaction, knows_legacy_without_a_chain)
{
    BUFFER raw = {0};
    struct transaction transaction = a_transaction(TRANSACTION_LEGACY);
    struct transaction back;
    transaction.has_chain_id = false;
    transaction.has_to = false;
    transaction_encode(&raw, &transaction);
    cr_assert(eq(int, transaction_decode(&back, buffer_bytes(&raw)), TRANSACTION_OK));
    cr_expect(not(back.has_chain_id));
    cr_expect(not(back.has_to));
    buffer_clear(&raw);
    transaction_encode_unsigned(&raw, &transaction);
    cr_expect(
        eq(int, transaction_decode_unsigned(&back, buffer_bytes(&raw)), TRANSACTION_FIELD_COUNT));
    cr_expect(eq(int, transaction_decode(&back, buffer_bytes(&raw)), TRANSACTION_UNSIGNED));
}

Test(transaction, refuses_each_malformed_kind_by_name)
{
    const struct {
        const char *hex;
        enum transaction_error error;
    } row[] = {
        {"0x", TRANSACTION_EMPTY},
        {"0x00", TRANSACTION_UNKNOWN_TYPE},
        {"0x03c0", TRANSACTION_UNKNOWN_TYPE},
        {"0x04c0", TRANSACTION_UNKNOWN_TYPE},
        {"0x7fc0", TRANSACTION_UNKNOWN_TYPE},
        {"0x02", TRANSACTION_MALFORMED},
        {"0x80", TRANSACTION_MALFORMED},
        {"0xc1", TRANSACTION_MALFORMED},
        {"0xf800", TRANSACTION_MALFORMED},
        {"0xc0", TRANSACTION_FIELD_COUNT},
        {"0xc780808080808080", TRANSACTION_FIELD_COUNT},
        {"0xcd80808080808080808080808080", TRANSACTION_FIELD_COUNT},
        {"0x01c0", TRANSACTION_FIELD_COUNT},
        {"0x02c88080808080808080", TRANSACTION_FIELD_COUNT},
        {"0x02cc808080808080808080808080", TRANSACTION_MALFORMED}, /* a string as access list */
        {"0x02cc8080808080808080c0808080", TRANSACTION_UNSIGNED},
        {"0xc6808080808080", TRANSACTION_UNSIGNED},
        {"0xc6c08080808080", TRANSACTION_MALFORMED}, /* a list as nonce */
        {"0xc60080808080"
         "80",
         TRANSACTION_MALFORMED}, /* a nonce of one zero byte */
        {"0xc680808080c080", TRANSACTION_MALFORMED},
        {"0xc68080808080c0", TRANSACTION_MALFORMED}, /* a list as data */
        {"0xc6808080c08080", TRANSACTION_MALFORMED}, /* a list as to */
        {"0xc78080808101"
         "8080",
         TRANSACTION_MALFORMED},
        {"0xc680808001"
         "8080",
         TRANSACTION_FIELD_RANGE}, /* a `to` of one byte */
        {"0xcf89010000000000000000"
         "8080808080",
         TRANSACTION_FIELD_RANGE}, /* a nonce over 64 bits */
        {"0xc7808080808080"
         "80",
         TRANSACTION_FIELD_COUNT},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        BUFFER raw = {0};
        struct transaction transaction;
        cr_expect(eq(int, decode_hex(&transaction, &raw, row[i].hex), row[i].error), "%s",
                  row[i].hex);
    }
}

Test(transaction, refuses_legacy_v_that_is_none)
{
    const char *v[] = {"80", "01", "1a", "1d", "22"}; /* 0, 1, 26, 29, 34 */
    for (size_t i = 0; i < ARRAY_LENGTH(v); i++) {
        TEXT hex = {0};
        BUFFER raw = {0};
        struct transaction transaction;
        text_add(&hex, "0xc9808080808080");
        text_add(&hex, v[i]);
        text_add(&hex, "0101");
        cr_expect(
            eq(int, decode_hex(&transaction, &raw, text_string(&hex)), TRANSACTION_BAD_SIGNATURE),
            "%s", v[i]);
    }
}

Test(transaction, refuses_typed_parity_over_one)
{
    BUFFER raw = {0};
    struct transaction transaction;
    cr_expect(eq(int, decode_hex(&transaction, &raw, "0x02cc8080808080808080c0020101"),
                 TRANSACTION_BAD_SIGNATURE));
    cr_expect(eq(int, decode_hex(&transaction, &raw, "0x02cc8080808080808080c01b0101"),
                 TRANSACTION_BAD_SIGNATURE));
    cr_expect(
        eq(int, decode_hex(&transaction, &raw, "0x02cc8080808080808080c0010101"), TRANSACTION_OK));
}

Test(transaction, refuses_signed_bytes_where_unsigned_ones_are_wanted)
{
    BUFFER raw = {0};
    struct transaction transaction;
    struct bytes bytes = bytes_of_hex(&raw, DYNAMIC_SIGNED);
    cr_expect(eq(int, transaction_decode_unsigned(&transaction, bytes), TRANSACTION_FIELD_COUNT));
    bytes = bytes_of_hex(&raw, EIP155_SIGNED);
    cr_expect(eq(int, transaction_decode_unsigned(&transaction, bytes), TRANSACTION_FIELD_RANGE));
}

Test(transaction, holds_an_access_list_to_its_shape)
{
    const struct {
        size_t address_size, key_size;
        enum transaction_error error;
    } row[] = {{20, 32, TRANSACTION_OK},
               {19, 32, TRANSACTION_FIELD_RANGE},
               {21, 32, TRANSACTION_FIELD_RANGE},
               {20, 31, TRANSACTION_FIELD_RANGE},
               {20, 33, TRANSACTION_FIELD_RANGE}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        BUFFER list = {0};
        struct transaction transaction = a_transaction(TRANSACTION_ACCESS_LIST);
        add_entry(&list, 20, 32);
        add_entry(&list, row[i].address_size, row[i].key_size);
        transaction.access_list = buffer_bytes(&list);
        cr_expect(eq(int, again(&transaction), row[i].error));
    }
    struct transaction transaction = a_transaction(TRANSACTION_ACCESS_LIST);
    transaction.access_list = bytes_of("\xc0", 1); /* an entry without an address */
    cr_expect(eq(int, again(&transaction), TRANSACTION_FIELD_RANGE));
    transaction.access_list = bytes_of("\x01", 1); /* an entry that is no list */
    cr_expect(eq(int, again(&transaction), TRANSACTION_FIELD_RANGE));
}

Test(transaction, refuses_an_entry_of_an_access_list_with_more_than_address_and_keys)
{
    BUFFER list = {0};
    const uint8_t zeros[20] = {0};
    struct transaction transaction = a_transaction(TRANSACTION_DYNAMIC_FEE);
    rlp_add_string(&list, bytes_of(zeros, sizeof zeros));
    rlp_end_list(&list, list.size);
    rlp_add_u64(&list, 1);
    rlp_end_list(&list, 0);
    transaction.access_list = buffer_bytes(&list);
    cr_expect(eq(int, again(&transaction), TRANSACTION_FIELD_RANGE));
}

Test(transaction, refuses_bytes_behind_its_end)
{
    const char *row[] = {EIP155_SIGNED, DYNAMIC_SIGNED};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        BUFFER raw = {0};
        struct transaction transaction;
        bytes_of_hex(&raw, row[i]);
        buffer_add_byte(&raw, 0x80);
        cr_expect(
            eq(int, transaction_decode(&transaction, buffer_bytes(&raw)), TRANSACTION_MALFORMED));
    }
}

Test(transaction, has_words_for_each_error)
{
    for (int error = TRANSACTION_OK; error <= TRANSACTION_UNSIGNED; error++)
        cr_expect(gt(sz, strlen(transaction_error_text((enum transaction_error)error)), 3));
}
