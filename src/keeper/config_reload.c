/*
 * A running daemon holds flights, a mirror and a signer that were made for one chain, one account
 * and one set of markets. Only what the next turn can simply read anew may change under it.
 */
#include <string.h>

#include "keeper/config.h"

static bool is_market_same(const struct settings *a, const struct settings *b)
{
    return a->market_count == b->market_count &&
           memcmp(a->market, b->market, sizeof(a->market)) == 0;
}

static bool are_endpoints_same(const struct chain_settings *a, const struct chain_settings *b)
{
    return a->endpoint_count == b->endpoint_count &&
           memcmp(a->endpoint, b->endpoint, sizeof(a->endpoint)) == 0;
}

#define SAME(member) (memcmp(&old->member, &fresh->member, sizeof(old->member)) == 0)

bool config_may_reload(struct text *faults, const struct config *old, const struct config *fresh)
{
    const struct {
        const char *key;
        bool is_same;
    } keys[] = {
        {"chain.id", SAME(settings.chain.id)},
        {"chain.native", SAME(settings.chain.native)},
        {"chain.multicall", SAME(settings.chain.multicall)},
        {"chain.endpoints", are_endpoints_same(&old->settings.chain, &fresh->settings.chain)},
        {"chain.connect_timeout", SAME(settings.chain.connect_timeout_ms)},
        {"chain.total_timeout", SAME(settings.chain.total_timeout_ms)},
        {"chain.log_range_max", SAME(settings.chain.log_range_max)},
        {"markets", is_market_same(&old->settings, &fresh->settings)},
        {"keeper.mode", SAME(settings.mode)},
        {"keeper.account", SAME(settings.account)},
        {"keeper.funding", SAME(settings.funding)},
        {"keeper.parity_sample", SAME(settings.parity_sample)},
        {"signer.keystore", strcmp(old->keystore, fresh->keystore) == 0},
        {"signer.password_file", strcmp(old->password_file, fresh->password_file) == 0},
        {"signer.socket", strcmp(old->signer_socket, fresh->signer_socket) == 0},
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
