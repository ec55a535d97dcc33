/* What engine.c, effects.c and service.c share. Nobody else looks inside. */
#ifndef KEEPER_WIRING_H
#define KEEPER_WIRING_H

#include <ev.h>

#include "journal/journal.h"
#include "keeper/engine.h"
#include "keeper/queue.h"
#include "keeper/remote_signer.h"
#include "keeper/signer_link.h"
#include "keeper/snapshot.h"
#include "keeper/stages.h"
#include "keeper/turn_clock.h"
#include "report/server.h"
#include "rpc/rpc.h"
#include "sign/relay_key.h"
#include "tape/tape.h"

/** What the service manager is told, and when. */
struct service {
    bool is_ready_said;
    int64_t watchdog_ms; /* pat at least so often; 0: nobody watches */
    int64_t patted_ms;
    char status[128]; /* said last, of which head, and when */
    uint64_t status_block;
    int64_t status_ms;
};

/** The line that shows how far synchronisation is. */
struct progress {
    int64_t began_ms;
    bool is_shown;
};

struct engine {
    struct engine_options options;
    struct config config; /* a copy: a reload changes it */
    struct log_sink *log;
    struct ev_loop *loop;
    struct ev_prepare prepare;
    struct ev_timer wake;
    struct ev_timer server_timer;
    struct ev_io server_io;
    struct ev_io signer_io;
    struct ev_signal on_term;
    struct ev_signal on_int;
    struct ev_signal on_hup;
    struct ev_signal on_kill;
    struct ev_signal on_resume;
    struct ev_stat on_kill_file;
    char kill_file_watched[CONFIG_PATH_MAX]; /* lent to on_kill_file */
    bool has_kill_file;                      /* as the turns were last told */
    struct turn_state *state;
    struct turn_clock clock;
    struct queue queue;
    struct rpc *rpc;
    struct journal *journal;
    struct tape_writer *tape;
    struct buffer asked; /* a question that is recorded, without its ids */
    bool tape_is_sick;
    uint64_t tape_head;
    struct signer_link *signer;
    struct remote_signer *remote; /* instead of `signer`, where signer.url is set */
    struct relay_key relay_key;   /* in mode live; holds no money */
    bool policy_is_set;
    struct ev_timer signer_timer; /* runs while it is gone, and looked for */
    int signer_tries;
    struct ev_timer signer_patience; /* runs while it owes an answer */
    struct report_server *server;
    struct metrics *metrics;
    struct stages stages;
    struct engine_facts facts;
    struct view *edge; /* what engine_view_edge last made, and when */
    int64_t edge_ms;
    struct service service;
    struct progress progress;
    struct snapshot snapshot;
    struct settings reloaded;
    bool has_reloaded;
    bool (*until)(const struct turn_state *);
    bool is_over;
    bool is_turning;
    int code;
    int64_t wake_ms;
    char why[512];
};

/** effects.c: the only caller of send and sign. The turn's journal entries in one transaction, on
 *  disk before a transaction leaves this machine that was not armed. False: the journal could not
 *  keep them; nothing of them was sent, and the engine ends. */
MUST_CHECK bool effects_run(struct engine *engine, const struct actions *actions);
/** Before the loop sleeps: what can wait for a calm moment. */
void effects_rest(struct engine *engine);
/** Answers that the signer has ready, into the queue. */
void effects_signed(struct engine *engine);
/** An answer of signer.url, into the queue; an rpc_observe. */
void effects_signed_remotely(void *context, const struct observation *observation);
/** Gives the signer its policy, once the markets are known. False: it refused. */
MUST_CHECK bool effects_policy(struct engine *engine);

/** signer_again.c: the signer of this engine, once it is there; and when it went away. */
void signer_watch(struct engine *engine);
void signer_lost(struct engine *engine);
/** After each request and each answer: how long its next one may take. */
void signer_expect(struct engine *engine);

/** service.c */
void service_start(struct service *service);
/** After each finished turn. */
void service_turned(struct service *service, const struct turn_state *state, int64_t now_ms);
/** `why`: for an operator. */
void service_stopping(const char *why);

/** kill_file.c: tells the turns when limits.kill_file comes or goes. */
void kill_file_look(struct engine *engine);
/** From now on; anew after a reload. */
void kill_file_watch(struct engine *engine);

/** engine.c: watchers of everything that was opened. */
void engine_watch(struct engine *engine);
/** Signals do again what they did before: another loop may have them. */
void engine_unwatch(struct engine *engine);
MUST_CHECK bool engine_watch_server(struct engine *engine);

/** progress.c: nothing is shown of what takes less than a second, nor where nobody looks. */
void progress_show(struct progress *progress, const struct turn_state *state);

/** Ends the loop with a code and a reason for the operator. */
__attribute__((format(printf, 3, 4))) void engine_end(struct engine *engine, int code,
                                                      const char *format, ...);

#endif
