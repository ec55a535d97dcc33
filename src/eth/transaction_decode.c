/*
 * Transactions come back from three strangers: a node, the signer's socket, the command line. What
 * is accepted here encodes to the very same bytes again; everything else is refused by name.
 */
#include <string.h>

#include "eth/transaction.h"

#define TYPE_BYTE_MAX 0x7f
#define LEGACY_FIELDS 6
#define ACCESS_LIST_FIELDS 8
#define DYNAMIC_FEE_FIELDS 9
#define SIGNATURE_FIELDS 3
#define FIELDS_MAX (DYNAMIC_FEE_FIELDS + SIGNATURE_FIELDS)

/* secp256k1: n and floor(n / 2), least significant limb first. */
#define CURVE_ORDER                                                                                \
    ((struct u256){                                                                                \
        {0xbfd25e8cd0364141u, 0xbaaedce6af48a03bu, 0xfffffffffffffffeu, 0xffffffffffffffffu}})
#define CURVE_ORDER_HALF                                                                           \
    ((struct u256){                                                                                \
        {0xdfe92f46681b20a0u, 0x5d576e7357a4501du, 0xffffffffffffffffu, 0x7fffffffffffffffu}})

/* The fields of one transaction, in order, read before anything is made of them. */
struct fields {
    size_t count;
    struct rlp_item item[FIELDS_MAX];
};

static enum transaction_error fields_read(struct fields *out, struct bytes encoded)
{
    struct rlp_reader outer = {encoded};
    struct rlp_reader inner;
    out->count = 0;
    if (rlp_next_list(&outer, &inner) != RLP_OK || outer.rest.size != 0)
        return TRANSACTION_MALFORMED;
    for (;;) {
        struct rlp_item item;
        enum rlp_error error = rlp_next(&inner, &item);
        if (error == RLP_END)
            return TRANSACTION_OK;
        if (error != RLP_OK)
            return TRANSACTION_MALFORMED;
        if (out->count == FIELDS_MAX)
            return TRANSACTION_FIELD_COUNT;
        out->item[out->count++] = item;
    }
}

static enum transaction_error field_u256(struct u256 *out, const struct rlp_item *item)
{
    if (item->is_list)
        return TRANSACTION_MALFORMED;
    if (item->payload.size > 32)
        return TRANSACTION_FIELD_RANGE;
    if (item->payload.size > 0 && item->payload.data[0] == 0)
        return TRANSACTION_MALFORMED;
    *out = u256_of_bytes(item->payload);
    return TRANSACTION_OK;
}

static enum transaction_error field_u64(uint64_t *out, const struct rlp_item *item)
{
    struct u256 wide = U256_ZERO;
    enum transaction_error error = field_u256(&wide, item);
    if (error == TRANSACTION_OK && !u256_fits_u64(&wide))
        error = TRANSACTION_FIELD_RANGE;
    *out = wide.limb[0];
    return error;
}

static bool storage_keys_are_well(struct rlp_reader keys)
{
    struct bytes key;
    enum rlp_error error;
    while ((error = rlp_next_string(&keys, &key)) == RLP_OK) {
        if (key.size != 32)
            return false;
    }
    return error == RLP_END;
}

/* EIP-2930: [[address, [key, …]], …] */
static bool access_list_is_well(struct bytes payload)
{
    struct rlp_reader entries = {payload};
    struct rlp_reader entry;
    enum rlp_error error;
    while ((error = rlp_next_list(&entries, &entry)) == RLP_OK) {
        struct bytes address;
        struct rlp_reader keys;
        if (rlp_next_string(&entry, &address) != RLP_OK || address.size != 20 ||
            rlp_next_list(&entry, &keys) != RLP_OK || entry.rest.size != 0 ||
            !storage_keys_are_well(keys))
            return false;
    }
    return error == RLP_END;
}

/* gas, to, value, data: the same four in the same order in every form. */
static enum transaction_error common_read(struct transaction *out, const struct rlp_item item[4])
{
    enum transaction_error error = field_u64(&out->gas, &item[0]);
    if (error != TRANSACTION_OK)
        return error;
    const struct bytes to = item[1].payload;
    if (item[1].is_list || item[3].is_list)
        return TRANSACTION_MALFORMED;
    if (to.size != 0 && to.size != sizeof out->to.byte)
        return TRANSACTION_FIELD_RANGE;
    out->has_to = to.size != 0;
    if (out->has_to)
        memcpy(out->to.byte, to.data, sizeof out->to.byte);
    out->data = item[3].payload;
    return field_u256(&out->value.value, &item[2]);
}

static enum transaction_error legacy_read(struct transaction *out, const struct fields *fields)
{
    enum transaction_error error = field_u64(&out->nonce, &fields->item[0]);
    if (error == TRANSACTION_OK)
        error = field_u256(&out->gas_price.value, &fields->item[1]);
    if (error == TRANSACTION_OK)
        error = common_read(out, &fields->item[2]);
    return error;
}

static enum transaction_error typed_read(struct transaction *out, const struct fields *fields)
{
    bool has_tip = out->type == TRANSACTION_DYNAMIC_FEE;
    const struct rlp_item *item = fields->item;
    struct u256 *price = has_tip ? &out->max_fee_per_gas.value : &out->gas_price.value;
    out->has_chain_id = true;
    enum transaction_error error = field_u64(&out->chain_id, item++);
    if (error == TRANSACTION_OK)
        error = field_u64(&out->nonce, item++);
    if (error == TRANSACTION_OK && has_tip)
        error = field_u256(&out->max_priority_fee_per_gas.value, item++);
    if (error == TRANSACTION_OK)
        error = field_u256(price, item++);
    if (error == TRANSACTION_OK)
        error = common_read(out, item);
    if (error != TRANSACTION_OK)
        return error;
    item += 4;
    if (!item->is_list)
        return TRANSACTION_MALFORMED;
    out->access_list = item->payload;
    return access_list_is_well(item->payload) ? TRANSACTION_OK : TRANSACTION_FIELD_RANGE;
}

/* Splits v of a legacy transaction into chain id and parity. */
static bool legacy_v_split(struct transaction *out, const struct u256 *v)
{
    if (u256_fits_u64(v) && (v->limb[0] == 27 || v->limb[0] == 28)) {
        out->y_parity = (uint8_t)(v->limb[0] - 27);
        return true;
    }
    if (!u256_fits_u128(v) || u256_to_u128(v) < 35)
        return false;
    unsigned __int128 rest = u256_to_u128(v) - 35;
    if (rest >> 1 > UINT64_MAX)
        return false;
    out->has_chain_id = true;
    out->chain_id = (uint64_t)(rest >> 1);
    out->y_parity = (uint8_t)(rest & 1);
    return true;
}

static bool scalar_is_well(const struct u256 *scalar, const struct u256 *max)
{
    return !u256_is_zero(scalar) && u256_compare(scalar, max) <= 0;
}

/* EIP-2 keeps s in the lower half: else anybody could change a transaction's hash under way. */
static enum transaction_error signature_read(struct transaction *out, const struct rlp_item item[3])
{
    struct u256 v;
    enum transaction_error error = field_u256(&v, &item[0]);
    if (error == TRANSACTION_OK)
        error = field_u256(&out->r, &item[1]);
    if (error == TRANSACTION_OK)
        error = field_u256(&out->s, &item[2]);
    if (error != TRANSACTION_OK)
        return error == TRANSACTION_FIELD_RANGE ? TRANSACTION_BAD_SIGNATURE : error;
    if (u256_is_zero(&out->r) && u256_is_zero(&out->s))
        return TRANSACTION_UNSIGNED;
    if (out->type == TRANSACTION_LEGACY) {
        if (!legacy_v_split(out, &v))
            return TRANSACTION_BAD_SIGNATURE;
    } else {
        if (!u256_fits_u64(&v) || v.limb[0] > 1)
            return TRANSACTION_BAD_SIGNATURE;
        out->y_parity = (uint8_t)v.limb[0];
    }
    struct u256 r_max;
    bool has_room = u256_sub(&r_max, &CURVE_ORDER, &U256_ONE);
    MUST(has_room);
    if (!scalar_is_well(&out->r, &r_max) || !scalar_is_well(&out->s, &CURVE_ORDER_HALF))
        return TRANSACTION_BAD_SIGNATURE;
    out->is_signed = true;
    return TRANSACTION_OK;
}

/* Finds the type, reads the fields, and says how many there would be without a signature. */
static enum transaction_error envelope_read(struct transaction *out, struct fields *fields,
                                            size_t *unsigned_count, struct bytes raw)
{
    *out = (struct transaction){.type = TRANSACTION_LEGACY};
    *unsigned_count = LEGACY_FIELDS;
    if (raw.size == 0)
        return TRANSACTION_EMPTY;
    if (raw.data[0] <= TYPE_BYTE_MAX) {
        if (raw.data[0] != TRANSACTION_ACCESS_LIST && raw.data[0] != TRANSACTION_DYNAMIC_FEE)
            return TRANSACTION_UNKNOWN_TYPE;
        bool has_tip = raw.data[0] == TRANSACTION_DYNAMIC_FEE;
        out->type = has_tip ? TRANSACTION_DYNAMIC_FEE : TRANSACTION_ACCESS_LIST;
        *unsigned_count = has_tip ? DYNAMIC_FEE_FIELDS : ACCESS_LIST_FIELDS;
        raw = bytes_slice(raw, 1, raw.size - 1);
    }
    enum transaction_error error = fields_read(fields, raw);
    if (error != TRANSACTION_OK)
        return error;
    if (fields->count != *unsigned_count && fields->count != *unsigned_count + SIGNATURE_FIELDS)
        return TRANSACTION_FIELD_COUNT;
    return out->type == TRANSACTION_LEGACY ? legacy_read(out, fields) : typed_read(out, fields);
}

enum transaction_error transaction_decode(struct transaction *out, struct bytes raw)
{
    struct fields fields;
    size_t unsigned_count;
    enum transaction_error error = envelope_read(out, &fields, &unsigned_count, raw);
    if (error != TRANSACTION_OK)
        return error;
    if (fields.count == unsigned_count)
        return TRANSACTION_UNSIGNED;
    return signature_read(out, &fields.item[unsigned_count]);
}

enum transaction_error transaction_decode_unsigned(struct transaction *out, struct bytes raw)
{
    struct fields fields;
    size_t unsigned_count;
    enum transaction_error error = envelope_read(out, &fields, &unsigned_count, raw);
    if (error != TRANSACTION_OK)
        return error;
    if (out->type != TRANSACTION_LEGACY)
        return fields.count == unsigned_count ? TRANSACTION_OK : TRANSACTION_FIELD_COUNT;
    if (fields.count == unsigned_count)
        return TRANSACTION_FIELD_COUNT; /* without a chain id it could be replayed anywhere */
    const struct rlp_item *chain = &fields.item[unsigned_count];
    struct u256 zero[2] = {U256_ONE, U256_ONE};
    error = field_u64(&out->chain_id, &chain[0]);
    if (error == TRANSACTION_OK)
        error = field_u256(&zero[0], &chain[1]);
    if (error == TRANSACTION_OK)
        error = field_u256(&zero[1], &chain[2]);
    if (error == TRANSACTION_OK && (!u256_is_zero(&zero[0]) || !u256_is_zero(&zero[1])))
        error = TRANSACTION_FIELD_RANGE;
    out->has_chain_id = true;
    return error;
}
