/* A signed transaction to change one field of. */
#ifndef TESTS_ETH_A_TRANSACTION_H
#define TESTS_ETH_A_TRANSACTION_H

#include "eth/transaction.h"

static inline struct transaction a_transaction(enum transaction_type type)
{
    return (struct transaction){
        .type = type,
        .has_chain_id = true,
        .has_to = true,
        .is_signed = true,
        .chain_id = 1,
        .nonce = 5,
        .gas = 21000,
        .to = {.byte = {[19] = 1}},
        .r = u256_of(1),
        .s = u256_of(1),
    };
}

/* An access list of one address and one key, `key_size` and `address_size` long. */
static inline void add_entry(struct buffer *out, size_t address_size, size_t key_size)
{
    const uint8_t zeros[40] = {0};
    size_t entry = out->size;
    rlp_add_string(out, bytes_of(zeros, address_size));
    size_t keys = out->size;
    rlp_add_string(out, bytes_of(zeros, key_size));
    rlp_end_list(out, keys);
    rlp_end_list(out, entry);
}

#endif
