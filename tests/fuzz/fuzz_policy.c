/* What a daemon hands over: read back as it was written, and never more than the signer's own. */
#include <string.h>

#include "sign/signer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char own_text[] =
    "{\"chain\":31337,\"targets\":[\"0x1111111111111111111111111111111111111111\"],"
    "\"approve_spenders\":[\"0x1111111111111111111111111111111111111111\"],"
    "\"selectors\":[\"00a718a9\"],\"fee_per_gas_max\":\"300000000000\","
    "\"spend_per_day_max\":\"4000000000000000000\"}";

static void narrowed_check(const struct signer_policy *left, const struct signer_policy *own)
{
    MUST(left->chain_id == own->chain_id && left->gas_max <= own->gas_max);
    MUST(u256_compare(&left->fee_per_gas_max.value, &own->fee_per_gas_max.value) <= 0);
    MUST(!u256_is_zero(&left->spend_per_day_max.value));
    MUST(u256_compare(&left->spend_per_day_max.value, &own->spend_per_day_max.value) <= 0);
    for (uint32_t i = 0; i < left->target_count; i++)
        MUST(address_is_equal(&left->target[i], &own->target[0]));
    for (uint32_t i = 0; i < left->spender_count; i++)
        MUST(address_is_equal(&left->spender[i], &own->spender[0]));
    for (uint32_t i = 0; i < left->selector_count; i++)
        MUST(memcmp(left->selector[i], own->selector[0], 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct signer_policy own, asked, again;
    char why[256] = "";
    TEXT text = {0};

    MUST(policy_parse(&own, bytes_of_text(own_text)));
    own.gas_max = 1000000;
    if (!policy_parse(&asked, bytes_of(data, size)))
        return 0;
    policy_format(&text, &asked);
    MUST(policy_parse(&again, text_bytes(&text)) && policy_is_equal(&asked, &again));
    if (policy_narrow(&again, why, &own, &asked))
        narrowed_check(&again, &own);
    else
        MUST(why[0] != '\0');
    return 0;
}
