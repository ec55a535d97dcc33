/* Any transaction comes back as it was, and no bytes pass that would not be written again. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/base/random.h"
#include "tests/eth/a_transaction.h"

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
