/* The read-only HTTP server: / /status /metrics /healthz /readyz, on loopback unless told
 * otherwise. libmicrohttpd without threads of its own; the shell's loop pumps it. */
#ifndef REPORT_SERVER_H
#define REPORT_SERVER_H

#include "report/metrics.h"
#include "report/view.h"

struct report_server;

enum report_server_error {
    REPORT_SERVER_OK,
    REPORT_SERVER_BAD_ADDRESS, /* not HOST:PORT, [v6]:PORT */
    REPORT_SERVER_IN_USE,
    REPORT_SERVER_FAILED
};

/** Asked for at each request, by the loop's thread, from inside report_server_pump. */
struct report_source {
    void *context;
    void (*view)(void *context, struct view *out);
    void (*metrics)(void *context, struct text *out);
};

/** Gives: report_server_stop. Connections are bounded (64), idle ones closed after 10 s; a request
 *  that is not GET or HEAD is 405, one whose Host is a name 403, an unknown path 404. */
MUST_CHECK enum report_server_error
report_server_start(struct report_server **out, const char *listen, struct report_source source);
/** The descriptor that becomes readable when there is work (an epoll of its own). */
int report_server_fd(const struct report_server *server);
/** Milliseconds until it must be pumped even without events, or -1. */
int report_server_timeout_ms(struct report_server *server);
void report_server_pump(struct report_server *server);
/** The port, where the config said 0. */
uint16_t report_server_port(const struct report_server *server);
void report_server_stop(struct report_server *server);

#endif
