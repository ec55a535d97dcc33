/* What the operator reads where the journal refuses. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keeper/engine.h"
#include "tests/keeper/config_fixture.h"

Test(engine_journal, is_named_once_where_it_refuses)
{
    static struct config config;
    struct log_sink log;
    struct engine_options options = {
        .config = &config, .purpose = PURPOSE_RUN, .log = &log, .with_journal = true};
    struct engine *engine;
    const char *first;

    config_of(&config, config_sound);
    snprintf(config.journal, sizeof(config.journal), "/nowhere/at/all/live.db");
    log_init(&log, STDERR_FILENO, LOG_LEVEL_ERROR);
    cr_assert(eq(int, engine_open(&engine, &options), EXIT_REFUSED));
    first = strstr(engine_why(engine), "/nowhere/at/all/live.db");
    cr_assert_not_null(first, "%s", engine_why(engine));
    cr_assert_null(strstr(first + 1, "/nowhere"), "%s", engine_why(engine));
    cr_assert_not_null(strstr(first, "must be writable"), "%s", first);
    engine_close(engine);
}
