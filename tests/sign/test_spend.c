/* The signer's own count of what a day can cost. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "sign/spend.h"
#include "tests/sign/sign_fixture.h"

/* 1000 gas at `fee` wei each. */
static bool admit(struct spend *spend, uint64_t nonce, uint64_t fee, int64_t now_ms)
{
    const struct wei max = {u256_of(10000)};
    struct transaction transaction = {
        .nonce = nonce, .gas = 1000, .max_fee_per_gas = {u256_of(fee)}};

    bool counted;
    return spend_admit(spend, &counted, &transaction, &max, now_ms);
}

Test(spend, is_admitted_up_to_the_cap_and_not_a_wei_more)
{
    struct spend spend = {0};
    for (uint64_t nonce = 0; nonce < 10; nonce++)
        cr_assert(admit(&spend, nonce, 1, 5));
    cr_assert(not(admit(&spend, 10, 1, 5)));
}

Test(spend, counts_a_nonce_once_by_its_dearest_signature)
{
    struct spend spend = {0};
    cr_assert(admit(&spend, 7, 3, 0));
    cr_assert(admit(&spend, 7, 6, 0));
    cr_assert(admit(&spend, 7, 2, 0)); /* cheaper: the dear one may still be mined */
    cr_assert(admit(&spend, 8, 4, 0));
    cr_assert(not(admit(&spend, 9, 1, 0)));
    cr_assert(not(admit(&spend, 7, 7, 0)));
    cr_assert(admit(&spend, 7, 6, 0));
}

Test(spend, counts_nothing_that_it_refused)
{
    struct spend spend = {0};
    cr_assert(not(admit(&spend, 1, 11, 0)));
    cr_assert(admit(&spend, 1, 10, 0));
}

Test(spend, begins_anew_after_a_day_and_not_before)
{
    struct spend spend = {0};
    cr_assert(admit(&spend, 1, 10, 1000));
    cr_assert(not(admit(&spend, 2, 1, 1000 + SPEND_WINDOW_MS - 1)));
    cr_assert(admit(&spend, 2, 10, 1000 + SPEND_WINDOW_MS));
    cr_assert(not(admit(&spend, 3, 1, 1000 + SPEND_WINDOW_MS + 1)));
}

Test(spend, stays_in_its_day_when_the_clock_is_set_back)
{
    struct spend spend = {0};
    cr_assert(admit(&spend, 1, 10, 5 * SPEND_WINDOW_MS));
    cr_assert(not(admit(&spend, 2, 1, 4 * SPEND_WINDOW_MS)));
    cr_assert(not(admit(&spend, 2, 1, 0)));
    cr_assert(not(admit(&spend, 2, 1, 6 * SPEND_WINDOW_MS - 1)));
    cr_assert(admit(&spend, 2, 10, 6 * SPEND_WINDOW_MS));
}

Test(spend, says_when_it_changed)
{
    struct spend spend = {0};
    const struct wei max = {u256_of(100)};
    struct transaction transaction = {.gas = 10, .max_fee_per_gas = {u256_of(5)}};
    bool counted;

    cr_assert(spend_admit(&spend, &counted, &transaction, &max, 0) && counted);
    cr_assert(spend_admit(&spend, &counted, &transaction, &max, 0) && !counted);
    transaction.max_fee_per_gas.value = u256_of(6);
    cr_assert(spend_admit(&spend, &counted, &transaction, &max, 0) && counted);
    transaction.max_fee_per_gas.value = u256_of(11);
    bool is_admitted = spend_admit(&spend, &counted, &transaction, &max, 0);
    cr_assert(not(is_admitted || counted));
}

Test(spend, has_no_limit_where_the_policy_sets_none)
{
    struct spend spend = {0};
    struct wei none = {U256_ZERO};
    struct transaction transaction = {.gas = SIGNER_GAS_MAX, .max_fee_per_gas = {U256_MAX}};
    bool counted;

    cr_assert(spend_admit(&spend, &counted, &transaction, &none, 0));
}

Test(spend, refuses_a_cost_that_leaves_256_bits)
{
    struct spend spend = {0};
    struct wei max = {U256_MAX};
    struct transaction transaction = {.gas = 2, .max_fee_per_gas = {U256_MAX}};
    bool counted;

    cr_assert(not(spend_admit(&spend, &counted, &transaction, &max, 0)));
    transaction.gas = 1;
    cr_assert(spend_admit(&spend, &counted, &transaction, &max, 0));
    transaction.nonce = 1;
    cr_assert(not(spend_admit(&spend, &counted, &transaction, &max, 0)));
}

Test(spend, counts_a_nonce_anew_that_it_had_to_forget)
{
    struct spend spend = {0};
    struct wei max = {u256_of(SPEND_NONCES_MAX + 2)};
    struct transaction transaction = {.gas = 1, .max_fee_per_gas = {U256_ONE}};
    bool counted;

    for (uint64_t nonce = 0; nonce <= SPEND_NONCES_MAX; nonce++) {
        transaction.nonce = nonce;
        cr_assert(spend_admit(&spend, &counted, &transaction, &max, 0) && counted);
    }
    transaction.nonce = 5;
    cr_assert(spend_admit(&spend, &counted, &transaction, &max, 0) && !counted);
    transaction.nonce = 0;
    cr_assert(spend_admit(&spend, &counted, &transaction, &max, 0) && counted);
    transaction.nonce = SPEND_NONCES_MAX + 1;
    cr_assert(not(spend_admit(&spend, &counted, &transaction, &max, 0)));
}

Test(spend, stops_the_process_from_signing_more)
{
    struct signer_process signer;
    BUFFER answer = {0}, calldata = {0}, wanted = {0};
    struct transaction transaction;
    /* 612000 gas at 100 gwei is 0.0612 ether: three of them fit */
    char *text = text_with(policy_text, "\"spend_per_day_max\":\"0\"",
                           "\"spend_per_day_max\":\"200000000000000000\"");

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(text)), 'P'));
    free(text);
    for (uint64_t nonce = 0; nonce < 4; nonce++) {
        transaction_of_test(&transaction, &calldata);
        transaction.nonce = nonce;
        buffer_clear(&wanted);
        transaction_encode_unsigned(&wanted, &transaction);
        char kind = request(&answer, signer.fd, 'S', buffer_bytes(&wanted));
        cr_assert(eq(chr, kind, nonce < 3 ? 'S' : 'R'));
    }
    cr_assert(eq(str, (char *)answer.data, (char *)policy_verdict_text(POLICY_OVER_SPEND)));
    cr_assert(eq(int, signer_stop(&signer), 0));
}
