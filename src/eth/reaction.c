/*
 * One fault may ask for unlike things: bytes that a node will never take are our bug, or too little
 * gas, or its guard on fees. Most of a reaction follows from the fault; where it does not, the
 * table's words say which.
 */
#include "eth/reaction.h"

#include <string.h>

#include "base/hex.h"

struct reaction_rule {
    enum rpc_fault fault;
    const char *words; /* in lower case */
    enum rpc_reaction reaction;
};

static const struct reaction_rule reaction_rule[] = {
    {RPC_FAULT_UNDERPRICED, "replace", REACTION_RAISE_FEES},

    {RPC_FAULT_REJECTED_TX, "floor data gas", REACTION_RAISE_GAS},
    {RPC_FAULT_REJECTED_TX, "configured cap", REACTION_ALERT},
    {RPC_FAULT_REJECTED_TX, "fee cap exceeded", REACTION_ALERT},
    {RPC_FAULT_REJECTED_TX, "spammer", REACTION_ALERT},
    {RPC_FAULT_REJECTED_TX, "max priority fee per gas", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "replay-protected", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "invalid sender", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "recover sender", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "chain id", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "chainid", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "signature", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "type not supported", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "decode", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "empty transaction", REACTION_BUG},
    {RPC_FAULT_REJECTED_TX, "rlp:", REACTION_BUG},

    {RPC_FAULT_INVALID_REQUEST, "invalid block range", REACTION_BUG},
    {RPC_FAULT_INVALID_REQUEST, "unable to decode", REACTION_BUG},
    {RPC_FAULT_OTHER, "unable to decode", REACTION_BUG},
    /* a filter of ours holds a market's few addresses and topics: fewer blocks are no help */
    {RPC_FAULT_RANGE_TOO_WIDE, "addresses or topics", REACTION_BUG},

    {RPC_FAULT_GAS_CAP, "gas required exceeds", REACTION_DROP},
    {RPC_FAULT_GAS_CAP, "outofgas", REACTION_DROP},
    {RPC_FAULT_GAS_CAP, "out of gas", REACTION_DROP},

    {RPC_FAULT_BUSY, "indexing is in progress", REACTION_ASK_AGAIN},
    {RPC_FAULT_BUSY, "sync", REACTION_OTHER_ENDPOINT},
};

static char lower_of(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool has_words(const char *message, const char *words)
{
    for (; *message != '\0'; message++) {
        size_t i = 0;

        while (words[i] != '\0' && lower_of(message[i]) == words[i])
            i++;
        if (words[i] == '\0')
            return true;
    }
    return false;
}

static enum rpc_reaction reaction_of_fault(enum rpc_fault fault)
{
    switch (fault) {
    case RPC_FAULT_NONE:
        return REACTION_NONE;
    case RPC_FAULT_REVERT:
        return REACTION_REVERT;
    case RPC_FAULT_RATE_LIMIT:
    case RPC_FAULT_POOL_FULL:
    case RPC_FAULT_BUSY:
    case RPC_FAULT_OTHER:
        return REACTION_BACK_OFF;
    case RPC_FAULT_RANGE_TOO_WIDE:
        return REACTION_SPLIT_RANGE;
    case RPC_FAULT_GAS_CAP:
        return REACTION_SPLIT_CALLS;
    case RPC_FAULT_UNKNOWN_BLOCK:
        return REACTION_OTHER_ENDPOINT;
    case RPC_FAULT_METHOD_MISSING:
    case RPC_FAULT_UNAUTHORISED:
    case RPC_FAULT_INVALID_REQUEST: /* of no known words: more likely a node that cannot do it */
        return REACTION_FAIL_OVER;
    case RPC_FAULT_ALREADY_KNOWN:
        return REACTION_TAKEN;
    case RPC_FAULT_NONCE_TOO_LOW:
    case RPC_FAULT_NONCE_TOO_HIGH:
        return REACTION_RESOLVE;
    case RPC_FAULT_UNDERPRICED:
        return REACTION_REPRICE;
    case RPC_FAULT_NO_FUNDS:
        return REACTION_ALERT;
    case RPC_FAULT_REJECTED_TX:
        return REACTION_DROP;
    }
    must_fail("no rpc_fault", __FILE__, __LINE__);
}

enum rpc_reaction rpc_reaction_of(enum rpc_fault fault, const char *message)
{
    for (size_t i = 0; i < ARRAY_LENGTH(reaction_rule); i++) {
        const struct reaction_rule *rule = &reaction_rule[i];

        if (rule->fault == fault && has_words(message, rule->words))
            return rule->reaction;
    }
    return reaction_of_fault(fault);
}

static bool is_revert(const struct json_t *result, struct bytes original)
{
    static const uint8_t selector[] = {0x08, 0xc3, 0x79, 0xa0}; /* Error(string) */
    BUFFER data = {0};

    return json_bytes(&data, result, original) && data.size >= sizeof(selector) &&
           memcmp(data.data, selector, sizeof(selector)) == 0 && data.size % 32 != 0;
}

enum rpc_reaction rpc_reaction_to(const struct rpc_answer *answer, struct bytes original)
{
    if (answer->fault == RPC_FAULT_NONE && is_revert(answer->result, original))
        return REACTION_REVERT;
    return rpc_reaction_of(answer->fault, answer->message);
}

enum rpc_reaction rpc_reaction_to_logs(const struct rpc_answer *answer)
{
    enum rpc_fault fault = answer->fault;

    if (fault != RPC_FAULT_NONE &&
        rpc_fault_of(answer->code, answer->message, "eth_getLogs") == RPC_FAULT_RANGE_TOO_WIDE)
        fault = RPC_FAULT_RANGE_TOO_WIDE;
    return rpc_reaction_of(fault, answer->message);
}

bool rpc_reaction_is_elsewhere(enum rpc_reaction reaction)
{
    switch (reaction) {
    case REACTION_BACK_OFF:
    case REACTION_FAIL_OVER:
    case REACTION_OTHER_ENDPOINT:
    case REACTION_ASK_AGAIN:
        return true;
    case REACTION_NONE:
    case REACTION_TAKEN:
    case REACTION_RESOLVE:
    case REACTION_RAISE_FEES:
    case REACTION_REPRICE:
    case REACTION_RAISE_GAS:
    case REACTION_ALERT:
    case REACTION_DROP:
    case REACTION_REVERT:
    case REACTION_BUG:
    case REACTION_SPLIT_RANGE:
    case REACTION_SPLIT_CALLS:
        return false;
    }
    must_fail("no rpc_reaction", __FILE__, __LINE__);
}

/* Characters at its beginning that are among `these`. */
static size_t run_of(const char *text, const char *these)
{
    size_t length = 0;

    while (text[length] != '\0' && strchr(these, text[length]) != NULL)
        length++;
    return length;
}

/* A decimal number, or a quantity, and how many characters it took; 0: none. */
static size_t number_take(uint64_t *out, const char *text)
{
    size_t length = 0;

    if (text[0] == '0' && text[1] == 'x') {
        length = 2 + run_of(text + 2, "0123456789abcdef");
        return hex_quantity(out, text, length) ? length : 0;
    }
    for (*out = 0; text[length] >= '0' && text[length] <= '9' && length < 18; length++)
        *out = *out * 10 + (uint64_t)(text[length] - '0');
    return length;
}

/* "24000000-24000412", "[0x123c9b2, 0x123cba5]" */
bool rpc_range_named(uint64_t *to, uint64_t from, const char *message)
{
    while (*message != '\0') {
        uint64_t first;
        size_t length = number_take(&first, message);
        size_t gap = run_of(message + length, "-, ");

        if (length > 0 && gap > 0 && first == from && number_take(to, message + length + gap) > 0 &&
            *to >= from)
            return true;
        message += length > 0 ? length : 1;
    }
    return false;
}

const char *rpc_reaction_text(enum rpc_reaction reaction)
{
    static const char *const words[] = {
        "none",           "taken",     "resolve",     "raise-fees", "reprice",  "raise-gas",
        "alert",          "drop",      "revert",      "bug",        "back-off", "fail-over",
        "other-endpoint", "ask-again", "split-range", "split-calls"};

    return words[reaction];
}
