/*
 * A config that names the wrong chain, or an address where nothing lives, fails later in ways that
 * look like something else. So both are asked for by name, of every endpoint.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "keeper/check.h"
#include "keeper/host_text.h"
#include "keeper/probe.h"

/* Blocks that one endpoint may be behind another before it is said. */
#define BEHIND_MAX 3
#define WHERE_MAX 192

struct target {
    char where[64];
    const char *advice;
};

static void where_endpoint(char out[WHERE_MAX], const struct check *check, uint32_t index)
{
    char host[96];

    host_format(host, sizeof(host), check->config->settings.chain.endpoint[index].url);
    (void)snprintf(out, WHERE_MAX, "chain.endpoints[%u] %s", index, host);
}

static size_t targets_make(struct address *addresses, struct target *targets,
                           const struct settings *settings)
{
    size_t count = 0;

    addresses[count] = settings->chain.multicall;
    targets[count++] =
        (struct target){"chain.multicall", "name a Multicall3 of this chain in chain.multicall"};
    addresses[count] = settings->chain.native;
    targets[count++] =
        (struct target){"chain.native", "name this chain's wrapped native token in chain.native"};
    for (uint32_t i = 0; i < settings->market_count; i++) {
        struct target *target = &targets[count];

        addresses[count++] = settings->market[i].address;
        (void)snprintf(target->where, sizeof(target->where), "markets[%u] %s: address", i,
                       settings->market[i].name);
        target->advice = "`plimsoll help protocols` says which address its protocol wants";
    }
    return count;
}

/* Relays and builders know no chain: that they speak is all that can be proved. Whose chain the
 * transactions are of is in their bytes. */
static void relay_check(struct check *check, const char *where, const struct probe *probe)
{
    if (probe->has_answered)
        check_well(check, where, "answers, for private transactions or bundles only");
    else
        check_fault(check, EXIT_CHAIN, where,
                    "does not answer (%s); correct the url, or leave the "
                    "endpoint out",
                    probe->why);
}

static bool endpoint_check(struct check *check, uint32_t index, const struct probe *probe)
{
    uint64_t wanted = check->config->settings.chain.id;
    char where[WHERE_MAX];

    where_endpoint(where, check, index);
    if (!probe->reads && !check->config->settings.chain.endpoint[index].may_send) {
        relay_check(check, where, probe);
        return false;
    }
    if (!probe->has_chain || (probe->reads && !probe->has_head)) {
        check_fault(check, EXIT_CHAIN, where,
                    "does not answer (%s); start the node, or correct the url", probe->why);
        return false;
    }
    if (probe->chain_id != wanted) {
        check_fault(check, EXIT_CHAIN, where,
                    "is on chain %" PRIu64 ", the config says chain.id %" PRIu64
                    "; point it at the right node, or correct chain.id",
                    probe->chain_id, wanted);
        return false;
    }
    if (probe->reads)
        check_well(check, where, "chain %" PRIu64 ", block %" PRIu64, probe->chain_id, probe->head);
    else
        check_well(check, where, "chain %" PRIu64 ", sends only", probe->chain_id);
    return probe->reads;
}

/* Of the first that knows: one chain has one code. */
static bool target_check(struct check *check, size_t index, const struct target *target,
                         const struct address *address, const struct probe *const good[])
{
    char text[ADDRESS_TEXT_SIZE];
    size_t at = 0;

    address_format(text, address);
    while (good[at] != NULL && !good[at]->knows_code[index])
        at++;
    if (good[at] == NULL) {
        check_note(check, target->where, "no endpoint says whether there is code at %s", text);
        return true;
    }
    if (good[at]->has_code[index])
        return true;
    check_fault(check, EXIT_CHAIN, target->where, "no contract at %s on this chain; %s", text,
                target->advice);
    return false;
}

static void heads_compare(struct check *check, const struct probe *probes, size_t count)
{
    uint64_t newest = 0;

    for (size_t i = 0; i < count; i++)
        newest = probes[i].has_head && probes[i].head > newest ? probes[i].head : newest;
    for (uint32_t i = 0; i < count; i++) {
        char where[WHERE_MAX];

        if (!probes[i].has_head || probes[i].head + BEHIND_MAX >= newest)
            continue;
        where_endpoint(where, check, i);
        check_note(check, where, "is %" PRIu64 " blocks behind the others",
                   newest - probes[i].head);
    }
}

/* By which way what waits in a pool will be heard of; whether a node shows it says the daemon. */
static void pool_check(struct check *check)
{
    const struct settings *settings = &check->config->settings;
    uint32_t pushing = 0;

    if (settings->backrun == BACKRUN_OFF)
        return;
    for (uint32_t i = 0; i < settings->chain.endpoint_count; i++) {
        const struct endpoint_settings *endpoint = &settings->chain.endpoint[i];

        pushing += endpoint->may_read && strncmp(endpoint->url, "http", 4) != 0;
    }
    if (pushing > 0)
        check_well(check, "keeper.backrun",
                   "%" PRIu32 " endpoints are asked to push what waits in their pool", pushing);
    else
        check_note(check, "keeper.backrun",
                   "no endpoint can push its pool: txpool_content is polled, later by up to "
                   "chain.poll_ms; a ws:// endpoint or a node's IPC socket is faster");
}

bool check_chain(struct check *check)
{
    const struct settings *settings = &check->config->settings;
    size_t endpoint_count = settings->chain.endpoint_count;
    struct address addresses[PROBE_TARGETS_MAX];
    struct target targets[PROBE_TARGETS_MAX];
    size_t target_count = targets_make(addresses, targets, settings);
    struct probe probes[SETTINGS_ENDPOINTS_MAX];
    const struct probe *good[SETTINGS_ENDPOINTS_MAX + 1] = {NULL}; /* ends with NULL */
    size_t good_count = 0;
    char why[256] = "";

    if (!probe_endpoints(probes, why, &settings->chain, addresses, target_count)) {
        check_fault(check, EXIT_USAGE, "chain.endpoints", "%s", why);
        return false;
    }
    for (uint32_t i = 0; i < endpoint_count; i++)
        if (endpoint_check(check, i, &probes[i]))
            good[good_count++] = &probes[i];
    heads_compare(check, probes, endpoint_count);
    pool_check(check);
    bool is_sound = good_count > 0;
    for (size_t i = 0; i < target_count && good_count > 0; i++)
        is_sound &= target_check(check, i, &targets[i], &addresses[i], good);
    return is_sound;
}
