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
    case FLIGHT_SEEN:
        return true;
    case FLIGHT_FREE:
    case FLIGHT_MINED:
    case FLIGHT_REVERTED:
    case FLIGHT_CANCELLED:
    case FLIGHT_DROPPED:
        return false;
    }
    return false;
}

bool flight_may_have_left(const struct flight *flight)
{
    return flight_is_live(flight) && flight->state != FLIGHT_DRAFTED;
}

void fleet_set_nonce(struct fleet *fleet, uint64_t transaction_count)
{
    fleet->transaction_count = transaction_count;
    fleet->nonce_is_known = true;
}

static bool nonce_is_taken(const struct fleet *fleet, uint64_t nonce)
{
    for (size_t i = 0; i < fleet->used; i++)
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

bool fleet_waits_behind(const struct fleet *fleet, uint64_t nonce)
{
    for (size_t i = 0; i < fleet->used; i++)
        if (flight_is_live(&fleet->flight[i]) && fleet->flight[i].nonce > nonce)
            return true;
    return false;
}

bool fleet_hole(uint64_t *out, const struct fleet *fleet)
{
    uint64_t nonce;

    if (!fleet_next_nonce(&nonce, fleet) || !fleet_waits_behind(fleet, nonce))
        return false;
    *out = nonce;
    return true;
}

uint32_t fleet_live(const struct fleet *fleet)
{
    uint32_t live = 0;

    for (size_t i = 0; i < fleet->used; i++)
        live += flight_is_live(&fleet->flight[i]) ? 1 : 0;
    return live;
}

static struct flight *fleet_free_slot(struct fleet *fleet)
{
    while (fleet->used > 0 && fleet->flight[fleet->used - 1].state == FLIGHT_FREE)
        fleet->used--;
    for (size_t i = 0; i < fleet->used; i++)
        if (fleet->flight[i].state == FLIGHT_FREE)
            return &fleet->flight[i];
    return fleet->used < FLIGHTS_MAX ? &fleet->flight[fleet->used++] : NULL;
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
    for (size_t i = 0; i < fleet->used; i++)
        if (fleet->flight[i].state != FLIGHT_FREE && fleet->flight[i].id == id)
            return &fleet->flight[i];
    return NULL;
}

const struct flight *fleet_of_account(const struct fleet *fleet, uint32_t market,
                                      const struct address *account)
{
    for (size_t i = 0; i < fleet->used; i++) {
        const struct flight *flight = &fleet->flight[i];
        if (flight_is_live(flight) && flight->market == market &&
            address_is_equal(&flight->account, account))
            return flight;
    }
    return NULL;
}

struct flight *fleet_find_landed(struct fleet *fleet, uint64_t id)
{
    for (size_t i = 0; i < fleet->landed_used; i++)
        if (fleet->landed[i].state != FLIGHT_FREE && fleet->landed[i].id == id)
            return &fleet->landed[i];
    return NULL;
}

/* The first that is free; where none is, whoever landed first. */
static struct flight *landed_slot(struct fleet *fleet)
{
    struct flight *oldest = &fleet->landed[0];

    while (fleet->landed_used > 0 && fleet->landed[fleet->landed_used - 1].state == FLIGHT_FREE)
        fleet->landed_used--;
    for (size_t i = 0; i < fleet->landed_used; i++) {
        struct flight *landed = &fleet->landed[i];

        if (landed->state == FLIGHT_FREE)
            return landed;
        if (landed->mined_block < oldest->mined_block)
            oldest = landed;
    }
    return fleet->landed_used < LANDED_MAX ? &fleet->landed[fleet->landed_used++] : oldest;
}

uint64_t fleet_land(struct fleet *fleet, const struct flight *flight)
{
    uint64_t forgotten;
    struct flight *slot = landed_slot(fleet);

    MUST(!flight_is_live(flight));
    forgotten = slot->state == FLIGHT_FREE ? 0 : slot->id;
    *slot = *flight;
    return forgotten;
}

struct flight *fleet_revive(struct fleet *fleet, struct flight *landed)
{
    struct flight *slot = fleet_free_slot(fleet);
    bool is_free = landed->attempt_count > 0 && !nonce_is_taken(fleet, landed->nonce);

    if (slot != NULL && is_free) {
        const struct flight_attempt *newest = &landed->attempt[landed->attempt_count - 1];

        *slot = *landed;
        slot->state = FLIGHT_SENT;
        slot->hash = newest->hash;
        slot->max_fee_per_gas = newest->max_fee_per_gas;
        slot->max_priority_fee_per_gas = newest->max_priority_fee_per_gas;
        slot->in_doubt = true;
        slot->is_unexplained = false;
        slot->has_landed_before = slot->gas_used > 0 || slot->has_landed_before;
        slot->mined_block = slot->gas_used = slot->counted_day = 0;
        slot->gas_price = slot->counted_loss = (struct wei){U256_ZERO};
        slot->passed_block = slot->missing_block = slot->gone_block = 0;
    }
    *landed = (struct flight){.state = FLIGHT_FREE};
    return is_free ? slot : NULL;
}

/* One that another version, or an earlier life, kept: its id is never given again. */
static void id_is_used(struct fleet *fleet, uint64_t id)
{
    if (fleet->next_id <= id)
        fleet->next_id = id + 1;
}

static bool restore_live(struct fleet *fleet, const struct flight *flight)
{
    struct flight *slot = fleet_free_slot(fleet);

    if (slot == NULL || fleet_find(fleet, flight->id) != NULL ||
        nonce_is_taken(fleet, flight->nonce))
        return false;
    *slot = *flight;
    slot->in_doubt = flight->state != FLIGHT_DRAFTED;
    return true;
}

bool fleet_restore(struct fleet *fleet, struct bytes json)
{
    struct flight flight;

    if (!flight_decode(&flight, json) || flight.id == UINT64_MAX)
        return false;
    if (flight_is_live(&flight)) {
        if (!restore_live(fleet, &flight))
            return false;
    } else if (flight.mined_block > 0 && flight.attempt_count > 0 &&
               fleet_find_landed(fleet, flight.id) == NULL) {
        flight.in_doubt = true;
        (void)fleet_land(fleet, &flight);
    }
    id_is_used(fleet, flight.id);
    return true;
}
