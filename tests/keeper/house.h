/*
 * A daemon in a folder of its own, with everything that it touches: config file, journal, log, the
 * socket of a service manager, a node on the loopback. The engine is the real one.
 */
#ifndef TESTS_KEEPER_HOUSE_H
#define TESTS_KEEPER_HOUSE_H

#include "keeper/engine.h"
#include "tests/keeper/chain.h"
#include "tests/rpc/server.h"
#include "tests/sign/sign_fixture.h"
#include "turn/state.h"

struct house {
    struct folder folder;
    struct chain *chain;   /* NULL: nothing but what server_say says */
    struct server *server; /* NULL: nobody listens at url */
    char url[64];
    struct config config;
    struct log_sink log;
    char log_path[128];
    int notify; /* what the service manager hears; -1: there is none */
    struct engine *engine;
    int code; /* of house_open, or of the last house_run */
};

#define HOUSE __attribute__((cleanup(house_remove))) struct house

/** Dry run, polls every 10 ms, journal in the folder. In: chain  NULL: a node that is told what to
 * say. Keeps: the chain. */
void house_make(struct house *out, struct chain *chain);
void house_remove(struct house *house);
/** Listens from now on, at the url that the config names. */
void house_serve(struct house *house);
/** Exchanges the first `old` in the config file for `fresh`, and reads it. Before house_open. */
void house_configure(struct house *house, const char *old, const char *fresh);
/** Before house_open: mode live, with the recording's key. */
void house_go_live(struct house *house);
/** Before house_open: NOTIFY_SOCKET, and WATCHDOG_USEC where it is not 0. */
void house_supervise(struct house *house, unsigned watchdog_us);

/** engine_open with a journal, no HTTP. Out: its code. */
int house_open(struct house *house);
int house_open_with(struct house *house, const struct engine_options *options);
/** engine_run. Out: its code. */
int house_run(struct house *house, bool (*until)(const struct turn_state *state));
void house_close(struct house *house);

/** The node stops listening. */
void house_end(struct house *house);

/** What the log says so far. Gives: free. */
char *house_log(const struct house *house);
/** Asserts that the log holds this. */
void house_said(const struct house *house, const char *piece);
/** The next message to the service manager, without waiting; false: none. */
bool house_heard(const struct house *house, char out[256]);

/** For house_run. */
bool until_ready(const struct turn_state *state);
/** How often the journal has that breaker's event. The engine is closed. */
unsigned house_events_of(struct house *house, const char *breaker, const char *state);
/** How often the log has that piece. */
unsigned house_lines_of(struct house *house, const char *piece);

#endif
