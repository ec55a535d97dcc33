/*
 * A signature costs a way to another process and back, and a disk. Where it can be known what will
 * be signed, both are paid for ahead; what was signed is taken only where it is, byte for byte,
 * what would be signed now, or pays a little more.
 */
#include "submit/armed.h"

#include <string.h>

struct armed *arsenal_find(struct arsenal *arsenal, uint64_t id)
{
    for (size_t i = 0; i < ARMED_MAX; i++) {
        struct armed *armed = &arsenal->armed[i];

        if (armed->flight.state != FLIGHT_FREE && armed->flight.id == id)
            return armed;
    }
    return NULL;
}

struct armed *arsenal_of_account(struct arsenal *arsenal, uint32_t market,
                                 const struct address *account)
{
    for (size_t i = 0; i < ARMED_MAX; i++) {
        struct armed *armed = &arsenal->armed[i];

        if (armed->flight.state != FLIGHT_FREE && armed->flight.market == market &&
            address_is_equal(&armed->flight.account, account))
            return armed;
    }
    return NULL;
}

uint32_t arsenal_count(const struct arsenal *arsenal)
{
    uint32_t count = 0;

    for (size_t i = 0; i < ARMED_MAX; i++)
        count += arsenal->armed[i].flight.state != FLIGHT_FREE;
    return count;
}

struct armed *arsenal_draft(struct arsenal *arsenal, struct fleet *fleet, const struct address *to,
                            struct bytes data)
{
    struct armed *slot = NULL;

    for (size_t i = 0; i < ARMED_MAX && slot == NULL; i++) {
        if (arsenal->armed[i].flight.state == FLIGHT_FREE)
            slot = &arsenal->armed[i];
    }
    if (slot == NULL || data.size == 0 || data.size > FLIGHT_DATA_MAX)
        return NULL;
    if (fleet->next_id == 0)
        fleet->next_id = 1;
    *slot = (struct armed){.flight = {.state = FLIGHT_DRAFTED,
                                      .id = fleet->next_id++,
                                      .to = *to,
                                      .data_size = (uint32_t)data.size}};
    memcpy(slot->flight.data, data.data, data.size);
    return slot;
}

bool armed_fits(const struct armed *armed, const struct armed_wish *wish)
{
    const struct flight *flight = &armed->flight;
    struct u256 least;

    return flight->nonce == wish->nonce && address_is_equal(&flight->to, &wish->to) &&
           bytes_equal(bytes_of(flight->data, flight->data_size), wish->data) &&
           flight->gas >= wish->gas && flight->gas / 2 <= wish->gas &&
           !u256_is_less(&flight->max_priority_fee_per_gas.value, &wish->tip.value) &&
           u256_add(&least, &wish->base_fee.value, &flight->max_priority_fee_per_gas.value) &&
           !u256_is_less(&flight->max_fee_per_gas.value, &least);
}

bool armed_fire(struct flight *flight, const struct armed *armed, uint64_t chain_id)
{
    const struct flight *ready = &armed->flight;

    if (ready->state != FLIGHT_SIGNED || flight->state != FLIGHT_DRAFTED)
        return false;
    flight->id = ready->id;
    flight->gas = ready->gas;
    flight->max_fee_per_gas = ready->max_fee_per_gas;
    flight->max_priority_fee_per_gas = ready->max_priority_fee_per_gas;
    return flight_signed(flight, bytes_of(ready->raw, ready->raw_size), chain_id);
}
