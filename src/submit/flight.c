/*
 * One transaction's life, from draft to receipt. The doubtful moments are between the signature and
 * the receipt: whatever may have left keeps its nonce and its capital until the chain has spoken.
 */
#include "submit/submit.h"

#include <string.h>

#include "eth/keccak.h"

/* A nonce that was seen used is never given again, though the chain's count came before it. */
static void nonce_is_used(struct fleet *fleet, uint64_t nonce)
{
    if (fleet->nonce_is_known && fleet->transaction_count <= nonce && nonce < UINT64_MAX)
        fleet->transaction_count = nonce + 1;
}

void flight_transaction(struct transaction *out, const struct flight *flight, uint64_t chain_id)
{
    const struct flight_bid *next = &flight->next;

    *out = (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                .has_chain_id = true,
                                .has_to = true,
                                .chain_id = chain_id,
                                .nonce = flight->nonce,
                                .gas = flight->gas,
                                .max_fee_per_gas = flight->max_fee_per_gas,
                                .max_priority_fee_per_gas = flight->max_priority_fee_per_gas,
                                .to = flight->to,
                                .data = bytes_of(flight->data, flight->data_size)};
    if (!next->is_asked)
        return;
    out->gas = next->gas;
    out->max_fee_per_gas = next->max_fee_per_gas;
    out->max_priority_fee_per_gas = next->max_priority_fee_per_gas;
    out->to = next->to;
    if (next->is_cancel)
        out->data = (struct bytes){0};
}

/* Our own transaction under that signature, encoded anew, must be those bytes: one comparison holds
 * every field, and anything that was added. */
static bool flight_is_signed_by(const struct flight *flight, struct bytes raw, uint64_t chain_id)
{
    BUFFER expected = {0};
    struct transaction ours;
    struct transaction theirs;

    if (transaction_decode(&theirs, raw) != TRANSACTION_OK || !theirs.is_signed)
        return false;
    flight_transaction(&ours, flight, chain_id);
    ours.is_signed = true;
    ours.y_parity = theirs.y_parity;
    ours.r = theirs.r;
    ours.s = theirs.s;
    transaction_encode(&expected, &ours);
    return bytes_equal(buffer_bytes(&expected), raw);
}

/* What was asked for is the newest attempt now. */
static void flight_adopt(struct flight *flight)
{
    const struct flight_bid *next = &flight->next;

    if (!next->is_asked)
        return;
    flight->gas = next->gas;
    flight->max_fee_per_gas = next->max_fee_per_gas;
    flight->max_priority_fee_per_gas = next->max_priority_fee_per_gas;
    flight->to = next->to;
    flight->is_cancel = next->is_cancel;
    if (next->is_cancel)
        flight->data_size = 0;
    flight->next = (struct flight_bid){0};
}

bool flight_signed(struct flight *flight, struct bytes raw, uint64_t chain_id)
{
    if ((flight->state != FLIGHT_DRAFTED && !flight->next.is_asked) || raw.size == 0 ||
        raw.size > FLIGHT_RAW_MAX || flight->attempt_count >= ATTEMPTS_MAX ||
        !flight_is_signed_by(flight, raw, chain_id))
        return false;
    flight_adopt(flight);
    memcpy(flight->raw, raw.data, raw.size);
    flight->raw_size = (uint32_t)raw.size;
    keccak256(&flight->hash, raw);
    flight->attempt[flight->attempt_count++] = (struct flight_attempt){
        .hash = flight->hash,
        .max_fee_per_gas = flight->max_fee_per_gas,
        .max_priority_fee_per_gas = flight->max_priority_fee_per_gas,
        .is_cancel = flight->is_cancel,
    };
    flight->state = FLIGHT_SIGNED;
    return true;
}

bool flight_raise(struct flight *flight, const struct flight_bid *bid)
{
    const uint32_t most = bid->is_cancel ? ATTEMPTS_MAX : ATTEMPTS_MAX - 1;

    if (!flight_may_have_left(flight) || flight->next.is_asked || flight->attempt_count >= most)
        return false;
    flight->next = *bid;
    flight->next.is_asked = true;
    flight->is_underpriced = false;
    return true;
}

void flight_withdraw(struct fleet *fleet, struct flight *flight)
{
    (void)fleet; /* the nonce is free again by being held by nobody */
    flight->next = (struct flight_bid){0};
    if (flight->state == FLIGHT_DRAFTED)
        flight->state = FLIGHT_DROPPED;
}

void flight_sent(struct flight *flight, enum send_outcome outcome, int64_t now_ms)
{
    bool is_first = flight->send_count == 0 && !flight->in_doubt;

    if (!flight_may_have_left(flight))
        return;
    flight->sent_ms = now_ms;
    if (flight->send_count < UINT32_MAX)
        flight->send_count++;
    switch (outcome) {
    case SEND_TAKEN:
        flight->state = FLIGHT_SENT;
        flight->in_doubt = flight->is_underpriced = false;
        return;
    case SEND_UNDERPRICED:
        flight->is_underpriced = true;
        return;
    case SEND_REJECTED:
    case SEND_UNCOVERED:
    case SEND_GUARDED:
    case SEND_GAS_SHORT:
        flight->state = is_first ? FLIGHT_DROPPED : flight->state;
        flight->in_doubt = !is_first;
        return;
    case SEND_DOUBTFUL:
    case SEND_NONCE_USED:
        flight->in_doubt = true;
        return;
    }
}

void flight_seen(struct flight *flight)
{
    if (!flight_may_have_left(flight))
        return;
    flight->state = FLIGHT_SEEN;
    flight->in_doubt = false;
}

static const struct flight_attempt *attempt_of(const struct flight *flight,
                                               const struct hash32 *hash)
{
    for (uint32_t i = 0; i < flight->attempt_count; i++) {
        if (hash32_is_equal(&flight->attempt[i].hash, hash))
            return &flight->attempt[i];
    }
    return NULL;
}

void flight_receipt(struct fleet *fleet, struct flight *flight, const struct receipt *receipt)
{
    const struct flight_attempt *attempt = attempt_of(flight, &receipt->transaction);

    if (!flight_may_have_left(flight) || attempt == NULL)
        return;
    if (attempt->is_cancel)
        flight->state = FLIGHT_CANCELLED;
    else
        flight->state = receipt->succeeded ? FLIGHT_MINED : FLIGHT_REVERTED;
    flight->hash = attempt->hash;
    flight->max_fee_per_gas = attempt->max_fee_per_gas;
    flight->max_priority_fee_per_gas = attempt->max_priority_fee_per_gas;
    flight->next = (struct flight_bid){0};
    flight->in_doubt = false;
    flight->mined_block = receipt->block.number;
    flight->mined_index = receipt->index;
    flight->gas_used = receipt->gas_used;
    flight->gas_price = receipt->gas_price;
    nonce_is_used(fleet, flight->nonce);
}

void flight_overtaken(struct fleet *fleet, struct flight *flight)
{
    if (!flight_is_live(flight))
        return;
    flight->state = FLIGHT_DROPPED;
    flight->next = (struct flight_bid){0};
    flight->in_doubt = false;
    flight->mined_block = flight->passed_block;
    nonce_is_used(fleet, flight->nonce);
}

void flight_release(struct fleet *fleet, struct flight *flight)
{
    MUST(flight >= fleet->flight && flight < fleet->flight + FLIGHTS_MAX);
    MUST(!flight_is_live(flight));
    *flight = (struct flight){.state = FLIGHT_FREE};
}
