/*
 * The wiring: one loop, one queue of observations, one turn after another, and the effects that a
 * turn asked for. Callbacks only append; everything is decided in turn/.
 */
#ifndef KEEPER_ENGINE_H
#define KEEPER_ENGINE_H

#include "keeper/config.h"
#include "keeper/exit.h"
#include "report/metrics.h"
#include "report/view.h"
#include "turn/turn.h"

/** Observations that wait for the next turn at most, and their bytes; at the bound the loop stops
 *  reading sockets until a turn has taken them (one answer at a time is bounded by rpc). */
#define ENGINE_QUEUE_MAX 8192
/** One node answer at most. */
#define ENGINE_ANSWER_MAX (64u * 1024 * 1024)

struct turn_state;
struct engine;

struct engine_options {
    const struct config *config;
    enum purpose purpose;
    struct log_sink *log;
    bool with_journal;  /* else events and kept values go nowhere */
    bool with_signer;   /* else signatures are withheld */
    bool with_server;   /* the HTTP page */
    bool is_dry_run;    /* the command line overrides keeper.mode, after a reload too */
    bool with_progress; /* a line on a terminal while it synchronises */
    const char *record; /* path, or NULL */
    /** For tests of the watchdog: instead of turn(); NULL: turn(). */
    const struct actions *(*turn)(struct turn_state *, int64_t, const struct observation *, size_t);
    /** For tests of the end: instead of SNAPSHOT_STOP_MS; 0: that. */
    int64_t snapshot_stop_ms;
};

/** Opens journal, signer, endpoints and server, in that order. Out: an exit code; what was wrong is
 *  on standard error. Gives: engine_close. */
int engine_open(struct engine **out, const struct engine_options *options);
/** Turns until one says stop, or until `until` (may be NULL) is true after a turn. */
int engine_run(struct engine *engine, bool (*until)(const struct turn_state *state));
/** Queues an operator's word ("go", "stop"). */
void engine_command(struct engine *engine, const char *word);
/** Lends: for reading. */
const struct turn_state *engine_state(const struct engine *engine);
/** Why the last engine_run ended with an error; "" where it did not. */
const char *engine_why(const struct engine *engine);
void engine_close(struct engine *engine);

/* engine_view.c, engine_metrics.c: what an operator sees of a state */
struct engine_facts {
    int64_t now_ms; /* wall clock */
    int64_t last_turn_ms;
    uint64_t requests[SETTINGS_ENDPOINTS_MAX];
    uint64_t failures[SETTINGS_ENDPOINTS_MAX];
    bool healthy[SETTINGS_ENDPOINTS_MAX];
};
/** All but what engine_view_edge fills: cheap, for every request. */
void engine_view(struct view *out, const struct turn_state *state, const struct config *config,
                 const struct engine_facts *facts);
/** engine_edge.c: the positions nearest the edge, and what a drop of every volatile price would do.
 *  Dear: once a second at most. Where a market is between two blocks it shows nothing of it. */
void engine_view_edge(struct view *out, const struct turn_state *state);
/** Sets the gauges and totals that follow from the state; rpc counts and stage times are added
 *  where they happen. */
void engine_metrics(struct metrics *metrics, const struct turn_state *state);

#endif
