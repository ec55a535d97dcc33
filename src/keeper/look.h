/* A look at the chain through the same engine as the daemon's: synchronise once, send nothing,
 * take no journal lock and no port. For check, health, explain. */
#ifndef KEEPER_LOOK_H
#define KEEPER_LOOK_H

#include "keeper/engine.h"
#include "turn/state.h"

struct look {
    struct config config;
    struct log_sink log;
    struct engine *engine;
    const struct turn_state *state; /* synchronised; markets prepared at the head's timestamp */
};

/** Reads the config and synchronises. Out: exit code; errors are on standard error. */
int look_open(struct look *out, const char *config_path);
void look_close(struct look *look);

#endif
