/* What may be signed, and each thing that may not. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "eth/abi.h"
#include "tests/sign/sign_fixture.h"

/* Whose key is asked. */
static const struct address own_account = {{0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33,
                                            0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33,
                                            0x33, 0x33, 0x33, 0x33, 0x33, 0x33}};

/* One transaction within the policy, to be changed in one place. */
struct request_case {
    struct signer_policy policy;
    struct transaction transaction;
    struct buffer calldata;
};

static void case_release(struct request_case *one)
{
    buffer_release(&one->calldata);
}

#define CASE CLEANUP(case_release) struct request_case

static void case_call(struct request_case *one)
{
    *one = (struct request_case){0};
    policy_of_test(&one->policy);
    transaction_of_test(&one->transaction, &one->calldata);
}

static void case_approval(struct request_case *one)
{
    *one = (struct request_case){0};
    policy_of_test(&one->policy);
    approval_of_test(&one->transaction, &one->calldata);
}

static enum policy_verdict judge(struct request_case *one)
{
    one->transaction.data = buffer_bytes(&one->calldata);
    return policy_judge(&one->policy, &own_account, &one->transaction);
}

Test(policy, allows_a_liquidation_on_a_frozen_target)
{
    CASE one;
    case_call(&one);
    cr_assert(eq(int, judge(&one), POLICY_ALLOWED));
}

Test(policy, allows_an_approval_of_any_token_for_a_frozen_spender)
{
    CASE one;
    case_approval(&one);
    for (int byte = 0; byte < 256; byte++) {
        memset(one.transaction.to.byte, byte, 20);
        cr_assert(eq(int, judge(&one), POLICY_ALLOWED));
    }
}

Test(policy, refuses_another_chain)
{
    CASE one;
    case_call(&one);
    one.transaction.chain_id = 1;
    cr_assert(eq(int, judge(&one), POLICY_WRONG_CHAIN));
    one.transaction.chain_id = 31337;
    one.transaction.has_chain_id = false;
    cr_assert(eq(int, judge(&one), POLICY_WRONG_CHAIN));
}

Test(policy, refuses_every_other_type)
{
    CASE one;
    case_call(&one);
    one.transaction.gas_price = one.transaction.max_fee_per_gas;
    one.transaction.type = TRANSACTION_LEGACY;
    cr_assert(eq(int, judge(&one), POLICY_WRONG_TYPE));
    one.transaction.type = TRANSACTION_ACCESS_LIST;
    cr_assert(eq(int, judge(&one), POLICY_WRONG_TYPE));
}

Test(policy, refuses_to_create_a_contract)
{
    CASE one;
    case_call(&one);
    one.transaction.has_to = false;
    cr_assert(eq(int, judge(&one), POLICY_CREATES_CONTRACT));
}

Test(policy, refuses_value_to_the_last_wei)
{
    CASE one;
    case_call(&one);
    one.transaction.value.value = U256_ONE;
    cr_assert(eq(int, judge(&one), POLICY_CARRIES_VALUE));
    case_release(&one);
    case_approval(&one);
    one.transaction.value.value = U256_ONE;
    cr_assert(eq(int, judge(&one), POLICY_CARRIES_VALUE));
}

Test(policy, refuses_an_unknown_target)
{
    CASE one;
    case_call(&one);
    one.transaction.to.byte[19] ^= 1;
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_TARGET));
    memset(one.transaction.to.byte, 0x22, 20); /* a spender is no target */
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_TARGET));
}

Test(policy, refuses_an_unknown_selector_on_a_known_target)
{
    CASE one;
    case_call(&one);
    one.calldata.data[3] ^= 1;
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_SELECTOR));
}

Test(policy, refuses_a_transfer_of_tokens)
{
    CASE one;
    case_approval(&one);
    buffer_clear(&one.calldata);
    abi_add_selector(&one.calldata, "transfer(address,uint256)");
    abi_add_u64(&one.calldata, 0x22);
    abi_add_u64(&one.calldata, 1);
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_TARGET));
}

Test(policy, refuses_an_unknown_spender_even_on_a_target_with_approve_listed)
{
    CASE one;
    case_approval(&one);
    one.calldata.data[4 + 31] ^= 1;
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_SPENDER));
    memset(one.transaction.to.byte, 0x11, 20);
    memcpy(one.policy.selector[0], one.calldata.data, 4);
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_SPENDER));
    memset(one.calldata.data + 4 + 12, 0x11, 20); /* a target is no spender */
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_SPENDER));
}

Test(policy, refuses_fees_over_the_cap_and_tips_over_the_fee)
{
    CASE one;
    case_call(&one);
    one.transaction.max_fee_per_gas = one.policy.fee_per_gas_max;
    cr_assert(eq(int, judge(&one), POLICY_ALLOWED));
    one.transaction.max_priority_fee_per_gas = one.transaction.max_fee_per_gas;
    cr_assert(eq(int, judge(&one), POLICY_ALLOWED));
    one.transaction.max_priority_fee_per_gas.value.limb[0]++;
    cr_assert(eq(int, judge(&one), POLICY_FEE_OVER_CAP));
    one.transaction.max_fee_per_gas.value.limb[0]++;
    cr_assert(eq(int, judge(&one), POLICY_FEE_OVER_CAP));
    one.transaction.max_fee_per_gas.value = U256_MAX;
    cr_assert(eq(int, judge(&one), POLICY_FEE_OVER_CAP));
}

Test(policy, refuses_more_gas_than_one_transaction_may_have)
{
    CASE one;
    case_call(&one);
    one.transaction.gas = SIGNER_GAS_MAX;
    cr_assert(eq(int, judge(&one), POLICY_ALLOWED));
    one.transaction.gas++;
    cr_assert(eq(int, judge(&one), POLICY_GAS_OVER_CAP));
}

Test(policy, refuses_an_access_list)
{
    static const uint8_t entry[] = {0xc0};
    CASE one;
    case_call(&one);
    one.transaction.access_list = bytes_of(entry, sizeof entry);
    cr_assert(eq(int, judge(&one), POLICY_HAS_ACCESS_LIST));
}

Test(policy, refuses_calldata_of_any_other_length)
{
    for (size_t size = 0; size <= 300; size++) {
        CASE call;
        CASE approval;
        case_call(&call);
        case_approval(&approval);
        buffer_extend(&call.calldata, 300);
        buffer_extend(&approval.calldata, 300);
        call.calldata.size = approval.calldata.size = size;
        cr_assert(eq(int, judge(&call), size == 164 ? POLICY_ALLOWED : POLICY_MALFORMED));
        cr_assert(eq(int, judge(&approval), size == 68 ? POLICY_ALLOWED : POLICY_MALFORMED));
    }
}

Test(policy, refuses_words_that_are_not_canonical)
{
    CASE one;
    case_call(&one);
    for (size_t word = 0; word < 5; word++) {
        bool is_address = word < 3;
        size_t last = is_address ? 11 : word == 4 ? 30 : 0;
        for (size_t at = 0; word != 3 && at <= last; at++) {
            one.calldata.data[4 + 32 * word + at] = 1;
            cr_assert(eq(int, judge(&one), POLICY_MALFORMED));
            one.calldata.data[4 + 32 * word + at] = 0;
        }
    }
    one.calldata.data[163] = 2; /* receiveAToken is neither true nor false */
    cr_assert(eq(int, judge(&one), POLICY_MALFORMED));
    one.calldata.data[163] = 1;
    cr_assert(eq(int, judge(&one), POLICY_ALLOWED));
}

Test(policy, refuses_an_approval_whose_spender_has_dirty_upper_bytes)
{
    CASE one;
    case_approval(&one);
    for (size_t at = 0; at < 12; at++) {
        one.calldata.data[4 + at] = 0x80;
        cr_assert(eq(int, judge(&one), POLICY_MALFORMED));
        one.calldata.data[4 + at] = 0;
    }
}

Test(policy, of_nothing_allows_nothing)
{
    CASE one;
    case_call(&one);
    one.policy = (struct signer_policy){.chain_id = 31337, .gas_max = SIGNER_GAS_MAX};
    one.transaction.max_fee_per_gas = one.transaction.max_priority_fee_per_gas = (struct wei){0};
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_TARGET));
    case_release(&one);
    case_approval(&one);
    one.policy.spender_count = 0;
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_SPENDER));
}

static void case_cancel(struct request_case *one)
{
    case_call(one);
    buffer_clear(&one->calldata);
    one->transaction.to = own_account;
    one->transaction.gas = SIGNER_CANCEL_GAS;
}

Test(policy, allows_to_take_a_nonce_by_sending_nothing_to_oneself)
{
    CASE one;
    case_cancel(&one);
    cr_assert(eq(int, judge(&one), POLICY_ALLOWED));
    one.transaction.gas++;
    cr_assert(eq(int, judge(&one), POLICY_CANCEL_OVER_CAP));
}

Test(policy, refuses_a_cancel_that_is_none)
{
    CASE one;
    case_cancel(&one);
    one.transaction.value.value = U256_ONE;
    cr_assert(eq(int, judge(&one), POLICY_CARRIES_VALUE));
    one.transaction.value.value = U256_ZERO;
    one.transaction.to.byte[0] ^= 1;
    cr_assert(eq(int, judge(&one), POLICY_MALFORMED));
    memset(one.transaction.to.byte, 0x11, 20); /* nothing, to a target: its fallback would run */
    cr_assert(eq(int, judge(&one), POLICY_MALFORMED));
    one.transaction.to = own_account;
    buffer_extend(&one.calldata, 4);
    memset(one.calldata.data, 0, 4);
    cr_assert(eq(int, judge(&one), POLICY_UNKNOWN_TARGET));
    buffer_clear(&one.calldata);
    one.transaction.max_fee_per_gas.value = U256_MAX;
    cr_assert(eq(int, judge(&one), POLICY_FEE_OVER_CAP));
}

Test(policy, has_a_cap_on_gas_of_its_own)
{
    CASE one;
    case_call(&one);
    one.policy.gas_max = one.transaction.gas;
    cr_assert(eq(int, judge(&one), POLICY_ALLOWED));
    one.policy.gas_max--;
    cr_assert(eq(int, judge(&one), POLICY_GAS_OVER_CAP));
    one.policy.gas_max = UINT64_MAX;
    one.transaction.gas = SIGNER_GAS_MAX + 1;
    cr_assert(eq(int, judge(&one), POLICY_GAS_OVER_CAP));
}

/* True: still one of the two things that the policy is for. */
static bool means_the_same(const struct transaction *now, const struct transaction *was,
                           const struct signer_policy *policy)
{
    bool is_approval = was->data.size == 68;

    return now->type == TRANSACTION_DYNAMIC_FEE && now->chain_id == policy->chain_id &&
           now->has_to && u256_is_zero(&now->value.value) && now->access_list.size == 0 &&
           now->gas <= SIGNER_GAS_MAX && now->data.size == was->data.size &&
           u256_compare(&now->max_fee_per_gas.value, &policy->fee_per_gas_max.value) <= 0 &&
           memcmp(now->data.data, was->data.data, is_approval ? 36 : 4) == 0 &&
           (is_approval || address_is_equal(&now->to, &was->to));
}

/* Every byte of the request, in every way: refused, or the very same kind of call. */
static void flip_all(struct request_case *one)
{
    BUFFER good = {0};
    size_t allowed = 0;

    one->transaction.data = buffer_bytes(&one->calldata);
    transaction_encode_unsigned(&good, &one->transaction);
    for (size_t at = 0; at < good.size; at++) {
        for (unsigned change = 1; change < 256; change++) {
            BUFFER again = {0};
            struct transaction flipped;
            good.data[at] ^= (uint8_t)change;
            bool is_signed =
                transaction_decode_unsigned(&flipped, buffer_bytes(&good)) == TRANSACTION_OK &&
                policy_judge(&one->policy, &own_account, &flipped) == POLICY_ALLOWED;
            if (is_signed) {
                allowed++;
                cr_assert(means_the_same(&flipped, &one->transaction, &one->policy),
                          "byte %zu changed by %u", at, change);
                transaction_encode_unsigned(&again, &flipped);
                cr_assert(bytes_equal(buffer_bytes(&again), buffer_bytes(&good)));
            }
            good.data[at] ^= (uint8_t)change;
        }
    }
    cr_assert(allowed > 0, "the nonce at least may be any");
}

Test(policy, survives_each_byte_of_a_call_flipped_in_each_way)
{
    CASE one;
    case_call(&one);
    flip_all(&one);
}

Test(policy, survives_each_byte_of_an_approval_flipped_in_each_way)
{
    CASE one;
    case_approval(&one);
    flip_all(&one);
}

Test(policy, survives_each_byte_of_a_cancel_flipped_in_each_way)
{
    CASE one;
    BUFFER good = {0};
    struct transaction flipped;

    case_cancel(&one);
    one.transaction.data = (struct bytes){0};
    transaction_encode_unsigned(&good, &one.transaction);
    for (size_t at = 0; at < good.size; at++)
        for (unsigned change = 1; change < 256; change++) {
            good.data[at] ^= (uint8_t)change;
            if (transaction_decode_unsigned(&flipped, buffer_bytes(&good)) == TRANSACTION_OK &&
                policy_judge(&one.policy, &own_account, &flipped) == POLICY_ALLOWED)
                cr_assert(address_is_equal(&flipped.to, &own_account) && flipped.data.size == 0 &&
                              flipped.gas <= SIGNER_CANCEL_GAS && flipped.chain_id == 31337 &&
                              u256_is_zero(&flipped.value.value),
                          "byte %zu changed by %u", at, change);
            good.data[at] ^= (uint8_t)change;
        }
}

Test(policy, has_words_for_each_verdict)
{
    for (int verdict = POLICY_ALLOWED; verdict <= POLICY_MALFORMED; verdict++)
        cr_assert(strlen(policy_verdict_text((enum policy_verdict)verdict)) > 0);
}
