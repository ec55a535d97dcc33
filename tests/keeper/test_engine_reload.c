/* SIGHUP under a running loop. The turns here only wait for the word that a reload queues. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/engine.h"
#include "tests/keeper/config_fixture.h"

#define TURNS_MAX 100

static struct ask_list asks;
static struct actions actions;
static unsigned turns;
static bool has_reloaded;
static char heard[4096]; /* the reload's config */
static char said[4096];  /* the log */

static const struct actions *fake_turn(struct turn_state *state, int64_t now_ms,
                                       const struct observation *observations, size_t count)
{
    (void)state;
    if (turns++ == 0)
        raise(SIGHUP);
    for (size_t i = 0; i < count; i++) {
        if (!bytes_equal(observations[i].key, bytes_of_text("reload")))
            continue;
        has_reloaded = true;
        snprintf(heard, sizeof(heard), "%.*s", (int)observations[i].body.size,
                 (const char *)observations[i].body.data);
    }
    actions.asks = &asks;
    actions.wake_ms = now_ms + 2;
    return &actions;
}

/* A refusal queues nothing; it is over when the log has said so. */
static bool is_over(const struct turn_state *state)
{
    (void)state;
    return has_reloaded || turns > TURNS_MAX;
}

static void file_write(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* Runs what `old` says, with SIGHUP once `fresh` stands in the file. */
static void hang_up(const char *old, const char *fresh, bool is_dry_run)
{
    char folder[] = "/tmp/plimsoll-reload-XXXXXX";
    char path[64];
    char log_path[64];
    struct log_sink log;
    static struct config config;
    struct engine_options options = {.config = &config,
                                     .purpose = PURPOSE_RUN,
                                     .log = &log,
                                     .is_dry_run = is_dry_run,
                                     .turn = fake_turn};
    struct engine *engine;
    TEXT faults = {0};

    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/t.yaml", folder);
    snprintf(log_path, sizeof(log_path), "%s/log", folder);
    file_write(path, old);
    cr_assert(config_read(&config, &faults, path), "%s", text_string(&faults));
    if (is_dry_run)
        config.settings.mode = KEEPER_DRY_RUN;
    file_write(path, fresh);
    log_init(&log, open(log_path, O_RDWR | O_CREAT, 0600), LOG_LEVEL_DEBUG);
    cr_assert(eq(int, engine_open(&engine, &options), EXIT_DONE));
    cr_assert(eq(int, engine_run(engine, is_over), EXIT_DONE));
    engine_close(engine);
    cr_assert_geq(pread(log.fd, said, sizeof(said) - 1, 0), 0);
    close(log.fd);
    unlink(path);
    unlink(log_path);
    rmdir(folder);
}

Test(engine_reload, takes_new_limits)
{
    char *fresh = config_with("400 gwei", "30 gwei");

    hang_up(config_sound, fresh, false);
    free(fresh);
    cr_assert(has_reloaded, "%s", said);
    cr_assert_not_null(strstr(heard, "30000000000"), "%s", heard);
    cr_assert_not_null(strstr(said, "reloaded"));
}

Test(engine_reload, keeps_the_dry_run_that_the_command_line_asked_for)
{
    char *fresh = config_with("400 gwei", "30 gwei");

    hang_up(config_sound, fresh, true);
    free(fresh);
    cr_assert(has_reloaded, "%s", said);
    cr_assert_not_null(strstr(heard, "dry-run"), "%s", heard);
}

Test(engine_reload, refuses_to_go_live_under_a_config_that_was_dry)
{
    char *old = config_with("mode: live", "mode: dry-run");

    hang_up(old, config_sound, false);
    free(old);
    cr_assert_not(has_reloaded);
    cr_assert_not_null(strstr(said, "keeper.mode: differs from what runs"), "%s", said);
}

Test(engine_reload, refuses_a_file_that_is_wrong_and_goes_on)
{
    char *fresh = config_with("400 gwei", "many");

    hang_up(config_sound, fresh, false);
    free(fresh);
    cr_assert_not(has_reloaded);
    cr_assert_not_null(strstr(said, "reload refused"), "%s", said);
}
