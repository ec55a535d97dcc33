/*
 * The loop must never wait for a node. An ask is copied, sent when a place is free, and comes back
 * as exactly one observation, whatever becomes of the connection that carried it.
 */
#include "rpc/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/lines.h"
#include "rpc/state.h"

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = must_alloc(size, 1);
    memcpy(copy, text, size);
    return copy;
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
        endpoint->roles = config->endpoints[i].roles;
        endpoint->rate.per_second = config->endpoints[i].requests_per_second;
        if (!url_read(&endpoint->url, why, i, config->endpoints[i].url))
            return false;
    }
    return true;
}

/* Before the loop sleeps, so that a hint is in the turn that comes next. */
static void on_hints(struct ev_loop *loop, ev_prepare *prepare, int events)
{
    (void)loop;
    (void)events;
    struct rpc *rpc = prepare->data;
    for (size_t i = 0; i < rpc->endpoint_count; i++)
        if (rpc->endpoints[i].socket != NULL) {
            push_tell(rpc->endpoints[i].socket);
            pool_pass(rpc->endpoints[i].socket);
        }
}

static bool make_socket(struct rpc *rpc, uint16_t index, char why[256])
{
    struct endpoint *endpoint = &rpc->endpoints[index];
    switch (endpoint->url.kind) {
    case WIRE_HTTP:
        return true;
    case WIRE_WEBSOCKET:
        if (rpc->websockets == NULL && !websocket_start(rpc, why))
            return false;
        endpoint->socket = websocket_new(rpc, index);
        return true;
    case WIRE_IPC:
        endpoint->socket = ipc_new(rpc, index);
        return true;
    }
    must_fail("no wire_kind", __FILE__, __LINE__);
}

static bool make_sockets(struct rpc *rpc, char why[256], const struct rpc_config *config)
{
    for (size_t i = 0; i < rpc->endpoint_count; i++) {
        struct endpoint *endpoint = &rpc->endpoints[i];
        if (!make_socket(rpc, (uint16_t)i, why))
            return false;
        if (endpoint->socket == NULL || !config->subscribes ||
            (endpoint->roles & RPC_ROLE_READ) == 0)
            continue;
        socket_keep(endpoint->socket, config->subscribes_to_pool);
        ev_prepare_start(rpc->loop, &rpc->hints);
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
    ev_prepare_init(&rpc->hints, on_hints);
    ev_set_priority(&rpc->hints, EV_MAXPRI);
    rpc->hints.data = rpc;
    if (!read_endpoints(rpc, why, config) || !make_sockets(rpc, why, config)) {
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
    uint32_t without_head = 0;
    bool is_known = ask->prefer >= 0 && (size_t)ask->prefer < rpc->endpoint_count;
    for (size_t i = 0; i < rpc->endpoint_count; i++) {
        bool has_heads = rpc->endpoints[i].socket == NULL; /* a message on a socket has none */
        if (ask->header != NULL && !has_heads)
            without_head |= 1u << i;
        if ((rpc->endpoints[i].roles & (unsigned)ask->role) != 0)
            eligible |= 1u << i;
    }
    /* Whoever names one endpoint means it, whatever its role. */
    if (ask->only)
        eligible = is_known ? 1u << ask->prefer : 0;
    return eligible & ~without_head;
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
        if (asked->role == RPC_ROLE_SEND)
            wires_push(rpc);
    }
    if (rpc->ended.first != NULL)
        wires_start_timer(rpc->loop, &rpc->tell_timer, 0);
}

void rpc_push(struct rpc *rpc)
{
    wires_push(rpc);
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
        socket_free(rpc->endpoints[i].socket);
        for (size_t j = 0; j < RPC_CONNECTIONS_MAX; j++)
            transfer_release(&rpc->endpoints[i].transfers[j]);
        url_release(&rpc->endpoints[i].url);
    }
    websocket_stop(rpc);
    ev_prepare_stop(rpc->loop, &rpc->hints);
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
