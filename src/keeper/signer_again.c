/*
 * The signer's unit may be restarted while the daemon runs, for an update or by the kernel when
 * memory is short. A mirror took half an hour to read; it is not thrown away for a signer that is
 * back within seconds. Until then each signature is refused, so that what was drafted is withdrawn,
 * and judged anew.
 */
#include "keeper/wiring.h"
#include "turn/state.h"

/** Its unit waits two seconds before it starts it again, and opening the key takes one. */
#define AGAIN_TRIES 50
#define AGAIN_PAUSE_S 0.2
/** For an answer; a signature and its place on the disk take some milliseconds. */
#define PATIENCE_S 10.0

static void on_signer(struct ev_loop *loop, struct ev_io *watcher, int events)
{
    (void)loop, (void)events;
    effects_signed(watcher->data);
}

/* A disk that hangs under the day's count, a process that somebody stopped. What was drafted must
 * not wait for it until the next start. */
static void on_silence(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    struct engine *engine = watcher->data;

    (void)loop, (void)events;
    log_line(engine->log, LOG_LEVEL_ERROR, "signer is silent", "seconds=%g", PATIENCE_S);
    signer_link_give_up(engine->signer);
    effects_signed(engine);
}

void signer_expect(struct engine *engine)
{
    ev_timer_stop(engine->loop, &engine->signer_patience);
    if (signer_link_open_requests(engine->signer) == 0)
        return;
    ev_timer_init(&engine->signer_patience, on_silence, PATIENCE_S, 0.);
    engine->signer_patience.data = engine;
    ev_timer_start(engine->loop, &engine->signer_patience);
}

void signer_watch(struct engine *engine)
{
    if (engine->remote != NULL)
        remote_signer_on_signed(engine->remote, effects_signed_remotely, engine);
    if (engine->signer == NULL)
        return;
    ev_io_init(&engine->signer_io, on_signer, signer_link_fd(engine->signer), EV_READ);
    engine->signer_io.data = engine;
    ev_io_start(engine->loop, &engine->signer_io);
}

/* Under the policy of before, at once: a signer without one would take anybody's. */
static void signer_is_back(struct engine *engine)
{
    log_line(engine->log, LOG_LEVEL_INFO, "signer is back", "tries=%d", engine->signer_tries);
    signer_watch(engine);
    if (engine->state->is_ready && !effects_policy(engine))
        engine_end(engine, EXIT_REFUSED, "the signer refuses its policy");
}

static void on_again(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    struct engine *engine = watcher->data;
    char why[256] = "";
    enum signer_link_error error = signer_link_reopen(&engine->signer, why, &engine->config);

    (void)events;
    engine->signer_tries++;
    switch (error) {
    case SIGNER_LINK_OK:
        ev_timer_stop(loop, watcher);
        signer_is_back(engine);
        return;
    case SIGNER_LINK_CANNOT_START:
    case SIGNER_LINK_CANNOT_CONNECT:
        break;
    case SIGNER_LINK_KEY_REFUSED:
    case SIGNER_LINK_WRONG_ACCOUNT:
        ev_timer_stop(loop, watcher);
        engine_end(engine, EXIT_REFUSED, "signer: %s", why);
        return;
    }
    if (engine->signer_tries < AGAIN_TRIES)
        return;
    ev_timer_stop(loop, watcher);
    engine_end(engine, EXIT_INTERNAL, "the signer is gone: %s", why);
}

/* One of our own would open its key inside this loop: then we start anew as a whole. It may come
 * back, as a refusal would not, so the code is one that systemd restarts. */
void signer_lost(struct engine *engine)
{
    ev_timer_stop(engine->loop, &engine->signer_patience);
    if (engine->config.signer_socket[0] == '\0') {
        engine_end(engine, EXIT_INTERNAL, "the signer is gone; what was signed is in the journal");
        return;
    }
    log_line(engine->log, LOG_LEVEL_WARNING, "signer is gone", "socket=%s",
             engine->config.signer_socket);
    ev_io_stop(engine->loop, &engine->signer_io);
    signer_link_close(engine->signer);
    engine->signer = NULL;
    engine->policy_is_set = false;
    engine->signer_tries = 0;
    ev_timer_init(&engine->signer_timer, on_again, AGAIN_PAUSE_S, AGAIN_PAUSE_S);
    engine->signer_timer.data = engine;
    ev_timer_start(engine->loop, &engine->signer_timer);
}
