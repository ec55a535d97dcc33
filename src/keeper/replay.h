/*
 * The same turns from a recording: no node, no network, no key. A question that the recording
 * answers gets that answer in the turn in which it came; any other is answered `unrecorded`.
 */
#ifndef KEEPER_REPLAY_H
#define KEEPER_REPLAY_H

#include "keeper/config.h"
#include "keeper/exit.h"
#include "turn/turn.h"

struct turn_state;

struct replay_options {
    const char *recording;
    const struct config *config; /* NULL: the one inside the recording */
    void *context;
    /** After each turn. */
    void (*turned)(void *context, const struct turn_state *state, const struct actions *actions);
    /** A torn tail and the like; one line. */
    void (*warn)(void *context, const char *text);
};

struct replay_result {
    uint64_t turns;
    uint64_t heads;
    uint64_t observations;
    uint64_t unrecorded;
    uint64_t unasked; /* answers in the recording that nobody asked for under this config */
    uint64_t lives;   /* headers: how often the daemon that recorded was started */
};

/** Out: exit code; `why` (size 512) for an operator where it is not 0. */
int replay_run(struct replay_result *out, char why[512], const struct replay_options *options);

#endif
