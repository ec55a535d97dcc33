/*
 * Transactions as bytes: legacy, EIP-155, EIP-2930, EIP-1559. What is encoded is canonical; what is
 * decoded is refused unless it is.
 */
#ifndef ETH_TRANSACTION_H
#define ETH_TRANSACTION_H

#include "base/units.h"
#include "eth/address.h"
#include "eth/rlp.h"

enum transaction_type {
    TRANSACTION_LEGACY = 0,
    TRANSACTION_ACCESS_LIST = 1,
    TRANSACTION_DYNAMIC_FEE = 2
};

struct transaction {
    enum transaction_type type;
    bool has_chain_id; /* false only for legacy before EIP-155 */
    bool has_to;       /* false: creates a contract */
    bool is_signed;
    uint64_t chain_id;
    uint64_t nonce;
    uint64_t gas;
    struct wei gas_price;                /* legacy and EIP-2930 */
    struct wei max_fee_per_gas;          /* EIP-1559 */
    struct wei max_priority_fee_per_gas; /* EIP-1559 */
    struct address to;
    struct wei value;
    struct bytes data;        /* borrowed */
    struct bytes access_list; /* borrowed: payload of the list item, empty where there is none */
    uint8_t y_parity;
    struct u256 r;
    struct u256 s;
};

enum transaction_error {
    TRANSACTION_OK,
    TRANSACTION_EMPTY,
    TRANSACTION_UNKNOWN_TYPE,  /* a typed envelope other than 1 and 2 */
    TRANSACTION_MALFORMED,     /* RLP that is none, or not canonical */
    TRANSACTION_FIELD_COUNT,   /* too many or too few fields */
    TRANSACTION_FIELD_RANGE,   /* a nonce over 64 bits, a `to` of 19 bytes, an access list that is
                                  none */
    TRANSACTION_BAD_SIGNATURE, /* v, r or s out of range, s in the upper half (EIP-2) */
    TRANSACTION_UNSIGNED       /* signed bytes were wanted */
};

/** Appends what is hashed and signed. Unsigned fields only. */
void transaction_encode_unsigned(struct buffer *out, const struct transaction *transaction);
/** Appends what goes on the wire; MUST be signed. */
void transaction_encode(struct buffer *out, const struct transaction *transaction);
/** keccak of the unsigned encoding: what a signature signs. */
void transaction_signing_hash(struct hash32 *out, const struct transaction *transaction);
/** The wire bytes of a signed one. Out: borrows data and access list from `raw`. */
MUST_CHECK enum transaction_error transaction_decode(struct transaction *out, struct bytes raw);
/** The unsigned encoding of types 1 and 2 and of EIP-155 legacy (chain id, 0, 0). */
MUST_CHECK enum transaction_error transaction_decode_unsigned(struct transaction *out,
                                                              struct bytes raw);
const char *transaction_error_text(enum transaction_error error);

#endif
