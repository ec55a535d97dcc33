/*
 * feed: what to ask a node next, and what its answer means. Heads, logs, reads; the call budget.
 * It refuses to know how asking is done.
 *
 * This file: a question that is ready to be posted, and the list in which a turn collects them.
 */
#ifndef FEED_ASK_H
#define FEED_ASK_H

#include "base/arena.h"
#include "eth/jsonrpc.h"

/** Questions of one turn at most; what does not fit waits for the next. */
#define ASKS_MAX 1024
#define ENDPOINT_ANY (-1)

struct ask {
    uint64_t id;
    uint32_t calls;
    bool is_send;       /* to an endpoint that sends */
    bool is_kept;       /* its bytes are on disk since they were armed: they wait for no record */
    bool is_relayed;    /* to `endpoint` only, and with our name as a searcher */
    int endpoint;       /* to try first, or ENDPOINT_ANY */
    const char *method; /* of the first call; for counting */
    struct bytes body;  /* in the turn's arena */
};

/** In which one question after the other is built: there are some at every head, so that its memory
 *  is kept. */
struct ask_scratch {
    struct rpc_request request;
    struct text params;
    struct text header_params;
    struct buffer data;
};

/** Owned; zero-initialise, then ask_list_release. */
struct ask_list {
    struct arena *arena; /* of the turn */
    uint64_t next_id;    /* never 0, never reused */
    uint32_t count;
    struct ask ask[ASKS_MAX];
    struct ask_scratch scratch;
};

void ask_list_release(struct ask_list *list);
/** Lends: an empty one, until it is asked for again. */
struct ask_scratch *ask_list_scratch(struct ask_list *list);

/** An id for a question that is about to be built. */
uint64_t ask_list_id(struct ask_list *list);
/** Copies the finished request's body into the arena. False: the list is full, nothing was added.
 */
bool ask_list_add(struct ask_list *list, const struct rpc_request *request, const char *method,
                  int endpoint);

#endif
