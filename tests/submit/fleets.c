/* See fleets.h. */
#include "tests/submit/fleets.h"

#include <criterion/criterion.h>

uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

struct fleet *fleet_new(uint64_t transaction_count)
{
    struct fleet *fleet = must_alloc(1, sizeof(*fleet));

    fleet_set_nonce(fleet, transaction_count);
    return fleet;
}

struct flight *flight_drafted(struct fleet *fleet, uint8_t account)
{
    static const uint8_t data[] = {0x00, 0xa7, 0x18, 0xa9, 1, 2, 3, 4};
    const struct address pool = {{0x50, 0x00}};
    struct flight *flight = fleet_draft(fleet, &pool, bytes_of(data, sizeof(data)), 1000);

    if (flight == NULL)
        return NULL;
    flight->gas = 700000;
    flight->max_fee_per_gas.value = u256_of(30000000000u);
    flight->max_priority_fee_per_gas.value = u256_of(1000000000u);
    flight->account.byte[19] = account;
    return flight;
}

void flight_sign(struct buffer *out, const struct flight *flight, uint64_t chain_id)
{
    struct transaction transaction;

    flight_transaction(&transaction, flight, chain_id);
    transaction.is_signed = true;
    transaction.y_parity = 1;
    transaction.r = u256_of(0x1234567890abcdefu);
    transaction.s = u256_of(0xfedcba0987654321u);
    transaction_encode(out, &transaction);
}

struct flight *flight_launched(struct fleet *fleet, uint8_t account)
{
    struct flight *flight = flight_drafted(fleet, account);
    BUFFER raw = {0};

    flight_sign(&raw, flight, CHAIN_ID);
    cr_assert(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID));
    flight_sent(flight, SEND_TAKEN, 1010);
    return flight;
}

struct receipt receipt_of(const struct flight *flight, bool succeeded)
{
    struct receipt receipt = {.transaction = flight->hash,
                              .block = {.number = 77},
                              .succeeded = succeeded,
                              .gas_used = 400000,
                              .gas_price = {u256_of(9000000000u)}};

    return receipt;
}
