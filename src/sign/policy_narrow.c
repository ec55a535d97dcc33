/*
 * A policy that the daemon hands over is the daemon's word, and the daemon may be lying. Where the
 * signer has one of its own, that one is the bound: a cap is silently the lower of both, but a
 * contract that it does not know is said aloud, since the daemon would only find out when it
 * counts.
 */
#include <string.h>

#include "base/hex.h"
#include "sign/signer.h"
#include "sign/why.h"

static const struct address *address_missing(const struct address *asked, uint32_t asked_count,
                                             const struct address *own, uint32_t own_count)
{
    for (uint32_t i = 0; i < asked_count; i++) {
        uint32_t at = 0;
        while (at < own_count && !address_is_equal(&asked[i], &own[at]))
            at++;
        if (at == own_count)
            return &asked[i];
    }
    return NULL;
}

static bool addresses_are_known(char why[256], const struct signer_policy *own,
                                const struct signer_policy *asked)
{
    char text[ADDRESS_TEXT_SIZE];
    const struct address *missing =
        address_missing(asked->target, asked->target_count, own->target, own->target_count);

    if (missing == NULL)
        missing =
            address_missing(asked->spender, asked->spender_count, own->spender, own->spender_count);
    if (missing == NULL)
        return true;
    address_format(text, missing);
    why_set(why, "signer.policy.targets has no %s, which the daemon wants to call", text);
    return false;
}

static bool selectors_are_known(char why[256], const struct signer_policy *own,
                                const struct signer_policy *asked)
{
    char digits[2 * sizeof asked->selector[0] + 1];

    for (uint32_t i = 0; i < asked->selector_count; i++) {
        uint32_t at = 0;
        while (at < own->selector_count &&
               memcmp(asked->selector[i], own->selector[at], sizeof own->selector[at]) != 0)
            at++;
        if (at < own->selector_count)
            continue;
        hex_encode(digits, bytes_of(asked->selector[i], sizeof asked->selector[i]));
        why_set(why, "signer.policy.selectors has no %s, which the daemon wants to call", digits);
        return false;
    }
    return true;
}

/* Zero is no limit, so not the lower one. */
static struct wei spend_lower(const struct wei *own, const struct wei *asked)
{
    if (u256_is_zero(&own->value))
        return *asked;
    if (u256_is_zero(&asked->value))
        return *own;
    return (struct wei){u256_min(&own->value, &asked->value)};
}

bool policy_narrow(struct signer_policy *out, char why[256], const struct signer_policy *own,
                   const struct signer_policy *asked)
{
    if (asked->chain_id != own->chain_id) {
        why_set(why, "the signer's policy is for chain %llu, the daemon's for %llu",
                (unsigned long long)own->chain_id, (unsigned long long)asked->chain_id);
        return false;
    }
    if (!addresses_are_known(why, own, asked) || !selectors_are_known(why, own, asked))
        return false;
    *out = *asked;
    out->fee_per_gas_max.value =
        u256_min(&own->fee_per_gas_max.value, &asked->fee_per_gas_max.value);
    out->spend_per_day_max = spend_lower(&own->spend_per_day_max, &asked->spend_per_day_max);
    if (own->gas_max < out->gas_max)
        out->gas_max = own->gas_max;
    return true;
}
