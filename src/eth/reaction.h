/*
 * From what an answer is to what is done about it: the one place that both the sockets' side (ask
 * somebody else?), the feeds (ask for less?) and the sending of transactions go by.
 */
#ifndef ETH_REACTION_H
#define ETH_REACTION_H

#include "eth/jsonrpc.h"

enum rpc_reaction {
    REACTION_NONE,           /* a result */
    REACTION_TAKEN,          /* accepted as sent: keep the hash, wait for the receipt */
    REACTION_RESOLVE,        /* a nonce in question: by the own hash, then by the chain's count */
    REACTION_RAISE_FEES,     /* both caps, the same nonce */
    REACTION_REPRICE,        /* from the newest base fee */
    REACTION_RAISE_GAS,      /* the gas limit */
    REACTION_ALERT,          /* send nothing, and say so: money, or the node's guard on us */
    REACTION_DROP,           /* this candidate; no endpoint's fault */
    REACTION_REVERT,         /* the same, and the bytes say why */
    REACTION_BUG,            /* ours: never these bytes again, to nobody */
    REACTION_BACK_OFF,       /* slower here, for now another endpoint */
    REACTION_FAIL_OVER,      /* another endpoint; patience does not help here */
    REACTION_OTHER_ENDPOINT, /* this one is behind, or lacks that state */
    REACTION_ASK_AGAIN,      /* not the same as not found */
    REACTION_SPLIT_RANGE,    /* fewer blocks of logs; as many as it names, where it does */
    REACTION_SPLIT_CALLS     /* fewer calls at once */
};

/** In: original  of the rpc_answers that holds the answer. A result that is the bytes of a revert
 *  (Error(string), and no whole words, as no result of ours begins) is a revert. */
enum rpc_reaction rpc_reaction_to(const struct rpc_answer *answer, struct bytes original);
/** The same of an eth_getLogs, of which some say "timeout" or "limit exceeded" and mean the range.
 */
enum rpc_reaction rpc_reaction_to_logs(const struct rpc_answer *answer);
/** `message`: as the node wrote it, in any case. */
enum rpc_reaction rpc_reaction_of(enum rpc_fault fault, const char *message);
/** Whether somebody else may know better. */
bool rpc_reaction_is_elsewhere(enum rpc_reaction reaction);
/** The last block of logs that the node says it would answer from `from` on; false: it names none
 *  that begins there. */
MUST_CHECK bool rpc_range_named(uint64_t *to, uint64_t from, const char *message);
const char *rpc_reaction_text(enum rpc_reaction reaction);

#endif
