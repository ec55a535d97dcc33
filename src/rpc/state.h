/* What the files of this room share: the endpoints, what is under way to them, who waits. */
#ifndef RPC_STATE_H
#define RPC_STATE_H

#include <curl/curl.h>
#include <ev.h>

#include "eth/jsonrpc.h"
#include "rpc/ask.h"
#include "rpc/health.h"
#include "rpc/rate.h"
#include "rpc/socket.h"
#include "rpc/url.h"

/** Header lines of one answer together; libcurl bounds each but not their number. */
#define RPC_HEADERS_MAX ((size_t)256 << 10)

/** Who hears that libcurl is done with a handle (its CURLOPT_PRIVATE). */
struct easy_end {
    void (*done)(struct easy_end *end, CURLcode code);
};

/** One request on the wire. */
struct transfer {
    struct easy_end end; /* first: the handle's end is the transfer's */
    struct rpc *rpc;
    uint16_t endpoint;
    bool is_busy;
    bool is_probe;   /* finds out whether a resting endpoint is back */
    struct ask *ask; /* NULL: a probe of our own, which nobody waits for */
    int64_t began_us;
    /* http.c; the handle is made at first use and kept */
    CURL *easy;
    struct curl_slist *headers; /* with one of the ask's own; NULL: the room's */
    struct buffer answer;
    size_t header_size;
    bool is_too_large; /* we cut it off */
    /* socket.c */
    int64_t sent_us; /* handed to the wire, so that it may arrive; 0: it was not */
};

/** What became of a transfer. */
struct outcome {
    enum observation_status status;
    uint16_t http_status;
    struct bytes said;     /* the answer, or a word why there is none; lent until transfer_end */
    bool may_have_arrived; /* the node may have acted on it */
    int64_t pause_us;      /* that the node asked for; 0: it did not */
};

struct endpoint {
    struct url url;
    unsigned roles;
    struct socket *socket; /* NULL: each transfer is a POST of its own */
    struct rate rate;
    struct health health;
    size_t busy;
    struct transfer transfers[RPC_CONNECTIONS_MAX];
};

struct rpc {
    struct ev_loop *loop;
    struct log_sink *log;
    CURLM *multi;
    struct lws_context *websockets; /* NULL: no endpoint is one */
    struct curl_slist *headers;
    struct socket_watch *watches;
    ev_timer curl_timer; /* when libcurl wants to be called */
    ev_timer wake_timer; /* when a rate or a rest lets somebody go */
    ev_timer tell_timer; /* when asks ended while nobody could be told */
    ev_prepare hints;    /* before the loop sleeps, and before whoever sleeps on it decides */
    int64_t connect_timeout_ms;
    int64_t total_timeout_ms;
    size_t answer_size_max;
    char *user_agent;
    rpc_observe *observe;
    void *observe_context;
    void (*attempt)(void *context, const struct rpc_attempt *);
    void *attempt_context;
    struct rpc_request probe; /* the smallest question that every node answers */
    struct ask_line waiting;
    struct ask_line ended; /* failed or refused, to be told from the loop */
    struct ask_line spare;
    uint64_t sequence;
    size_t taken;   /* waiting, on the wire or ended; refused ones do not count */
    size_t refused; /* not yet told */
    size_t endpoint_count;
    struct endpoint endpoints[RPC_ENDPOINTS_MAX];
};

/** Gives: the list, one longer. */
struct curl_slist *header_list_add(struct curl_slist *list, const char *header);

/** Monotonic. */
int64_t wires_clock_us(void);
/** Starts, or starts again. libev counts from when it last looked at the clock, and a turn may have
 *  taken longer than the wait: so it looks again first. */
void wires_start_timer(struct ev_loop *loop, ev_timer *timer, int64_t wait_us);

/* wires.c: libcurl's sockets and timer on the loop. */
void wires_connect(struct rpc *rpc);
void wires_cut(struct rpc *rpc);
/** What was started leaves now, and not with the loop's next round. */
void wires_push(struct rpc *rpc);
/** Every handle that libcurl finished. */
void wires_collect(struct rpc *rpc);

/* transfer.c: one request, whatever the wire. */
/** Takes a free transfer of the endpoint; there MUST be one. `ask` NULL: our own probe. */
void transfer_start(struct rpc *rpc, size_t endpoint, struct ask *ask, bool is_probe);
/** What is asked. Lends: until transfer_end. */
struct bytes transfer_body(const struct transfer *transfer);
/** What the loop is told. Lends: until transfer_end. */
struct observation transfer_observation(const struct transfer *transfer,
                                        const struct outcome *outcome);
void transfer_end(struct transfer *transfer);
void transfer_release(struct transfer *transfer);

/* http.c: one POST. */
void http_start(struct transfer *transfer);
void http_end(struct transfer *transfer);
void http_release(struct transfer *transfer);

/* dispatch.c: who goes where. */
/** Sends whoever may go, ends whoever has nowhere left to go, sets the timer for the others. */
void asks_dispatch(struct rpc *rpc);
/** Would it be sent or wait, rather than end? */
bool ask_has_place(const struct rpc *rpc, const struct ask *ask);

/* settle.c: what an answer means for its endpoint, and for who waits. */
void transfer_settle(struct transfer *transfer, const struct outcome *outcome);
/** Tells whoever ended. */
void asks_tell_ended(struct rpc *rpc);
/** Both of the above, from the loop. */
void asks_wake(struct rpc *rpc);
/** Tells what is no answer. */
void rpc_tell(struct rpc *rpc, const struct observation *observation);
/** Counts an attempt that was no transfer. */
void rpc_count(struct rpc *rpc, const struct rpc_attempt *attempt);

#endif
