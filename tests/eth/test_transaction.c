/* Transactions as bytes; the published ones are in tests/vectors. */
#include "eth/transaction.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

#include "tests/base/random.h"
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

static struct transaction a_transaction(enum transaction_type type)
{
    return (struct transaction){
        .type = type,
        .has_chain_id = true,
        .has_to = true,
        .is_signed = true,
        .chain_id = 1,
        .nonce = 5,
        .gas = 21000,
        .to = {.byte = {[19] = 1}},
        .r = u256_of(1),
        .s = u256_of(1),
    };
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

/* An access list of one address and one key, `key_size` and `address_size` long. */
static void add_entry(struct buffer *out, size_t address_size, size_t key_size)
{
    const uint8_t zeros[40] = {0};
    size_t entry = out->size;
    rlp_add_string(out, bytes_of(zeros, address_size));
    size_t keys = out->size;
    rlp_add_string(out, bytes_of(zeros, key_size));
    rlp_end_list(out, keys);
    rlp_end_list(out, entry);
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

Test(transaction, has_words_for_each_error)
{
    for (int error = TRANSACTION_OK; error <= TRANSACTION_UNSIGNED; error++)
        cr_expect(gt(sz, strlen(transaction_error_text((enum transaction_error)error)), 3));
}

static void randomise(struct transaction *out, uint64_t *state, struct buffer *list, uint8_t *data)
{
    *out = a_transaction((enum transaction_type)random_below(state, 3));
    out->has_chain_id = out->type != TRANSACTION_LEGACY || random_below(state, 2) == 0;
    out->has_to = random_below(state, 4) != 0;
    out->chain_id = out->has_chain_id ? random_u64(state) >> random_below(state, 64) : 0;
    out->nonce = random_u64(state) >> random_below(state, 64);
    out->gas = random_u64(state) >> random_below(state, 64);
    random_fill(state, out->to.byte, sizeof out->to.byte);
    out->value.value = random_u256(state);
    if (out->type == TRANSACTION_DYNAMIC_FEE) {
        out->max_fee_per_gas.value = random_u256(state);
        out->max_priority_fee_per_gas.value = random_u256(state);
    } else {
        out->gas_price.value = random_u256(state);
    }
    for (uint64_t i = random_below(state, 3); out->type != TRANSACTION_LEGACY && i > 0; i--)
        add_entry(list, 20, 32);
    out->access_list = buffer_bytes(list);
    random_fill(state, data, 100);
    out->data = bytes_of(data, random_below(state, 100));
    out->y_parity = (uint8_t)random_below(state, 2);
    out->r = u256_of(random_u64(state) | 1);
    out->s = u256_of(random_u64(state) | 1);
}

static void expect_same(const struct transaction *a, const struct transaction *b)
{
    cr_assert(eq(int, a->type, b->type));
    cr_assert(eq(int, a->has_chain_id, b->has_chain_id));
    cr_assert(eq(u64, a->chain_id, b->chain_id));
    cr_assert(eq(u64, a->nonce, b->nonce));
    cr_assert(eq(u64, a->gas, b->gas));
    cr_assert(eq(int, a->has_to, b->has_to));
    cr_assert(address_is_equal(&a->to, &b->to) || !a->has_to);
    cr_assert(u256_is_equal(&a->value.value, &b->value.value));
    cr_assert(u256_is_equal(&a->gas_price.value, &b->gas_price.value));
    cr_assert(u256_is_equal(&a->max_fee_per_gas.value, &b->max_fee_per_gas.value));
    cr_assert(
        u256_is_equal(&a->max_priority_fee_per_gas.value, &b->max_priority_fee_per_gas.value));
    cr_assert(bytes_equal(a->data, b->data));
    cr_assert(bytes_equal(a->access_list, b->access_list));
    cr_assert(eq(u8, a->y_parity, b->y_parity));
    cr_assert(u256_is_equal(&a->r, &b->r) && u256_is_equal(&a->s, &b->s));
}

Test(transaction, comes_back_as_it_was_encoded)
{
    uint64_t state = 14;
    for (int i = 0; i < 3000; i++) {
        BUFFER list = {0};
        BUFFER raw = {0};
        uint8_t data[100];
        struct transaction transaction;
        struct transaction back;
        randomise(&transaction, &state, &list, data);
        transaction_encode(&raw, &transaction);
        cr_assert(eq(int, transaction_decode(&back, buffer_bytes(&raw)), TRANSACTION_OK));
        expect_same(&transaction, &back);
    }
}

Test(transaction, takes_no_bytes_that_it_would_not_have_written)
{
    uint64_t state = 15;
    int taken = 0;
    for (int i = 0; i < 6000; i++) {
        BUFFER list = {0};
        BUFFER raw = {0};
        BUFFER second = {0};
        uint8_t data[100];
        struct transaction transaction;
        struct transaction back;
        randomise(&transaction, &state, &list, data);
        transaction_encode(&raw, &transaction);
        raw.data[random_below(&state, raw.size)] ^= (uint8_t)(1 << random_below(&state, 8));
        struct bytes bytes = bytes_slice(buffer_bytes(&raw), 0, raw.size - random_below(&state, 2));
        (void)!transaction_decode_unsigned(&back, bytes);
        if (transaction_decode(&back, bytes) != TRANSACTION_OK)
            continue;
        taken++;
        transaction_encode(&second, &back);
        cr_assert(bytes_equal(bytes, buffer_bytes(&second)));
    }
    cr_expect(gt(int, taken, 100));
}
