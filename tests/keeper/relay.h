/*
 * A relay or builder as the daemon meets it: it takes eth_sendBundle and eth_sendPrivateTransaction
 * in the form of docs.flashbots.net and nothing else, asks who is there, and keeps what came.
 */
#ifndef TESTS_KEEPER_RELAY_H
#define TESTS_KEEPER_RELAY_H

#include <pthread.h>

#include "tests/keeper/chain.h"
#include "tests/rpc/server.h"

#define RELAY_POSTS_MAX 256

/** One request that was taken. */
struct relay_post {
    bool is_bundle;
    uint64_t block; /* the bundle's, or the last that is tried */
    char *raw;      /* "0x…" */
};

struct relay {
    struct server *server;
    struct chain *chain; /* what is private here becomes known there; NULL: nowhere */
    pthread_mutex_t lock;
    unsigned count;
    struct relay_post post[RELAY_POSTS_MAX];
    const char *fault; /* the first request that was not of that form; NULL: none */
};

void relay_open(struct relay *out, struct chain *chain);
void relay_close(struct relay *relay);
/** Every request so far had a signature over its very body; out: the same signer's address. Fails
 *  the test. */
void relay_signer(char out[43], const struct relay *relay);

#endif
