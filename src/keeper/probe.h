/* One question to each endpoint apart, without failover: is it there, which chain is it on, how far
 * is it, and is there code where the config says so. For `check`. */
#ifndef KEEPER_PROBE_H
#define KEEPER_PROBE_H

#include "turn/settings.h"

/** Addresses asked for code. */
#define PROBE_TARGETS_MAX (SETTINGS_MARKETS_MAX + 2)

struct probe {
    bool reads;        /* else only its chain is asked for */
    bool has_answered; /* as JSON-RPC, though it may know no chain: a relay does not */
    bool has_chain;
    uint64_t chain_id;
    bool has_head;
    uint64_t head;
    uint64_t timestamp_s;
    bool has_code[PROBE_TARGETS_MAX];
    bool knows_code[PROBE_TARGETS_MAX]; /* else it did not answer that */
    char why[160];                      /* of what is missing; "" where nothing is */
};

/**
 * Waits until every endpoint answered or timed out.
 * Out:   probes  one for each endpoint of the config
 * Fails: false: a URL cannot be used; `why` names it
 */
MUST_CHECK bool probe_endpoints(struct probe *probes, char why[256],
                                const struct chain_settings *chain, const struct address *targets,
                                size_t target_count);

#endif
