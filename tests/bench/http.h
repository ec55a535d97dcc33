/* A small HTTP server on loopback that knows when bytes came and went: one thread, kept sockets. */
#ifndef TESTS_BENCH_HTTP_H
#define TESTS_BENCH_HTTP_H

#include "base/text.h"

#define HTTP_CONNECTIONS 32

struct http_request {
    struct bytes body;
    double began; /* when its first byte was received */
};

struct http_connection {
    int socket; /* 0: free */
    struct buffer input;
    double began;
};

struct http_server {
    int listener;
    uint16_t port;
    void *context;
    /** Appends the answer's body. */
    void (*answer)(void *context, struct text *out, const struct http_request *request);
    /** The last byte of that answer has been handed to the socket. */
    int patience_ms; /* an answer is held back so long for others to come; 0: it is not asked */
    /** `has_company`: another request came before this one's answer left, within `patience_ms`. */
    void (*written)(void *context, double when, bool has_company);
    struct http_connection connection[HTTP_CONNECTIONS];
    struct text output;
};

/** Any free port of 127.0.0.1. False: none. */
bool http_open(struct http_server *server);
/** Serves what there is, waiting at most that long for it. */
void http_step(struct http_server *server, int timeout_ms);
void http_close(struct http_server *server);

#endif
