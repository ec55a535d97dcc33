/* What became of one transaction. */
#ifndef ETH_RECEIPT_H
#define ETH_RECEIPT_H

#include "eth/jsonrpc.h"

#define RECEIPT_LOGS_MAX 256

struct receipt {
    struct hash32 transaction;
    struct block_ref block;
    uint32_t index; /* in its block; INDEX_UNKNOWN */
    bool succeeded;
    uint64_t gas_used;
    struct wei gas_price; /* effectiveGasPrice */
    struct json_t *logs;  /* the array; lent by the answer */
};

/** False: not of that shape. JSON null (not mined yet) is the caller's to tell apart.
 *  `original`: as in jsonrpc.h; out->logs is read against it too. */
MUST_CHECK bool json_receipt(struct receipt *out, const struct json_t *value,
                             struct bytes original);

#endif
