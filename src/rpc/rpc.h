/*
 * rpc: how the asking is done. HTTP with keep-alive over libcurl's multi interface, WebSocket over
 * libwebsockets and a node's IPC socket, all on the shell's libev loop; several endpoints with
 * roles, failover, a token bucket for each, bounded answers.
 * It refuses to know what the words mean, save whether an answer is a reason to try another
 * endpoint (eth/jsonrpc: rpc_should_fail_over).
 */
#ifndef RPC_RPC_H
#define RPC_RPC_H

#include "eth/observation.h"
#include "report/log.h"

struct ev_loop;

#define RPC_ENDPOINTS_MAX 16
/** Asks under way and waiting for a token, over all endpoints; one more is answered REFUSED. */
#define RPC_WAITING_MAX 512
/** Asks on the wire to one endpoint at the same time. */
#define RPC_CONNECTIONS_MAX 8

enum rpc_role { RPC_ROLE_READ = 1, RPC_ROLE_SEND = 2 };

struct rpc_endpoint_config {
    const char *url; /* http://, https://, ws://, wss://, or the path of an IPC socket */
    unsigned roles;  /* of enum rpc_role; 0: only who names it, and no probe of ours */
    uint32_t requests_per_second; /* 0: no limit; in any second; a batch counts its calls */
};

struct rpc_config {
    const struct rpc_endpoint_config *endpoints;
    size_t endpoint_count;
    int64_t connect_timeout_ms;
    int64_t total_timeout_ms; /* of one attempt, on the wire; waiting for a turn is not counted */
    size_t answer_size_max;   /* unpacked */
    const char *user_agent;
    /** Whether endpoints that can push, and may be read from, are asked to (eth_subscribe
     * newHeads). Each hint comes as an OBSERVATION_PUSH: status OK, body the head's hash or empty;
     * UNREACHABLE where pushes stopped. At most one for each endpoint and pass of the loop. */
    bool subscribes;
    /** Whether those endpoints are asked for what waits in their pool too (eth_subscribe
     * newPendingTransactions): each comes as an OBSERVATION_POOL, as many as rpc/pool.h says. */
    bool subscribes_to_pool;
};

/** One POST, or one message on a socket. */
struct rpc_ask {
    uint64_t id; /* comes back in the observation */
    enum rpc_role role;
    int prefer;         /* index of the endpoint to try first, or -1 */
    bool only;          /* `prefer` or nobody: no failover (sends, and reads pinned to one node) */
    uint32_t calls;     /* in the body */
    struct bytes body;  /* copied */
    const char *method; /* for counting: the first call's; copied */
    /** One more line for this ask's head, "NAME: VALUE", or NULL; copied. Only HTTP has heads: an
     * ask with one goes to nobody else. */
    const char *header;
};

/** Called once for every ask, and for every hint, from the loop; the body is lent for the call. It
 *  only appends. */
typedef void rpc_observe(void *context, const struct observation *observation);

/** What happened, for counting; called at every attempt, also those that were failed over. */
struct rpc_attempt {
    size_t endpoint;
    const char *method;
    enum observation_status status;
    bool failed_over;
    int64_t duration_us;
};

struct rpc;

/**
 * Gives: rpc_free
 * Keeps: a copy of the config. NULL: a URL that is not spoken (why, size 256, names it).
 */
struct rpc *rpc_new(char why[256], struct ev_loop *loop, const struct rpc_config *config,
                    struct log_sink *log);
void rpc_on_observation(struct rpc *rpc, rpc_observe *observe, void *context);
void rpc_on_attempt(struct rpc *rpc, void (*attempt)(void *context, const struct rpc_attempt *),
                    void *context);
/**
 * Never calls back from inside; may be called from an observation. An ask that cannot be taken is
 * answered REFUSED from the loop.
 *
 * Sends go before reads, then first come, first served. Where the first endpoint has no place or no
 * more calls this second, the next that is well is asked, unless `prefer` names one. A send is not
 * handed on where the first endpoint may have taken it (cut off, timed out, 5xx after it was sent).
 * Where all endpoints rest, an ask waits for the next probe, and is answered when that fails; a
 * read that was only told to come slower is asked anew first, for RPC_LIMITED_US (rpc/ask.h).
 * calls: 1 to RPC_BATCH_MAX.
 */
void rpc_send(struct rpc *rpc, const struct rpc_ask *ask);
/** What was asked leaves now, where it has its place, and not when the loop comes to it. */
void rpc_push(struct rpc *rpc);
/** Asks not yet answered. */
size_t rpc_pending(const struct rpc *rpc);
/** False after three failures in a row (rate limits are failures), until one success; a sick
 * endpoint is tried last and probed with back-off from 250 ms to 15 s (1 s where it limits a share
 * of them): an outage never raises the rate of requests. */
bool rpc_endpoint_is_healthy(const struct rpc *rpc, size_t endpoint);
/** What is under way is forgotten, and answered to nobody. */
void rpc_free(struct rpc *rpc);

#endif
