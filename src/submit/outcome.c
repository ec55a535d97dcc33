/*
 * A node's answer to a sending says less than it seems to: an error may come from a node that has
 * the transaction, or from one that even mined it. Only what is certain ends a flight; everything
 * else is doubt, which the chain resolves.
 */
#include "submit/submit.h"

#include <string.h>

/* "replacement transaction underpriced", "could not replace existing tx": the nonce is another's in
 * this node's pool, which says nothing against the bytes. */
static bool is_of_replacement(const char *message)
{
    return strstr(message, "eplace") != NULL;
}

static enum send_outcome outcome_of_fault(enum rpc_fault fault)
{
    switch (fault) {
    case RPC_FAULT_ALREADY_KNOWN:
        return SEND_TAKEN;
    case RPC_FAULT_NONCE_TOO_LOW:
        return SEND_NONCE_USED;
    case RPC_FAULT_NONCE_TOO_HIGH: /* a node without a queue; the hole before it is filled first */
    case RPC_FAULT_UNDERPRICED:
    case RPC_FAULT_NO_FUNDS:
    case RPC_FAULT_REJECTED_TX:
        return SEND_REJECTED;
    case RPC_FAULT_REVERT: /* hardhat answers so when it has mined it, reverted */
    case RPC_FAULT_NONE:
    case RPC_FAULT_RATE_LIMIT:
    case RPC_FAULT_RANGE_TOO_WIDE:
    case RPC_FAULT_GAS_CAP:
    case RPC_FAULT_UNKNOWN_BLOCK:
    case RPC_FAULT_METHOD_MISSING:
    case RPC_FAULT_POOL_FULL:
    case RPC_FAULT_UNAUTHORISED:
    case RPC_FAULT_BUSY:
    case RPC_FAULT_INVALID_REQUEST:
    case RPC_FAULT_OTHER:
        return SEND_DOUBTFUL;
    }
    return SEND_DOUBTFUL;
}

enum send_outcome send_outcome_of(const struct rpc_answers *answers)
{
    struct hash32 hash;

    if (answers->envelope != RPC_ENVELOPE_OK || answers->count != 1)
        return SEND_DOUBTFUL;
    const struct rpc_answer *answer = &answers->answer[0];
    if (answer->fault == RPC_FAULT_UNDERPRICED && is_of_replacement(answer->message))
        return SEND_UNDERPRICED;
    if (answer->fault != RPC_FAULT_NONE)
        return outcome_of_fault(answer->fault);
    return answer->result != NULL && json_hash32(&hash, answer->result) ? SEND_TAKEN
                                                                        : SEND_DOUBTFUL;
}
