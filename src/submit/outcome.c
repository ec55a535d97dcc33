/*
 * A node's answer to a sending says less than it seems to: an error may come from a node that has
 * the transaction, or from one that even mined it. Only what is certain ends a flight; everything
 * else is doubt, which the chain resolves.
 */
#include "submit/outcome.h"

#include "eth/reaction.h"
#include "eth/result.h"

static enum send_outcome outcome_of_reaction(enum rpc_reaction reaction)
{
    switch (reaction) {
    case REACTION_TAKEN:
        return SEND_TAKEN;
    case REACTION_RESOLVE: /* a hole before it is filled first; it keeps its own nonce meanwhile */
        return SEND_DOUBTFUL;
    case REACTION_RAISE_FEES: /* the nonce is another's in that pool: not against the bytes */
        return SEND_UNDERPRICED;
    case REACTION_RAISE_GAS:
        return SEND_GAS_SHORT;
    case REACTION_ALERT:
        return SEND_GUARDED;
    case REACTION_REPRICE: /* decided anew, on the newest base fee */
    case REACTION_DROP:
    case REACTION_BUG:
        return SEND_REJECTED;
    case REACTION_REVERT: /* hardhat answers so when it has mined it, reverted */
    case REACTION_NONE:
    case REACTION_BACK_OFF:
    case REACTION_FAIL_OVER:
    case REACTION_OTHER_ENDPOINT:
    case REACTION_ASK_AGAIN:
    case REACTION_SPLIT_RANGE:
    case REACTION_SPLIT_CALLS:
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
    if (answer->fault == RPC_FAULT_NONCE_TOO_LOW)
        return SEND_NONCE_USED;
    if (answer->fault == RPC_FAULT_NO_FUNDS)
        return SEND_UNCOVERED;
    if (answer->fault != RPC_FAULT_NONE)
        return outcome_of_reaction(rpc_reaction_of(answer->fault, answer->message));
    return answer->result != NULL && json_hash32(&hash, answer->result, answers->original)
               ? SEND_TAKEN
               : SEND_DOUBTFUL;
}

enum send_outcome relay_outcome_of(const struct rpc_answers *answers)
{
    bool is_result = answers->envelope == RPC_ENVELOPE_OK && answers->count == 1 &&
                     answers->answer[0].fault == RPC_FAULT_NONE;

    if (!is_result)
        return send_outcome_of(answers);
    return result_is_null(answers->answer[0].result) ? SEND_DOUBTFUL : SEND_TAKEN;
}
