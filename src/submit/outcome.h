/* What an answer to a sending is worth. */
#ifndef SUBMIT_OUTCOME_H
#define SUBMIT_OUTCOME_H

#include "eth/jsonrpc.h"

/** What the node answered to the sending. Of several answers the first of these is what counts. */
enum send_outcome {
    SEND_TAKEN,       /* accepted, or already known */
    SEND_DOUBTFUL,    /* time-out, cut, unparsable: resolve by hash and nonce */
    SEND_NONCE_USED,  /* nonce too low: ours was mined meanwhile, or another's */
    SEND_UNDERPRICED, /* the node has another of this nonce, and wants more to replace it */
    SEND_REJECTED,    /* these bytes will never be taken, and were not */
    SEND_UNCOVERED,   /* rejected: our balance does not cover them */
    SEND_GUARDED,     /* rejected: the node's own guard, on fees or on us */
    SEND_GAS_SHORT    /* rejected: their gas limit is too low */
};
enum send_outcome send_outcome_of(const struct rpc_answers *answers);
/** Of a relay: any result but null says that it has it, and promises no more. */
enum send_outcome relay_outcome_of(const struct rpc_answers *answers);

#endif
