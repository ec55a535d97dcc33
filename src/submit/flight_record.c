/*
 * A flight must outlive the process that drafted it. It is kept as one line of JSON that holds all
 * of it, and comes back only if every field is there and within its bounds. What came with
 * replacements may be missing, as it is in lines of an older version; there it has one attempt.
 */
#include "submit/submit.h"

#include <string.h>

#include "base/text.h"
#include "eth/keccak.h"
#include "eth/record.h"

const char *flight_state_text(enum flight_state state)
{
    switch (state) {
    case FLIGHT_FREE:
        return "free";
    case FLIGHT_DRAFTED:
        return "drafted";
    case FLIGHT_SIGNED:
        return "signed";
    case FLIGHT_SENT:
        return "sent";
    case FLIGHT_SEEN:
        return "seen";
    case FLIGHT_MINED:
        return "mined";
    case FLIGHT_REVERTED:
        return "reverted";
    case FLIGHT_CANCELLED:
        return "cancelled";
    case FLIGHT_DROPPED:
        return "dropped";
    }
    return "free";
}

static void add_name(struct text *out, const char *name)
{
    text_add(out, ",\"");
    text_add(out, name);
    text_add(out, "\":");
}

static void add_u64(struct text *out, const char *name, uint64_t value)
{
    add_name(out, name);
    text_add_u64(out, value);
}

static void add_i64(struct text *out, const char *name, int64_t value)
{
    add_name(out, name);
    text_add_i64(out, value);
}

static void add_u256(struct text *out, const char *name, const struct u256 *value)
{
    add_name(out, name);
    text_add_char(out, '"');
    text_add_u256(out, value);
    text_add_char(out, '"');
}

static void add_hex(struct text *out, const char *name, const void *data, size_t size)
{
    add_name(out, name);
    text_add_char(out, '"');
    text_add_hex(out, bytes_of(data, size));
    text_add_char(out, '"');
}

/* Hash, both caps and whether it is a cancellation: one attempt after the other. */
#define ATTEMPT_SIZE (32 + 32 + 32 + 1)

static void add_attempts(struct text *out, const struct flight *flight)
{
    uint8_t data[ATTEMPTS_MAX * ATTEMPT_SIZE];
    uint8_t *at = data;

    for (uint32_t i = 0; i < flight->attempt_count && i < ATTEMPTS_MAX; i++) {
        const struct flight_attempt *attempt = &flight->attempt[i];

        memcpy(at, attempt->hash.byte, 32);
        u256_to_word(at + 32, &attempt->max_fee_per_gas.value);
        u256_to_word(at + 64, &attempt->max_priority_fee_per_gas.value);
        at[96] = attempt->is_cancel ? 1 : 0;
        at += ATTEMPT_SIZE;
    }
    add_hex(out, "attempts", data, (size_t)(at - data));
}

static void add_bool(struct text *out, const char *name, bool value)
{
    add_name(out, name);
    text_add(out, value ? "true" : "false");
}

static void add_later(struct text *out, const struct flight *flight)
{
    add_attempts(out, flight);
    add_u64(out, "attempt_block", flight->attempt_block);
    add_bool(out, "is_cancel", flight->is_cancel);
    if (flight->is_private) /* not in lines of versions that knew one way */
        add_bool(out, "is_private", true);
    add_u256(out, "gross", &flight->gross.value);
    add_u64(out, "gas_expected", flight->gas_expected);
    add_u64(out, "counted_day", flight->counted_day);
    add_u256(out, "counted_loss", &flight->counted_loss.value);
    add_bool(out, "has_landed_before", flight->has_landed_before);
    if (!hash32_is_zero(&flight->behind)) /* nor in those that knew no pool */
        add_hex(out, "behind", flight->behind.byte, sizeof(flight->behind.byte));
    if (flight->is_unexplained)
        add_u64(out, "unexplained_index", flight->mined_index);
}

void flight_encode(struct text *out, const struct flight *flight)
{
    text_add(out, "{\"state\":\"");
    text_add(out, flight_state_text(flight->state));
    text_add_char(out, '"');
    add_u64(out, "id", flight->id);
    add_u64(out, "nonce", flight->nonce);
    add_u64(out, "gas", flight->gas);
    add_u256(out, "max_fee_per_gas", &flight->max_fee_per_gas.value);
    add_u256(out, "max_priority_fee_per_gas", &flight->max_priority_fee_per_gas.value);
    add_hex(out, "to", flight->to.byte, sizeof(flight->to.byte));
    add_hex(out, "data", flight->data, flight->data_size);
    add_hex(out, "raw", flight->raw, flight->raw_size);
    add_hex(out, "hash", flight->hash.byte, sizeof(flight->hash.byte));
    add_u64(out, "decided_block", flight->decided_block);
    add_i64(out, "drafted_ms", flight->drafted_ms);
    add_i64(out, "sent_ms", flight->sent_ms);
    add_u64(out, "send_count", flight->send_count);
    add_bool(out, "in_doubt", flight->in_doubt);
    add_u64(out, "market", flight->market);
    add_hex(out, "account", flight->account.byte, sizeof(flight->account.byte));
    add_u64(out, "debt", flight->debt);
    add_u64(out, "collateral", flight->collateral);
    add_u256(out, "reserved", &flight->reserved.value);
    add_u64(out, "mined_block", flight->mined_block);
    add_u64(out, "gas_used", flight->gas_used);
    add_u256(out, "gas_price", &flight->gas_price.value);
    add_later(out, flight);
    text_add_char(out, '}');
}

static bool read_state(enum flight_state *out, const struct record *record)
{
    /* FREE is no state of a flight that was kept */
    static const enum flight_state states[] = {FLIGHT_DRAFTED,   FLIGHT_SIGNED, FLIGHT_SENT,
                                               FLIGHT_SEEN,      FLIGHT_MINED,  FLIGHT_REVERTED,
                                               FLIGHT_CANCELLED, FLIGHT_DROPPED};
    struct bytes text;

    if (!record_text(&text, record, "state"))
        return false;
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
        if (bytes_equal(text, bytes_of_text(flight_state_text(states[i])))) {
            *out = states[i];
            return true;
        }
    }
    return false;
}

/* At most `capacity` bytes. */
static bool read_hex(uint8_t *out, uint32_t *size, size_t capacity, const struct record *record,
                     const char *name)
{
    size_t found;

    if (!record_hex_size(&found, record, name) || found > capacity ||
        !record_hex(out, found, record, name))
        return false;
    *size = (uint32_t)found;
    return true;
}

static bool read_transaction(struct flight *out, const struct record *record)
{
    return record_u64(&out->nonce, record, "nonce") && record_u64(&out->gas, record, "gas") &&
           record_u256(&out->max_fee_per_gas.value, record, "max_fee_per_gas") &&
           record_u256(&out->max_priority_fee_per_gas.value, record, "max_priority_fee_per_gas") &&
           record_address(&out->to, record, "to") &&
           read_hex(out->data, &out->data_size, FLIGHT_DATA_MAX, record, "data") &&
           read_hex(out->raw, &out->raw_size, FLIGHT_RAW_MAX, record, "raw") &&
           record_hash32(&out->hash, record, "hash");
}

static bool read_story(struct flight *out, const struct record *record)
{
    return record_u64(&out->decided_block, record, "decided_block") &&
           record_i64(&out->drafted_ms, record, "drafted_ms") &&
           record_i64(&out->sent_ms, record, "sent_ms") &&
           record_u32(&out->send_count, record, "send_count") &&
           record_bool(&out->in_doubt, record, "in_doubt") &&
           record_u64(&out->mined_block, record, "mined_block") &&
           record_u64(&out->gas_used, record, "gas_used") &&
           record_u256(&out->gas_price.value, record, "gas_price");
}

static bool read_purpose(struct flight *out, const struct record *record)
{
    return record_u32(&out->market, record, "market") &&
           record_address(&out->account, record, "account") &&
           record_u32(&out->debt, record, "debt") &&
           record_u32(&out->collateral, record, "collateral") &&
           record_u256(&out->reserved.value, record, "reserved");
}

static bool read_attempts(struct flight *out, const struct record *record)
{
    uint8_t data[ATTEMPTS_MAX * ATTEMPT_SIZE];
    uint32_t size;

    if (!read_hex(data, &size, sizeof(data), record, "attempts") || size % ATTEMPT_SIZE != 0)
        return false;
    for (const uint8_t *at = data; at < data + size; at += ATTEMPT_SIZE) {
        struct flight_attempt *attempt = &out->attempt[out->attempt_count++];

        memcpy(attempt->hash.byte, at, 32);
        attempt->max_fee_per_gas.value = u256_of_word(at + 32);
        attempt->max_priority_fee_per_gas.value = u256_of_word(at + 64);
        attempt->is_cancel = at[96] != 0;
    }
    return true;
}

/* The attempt of a version that knew one only. */
static void attempt_of_old(struct flight *out)
{
    if (out->raw_size == 0)
        return;
    out->attempt[0] = (struct flight_attempt){
        .hash = out->hash,
        .max_fee_per_gas = out->max_fee_per_gas,
        .max_priority_fee_per_gas = out->max_priority_fee_per_gas,
    };
    out->attempt_count = 1;
    out->attempt_block = out->decided_block;
}

/* Only of a revert that is still asked about, and in no line of an older version. */
static bool read_unexplained(struct flight *out, const struct record *record)
{
    out->is_unexplained = record_has(record, "unexplained_index");
    return !out->is_unexplained || (out->state == FLIGHT_REVERTED &&
                                    record_u32(&out->mined_index, record, "unexplained_index"));
}

static bool read_later(struct flight *out, const struct record *record)
{
    if (!record_has(record, "attempts")) {
        attempt_of_old(out);
        return true;
    }
    return read_attempts(out, record) && record_u64(&out->attempt_block, record, "attempt_block") &&
           record_bool(&out->is_cancel, record, "is_cancel") &&
           (!record_has(record, "is_private") ||
            record_bool(&out->is_private, record, "is_private")) &&
           record_u256(&out->gross.value, record, "gross") &&
           record_u64(&out->gas_expected, record, "gas_expected") &&
           record_u64(&out->counted_day, record, "counted_day") &&
           record_u256(&out->counted_loss.value, record, "counted_loss") &&
           record_bool(&out->has_landed_before, record, "has_landed_before") &&
           (!record_has(record, "behind") || record_hash32(&out->behind, record, "behind")) &&
           read_unexplained(out, record);
}

/* What may have left has its bytes, and the hash by which the chain is asked is theirs, and that of
 * its newest attempt. */
static bool flight_is_whole(const struct flight *flight)
{
    struct hash32 hash;

    if (!flight_may_have_left(flight))
        return true;
    keccak256(&hash, bytes_of(flight->raw, flight->raw_size));
    return flight->raw_size > 0 && hash32_is_equal(&hash, &flight->hash) &&
           flight->attempt_count > 0 &&
           hash32_is_equal(&hash, &flight->attempt[flight->attempt_count - 1].hash);
}

bool flight_decode(struct flight *out, struct bytes json)
{
    RECORD record = {0};
    struct flight flight = {0};

    if (!record_parse(&record, json) || !read_state(&flight.state, &record) ||
        !record_u64(&flight.id, &record, "id") || flight.id == 0 ||
        !read_transaction(&flight, &record) || !read_story(&flight, &record) ||
        !read_purpose(&flight, &record) || !read_later(&flight, &record) ||
        !flight_is_whole(&flight))
        return false;
    *out = flight;
    return true;
}
