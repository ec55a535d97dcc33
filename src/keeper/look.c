/* Dry run without journal and server; stops as soon as the mirror stands. */
#include "keeper/look.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_synchronised(const struct turn_state *state)
{
    return state->phase == PHASE_FOLLOW;
}

int look_open(struct look *out, const char *config_path)
{
    struct engine_options options = {
        .config = &out->config, .purpose = PURPOSE_LOOK, .log = &out->log, .with_progress = true};
    TEXT faults = {0};
    int code;

    memset(out, 0, sizeof(*out));
    if (!config_read(&out->config, &faults, config_path)) {
        fputs(text_string(&faults), stderr);
        return EXIT_USAGE;
    }
    log_init(&out->log, STDERR_FILENO, LOG_LEVEL_ERROR);
    out->config.settings.mode = KEEPER_DRY_RUN;
    code = engine_open(&out->engine, &options);
    if (code == EXIT_DONE)
        code = engine_run(out->engine, is_synchronised);
    if (code != EXIT_DONE) {
        if (out->engine != NULL && engine_why(out->engine)[0] != '\0')
            fprintf(stderr, "plimsoll: %s\n", engine_why(out->engine));
        look_close(out);
        return code;
    }
    out->state = engine_state(out->engine);
    if (is_synchronised(out->state))
        return EXIT_DONE;
    fputs("plimsoll: stopped before the mirror stood\n", stderr); /* a signal ends it in peace */
    look_close(out);
    return EXIT_CHAIN;
}

void look_close(struct look *look)
{
    engine_close(look->engine);
    look->engine = NULL;
}
