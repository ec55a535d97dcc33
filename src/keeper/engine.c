/*
 * One loop. Before it sleeps, a turn takes whatever callbacks appended; then come the effects, then
 * the service manager hears that a turn was finished. Time is read once a turn, here.
 */
#include "keeper/engine.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/wiring.h"
#include "turn/state.h"

/* Turns in one pass of the loop before sockets are looked at again. */
#define TURNS_PER_PASS 64
/* A look over every position, for the page, so often at most. */
#define EDGE_MS 1000

void engine_end(struct engine *engine, int code, const char *format, ...)
{
    va_list arguments;

    if (engine->is_over)
        return;
    va_start(arguments, format);
    vsnprintf(engine->why, sizeof(engine->why), format, arguments);
    va_end(arguments);
    engine->is_over = true;
    engine->code = code;
    service_stopping(engine->why);
    ev_break(engine->loop, EVBREAK_ALL);
}

static void tape_turn(struct engine *engine, const struct observation *observations,
                      const char (*keys)[ASK_KEY_SIZE], size_t count)
{
    enum tape_error error = TAPE_OK;

    if (engine->tape == NULL || engine->tape_is_sick)
        return;
    error = tape_write_turn(engine->tape, engine->facts.last_turn_ms, observations, keys, count);
    if (error == TAPE_OK && engine->tape_head != engine->state->header.number) {
        engine->tape_head = engine->state->header.number;
        error = tape_flush(engine->tape);
    }
    if (error == TAPE_OK)
        return;
    engine->tape_is_sick = true;
    log_line(engine->log, LOG_LEVEL_ERROR, "recording stopped", "path=%s why=\"%s\"",
             engine->options.record, tape_error_text(error));
}

static void engine_turn(struct engine *engine)
{
    const struct actions *actions;
    struct observation *observations;
    char(*keys)[ASK_KEY_SIZE];
    int64_t began_us;
    size_t count;

    kill_file_look(engine);
    count = queue_take(&engine->queue, &observations, &keys);
    engine->facts.last_turn_ms = turn_clock_read(&engine->clock);
    tape_turn(engine, observations, keys, count);
    if (engine->has_reloaded) {
        turn_reload(engine->state, &engine->reloaded);
        engine->has_reloaded = false;
    }
    began_us = stages_now_us();
    actions =
        engine->options.turn != NULL
            ? engine->options.turn(engine->state, engine->facts.last_turn_ms, observations, count)
            : turn(engine->state, engine->facts.last_turn_ms, observations, count);
    engine->wake_ms = actions->wake_ms;
    stages_turned(&engine->stages, engine->metrics, engine->state, began_us, stages_now_us());
    if (!effects_run(engine, actions))
        return;
    if (engine->signer != NULL && engine->state->is_ready && !engine->policy_is_set &&
        !effects_policy(engine))
        engine_end(engine, EXIT_REFUSED, "the signer refuses its policy");
    if (engine->options.with_progress)
        progress_show(&engine->progress, engine->state);
    service_turned(&engine->service, engine->state, engine->facts.last_turn_ms);
    snapshot_turned(engine);
    if (engine->until != NULL && engine->until(engine->state)) {
        engine->is_over = true;
        ev_break(engine->loop, EVBREAK_ALL);
    }
}

static void on_prepare(struct ev_loop *loop, struct ev_prepare *watcher, int events)
{
    struct engine *engine = watcher->data;
    int64_t left_ms;

    (void)events;
    for (int i = 0; i < TURNS_PER_PASS && !engine->is_over; i++) {
        if (engine->queue.count == 0 && turn_clock_read(&engine->clock) < engine->wake_ms)
            break;
        engine_turn(engine);
    }
    if (engine->queue.count == 0 && !engine->is_over)
        effects_rest(engine);
    left_ms = engine->wake_ms - turn_clock_read(&engine->clock);
    if (engine->is_over || engine->queue.count > 0 || left_ms < 0)
        left_ms = 0;
    ev_now_update(loop);
    ev_timer_stop(loop, &engine->wake);
    ev_timer_set(&engine->wake, (double)left_ms / 1000.0, 0.);
    ev_timer_start(loop, &engine->wake);
}

static void on_wake(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    (void)loop, (void)watcher, (void)events; /* the turn happens before the next sleep */
}

static void push_count(struct engine *engine, const struct observation *observation)
{
    char labels[40];

    snprintf(labels, sizeof(labels), "endpoint=\"%u\"", observation->endpoint);
    metrics_add(engine->metrics, "pushes_total", labels, 1);
}

static void on_observation(void *context, const struct observation *observation)
{
    struct engine *engine = context;

    if (observation->kind == OBSERVATION_PUSH)
        push_count(engine, observation);
    else if (observation->kind != OBSERVATION_POOL)
        stages_answered(&engine->stages, engine->metrics, observation->id, stages_now_us());
    queue_add(&engine->queue, observation);
}

static void on_attempt(void *context, const struct rpc_attempt *attempt)
{
    struct engine *engine = context;
    char labels[192];

    if (attempt->endpoint < SETTINGS_ENDPOINTS_MAX) {
        engine->facts.requests[attempt->endpoint]++;
        engine->facts.failures[attempt->endpoint] += attempt->status != OBSERVED_OK;
    }
    snprintf(labels, sizeof(labels), "endpoint=\"%zu\",method=\"%s\",result=\"%s\"",
             attempt->endpoint, attempt->method, observation_status_text(attempt->status));
    metrics_add(engine->metrics, "rpc_requests_total", labels, 1);
    snprintf(labels, sizeof(labels), "endpoint=\"%zu\",method=\"%s\"", attempt->endpoint,
             attempt->method);
    metrics_observe(engine->metrics, "rpc_seconds", labels, (double)attempt->duration_us / 1e6);
}

void engine_command(struct engine *engine, const char *word)
{
    struct observation observation = {.kind = OBSERVATION_COMMAND, .key = bytes_of_text(word)};

    queue_add(&engine->queue, &observation);
}

static void on_signal(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
    struct engine *engine = watcher->data;

    (void)loop, (void)events;
    if (watcher->signum == SIGUSR1)
        engine_command(engine, "kill");
    else if (watcher->signum == SIGUSR2)
        engine_command(engine, "resume");
    else
        engine_command(engine, "stop");
    log_line(engine->log, LOG_LEVEL_INFO, "signal", "number=%d", watcher->signum);
}

static void on_hangup(struct ev_loop *loop, struct ev_signal *watcher, int events)
{
    struct engine *engine = watcher->data;
    struct config *fresh = must_alloc(1, sizeof(*fresh));
    struct observation observation = {.kind = OBSERVATION_COMMAND, .key = bytes_of_text("reload")};
    TEXT faults = {0};
    TEXT canonical = {0};
    bool is_read = config_read(fresh, &faults, engine->config.file);

    (void)loop, (void)events;
    if (is_read && engine->options.is_dry_run)
        fresh->settings.mode = KEEPER_DRY_RUN;
    if (!is_read || !config_may_reload(&faults, &engine->config, fresh)) {
        log_line(engine->log, LOG_LEVEL_ERROR, "reload refused", "%s", text_string(&faults));
        free(fresh);
        return;
    }
    engine->config = *fresh;
    engine->log->level = fresh->log;
    engine->reloaded = fresh->settings;
    engine->has_reloaded = true;
    kill_file_watch(engine);
    config_canonical(&canonical, fresh);
    observation.body = text_bytes(&canonical);
    queue_add(&engine->queue, &observation);
    log_line(engine->log, LOG_LEVEL_INFO, "reloaded", "file=%s", fresh->file);
    free(fresh);
}

/* ---- the page */

static void facts_fill(struct engine *engine)
{
    engine->facts.now_ms = turn_clock_read(&engine->clock);
    for (size_t i = 0; i < engine->config.settings.chain.endpoint_count; i++)
        engine->facts.healthy[i] = rpc_endpoint_is_healthy(engine->rpc, i);
}

/* Between two blocks there is nothing to see: then the last look stays. */
static void edge_show(struct engine *engine, struct view *out)
{
    int64_t now_ms = engine->facts.now_ms;

    if (engine->edge == NULL)
        engine->edge = must_alloc(1, sizeof(*engine->edge));
    if (engine->state->is_ready && now_ms >= engine->edge_ms + EDGE_MS) {
        engine_view_edge(engine->edge, engine->state);
        engine->edge_ms = now_ms;
    }
    out->edge_count = engine->edge->edge_count;
    memcpy(out->edge, engine->edge->edge, sizeof(out->edge));
    out->drop_count = engine->edge->drop_count;
    memcpy(out->drop, engine->edge->drop, sizeof(out->drop));
}

static void source_view(void *context, struct view *out)
{
    struct engine *engine = context;

    facts_fill(engine);
    engine_view(out, engine->state, &engine->config, &engine->facts);
    edge_show(engine, out);
}

static void source_metrics(void *context, struct text *out)
{
    struct engine *engine = context;
    char labels[40];

    facts_fill(engine);
    engine_metrics(engine->metrics, engine->state);
    for (size_t i = 0; i < engine->config.settings.chain.endpoint_count; i++) {
        snprintf(labels, sizeof(labels), "endpoint=\"%zu\"", i);
        metrics_set(engine->metrics, "endpoint_healthy", labels, engine->facts.healthy[i]);
    }
    metrics_set(engine->metrics, "last_turn_timestamp_seconds", NULL,
                (double)engine->facts.last_turn_ms / 1000.0);
    metrics_render(out, engine->metrics);
}

static void server_again(struct engine *engine)
{
    int timeout_ms;

    report_server_pump(engine->server);
    timeout_ms = report_server_timeout_ms(engine->server);
    ev_timer_stop(engine->loop, &engine->server_timer);
    ev_timer_set(&engine->server_timer, timeout_ms >= 0 ? (double)timeout_ms / 1000.0 : 5.0, 0.);
    ev_timer_start(engine->loop, &engine->server_timer);
}

static void on_server_io(struct ev_loop *loop, struct ev_io *watcher, int events)
{
    (void)loop, (void)events;
    server_again(watcher->data);
}

static void on_server_timer(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    (void)loop, (void)events;
    server_again(watcher->data);
}

bool engine_watch_server(struct engine *engine)
{
    struct report_source source = {engine, source_view, source_metrics};
    enum report_server_error error;

    if (!engine->options.with_server || engine->config.listen[0] == '\0')
        return true;
    error = report_server_start(&engine->server, engine->config.listen, source);
    if (error != REPORT_SERVER_OK) {
        engine_end(engine, EXIT_USAGE, "report.listen %s: %s; choose another address or port",
                   engine->config.listen,
                   error == REPORT_SERVER_IN_USE ? "something else listens there"
                                                 : "cannot listen there");
        return false;
    }
    ev_io_init(&engine->server_io, on_server_io, report_server_fd(engine->server), EV_READ);
    ev_timer_init(&engine->server_timer, on_server_timer, 1., 0.);
    engine->server_io.data = engine->server_timer.data = engine;
    ev_io_start(engine->loop, &engine->server_io);
    ev_timer_start(engine->loop, &engine->server_timer);
    return true;
}

static void watch_signal(struct engine *engine, struct ev_signal *watcher, int number)
{
    ev_signal_init(watcher, number == SIGHUP ? on_hangup : on_signal, number);
    watcher->data = engine;
    ev_signal_start(engine->loop, watcher);
}

void engine_watch(struct engine *engine)
{
    rpc_on_observation(engine->rpc, on_observation, engine);
    rpc_on_attempt(engine->rpc, on_attempt, engine);
    ev_prepare_init(&engine->prepare, on_prepare);
    ev_timer_init(&engine->wake, on_wake, 0., 0.);
    engine->prepare.data = engine->wake.data = engine;
    ev_prepare_start(engine->loop, &engine->prepare);
    signer_watch(engine);
    watch_signal(engine, &engine->on_term, SIGTERM);
    watch_signal(engine, &engine->on_int, SIGINT);
    if (engine->options.purpose == PURPOSE_RUN) {
        watch_signal(engine, &engine->on_hup, SIGHUP);
        watch_signal(engine, &engine->on_kill, SIGUSR1);
        watch_signal(engine, &engine->on_resume, SIGUSR2);
        kill_file_watch(engine);
    }
}

void engine_unwatch(struct engine *engine)
{
    struct ev_signal *const watchers[] = {&engine->on_term, &engine->on_int, &engine->on_hup,
                                          &engine->on_kill, &engine->on_resume};

    for (size_t i = 0; i < ARRAY_LENGTH(watchers); i++)
        ev_signal_stop(engine->loop, watchers[i]);
}

int engine_run(struct engine *engine, bool (*until)(const struct turn_state *state))
{
    engine->until = until;
    engine->is_over = false;
    engine->code = EXIT_DONE;
    engine->why[0] = '\0';
    if (until == NULL || !until(engine->state))
        ev_run(engine->loop, 0);
    if (engine->state->phase == PHASE_STOPPED && engine->code == EXIT_DONE)
        snapshot_stopped(engine);
    return engine->code;
}
