/* What is left of a signer's own policy where a daemon asks for another. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/sign/sign_fixture.h"

struct pair {
    struct signer_policy own;
    struct signer_policy asked;
    struct signer_policy left;
    char why[256];
};

static void pair_make(struct pair *pair)
{
    memset(pair, 0, sizeof *pair);
    policy_of_test(&pair->own);
    policy_of_test(&pair->asked);
}

static bool narrow(struct pair *pair)
{
    return policy_narrow(&pair->left, pair->why, &pair->own, &pair->asked);
}

Test(policy_narrow, leaves_what_both_say)
{
    struct pair pair;
    pair_make(&pair);
    cr_assert(narrow(&pair));
    cr_assert(policy_is_equal(&pair.left, &pair.own));
}

Test(policy_narrow, takes_the_lower_of_each_cap)
{
    struct pair pair;
    pair_make(&pair);
    pair.own.fee_per_gas_max.value = u256_of(5);
    pair.own.spend_per_day_max.value = u256_of(70);
    pair.own.gas_max = 900;
    cr_assert(narrow(&pair));
    cr_assert(eq(u64, pair.left.fee_per_gas_max.value.limb[0], 5));
    cr_assert(eq(u64, pair.left.spend_per_day_max.value.limb[0], 70), "zero asks for no limit");
    cr_assert(eq(u64, pair.left.gas_max, 900));
    pair.asked.fee_per_gas_max.value = u256_of(4);
    pair.asked.spend_per_day_max.value = u256_of(60);
    cr_assert(narrow(&pair));
    cr_assert(eq(u64, pair.left.fee_per_gas_max.value.limb[0], 4));
    cr_assert(eq(u64, pair.left.spend_per_day_max.value.limb[0], 60));
    pair.own.spend_per_day_max.value = U256_ZERO;
    cr_assert(narrow(&pair));
    cr_assert(eq(u64, pair.left.spend_per_day_max.value.limb[0], 60));
}

Test(policy_narrow, leaves_out_what_is_not_asked_for)
{
    struct pair pair;
    pair_make(&pair);
    pair.asked.target_count = pair.asked.spender_count = pair.asked.selector_count = 0;
    cr_assert(narrow(&pair));
    cr_assert(pair.left.target_count + pair.left.spender_count + pair.left.selector_count == 0);
}

Test(policy_narrow, refuses_another_chain_target_spender_or_selector_and_names_it)
{
    struct pair pair;
    pair_make(&pair);
    pair.asked.chain_id = 1;
    cr_assert(not(narrow(&pair)));
    cr_assert_not_null(strstr(pair.why, "chain 31337, the daemon's for 1"));
    pair_make(&pair);
    memset(pair.asked.target[0].byte, 0x44, 20);
    cr_assert(not(narrow(&pair)));
    cr_assert_not_null(strstr(pair.why, "0x4444444444444444444444444444444444444444"));
    pair_make(&pair);
    memset(pair.asked.spender[pair.asked.spender_count++].byte, 0x55, 20);
    cr_assert(not(narrow(&pair)));
    cr_assert_not_null(strstr(pair.why, "0x5555555555555555555555555555555555555555"));
    pair_make(&pair);
    memset(pair.asked.selector[pair.asked.selector_count++], 0xab, 4);
    cr_assert(not(narrow(&pair)));
    cr_assert_not_null(strstr(pair.why, "abababab"));
}
