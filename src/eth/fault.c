/*
 * "nonce too low" and "OldNonce" are one fact, and a dozen nodes have a dozen words for each. The
 * specification gives codes, which nodes share out among unlike faults; so the words decide, and
 * the code only where there are no known words. All of it is the table below: first row that fits.
 */
#include <string.h>

#include "eth/jsonrpc.h"

/* Longer messages are judged by their beginning. */
#define MESSAGE_MAX 512

#define ANY_CODE 0
#define ANY_METHOD NULL
#define ANYTHING ""

enum fault_place { ANYWHERE, AT_START, ALL_OF_IT };

struct fault_rule {
    int64_t code;
    const char *method;
    enum fault_place place;
    const char *words; /* in lower case */
    enum rpc_fault fault;
};

#define SAYS(words, fault)                                                                         \
    {                                                                                              \
        ANY_CODE, ANY_METHOD, ANYWHERE, words, fault                                               \
    }
#define BEGINS(words, fault)                                                                       \
    {                                                                                              \
        ANY_CODE, ANY_METHOD, AT_START, words, fault                                               \
    }
#define IS(words, fault)                                                                           \
    {                                                                                              \
        ANY_CODE, ANY_METHOD, ALL_OF_IT, words, fault                                              \
    }
#define CODE(code, fault)                                                                          \
    {                                                                                              \
        code, ANY_METHOD, ANYWHERE, ANYTHING, fault                                                \
    }
#define LOGS_SAY(words, fault)                                                                     \
    {                                                                                              \
        ANY_CODE, "eth_getLogs", ANYWHERE, words, fault                                            \
    }
#define LOGS_CODE(code, fault)                                                                     \
    {                                                                                              \
        code, "eth_getLogs", ANYWHERE, ANYTHING, fault                                             \
    }

static const struct fault_rule fault_rule[] = {
    /* What a contract said comes first: its reason may hold any of the words further down. */
    CODE(3, RPC_FAULT_REVERT),
    BEGINS("execution reverted", RPC_FAULT_REVERT),
    BEGINS("vm exception while processing transaction: out of gas", RPC_FAULT_GAS_CAP),
    BEGINS("vm exception while processing transaction", RPC_FAULT_REVERT),
    BEGINS("evm error outofgas", RPC_FAULT_GAS_CAP),
    BEGINS("evm error", RPC_FAULT_REVERT),
    BEGINS("vm execution error", RPC_FAULT_REVERT),
    BEGINS("error: vm exception", RPC_FAULT_REVERT),
    BEGINS("error: transaction reverted", RPC_FAULT_REVERT),
    BEGINS("transaction reverted", RPC_FAULT_REVERT),
    BEGINS("reverted", RPC_FAULT_REVERT),
    IS("revert", RPC_FAULT_REVERT),
    BEGINS("revert:", RPC_FAULT_REVERT),
    BEGINS("invalid opcode", RPC_FAULT_REVERT),
    BEGINS("invalid jump destination", RPC_FAULT_REVERT),
    BEGINS("stack underflow", RPC_FAULT_REVERT),
    BEGINS("write protection", RPC_FAULT_REVERT),
    BEGINS("transaction processing could not be completed due to an exception", RPC_FAULT_REVERT),

    /* Paid plans: no patience helps before the operator, or midnight, does. */
    SAYS("capacity limit exceeded", RPC_FAULT_UNAUTHORISED),
    SAYS("daily request count", RPC_FAULT_UNAUTHORISED),
    SAYS("quota", RPC_FAULT_UNAUTHORISED),
    SAYS("unauthorized", RPC_FAULT_UNAUTHORISED),
    SAYS("must be authenticated", RPC_FAULT_UNAUTHORISED),
    SAYS("api key", RPC_FAULT_UNAUTHORISED),
    SAYS("access key", RPC_FAULT_UNAUTHORISED),
    SAYS("invalid project id", RPC_FAULT_UNAUTHORISED),
    SAYS("does not have access", RPC_FAULT_UNAUTHORISED),
    SAYS("forbidden", RPC_FAULT_UNAUTHORISED),
    SAYS("payment required", RPC_FAULT_UNAUTHORISED),
    SAYS("tenant disabled", RPC_FAULT_UNAUTHORISED),
    SAYS("upgrade your plan", RPC_FAULT_UNAUTHORISED),
    SAYS("upgrade to", RPC_FAULT_UNAUTHORISED),

    /* The node has not seen that block, or no longer has its state. */
    SAYS("block range extends beyond current head", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("request beyond head block", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("blockoutofrange", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("header not found", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("header for hash not found", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("block not found", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("unknown block", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("missing trie node", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("no state available", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("world state unavailable", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("state is not available", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("state not available", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("historical state", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("pruned", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("pruning", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("archive", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("unfinalized data", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("resource not found", RPC_FAULT_UNKNOWN_BLOCK),
    SAYS("exceeds maximum proof window", RPC_FAULT_UNKNOWN_BLOCK),

    /* Logs: ask for fewer blocks. */
    SAYS("invalid block range", RPC_FAULT_INVALID_REQUEST),
    SAYS("block range", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("blocks range", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("range limit", RPC_FAULT_RANGE_TOO_WIDE),
    BEGINS("range ", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("eth_getlogs is limited", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("returned more than", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("exceeds max results", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("too many results", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("logs matched by query", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("log response size exceeded", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("too many blocks", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("number of requested blocks", RPC_FAULT_RANGE_TOO_WIDE),
    SAYS("max addresses or topics", RPC_FAULT_RANGE_TOO_WIDE),
    LOGS_SAY("too large", RPC_FAULT_RANGE_TOO_WIDE),
    LOGS_SAY("too wide", RPC_FAULT_RANGE_TOO_WIDE),
    LOGS_SAY("timeout", RPC_FAULT_RANGE_TOO_WIDE),
    {-32005, ANY_METHOD, ALL_OF_IT, "limit exceeded", RPC_FAULT_RANGE_TOO_WIDE},

    /* Slower. */
    SAYS("rate limit", RPC_FAULT_RATE_LIMIT),
    SAYS("request rate", RPC_FAULT_RATE_LIMIT),
    SAYS("too many requests", RPC_FAULT_RATE_LIMIT),
    SAYS("request limit reached", RPC_FAULT_RATE_LIMIT),
    SAYS("per second", RPC_FAULT_RATE_LIMIT),
    SAYS("/sec", RPC_FAULT_RATE_LIMIT),
    SAYS("concurrent requests", RPC_FAULT_RATE_LIMIT),
    SAYS("throughput", RPC_FAULT_RATE_LIMIT),

    /* The transaction is where it should be. */
    SAYS("already known", RPC_FAULT_ALREADY_KNOWN),
    SAYS("alreadyknown", RPC_FAULT_ALREADY_KNOWN),
    SAYS("already imported", RPC_FAULT_ALREADY_KNOWN),
    SAYS("already in pool", RPC_FAULT_ALREADY_KNOWN),
    SAYS("already exists", RPC_FAULT_ALREADY_KNOWN),
    SAYS("known transaction", RPC_FAULT_ALREADY_KNOWN),
    SAYS("existing txn with same hash", RPC_FAULT_ALREADY_KNOWN),
    SAYS("existing tx with same hash", RPC_FAULT_ALREADY_KNOWN),
    IS("mined", RPC_FAULT_ALREADY_KNOWN),

    /* Fees. */
    SAYS("underpriced", RPC_FAULT_UNDERPRICED),
    SAYS("fee too low", RPC_FAULT_UNDERPRICED),
    SAYS("feetoolow", RPC_FAULT_UNDERPRICED),
    SAYS("could not replace existing", RPC_FAULT_UNDERPRICED),
    SAYS("less than block base fee", RPC_FAULT_UNDERPRICED),
    SAYS("lower than the current base fee", RPC_FAULT_UNDERPRICED),
    SAYS("is too low for the next block", RPC_FAULT_UNDERPRICED),
    SAYS("below minimum", RPC_FAULT_UNDERPRICED),
    SAYS("gas price below", RPC_FAULT_UNDERPRICED),
    SAYS("gas price too low", RPC_FAULT_UNDERPRICED),
    SAYS("basefee sub-pool is full", RPC_FAULT_UNDERPRICED),

    /* Nonces. */
    SAYS("nonce too low", RPC_FAULT_NONCE_TOO_LOW),
    SAYS("nonce is too low", RPC_FAULT_NONCE_TOO_LOW),
    SAYS("oldnonce", RPC_FAULT_NONCE_TOO_LOW),
    SAYS("nonce has already been used", RPC_FAULT_NONCE_TOO_LOW),
    SAYS("replaced by transaction with higher tip", RPC_FAULT_NONCE_TOO_LOW),
    SAYS("nonce too high", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("nonce is too high", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("nonce too far in", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("noncetoofarin", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("nonce is too distant", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("nonce gap", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("noncegap", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("gapped-nonce", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("lower nonce exists", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("future transaction tries to replace pending", RPC_FAULT_NONCE_TOO_HIGH),
    SAYS("queued sub-pool is full", RPC_FAULT_NONCE_TOO_HIGH),

    /* Money. */
    SAYS("insufficient funds", RPC_FAULT_NO_FUNDS),
    SAYS("insufficientfunds", RPC_FAULT_NO_FUNDS),
    SAYS("insufficient balance for transfer", RPC_FAULT_NO_FUNDS),
    SAYS("exceeds account balance", RPC_FAULT_NO_FUNDS),
    SAYS("doesn't have enough funds", RPC_FAULT_NO_FUNDS),

    /* Pools. */
    SAYS("pool is full", RPC_FAULT_POOL_FULL),
    SAYS("pool full", RPC_FAULT_POOL_FULL),
    SAYS("in-flight transaction limit", RPC_FAULT_POOL_FULL),
    SAYS("too many pending transactions", RPC_FAULT_POOL_FULL),

    /* Bytes that no waiting makes good. */
    SAYS("exceeds block gas limit", RPC_FAULT_REJECTED_TX),
    SAYS("gas limit too high", RPC_FAULT_REJECTED_TX),
    SAYS("gas limit is too high", RPC_FAULT_REJECTED_TX),
    SAYS("gas limit reached", RPC_FAULT_REJECTED_TX),
    SAYS("gaslimitexceeded", RPC_FAULT_REJECTED_TX),
    SAYS("intrinsic gas", RPC_FAULT_REJECTED_TX),
    SAYS("intrinsicgas", RPC_FAULT_REJECTED_TX),
    SAYS("floor data gas", RPC_FAULT_REJECTED_TX),
    SAYS("oversized data", RPC_FAULT_REJECTED_TX),
    SAYS("max fee per gas", RPC_FAULT_REJECTED_TX),
    SAYS("exceeds the configured cap", RPC_FAULT_REJECTED_TX),
    SAYS("fee cap exceeded", RPC_FAULT_REJECTED_TX),
    SAYS("replay-protected", RPC_FAULT_REJECTED_TX),
    SAYS("invalid sender", RPC_FAULT_REJECTED_TX),
    SAYS("recover sender", RPC_FAULT_REJECTED_TX),
    SAYS("invalid chain id", RPC_FAULT_REJECTED_TX),
    SAYS("wrong chainid", RPC_FAULT_REJECTED_TX),
    SAYS("invalid signature", RPC_FAULT_REJECTED_TX),
    SAYS("transaction type not supported", RPC_FAULT_REJECTED_TX),
    SAYS("decode transaction", RPC_FAULT_REJECTED_TX),
    SAYS("empty transaction data", RPC_FAULT_REJECTED_TX),
    BEGINS("rlp:", RPC_FAULT_REJECTED_TX),
    IS("spammer", RPC_FAULT_REJECTED_TX),

    /* Too much at once. */
    SAYS("out of gas", RPC_FAULT_GAS_CAP),
    SAYS("gas required exceeds", RPC_FAULT_GAS_CAP),
    SAYS("batch", RPC_FAULT_GAS_CAP),
    SAYS("response too large", RPC_FAULT_GAS_CAP),
    SAYS("request entity too large", RPC_FAULT_GAS_CAP),

    SAYS("method not found", RPC_FAULT_METHOD_MISSING),
    SAYS("is not available", RPC_FAULT_METHOD_MISSING),
    SAYS("not supported", RPC_FAULT_METHOD_MISSING),
    SAYS("unsupported method", RPC_FAULT_METHOD_MISSING),
    SAYS("not whitelisted", RPC_FAULT_METHOD_MISSING),

    SAYS("timeout", RPC_FAULT_BUSY),
    SAYS("timed out", RPC_FAULT_BUSY),
    SAYS("in progress", RPC_FAULT_BUSY),
    SAYS("syncing", RPC_FAULT_BUSY),
    SAYS("transaction pool not enabled", RPC_FAULT_BUSY),
    SAYS("overloaded", RPC_FAULT_BUSY),
    SAYS("too busy", RPC_FAULT_BUSY),
    SAYS("unavailable", RPC_FAULT_BUSY),
    SAYS("try again", RPC_FAULT_BUSY),
    SAYS("backend", RPC_FAULT_BUSY),
    SAYS("bad gateway", RPC_FAULT_BUSY),
    SAYS("internal server error", RPC_FAULT_BUSY),

    SAYS("unable to decode bundle", RPC_FAULT_INVALID_REQUEST),

    /* No known words: EIP-1474, and what clients made of it. */
    LOGS_CODE(-32005, RPC_FAULT_RANGE_TOO_WIDE),
    LOGS_CODE(-32614, RPC_FAULT_RANGE_TOO_WIDE),
    CODE(4444, RPC_FAULT_UNKNOWN_BLOCK),
    CODE(429, RPC_FAULT_RATE_LIMIT),
    CODE(401, RPC_FAULT_UNAUTHORISED),
    CODE(403, RPC_FAULT_UNAUTHORISED),
    CODE(-32001, RPC_FAULT_UNKNOWN_BLOCK),
    CODE(-32002, RPC_FAULT_BUSY),
    CODE(-32003, RPC_FAULT_REJECTED_TX),
    CODE(-32004, RPC_FAULT_METHOD_MISSING),
    CODE(-32005, RPC_FAULT_RATE_LIMIT),
    CODE(-32006, RPC_FAULT_INVALID_REQUEST),
    CODE(-32007, RPC_FAULT_RATE_LIMIT),
    CODE(-32010, RPC_FAULT_REJECTED_TX),
    CODE(-32012, RPC_FAULT_RATE_LIMIT),
    CODE(-32015, RPC_FAULT_REVERT),
    CODE(-32016, RPC_FAULT_BUSY),
    CODE(-32600, RPC_FAULT_INVALID_REQUEST),
    CODE(-32601, RPC_FAULT_METHOD_MISSING),
    CODE(-32602, RPC_FAULT_INVALID_REQUEST),
    CODE(-32603, RPC_FAULT_BUSY),
    CODE(-32700, RPC_FAULT_INVALID_REQUEST),
    CODE(-39001, RPC_FAULT_UNKNOWN_BLOCK),
};

static bool says(const struct fault_rule *rule, const char *message)
{
    switch (rule->place) {
    case ANYWHERE:
        return strstr(message, rule->words) != NULL;
    case AT_START:
        return strncmp(message, rule->words, strlen(rule->words)) == 0;
    case ALL_OF_IT:
        return strcmp(message, rule->words) == 0;
    }
    must_fail("no fault_place", __FILE__, __LINE__);
}

enum rpc_fault rpc_fault_of(int64_t code, const char *message, const char *method)
{
    char lower[MESSAGE_MAX + 1];
    size_t length = 0;
    for (; length < MESSAGE_MAX && message[length] != '\0'; length++) {
        char c = message[length];
        lower[length] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    lower[length] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(fault_rule); i++) {
        const struct fault_rule *rule = &fault_rule[i];
        bool code_fits = rule->code == ANY_CODE || rule->code == code;
        bool method_fits =
            rule->method == ANY_METHOD || (method != NULL && strcmp(rule->method, method) == 0);
        if (code_fits && method_fits && says(rule, lower))
            return rule->fault;
    }
    return RPC_FAULT_OTHER;
}

const char *rpc_fault_text(enum rpc_fault fault)
{
    switch (fault) {
    case RPC_FAULT_NONE:
        return "none";
    case RPC_FAULT_REVERT:
        return "reverted";
    case RPC_FAULT_RATE_LIMIT:
        return "rate-limit";
    case RPC_FAULT_RANGE_TOO_WIDE:
        return "range-too-wide";
    case RPC_FAULT_GAS_CAP:
        return "gas-cap";
    case RPC_FAULT_UNKNOWN_BLOCK:
        return "unknown-block";
    case RPC_FAULT_METHOD_MISSING:
        return "method-missing";
    case RPC_FAULT_ALREADY_KNOWN:
        return "already-known";
    case RPC_FAULT_NONCE_TOO_LOW:
        return "nonce-too-low";
    case RPC_FAULT_NONCE_TOO_HIGH:
        return "nonce-too-high";
    case RPC_FAULT_UNDERPRICED:
        return "underpriced";
    case RPC_FAULT_NO_FUNDS:
        return "no-funds";
    case RPC_FAULT_REJECTED_TX:
        return "rejected-transaction";
    case RPC_FAULT_POOL_FULL:
        return "pool-full";
    case RPC_FAULT_UNAUTHORISED:
        return "unauthorised";
    case RPC_FAULT_BUSY:
        return "busy";
    case RPC_FAULT_INVALID_REQUEST:
        return "invalid-request";
    case RPC_FAULT_OTHER:
        return "other";
    }
    must_fail("no rpc_fault", __FILE__, __LINE__);
}
