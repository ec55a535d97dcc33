/*
 * The loop must never wait for a node. An ask is copied, sent when a place is free, and comes back
 * as exactly one observation, whatever becomes of the connection that carried it.
 */
#include "rpc/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/state.h"

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = must_alloc(size, 1);
    memcpy(copy, text, size);
    return copy;
}

/* The host is all of a URL that is ever shown: keys stand in paths and before the '@'. */
static bool read_url(struct endpoint *endpoint, char why[256], size_t index)
{
    CURLU *url = curl_url();
    char *scheme = NULL;
    char *host = NULL;
    MUST(url != NULL);
    CURLUcode code = curl_url_set(url, CURLUPART_URL, endpoint->url, CURLU_NON_SUPPORT_SCHEME);
    bool is_read = code == CURLUE_OK && curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
    bool is_http = is_read && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    if (is_read)
        (void)snprintf(endpoint->host, sizeof endpoint->host, "%s", host);
    if (!is_read)
        (void)snprintf(why, 256, "endpoint %zu: its URL cannot be read: %s", index,
                       curl_url_strerror(code));
    else if (!is_http)
        (void)snprintf(why, 256,
                       "endpoint %zu (%.100s): only http:// and https:// are spoken, not %.20s",
                       index, host, scheme);
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(url);
    return is_http;
}

struct curl_slist *header_list_add(struct curl_slist *list, const char *header)
{
    struct curl_slist *longer = curl_slist_append(list, header);
    MUST(longer != NULL);
    return longer;
}

static bool read_endpoints(struct rpc *rpc, char why[256], const struct rpc_config *config)
{
    if (config->endpoint_count == 0 || config->endpoint_count > RPC_ENDPOINTS_MAX) {
        (void)snprintf(why, 256, "%zu endpoints: there must be 1 to %d", config->endpoint_count,
                       RPC_ENDPOINTS_MAX);
        return false;
    }
    for (size_t i = 0; i < config->endpoint_count; i++) {
        struct endpoint *endpoint = &rpc->endpoints[i];
        rpc->endpoint_count = i + 1;
        endpoint->url = copy_of(config->endpoints[i].url);
        endpoint->roles = config->endpoints[i].roles;
        endpoint->rate.per_second = config->endpoints[i].requests_per_second;
        if (!read_url(endpoint, why, i))
            return false;
    }
    return true;
}

struct rpc *rpc_new(char why[256], struct ev_loop *loop, const struct rpc_config *config,
                    struct log_sink *log)
{
    MUST(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    struct rpc *rpc = must_alloc(1, sizeof *rpc);
    rpc->loop = loop;
    rpc->log = log;
    rpc->connect_timeout_ms = config->connect_timeout_ms;
    rpc->total_timeout_ms = config->total_timeout_ms;
    rpc->answer_size_max = config->answer_size_max;
    rpc->user_agent = copy_of(config->user_agent == NULL ? "plimsoll" : config->user_agent);
    /* Without this a body over 1 kB waits a second for a "100 Continue" that no node sends. */
    rpc->headers = header_list_add(NULL, "Expect:");
    rpc->headers = header_list_add(rpc->headers, "Content-Type: application/json");
    rpc->headers = header_list_add(rpc->headers, "Accept: application/json");
    rpc_request_begin(&rpc->probe, 0, 1);
    rpc_request_add(&rpc->probe, "eth_chainId", "[]");
    rpc_request_end(&rpc->probe);
    rpc->multi = curl_multi_init();
    MUST(rpc->multi != NULL);
    wires_connect(rpc);
    if (!read_endpoints(rpc, why, config)) {
        rpc_free(rpc);
        return NULL;
    }
    long kept = (long)(rpc->endpoint_count * RPC_CONNECTIONS_MAX);
    MUST(curl_multi_setopt(rpc->multi, CURLMOPT_MAXCONNECTS, kept) == CURLM_OK);
    return rpc;
}

void rpc_on_observation(struct rpc *rpc, rpc_observe *observe, void *context)
{
    rpc->observe = observe;
    rpc->observe_context = context;
}

void rpc_on_attempt(struct rpc *rpc, void (*attempt)(void *context, const struct rpc_attempt *),
                    void *context)
{
    rpc->attempt = attempt;
    rpc->attempt_context = context;
}

static uint32_t eligible_for(const struct rpc *rpc, const struct rpc_ask *ask)
{
    uint32_t eligible = 0;
    bool is_known = ask->prefer >= 0 && (size_t)ask->prefer < rpc->endpoint_count;
    for (size_t i = 0; i < rpc->endpoint_count; i++) {
        if ((rpc->endpoints[i].roles & (unsigned)ask->role) != 0)
            eligible |= 1u << i;
    }
    if (!ask->only)
        return eligible;
    /* Whoever names one endpoint means it, whatever its role. */
    return is_known ? 1u << ask->prefer : 0;
}

static void refuse(struct rpc *rpc, struct ask *ask, const char *why)
{
    MUST(rpc->refused < RPC_REFUSED_MAX);
    struct observation told = {.status = OBSERVED_REFUSED, .body = bytes_of_text(why)};
    ask_fail(ask, &told);
    ask->is_refused = true;
    rpc->refused++;
    ask_line_append(&rpc->ended, ask);
}

void rpc_send(struct rpc *rpc, const struct rpc_ask *asked)
{
    MUST(asked->calls >= 1 && asked->calls <= RPC_BATCH_MAX);
    struct ask *ask = ask_new(&rpc->spare, asked);
    ask->eligible = eligible_for(rpc, asked);
    ask->sequence = rpc->sequence++;
    if (ask->prefer >= (int)rpc->endpoint_count)
        ask->prefer = -1;
    if (rpc->taken >= RPC_WAITING_MAX) {
        refuse(rpc, ask, "too many asks wait");
    } else if (ask->eligible == 0) {
        refuse(rpc, ask, "no endpoint takes this");
    } else {
        rpc->taken++;
        ask_line_join(&rpc->waiting, ask);
        asks_dispatch(rpc);
    }
    if (rpc->ended.first != NULL)
        wires_start_timer(rpc->loop, &rpc->tell_timer, 0);
}

size_t rpc_pending(const struct rpc *rpc)
{
    return rpc->taken + rpc->refused;
}

bool rpc_endpoint_is_healthy(const struct rpc *rpc, size_t endpoint)
{
    MUST(endpoint < rpc->endpoint_count);
    return rpc->endpoints[endpoint].health.failures < HEALTH_FAILURES_MAX;
}

static void free_line(struct ask_line *line)
{
    struct ask *ask;
    while ((ask = ask_line_take(line)) != NULL)
        ask_free(ask);
}

void rpc_free(struct rpc *rpc)
{
    if (rpc == NULL)
        return;
    for (size_t i = 0; i < rpc->endpoint_count; i++) {
        for (size_t j = 0; j < RPC_CONNECTIONS_MAX; j++)
            transfer_release(&rpc->endpoints[i].transfers[j]);
        free(rpc->endpoints[i].url);
    }
    free_line(&rpc->waiting);
    free_line(&rpc->ended);
    free_line(&rpc->spare);
    (void)curl_multi_cleanup(rpc->multi);
    wires_cut(rpc);
    rpc_request_release(&rpc->probe);
    curl_slist_free_all(rpc->headers);
    free(rpc->user_agent);
    free(rpc);
    curl_global_cleanup();
}
