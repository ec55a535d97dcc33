/*
 * A small HTTP server on loopback, in threads of the test itself, that can be told to misbehave in
 * each way in which a node does. It counts what reached it.
 */
#ifndef TESTS_RPC_SERVER_H
#define TESTS_RPC_SERVER_H

#include <stdbool.h>
#include <stddef.h>

enum server_deed {
    SERVER_ANSWERS,
    SERVER_ANSWERS_CHUNKED,
    SERVER_ANSWERS_AND_CLOSES,  /* without saying so: an idle connection that dies */
    SERVER_CUTS_BEFORE_HEADERS, /* takes the request, says nothing */
    SERVER_CUTS_AFTER_HEADERS,
    SERVER_CUTS_REUSED, /* answers the first request of each connection, cuts the second */
    SERVER_HOLDS,       /* answers when server_release is called */
    SERVER_DRIPS,       /* a byte each 20 ms, for ever */
    SERVER_FLOODS,      /* 200 MB, chunked */
    SERVER_CLAIMS_MUCH, /* says that 200 MB follow */
    SERVER_BOMBS,       /* 1 MB of gzip that unfolds to over 100 MB */
    SERVER_FLOODS_HEADERS
};

struct server_reply {
    enum server_deed deed;
    int status;          /* 0: 200 */
    const char *headers; /* whole lines, or NULL */
    const char *body;    /* NULL: a result for each call; $ID stands for the request's id */
    /** Instead of `body`, in the connection's thread. In: the request's body. Gives: free; NULL:
     * the connection is cut. */
    char *(*answer)(void *context, const char *request);
    void *context;
};

struct server;

struct server *server_new(void);
/** On the port of a URL, e.g. of server_dead_url. */
struct server *server_new_at(const char *url);
/** From now on. */
void server_say(struct server *server, struct server_reply reply);
/** This for the next `count` requests, then what server_say said. */
void server_say_first(struct server *server, unsigned count, struct server_reply reply);
void server_release(struct server *server);
/** "http://127.0.0.1:PORT/" */
const char *server_url(const struct server *server);
unsigned server_connections(struct server *server);
unsigned server_requests(struct server *server);
/** Request `index` from 0, head and body; "" where there is none. Lends: as long as the server. */
const char *server_request(struct server *server, unsigned index);
/** Waits until so many requests have arrived; false: they did not within ten seconds. */
bool server_wait_for(struct server *server, unsigned requests);
void server_free(struct server *server);

/** A port of loopback on which nobody listens: "http://127.0.0.1:PORT/". */
void server_dead_url(char out[64]);
/** A port on which somebody listens and nobody accepts: connecting takes for ever. Close *fds. */
void server_full_url(char out[64], int fds[8]);

#endif
