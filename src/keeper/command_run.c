/* The daemon. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "keeper/commands.h"
#include "keeper/engine.h"
#include "keeper/help.h"
#include "keeper/version.h"

static int run(const struct config *config, bool is_dry_run, const char *record)
{
    bool is_dry = config->settings.mode == KEEPER_DRY_RUN;
    struct log_sink log;
    struct engine_options options = {.config = config,
                                     .purpose = PURPOSE_RUN,
                                     .log = &log,
                                     .with_journal = true,
                                     .with_signer = !is_dry,
                                     .with_server = true,
                                     .is_dry_run = is_dry_run,
                                     .record = record};
    struct engine *engine;
    int code;

    log_init(&log, STDERR_FILENO, config->log);
    log_line(&log, LOG_LEVEL_INFO, "starting", "version=%s mode=%s chain=%llu",
             PLIMSOLL_VERSION_TEXT, is_dry ? "dry-run" : "live",
             (unsigned long long)config->settings.chain.id);
    code = engine_open(&engine, &options);
    if (code == EXIT_DONE)
        code = engine_run(engine, NULL);
    log_line(&log, code == EXIT_DONE ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "ending",
             "code=%d why=\"%s\"", code, engine_why(engine));
    engine_close(engine);
    return code;
}

int command_run(int argc, char **argv)
{
    static const char *const specs[] = {"config:c", "dry-run!", "record"};
    const char *values[3];
    struct option_parse parse = {"run", specs, values, 3, NULL, 0};
    struct config *config;
    TEXT faults = {0};
    int rest = options_parse(&parse, argc, argv);
    int code = EXIT_USAGE;

    if (rest < 0)
        return rest == -2 ? EXIT_DONE : EXIT_USAGE;
    if (values[0] == NULL) {
        fputs("plimsoll run: -c FILE is missing; see `plimsoll help run`\n", stderr);
        return EXIT_USAGE;
    }
    config = must_alloc(1, sizeof(*config));
    if (config_read(config, &faults, values[0])) {
        if (values[1] != NULL)
            config->settings.mode = KEEPER_DRY_RUN;
        code = run(config, values[1] != NULL, values[2]);
    } else {
        fputs(text_string(&faults), stderr);
    }
    free(config);
    return code;
}
