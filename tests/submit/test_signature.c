/* What the signer gives back must be our own transaction, to the last byte. */
#include "tests/submit/fleets.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct fleet *fleet;

static void fleet_begin(void)
{
    fleet = fleet_new(7);
}

static void fleet_end(void)
{
    free(fleet);
}

TestSuite(signature, .init = fleet_begin, .fini = fleet_end);

static bool sign_with(struct flight *flight, const struct transaction *transaction)
{
    BUFFER raw = {0};

    transaction_encode(&raw, transaction);
    return flight_signed(flight, buffer_bytes(&raw), CHAIN_ID);
}

static struct transaction signed_transaction(const struct flight *flight)
{
    struct transaction transaction;

    flight_transaction(&transaction, flight, CHAIN_ID);
    transaction.is_signed = true;
    transaction.r = u256_of(5);
    transaction.s = u256_of(6);
    return transaction;
}

Test(signature, is_taken_where_it_signs_exactly_the_flight)
{
    struct flight *flight = flight_drafted(fleet, 1);
    BUFFER raw = {0};

    flight_sign(&raw, flight, CHAIN_ID);
    cr_assert(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID));
    cr_assert(eq(int, flight->state, FLIGHT_SIGNED));
    cr_assert(bytes_equal(bytes_of(flight->raw, flight->raw_size), buffer_bytes(&raw)));
    cr_assert(not(hash32_is_zero(&flight->hash)));
}

Test(signature, is_refused_for_another_chain)
{
    struct flight *flight = flight_drafted(fleet, 1);
    BUFFER raw = {0};

    flight_sign(&raw, flight, CHAIN_ID + 1);
    cr_assert(not(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID)));
}

Test(signature, is_refused_where_any_field_differs)
{
    struct flight *flight = flight_drafted(fleet, 1);
    const struct transaction ours = signed_transaction(flight);
    struct transaction theirs[10];
    uint8_t data[FLIGHT_DATA_MAX];

    for (size_t i = 0; i < ARRAY_LENGTH(theirs); i++)
        theirs[i] = ours;
    theirs[0].nonce++;
    theirs[1].gas++;
    theirs[2].max_fee_per_gas.value = u256_of(30000000001u);
    theirs[3].max_priority_fee_per_gas.value = u256_of(999999999u);
    theirs[4].to.byte[19] ^= 1;
    theirs[5].value.value = U256_ONE;
    memcpy(data, flight->data, flight->data_size);
    data[5] ^= 1;
    theirs[6].data = bytes_of(data, flight->data_size);
    theirs[7].data.size--;
    theirs[8].has_to = false;
    theirs[9].chain_id = 1;
    for (size_t i = 0; i < ARRAY_LENGTH(theirs); i++) {
        cr_assert(not(sign_with(flight, &theirs[i])), "case %zu", i);
        cr_assert(eq(int, flight->state, FLIGHT_DRAFTED));
        cr_assert(eq(u32, flight->raw_size, 0));
        cr_assert(hash32_is_zero(&flight->hash));
    }
    cr_assert(sign_with(flight, &ours));
}

Test(signature, is_refused_of_another_type_and_with_an_access_list)
{
    struct flight *flight = flight_drafted(fleet, 1);
    struct transaction legacy = signed_transaction(flight);
    struct transaction listed = legacy;
    BUFFER list = {0};
    size_t start;

    legacy.type = TRANSACTION_LEGACY;
    legacy.gas_price = legacy.max_fee_per_gas;
    cr_assert(not(sign_with(flight, &legacy)));
    /* one entry: an address without storage keys */
    start = list.size;
    rlp_add_string(&list, bytes_of(flight->to.byte, 20));
    size_t keys = list.size;
    rlp_end_list(&list, keys);
    rlp_end_list(&list, start);
    listed.access_list = buffer_bytes(&list);
    cr_assert(not(sign_with(flight, &listed)));
}

/* Flipped bits of r and s give another signature of the same transaction, which only the sender's
 * recovery can refuse; every other flip must be refused here. */
Test(signature, is_refused_after_any_flip_that_makes_another_transaction)
{
    struct flight *flight = flight_drafted(fleet, 1);
    const struct flight before = *flight;
    struct transaction decoded;
    BUFFER raw = {0};
    size_t taken = 0;

    flight_sign(&raw, flight, CHAIN_ID);
    for (size_t bit = 0; bit < raw.size * 8; bit++) {
        raw.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (flight_signed(flight, buffer_bytes(&raw), CHAIN_ID)) {
            cr_assert(eq(int, transaction_decode(&decoded, buffer_bytes(&raw)), TRANSACTION_OK));
            decoded.is_signed = false;
            BUFFER theirs = {0};
            BUFFER ours = {0};
            struct transaction expected;
            transaction_encode_unsigned(&theirs, &decoded);
            flight_transaction(&expected, flight, CHAIN_ID);
            transaction_encode_unsigned(&ours, &expected);
            cr_assert(bytes_equal(buffer_bytes(&theirs), buffer_bytes(&ours)), "bit %zu", bit);
            taken++;
            *flight = before;
        }
        cr_assert(eq(int, memcmp(flight, &before, sizeof(before)), 0), "bit %zu", bit);
        raw.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cr_assert(lt(sz, taken, 8 * 17 + 2), "only r, s and the parity may differ");
}

Test(signature, is_refused_truncated_extended_and_too_long)
{
    struct flight *flight = flight_drafted(fleet, 1);
    BUFFER raw = {0};

    flight_sign(&raw, flight, CHAIN_ID);
    for (size_t size = 0; size < raw.size; size++)
        cr_assert(not(flight_signed(flight, bytes_of(raw.data, size), CHAIN_ID)));
    buffer_add_byte(&raw, 0);
    cr_assert(not(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID)));
    (void)buffer_extend(&raw, FLIGHT_RAW_MAX);
    cr_assert(not(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID)));
}

Test(signature, is_refused_of_an_unsigned_transaction)
{
    struct flight *flight = flight_drafted(fleet, 1);
    struct transaction transaction;
    BUFFER raw = {0};

    flight_transaction(&transaction, flight, CHAIN_ID);
    transaction_encode_unsigned(&raw, &transaction);
    cr_assert(not(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID)));
}

Test(signature, is_taken_once)
{
    struct flight *flight = flight_drafted(fleet, 1);
    BUFFER raw = {0};

    flight_sign(&raw, flight, CHAIN_ID);
    cr_assert(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID));
    cr_assert(not(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID)));
    flight_overtaken(fleet, flight);
    cr_assert(not(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID)));
}

Test(signature, fits_with_the_most_data_that_a_flight_takes)
{
    const struct address to = {{1}};
    uint8_t data[FLIGHT_DATA_MAX];
    struct flight *flight;
    struct transaction transaction;

    memset(data, 0xff, sizeof(data));
    flight = fleet_draft(fleet, &to, bytes_of(data, sizeof(data)), 0);
    flight->gas = UINT64_MAX;
    flight->max_fee_per_gas.value = U256_MAX;
    flight->max_priority_fee_per_gas.value = U256_MAX;
    transaction = signed_transaction(flight);
    transaction.r = u256_ten_to(76);
    cr_assert(sign_with(flight, &transaction));
}
