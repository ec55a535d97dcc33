/*
 * A running daemon holds flights, a mirror and a signer that were made for one chain, one account
 * and one set of markets. Only what the next turn can simply read anew may change under it.
 */
#include <string.h>

#include "keeper/config.h"

static bool are_markets_same(const struct settings *a, const struct settings *b)
{
    if (a->market_count != b->market_count)
        return false;
    for (uint32_t i = 0; i < a->market_count; i++) {
        const struct market_settings *old = &a->market[i];
        const struct market_settings *fresh = &b->market[i];
        if (strcmp(old->name, fresh->name) != 0 || strcmp(old->protocol, fresh->protocol) != 0 ||
            !address_is_equal(&old->address, &fresh->address) ||
            old->from_block != fresh->from_block ||
            old->price_age_max_ms != fresh->price_age_max_ms)
            return false;
    }
    return true;
}

static bool are_endpoints_same(const struct chain_settings *a, const struct chain_settings *b)
{
    if (a->endpoint_count != b->endpoint_count)
        return false;
    for (uint32_t i = 0; i < a->endpoint_count; i++) {
        const struct endpoint_settings *old = &a->endpoint[i];
        const struct endpoint_settings *fresh = &b->endpoint[i];
        if (strcmp(old->url, fresh->url) != 0 || old->may_read != fresh->may_read ||
            old->may_send != fresh->may_send || old->takes_private != fresh->takes_private ||
            old->takes_bundles != fresh->takes_bundles ||
            old->requests_per_second != fresh->requests_per_second)
            return false;
    }
    return true;
}

static bool is_policy_same(const struct config *a, const struct config *b)
{
    if (!a->has_policy || !b->has_policy)
        return a->has_policy == b->has_policy;
    return a->policy.gas_max == b->policy.gas_max && policy_is_equal(&a->policy, &b->policy);
}

#define SAME(member) (old->member == fresh->member)

bool config_may_reload(struct text *faults, const struct config *old, const struct config *fresh)
{
    const struct {
        const char *key;
        bool is_same;
    } keys[] = {
        {"chain.id", SAME(settings.chain.id)},
        {"chain.native",
         address_is_equal(&old->settings.chain.native, &fresh->settings.chain.native)},
        {"chain.multicall",
         address_is_equal(&old->settings.chain.multicall, &fresh->settings.chain.multicall)},
        {"chain.endpoints", are_endpoints_same(&old->settings.chain, &fresh->settings.chain)},
        {"chain.connect_timeout", SAME(settings.chain.connect_timeout_ms)},
        {"chain.total_timeout", SAME(settings.chain.total_timeout_ms)},
        {"chain.log_range_max", SAME(settings.chain.log_range_max)},
        {"markets", are_markets_same(&old->settings, &fresh->settings)},
        {"keeper.mode", SAME(settings.mode)},
        {"keeper.account", address_is_equal(&old->settings.account, &fresh->settings.account)},
        {"keeper.funding", SAME(settings.funding)},
        {"keeper.backrun", SAME(settings.backrun)},
        {"keeper.parity_sample", SAME(settings.parity_sample)},
        {"signer.keystore", strcmp(old->keystore, fresh->keystore) == 0},
        {"signer.password_file", strcmp(old->password_file, fresh->password_file) == 0},
        {"signer.socket", strcmp(old->signer_socket, fresh->signer_socket) == 0},
        {"signer.url", strcmp(old->signer_url, fresh->signer_url) == 0},
        {"signer.spend_file", strcmp(old->spend_file, fresh->spend_file) == 0},
        {"signer.policy", is_policy_same(old, fresh)},
        {"journal.path", strcmp(old->journal, fresh->journal) == 0},
        {"report.listen", strcmp(old->listen, fresh->listen) == 0},
    };
    bool may_reload = true;

    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        if (keys[i].is_same)
            continue;
        may_reload = false;
        text_add(faults, fresh->file);
        text_add(faults, ": ");
        text_add(faults, keys[i].key);
        text_add(faults, ": differs from what runs; it needs a restart\n");
    }
    return may_reload;
}
