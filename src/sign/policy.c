/*
 * The daemon talks to nodes, parses what strangers wrote and may be broken into. Whoever has it
 * then has this socket; what may be asked here is therefore all that can be stolen. Only calls that
 * a keeper makes are signed, and each word of them that names a receiver is checked.
 */
#include <string.h>

#include "eth/abi.h"
#include "sign/signer.h"

#define SELECTOR_SIZE 4

static const uint8_t selector_approve[SELECTOR_SIZE] = {0x09, 0x5e, 0xa7, 0xb3};
static const uint8_t selector_liquidation_call[SELECTOR_SIZE] = {0x00, 0xa7, 0x18, 0xa9};

static bool has_address(const struct address *list, uint32_t count, const struct address *wanted)
{
    for (uint32_t i = 0; i < count; i++)
        if (address_is_equal(&list[i], wanted))
            return true;
    return false;
}

static bool has_selector(const struct signer_policy *policy, const uint8_t *selector)
{
    for (uint32_t i = 0; i < policy->selector_count; i++)
        if (memcmp(policy->selector[i], selector, SELECTOR_SIZE) == 0)
            return true;
    return false;
}

/* approve(address,uint256) of any token, since the tokens are the market's to list; who may then
 * take them is frozen. */
static enum policy_verdict approve_judge(const struct signer_policy *policy, struct bytes words)
{
    struct address spender;

    if (words.size != (size_t)2 * ABI_WORD || !abi_address(&spender, words, 0))
        return POLICY_MALFORMED;
    if (!has_address(policy->spender, policy->spender_count, &spender))
        return POLICY_UNKNOWN_SPENDER;
    return POLICY_ALLOWED;
}

/* liquidationCall(address,address,address,uint256,bool): Aave V2 and V3. What is seized goes to the
 * sender, so no word of it names a receiver. */
static bool is_liquidation_call(struct bytes words)
{
    struct address address;
    bool receives_deposit;

    return words.size == (size_t)5 * ABI_WORD && abi_address(&address, words, 0) &&
           abi_address(&address, words, 1) && abi_address(&address, words, 2) &&
           abi_bool(&receives_deposit, words, 4);
}

static enum policy_verdict call_judge(const struct signer_policy *policy,
                                      const struct transaction *transaction)
{
    struct bytes data = transaction->data;

    if (data.size < SELECTOR_SIZE || (data.size - SELECTOR_SIZE) % ABI_WORD != 0)
        return POLICY_MALFORMED;
    struct bytes words = bytes_slice(data, SELECTOR_SIZE, data.size - SELECTOR_SIZE);
    if (memcmp(data.data, selector_approve, SELECTOR_SIZE) == 0)
        return approve_judge(policy, words);
    if (!has_address(policy->target, policy->target_count, &transaction->to))
        return POLICY_UNKNOWN_TARGET;
    if (!has_selector(policy, data.data))
        return POLICY_UNKNOWN_SELECTOR;
    if (memcmp(data.data, selector_liquidation_call, SELECTOR_SIZE) == 0 &&
        !is_liquidation_call(words))
        return POLICY_MALFORMED;
    return POLICY_ALLOWED;
}

/* Takes a nonce from a transaction that must not be mined any more. With this gas no code runs, not
 * even that of an account which has delegated itself (EIP-7702). */
static bool is_cancel(const struct address *account, const struct transaction *transaction)
{
    return address_is_equal(&transaction->to, account) && transaction->data.size == 0;
}

enum policy_verdict policy_judge(const struct signer_policy *policy, const struct address *account,
                                 const struct transaction *transaction)
{
    const struct u256 *fee = &transaction->max_fee_per_gas.value;

    if (transaction->type != TRANSACTION_DYNAMIC_FEE)
        return POLICY_WRONG_TYPE;
    if (!transaction->has_chain_id || transaction->chain_id != policy->chain_id)
        return POLICY_WRONG_CHAIN;
    if (!transaction->has_to)
        return POLICY_CREATES_CONTRACT;
    if (!u256_is_zero(&transaction->value.value))
        return POLICY_CARRIES_VALUE;
    if (u256_compare(fee, &policy->fee_per_gas_max.value) > 0 ||
        u256_compare(&transaction->max_priority_fee_per_gas.value, fee) > 0)
        return POLICY_FEE_OVER_CAP;
    if (transaction->gas > policy->gas_max || transaction->gas > SIGNER_GAS_MAX)
        return POLICY_GAS_OVER_CAP;
    if (transaction->access_list.size != 0)
        return POLICY_HAS_ACCESS_LIST;
    if (is_cancel(account, transaction))
        return transaction->gas > SIGNER_CANCEL_GAS ? POLICY_CANCEL_OVER_CAP : POLICY_ALLOWED;
    return call_judge(policy, transaction);
}

const char *policy_verdict_text(enum policy_verdict verdict)
{
    switch (verdict) {
    case POLICY_ALLOWED:
        return "allowed";
    case POLICY_WRONG_CHAIN:
        return "it is for another chain than the policy's";
    case POLICY_WRONG_TYPE:
        return "it is no EIP-1559 transaction";
    case POLICY_CREATES_CONTRACT:
        return "it creates a contract";
    case POLICY_CARRIES_VALUE:
        return "it carries value";
    case POLICY_UNKNOWN_TARGET:
        return "it calls a contract that the policy does not name";
    case POLICY_UNKNOWN_SELECTOR:
        return "it calls a function that the policy does not name";
    case POLICY_UNKNOWN_SPENDER:
        return "it approves a spender that the policy does not name";
    case POLICY_FEE_OVER_CAP:
        return "its fee is over the policy's cap, or its tip over its fee";
    case POLICY_GAS_OVER_CAP:
        return "its gas is over the policy's cap for one transaction";
    case POLICY_CANCEL_OVER_CAP:
        return "it sends nothing to its own account, with more gas than that takes";
    case POLICY_HAS_ACCESS_LIST:
        return "it has an access list";
    case POLICY_OVER_SPEND:
        return "it would take the spend of these 24 hours over the policy's cap";
    case POLICY_NOT_KEPT:
        return "the signer's spend file could not be written: is its disk full?";
    case POLICY_MALFORMED:
        return "its bytes are no transaction, or its calldata no call";
    }
    must_fail("no policy_verdict", __FILE__, __LINE__);
}
