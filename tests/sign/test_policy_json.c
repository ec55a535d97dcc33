/* The policy as it crosses the socket. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sign/sign_fixture.h"

Test(policy_json, is_read_back_as_it_was_written)
{
    struct signer_policy policy, again;
    TEXT text = {0};

    policy_of_test(&policy);
    policy.target_count = SIGNER_TARGETS_MAX;
    for (uint32_t i = 0; i < SIGNER_TARGETS_MAX; i++)
        memset(policy.target[i].byte, (int)i + 1, 20);
    policy.fee_per_gas_max.value = U256_MAX;
    policy_format(&text, &policy);
    cr_assert(policy_parse(&again, text_bytes(&text)));
    cr_assert(policy_is_equal(&policy, &again));
    again.target[63].byte[0] ^= 1;
    cr_assert(not(policy_is_equal(&policy, &again)));
}

Test(policy_json, is_refused_whole_where_one_key_is_wrong)
{
    static const char *const changes[][2] = {
        {"{\"chain\"", "{\"chian\""},
        {"31337", "0"},
        {"31337", "-1"},
        {"31337", "\"31337\""},
        {"31337", "31337.0"},
        {"31337", "31337,\"chain\":1"},
        {"31337", "31337,\"value\":1"},
        {"\"0x1111111111111111111111111111111111111111\"", "\"0x11\""},
        {"\"0x1111111111111111111111111111111111111111\"", "7"},
        {"[\"0x1111111111111111111111111111111111111111\"]", "{}"},
        {"0x2222222222222222222222222222222222222222",
         "0xFB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"},
        {"\"00a718a9\"", "\"0x00a718a9\""},
        {"\"00a718a9\"", "\"00a718\""},
        {"\"00a718a9\"", "null"},
        {"[\"00a718a9\"]", "\"00a718a9\""},
        {"\"300000000000\"", "300000000000"},
        {"\"300000000000\"", "\"300 gwei\""},
        {"\"300000000000\"", "\"\""},
        {"\"0\"}", "\"0\""},
        {"\"0\"}", "\"0\"}}"},
        {"\"0\"}", "\"-1\"}"},
        {",\"spend_per_day_max\":\"0\"", ""},
    };
    struct signer_policy policy;

    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        char *text = text_with(policy_text, changes[i][0], changes[i][1]);
        cr_assert(not(policy_parse(&policy, bytes_of_text(text))), "%s", text);
        free(text);
    }
    cr_assert(not(policy_parse(&policy, (struct bytes){0})));
}

Test(policy_json, is_refused_where_a_list_is_longer_than_its_bound)
{
    struct signer_policy policy;
    TEXT text = {0};

    text_add(&text, "{\"chain\":1,\"targets\":[],\"approve_spenders\":[],\"selectors\":[");
    for (int i = 0; i <= SIGNER_TARGETS_MAX; i++)
        text_add(&text, i == 0 ? "\"00a718a9\"" : ",\"00a718a9\"");
    text_add(&text, "],\"fee_per_gas_max\":\"1\",\"spend_per_day_max\":\"1\"}");
    cr_assert(not(policy_parse(&policy, text_bytes(&text))));
}
