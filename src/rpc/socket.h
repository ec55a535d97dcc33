/*
 * A connection that is kept, WebSocket or IPC, on which many asks are under way at once. What goes
 * over it is matched by the ids of eth/jsonrpc (ask id × RPC_BATCH_MAX + position), which no two
 * asks share; id 0 is our own probe's, SOCKET_SUBSCRIBE_ID and SOCKET_POOL_ID the subscriptions'.
 * It is opened when somebody asks, and kept open, with back-off, where pushes are wanted.
 */
#ifndef RPC_SOCKET_H
#define RPC_SOCKET_H

#include <ev.h>

#include "base/bytes.h"
#include "eth/observation.h"
#include "rpc/pool.h"
#include "rpc/push.h"

/** The body of an ask 0 has one call, of id 0. */
#define SOCKET_SUBSCRIBE_ID 1
#define SOCKET_POOL_ID 2
/** Between two tries to open, where nobody asks; doubled up to the longest. */
#define SOCKET_BACKOFF_MIN_US 250000
#define SOCKET_BACKOFF_MAX_US 15000000
/** After so long without a byte a node that should push is asked whether it is still there. */
#define SOCKET_QUIET_US 30000000

struct rpc;
struct socket;

/** A kind of wire. Its files call socket_opened, socket_broke, socket_next, socket_hear and
 *  socket_heard, and only from the loop. */
struct wire {
    void (*open)(struct socket *socket);
    /** There may be something to write: to be taken with socket_next, from the loop. */
    void (*write)(struct socket *socket);
    /** Nothing is heard of that connection afterwards; may be called from inside of it. */
    void (*close)(struct socket *socket);
    void (*release)(struct socket *socket);
};

enum socket_state { SOCKET_CLOSED, SOCKET_OPENING, SOCKET_OPEN };

struct socket {
    struct rpc *rpc;
    uint16_t endpoint;
    const struct wire *wire;
    void *line; /* the wire's own */
    enum socket_state state;
    bool is_wanted; /* somebody asked while it was closed */
    ev_timer timer;
    int64_t opened_by_us; /* OPENING: no longer than that */
    int64_t reopen_us;    /* CLOSED: then again; INT64_MAX: when somebody asks */
    int64_t backoff_us;
    int64_t heard_us;    /* the last byte, or the opening */
    uint32_t owed;       /* asks given up on that may still be answered */
    struct buffer heard; /* a message of which the end has not come; at most answer_size_max */
    struct push push;
    struct pool pool;
};

/** Gives: socket_free. `line`: the wire's, released by it. */
struct socket *socket_new(struct rpc *rpc, uint16_t endpoint, const struct wire *wire, void *line);
/** Nobody is told. */
void socket_free(struct socket *socket);
/** Opens it and asks for pushes of heads, and of the pool where that is wanted, now and after each
 *  time that it breaks. */
void socket_keep(struct socket *socket, bool with_pool);
/** A transfer of its endpoint waits to be written. */
void socket_start(struct socket *socket);

/* ---- for wires */

void socket_opened(struct socket *socket);
/** It cannot be opened, or it broke. `status`: UNREACHABLE or TIMED_OUT; `why`: a word, no URL. */
void socket_broke(struct socket *socket, enum observation_status status, const char *why);
/** The next message to write, lent until the next call; false: there is none. What is taken counts
 *  as sent. */
bool socket_next(struct socket *socket, struct bytes *message);
/** A part of a message. False: the message passed the bound, and the socket was closed. */
MUST_CHECK bool socket_hear(struct socket *socket, struct bytes part);
/** The message is whole. */
void socket_heard(struct socket *socket);

#endif
