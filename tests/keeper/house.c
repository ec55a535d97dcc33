#include "tests/keeper/house.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "keeper/commands.h"
#include "tests/keeper/command_fixture.h"
#include "tests/keeper/config_fixture.h"
#include "tests/keeper/recording.h"

static void config_put(struct house *house, const char *text)
{
    char path[128];
    TEXT faults = {0};

    folder_put(path, &house->folder, "plimsoll.yaml", text, 0600);
    cr_assert(config_read(&house->config, &faults, path), "%s", text_string(&faults));
}

/* What the recording was made with, as a file; another node, and a machine's part of its own. */
static void chain_config_put(struct house *house)
{
    struct config config = *chain_config(house->chain);
    TEXT text = {0};
    char *open_text;
    size_t length;

    config.settings.mode = KEEPER_DRY_RUN;
    config.settings.chain.poll_ms = 10;
    snprintf(config.settings.chain.endpoint[0].url, sizeof(config.settings.chain.endpoint[0].url),
             "%s", house->url);
    config_canonical(&text, &config);
    length = text_length(&text);
    open_text = strndup(text_string(&text), length);
    *strrchr(open_text, '}') = '\0';
    text_clear(&text);
    text_add(&text, open_text);
    text_add(
        &text,
        ", \"signer\": {\"keystore\": \"keeper.json\", \"password_file\": \"keeper.password\"},"
        " \"journal\": {\"path\": \"live.db\"},"
        " \"report\": {\"listen\": \"none\", \"log\": \"debug\"}}\n");
    free(open_text);
    config_put(house, text_string(&text));
}

static void plain_config_put(struct house *house)
{
    char *with_url = config_with("http://127.0.0.1:8545", house->url);
    char *dry = text_with(with_url, "mode: live", "mode: dry-run");
    char *deaf = text_with(dry, "127.0.0.1:9611", "none");
    char *quick = text_with(deaf, "poll_ms: 250", "poll_ms: 10");

    config_put(house, quick);
    free(with_url);
    free(dry);
    free(deaf);
    free(quick);
}

void house_make(struct house *out, struct chain *chain)
{
    memset(out, 0, sizeof(*out));
    out->chain = chain;
    out->notify = -1;
    folder_make(&out->folder);
    server_dead_url(out->url);
    if (chain != NULL)
        chain_config_put(out);
    else
        plain_config_put(out);
    folder_put(out->log_path, &out->folder, "log", "", 0600);
    log_init(&out->log, open(out->log_path, O_WRONLY | O_APPEND), LOG_LEVEL_DEBUG);
}

void house_remove(struct house *house)
{
    house_close(house);
    house_end(house);
    if (house->notify >= 0)
        close(house->notify);
    close(house->log.fd);
    folder_remove(&house->folder);
}

void house_serve(struct house *house)
{
    house->server = server_new_at(house->url);
    if (house->chain != NULL)
        server_say(house->server,
                   (struct server_reply){.answer = chain_answer, .context = house->chain});
}

void house_configure(struct house *house, const char *old, const char *fresh)
{
    char *text = file_text(house->config.file);
    char *changed = text_with(text, old, fresh);

    config_put(house, changed);
    free(text);
    free(changed);
}

void house_go_live(struct house *house)
{
    struct secret secret;
    char why[256];
    char path[128];

    recording_key(&secret);
    folder_path(path, &house->folder, "keeper.json");
    cr_assert_eq(keystore_write(why, path, &secret, bytes_of_text("foo")), KEYSTORE_OK, "%s", why);
    secret_release(&secret);
    folder_put(path, &house->folder, "keeper.password", "foo\n", 0600);
    house_configure(house, "\"mode\": \"dry-run\"", "\"mode\": \"live\"");
}

void house_supervise(struct house *house, unsigned watchdog_us)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    char text[32];

    snprintf(name.sun_path, sizeof(name.sun_path), "%s/notify", house->folder.path);
    house->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    cr_assert(house->notify >= 0 &&
              bind(house->notify, (struct sockaddr *)&name, sizeof(name)) == 0);
    cr_assert_eq(setenv("NOTIFY_SOCKET", name.sun_path, 1), 0);
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
    snprintf(text, sizeof(text), "%u", watchdog_us);
    if (watchdog_us > 0)
        cr_assert_eq(setenv("WATCHDOG_USEC", text, 1), 0);
}

int house_open(struct house *house)
{
    struct engine_options options = {.purpose = PURPOSE_RUN, .with_journal = true};

    return house_open_with(house, &options);
}

int house_open_with(struct house *house, const struct engine_options *options)
{
    struct engine_options mine = *options;

    mine.config = &house->config;
    mine.log = &house->log;
    house->code = engine_open(&house->engine, &mine);
    return house->code;
}

int house_run(struct house *house, bool (*until)(const struct turn_state *state))
{
    house->code = engine_run(house->engine, until);
    return house->code;
}

void house_close(struct house *house)
{
    engine_close(house->engine);
    house->engine = NULL;
}

void house_end(struct house *house)
{
    if (house->server != NULL)
        server_free(house->server);
    house->server = NULL;
}

char *house_log(const struct house *house)
{
    return file_text(house->log_path);
}

void house_said(const struct house *house, const char *piece)
{
    char *log = house_log(house);

    cr_assert_not_null(strstr(log, piece), "no \"%s\" in:\n%s", piece, log);
    free(log);
}

bool house_heard(const struct house *house, char out[256])
{
    ssize_t got = recv(house->notify, out, 255, 0);

    if (got < 0)
        return false;
    out[got] = '\0';
    return true;
}

bool until_ready(const struct turn_state *state)
{
    return state->is_ready;
}

unsigned house_events_of(struct house *house, const char *breaker, const char *state)
{
    char wanted[96];
    unsigned count = 0;
    OUTCOME outcome;

    house_close(house);
    snprintf(wanted, sizeof(wanted), "\"breaker\":\"%s\",\"state\":\"%s\"", breaker, state);
    outcome_of(&outcome, command_journal,
               (const char *const[]){"-c", house->config.file, "--json", NULL}, NULL);
    cr_assert(eq(int, outcome.code, EXIT_DONE), "%s", outcome.err);
    for (const char *at = outcome.out; (at = strstr(at, wanted)) != NULL; at++)
        count++;
    return count;
}

unsigned house_lines_of(struct house *house, const char *piece)
{
    char *log = house_log(house);
    unsigned count = 0;

    for (const char *at = log; (at = strstr(at, piece)) != NULL; at++)
        count++;
    free(log);
    return count;
}
