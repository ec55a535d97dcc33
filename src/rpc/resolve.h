/*
 * libwebsockets asks the C library for a name's address and stands still until it comes. So
 * libcurl, which asks in a thread of its own, is told to connect to that name first: the address
 * that let it in is the one that is used. A numeric host needs none of this.
 */
#ifndef RPC_RESOLVE_H
#define RPC_RESOLVE_H

#include "rpc/state.h"

/** Embedded; zero-initialise, then resolve_cancel. */
struct resolve {
    struct easy_end end; /* first */
    struct rpc *rpc;
    CURL *easy;
    /** `address`: numeric, or NULL: `why` not. Never from inside resolve_start. */
    void (*done)(void *context, const char *address, const char *why);
    void *context;
};

bool resolve_is_numeric(const char *host);
/** `done` and `context` MUST be set. Only one at a time. */
void resolve_start(struct resolve *resolve, struct rpc *rpc, const struct url *url);
/** Nobody is told. */
void resolve_cancel(struct resolve *resolve);

#endif
