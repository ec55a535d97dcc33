/* Opens what can refuse first: journal, signer, recording; then the endpoints; the page last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "keeper/identity.h"
#include "keeper/version.h"
#include "keeper/wiring.h"
#include "turn/state.h"

static bool journal_start(struct engine *engine)
{
    char why[256] = "";
    char identity[JOURNAL_IDENTITY_SIZE];
    enum journal_error error;

    if (!engine->options.with_journal)
        return true;
    journal_identity(identity, &engine->config.settings);
    error = journal_open(&engine->journal, why, engine->config.journal, identity);
    if (error == JOURNAL_OK)
        return true;
    engine_end(engine, EXIT_REFUSED, "journal %s", why); /* which begins with its path */
    return false;
}

static void restore_one(void *context, struct bytes key, struct bytes value)
{
    struct engine *engine = context;
    struct observation observation = {.kind = OBSERVATION_RESTORED, .key = key, .body = value};

    queue_add(&engine->queue, &observation);
}

static bool journal_restore(struct engine *engine)
{
    enum journal_error error;

    if (engine->journal == NULL || engine->config.settings.mode == KEEPER_DRY_RUN)
        return true;
    error = journal_kept(engine->journal, engine, restore_one);
    if (error == JOURNAL_OK)
        return true;
    engine_end(engine, EXIT_REFUSED, "journal %s: %s", engine->config.journal,
               journal_error_text(error));
    return false;
}

/* A signer of its own unit may be on its way, after both were ended. */
#define SIGNER_TRIES 25
#define SIGNER_PAUSE_MS 200

static enum signer_link_error signer_reach(struct engine *engine, char why[256])
{
    if (engine->config.signer_url[0] != '\0')
        return remote_signer_prove(why, &engine->config);
    return signer_link_open(&engine->signer, why, &engine->config, NULL);
}

static bool signer_start(struct engine *engine)
{
    const struct timespec pause = {.tv_nsec = SIGNER_PAUSE_MS * 1000000};
    char why[256] = "";
    enum signer_link_error error;

    if (!engine->options.with_signer || engine->config.settings.mode != KEEPER_LIVE)
        return true;
    error = signer_reach(engine, why);
    for (int i = 1; error == SIGNER_LINK_CANNOT_CONNECT && i < SIGNER_TRIES; i++) {
        nanosleep(&pause, NULL);
        error = signer_reach(engine, why);
    }
    if (error == SIGNER_LINK_OK && engine->config.signer_url[0] != '\0') {
        engine->remote = remote_signer_new(why, engine->loop, &engine->config, engine->log);
        error = engine->remote == NULL ? SIGNER_LINK_CANNOT_CONNECT : SIGNER_LINK_OK;
    }
    if (error == SIGNER_LINK_OK)
        return true;
    engine_end(engine, EXIT_REFUSED, "signer: %s", why);
    return false;
}

/* Made even where way_out is public: a reload may change that. */
static bool relay_key_start(struct engine *engine)
{
    if (!engine->options.with_signer || engine->config.settings.mode != KEEPER_LIVE)
        return true;
    if (relay_key_new(&engine->relay_key) == KEYSTORE_OK)
        return true;
    engine_end(engine, EXIT_REFUSED, "no random, or no locked memory, for the key of the relays");
    return false;
}

static bool tape_start(struct engine *engine)
{
    TEXT config = {0};
    struct tape_header header = {.chain_id = engine->config.settings.chain.id,
                                 .program = PLIMSOLL_VERSION_TEXT};
    struct timespec now;
    bool was_torn = false;
    enum tape_error error;

    if (engine->options.record == NULL)
        return true;
    clock_gettime(CLOCK_REALTIME, &now);
    header.now_ms = (int64_t)now.tv_sec * 1000;
    config_canonical(&config, &engine->config);
    header.config = text_string(&config);
    error = tape_writer_open(&engine->tape, &was_torn, engine->options.record, &header);
    if (was_torn)
        log_line(engine->log, LOG_LEVEL_WARNING, "torn recording", "path=%s the last line was cut",
                 engine->options.record);
    if (error == TAPE_OK)
        return true;
    engine_end(engine, EXIT_USAGE, "--record %s: %s", engine->options.record,
               tape_error_text(error));
    return false;
}

static bool rpc_start(struct engine *engine)
{
    const struct chain_settings *chain = &engine->config.settings.chain;
    struct rpc_endpoint_config endpoints[SETTINGS_ENDPOINTS_MAX];
    struct rpc_config config = {.endpoints = endpoints,
                                .endpoint_count = chain->endpoint_count,
                                .connect_timeout_ms = chain->connect_timeout_ms,
                                .total_timeout_ms = chain->total_timeout_ms,
                                .answer_size_max = ENGINE_ANSWER_MAX,
                                .user_agent = "plimsoll/" PLIMSOLL_VERSION_TEXT,
                                .subscribes = engine->options.purpose != PURPOSE_LOOK,
                                .subscribes_to_pool =
                                    engine->options.purpose == PURPOSE_RUN &&
                                    engine->config.settings.backrun == BACKRUN_ON};
    char why[256] = "";

    for (uint32_t i = 0; i < chain->endpoint_count; i++) {
        const struct endpoint_settings *endpoint = &chain->endpoint[i];

        endpoints[i] = (struct rpc_endpoint_config){
            .url = endpoint->url,
            .roles = (endpoint->may_read ? (unsigned)RPC_ROLE_READ : 0u) |
                     (endpoint->may_send ? (unsigned)RPC_ROLE_SEND : 0u),
            .requests_per_second = endpoint->requests_per_second};
    }
    engine->rpc = rpc_new(why, engine->loop, &config, engine->log);
    if (engine->rpc != NULL)
        return true;
    engine_end(engine, EXIT_USAGE, "chain.endpoints: %s", why);
    return false;
}

int engine_open(struct engine **out, const struct engine_options *options)
{
    struct engine *engine = must_alloc(1, sizeof(*engine));

    *out = engine;
    engine->options = *options;
    engine->config = *options->config;
    engine->log = options->log;
    engine->loop = ev_loop_new(EVFLAG_AUTO);
    MUST(engine->loop != NULL);
    engine->state = turn_new(&engine->config.settings, options->purpose);
    engine->metrics = metrics_new();
    service_start(&engine->service);
    if (!journal_start(engine) || !signer_start(engine) || !relay_key_start(engine) ||
        !tape_start(engine) || !journal_restore(engine) || !rpc_start(engine) ||
        !engine_watch_server(engine))
        return engine->code;
    snapshot_start(engine);
    engine_watch(engine);
    return EXIT_DONE;
}

const struct turn_state *engine_state(const struct engine *engine)
{
    return engine->state;
}

const char *engine_why(const struct engine *engine)
{
    return engine->why;
}

void engine_close(struct engine *engine)
{
    if (engine == NULL)
        return;
    snapshot_end(&engine->snapshot);
    if (engine->tape != NULL && tape_writer_close(engine->tape) != TAPE_OK)
        log_line(engine->log, LOG_LEVEL_ERROR, "recording not closed", "path=%s",
                 engine->options.record);
    if (engine->server != NULL)
        report_server_stop(engine->server);
    if (engine->rpc != NULL)
        rpc_free(engine->rpc);
    if (engine->signer != NULL)
        signer_link_close(engine->signer);
    remote_signer_free(engine->remote);
    relay_key_release(&engine->relay_key);
    if (engine->journal != NULL)
        journal_close(engine->journal);
    turn_free(engine->state);
    metrics_free(engine->metrics);
    free(engine->edge);
    queue_release(&engine->queue);
    buffer_release(&engine->asked);
    engine_unwatch(engine);
    ev_loop_destroy(engine->loop);
    free(engine);
}
