/* The address that the HTTP server binds, as an operator writes it. */
#ifndef REPORT_LISTEN_H
#define REPORT_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/must.h"

struct listen_address {
    char host[64]; /* numeric, without brackets */
    char port[6];
    bool is_v6;
};

/** "127.0.0.1:9464", "[::1]:9464", "localhost:9464"; numeric hosts only, so that nothing has to be
 *  looked up at start. Port 0: any free one. False: none of these. */
MUST_CHECK bool listen_parse(struct listen_address *out, const char *text);
/** A Host header that names an address and no name: "127.0.0.1", "[::1]:9464", "localhost:9464". */
bool listen_host_is_literal(const char *host);
/** A listening socket on that address alone, not blocking; -1: errno says why. */
int listen_open(const struct listen_address *address);
/** The port of a listening socket; 0: it is none. */
uint16_t listen_port(int listener);

#endif
