/*
 * A transaction as a node shows it while it waits: the object of eth_getTransactionByHash, of
 * txpool_content and of a push of newPendingTransactions. Types 0, 1 and 2; what carries blobs or
 * delegations sets no price.
 */
#ifndef FEED_POOLED_H
#define FEED_POOLED_H

#include "base/units.h"
#include "eth/jsonrpc.h"

/** Transactions that one answer of txpool_content is looked through for. */
#define POOLED_LIST_MAX 4096

enum pooled_error {
    POOLED_OK,
    POOLED_MALFORMED, /* a field that is missing or none */
    POOLED_TYPE,      /* of a type that is not spoken, or one that creates a contract */
    POOLED_MINED      /* it stands in a block: it waits no more */
};

struct pooled {
    struct hash32 hash;
    struct address from;
    struct address to;
    uint64_t nonce;
    uint64_t gas;
    struct wei value;
    /* of types 0 and 1 both are its gas price */
    struct wei max_fee_per_gas;
    struct wei max_priority_fee_per_gas;
    const struct json_t *input; /* lent, for pooled_input */
};

/** `original`: of the answers that `value` stands in, as in eth/jsonrpc.h. */
MUST_CHECK enum pooled_error pooled_read(struct pooled *out, const struct json_t *value,
                                         struct bytes original);
/** Its calldata, into an emptied buffer. False: no hex, or more than `most` bytes. */
MUST_CHECK bool pooled_input(struct buffer *out, const struct pooled *pooled, struct bytes original,
                             size_t most);

/** Each transaction of txpool_content's `pending`, as far as POOLED_LIST_MAX. */
typedef void pooled_each(void *context, const struct json_t *transaction);
/** False: it is no such answer. Out: *left  how many were not looked at. */
MUST_CHECK bool pooled_list(size_t *left, const struct json_t *content, pooled_each *each,
                            void *context);

#endif
