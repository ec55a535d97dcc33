/* Starts and ends the daemon's own signer. */
#ifndef KEEPER_SIGNER_SPAWN_H
#define KEEPER_SIGNER_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/must.h"

struct signer_child {
    pid_t pid; /* 0: not ours, a unit of its own */
    int fd;    /* our end of its socket */
};

/** `/proc/self/exe sign --fd 3 -c CONFIG`, tied to our life. False: errno says why.
 *  In: address_only  it will sign nothing, and leaves the day's count to whoever signs */
MUST_CHECK bool signer_spawn(struct signer_child *out, const char *config, bool address_only);
/** How long a signer may take to end by itself, its count settled. */
#define SIGNER_SETTLE_MS 250
/** Closes the socket; where the process is ours, waits for its end, ends it where that does not
 *  come, and reaps it. Out: its wait status, else 0. */
int signer_child_end(struct signer_child *child);

#endif
