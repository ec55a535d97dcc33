/*
 * Where an endpoint is, and how it is spoken to. Providers keep their keys in a URL's path, its
 * query, or before an '@': only `host` may be shown.
 */
#ifndef RPC_URL_H
#define RPC_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RPC_HOST_SIZE 128

enum wire_kind {
    WIRE_HTTP,
    WIRE_WEBSOCKET,
    WIRE_IPC /* a socket of this machine, by its path */
};

/** Owned; zero-initialise, then url_release. */
struct url {
    enum wire_kind kind;
    bool is_secure;
    uint16_t port;
    char host[RPC_HOST_SIZE]; /* all that is ever logged; of IPC the path */
    char *text;
    char *path;  /* WebSocket: path and query, from '/' on */
    char *login; /* WebSocket: "user:password", or NULL */
};

/** False: nothing that is spoken here; `why` (size 256) says which endpoint and shows no key. */
bool url_read(struct url *out, char why[256], size_t index, const char *text);
void url_release(struct url *url);

#endif
