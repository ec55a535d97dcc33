/*
 * Several transactions of one account are under way at once, and each needs a nonce of its own:
 * given twice, one of the two is lost; left out, everything behind it stands still. So the next
 * nonce is always worked out anew, from the chain's count and from what is live.
 */
#include "submit/submit.h"

#include <string.h>

bool flight_is_live(const struct flight *flight)
{
    switch (flight->state) {
    case FLIGHT_DRAFTED:
    case FLIGHT_SIGNED:
    case FLIGHT_SENT:
        return true;
    case FLIGHT_FREE:
    case FLIGHT_MINED:
    case FLIGHT_REVERTED:
    case FLIGHT_DROPPED:
        return false;
    }
    return false;
}

void fleet_set_nonce(struct fleet *fleet, uint64_t transaction_count)
{
    fleet->transaction_count = transaction_count;
    fleet->nonce_is_known = true;
}

static bool nonce_is_taken(const struct fleet *fleet, uint64_t nonce)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        if (flight_is_live(&fleet->flight[i]) && fleet->flight[i].nonce == nonce)
            return true;
    return false;
}

bool fleet_next_nonce(uint64_t *out, const struct fleet *fleet)
{
    uint64_t nonce = fleet->transaction_count;

    if (!fleet->nonce_is_known)
        return false;
    /* at most FLIGHTS_MAX steps: each is over a live flight */
    while (nonce_is_taken(fleet, nonce))
        nonce++;
    if (nonce == UINT64_MAX) /* EIP-2681: no account gets there, so it was no count */
        return false;
    *out = nonce;
    return true;
}

uint32_t fleet_live(const struct fleet *fleet)
{
    uint32_t live = 0;

    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        live += flight_is_live(&fleet->flight[i]) ? 1 : 0;
    return live;
}

static struct flight *fleet_free_slot(struct fleet *fleet)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        if (fleet->flight[i].state == FLIGHT_FREE)
            return &fleet->flight[i];
    return NULL;
}

struct flight *fleet_draft(struct fleet *fleet, const struct address *to, struct bytes data,
                           int64_t now_ms)
{
    struct flight *flight = fleet_free_slot(fleet);
    uint64_t nonce;

    if (flight == NULL || data.size > FLIGHT_DATA_MAX || !fleet_next_nonce(&nonce, fleet))
        return NULL;
    if (fleet->next_id == 0)
        fleet->next_id = 1;
    *flight = (struct flight){.state = FLIGHT_DRAFTED,
                              .id = fleet->next_id++,
                              .nonce = nonce,
                              .to = *to,
                              .data_size = (uint32_t)data.size,
                              .drafted_ms = now_ms};
    if (data.size > 0)
        memcpy(flight->data, data.data, data.size);
    return flight;
}

struct flight *fleet_find(struct fleet *fleet, uint64_t id)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        if (fleet->flight[i].state != FLIGHT_FREE && fleet->flight[i].id == id)
            return &fleet->flight[i];
    return NULL;
}

const struct flight *fleet_of_account(const struct fleet *fleet, uint32_t market,
                                      const struct address *account)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        const struct flight *flight = &fleet->flight[i];
        if (flight_is_live(flight) && flight->market == market &&
            address_is_equal(&flight->account, account))
            return flight;
    }
    return NULL;
}

bool fleet_restore(struct fleet *fleet, struct bytes json)
{
    struct flight flight;

    if (!flight_decode(&flight, json) || flight.id == UINT64_MAX)
        return false;
    if (flight_is_live(&flight)) {
        struct flight *slot = fleet_free_slot(fleet);
        if (slot == NULL || fleet_find(fleet, flight.id) != NULL ||
            nonce_is_taken(fleet, flight.nonce))
            return false;
        flight.in_doubt = flight.state != FLIGHT_DRAFTED;
        *slot = flight;
    }
    if (fleet->next_id <= flight.id)
        fleet->next_id = flight.id + 1;
    return true;
}
