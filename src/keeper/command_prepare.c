/*
 * `plimsoll prepare`: the one-time steps that the config needs on chain. They spend gas and grant
 * rights, so each is named before anything is sent, and they go through the same gate, signer and
 * journal as the daemon's own transactions.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keeper/commands.h"
#include "keeper/grid.h"
#include "keeper/help.h"
#include "keeper/look.h"
#include "turn/prepare.h"

struct request {
    const char *config;
    bool is_agreed; /* --yes */
};

static bool has_mirror(const struct turn_state *state)
{
    return state->phase == PHASE_FOLLOW && state->is_ready;
}

/* A row each. Out: how many. */
static size_t market_list(struct grid *grid, const struct tracked *tracked)
{
    const struct market *market = &tracked->market;
    char text[ADDRESS_TEXT_SIZE];
    struct address spender;
    uint8_t selector[4];
    size_t count = 0;

    tracked->protocol->call_target(&spender, selector, market);
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        const struct reserve *reserve = &market->reserve[i];

        if (!prepare_is_needed(reserve))
            continue;
        grid_add(grid, INK_PLAIN, "approve");
        grid_add(grid, INK_STRONG, reserve->symbol[0] != '\0' ? reserve->symbol : "?");
        address_format(text, &reserve->asset);
        grid_add(grid, INK_PLAIN, text);
        address_format(text, &spender);
        grid_add(grid, INK_PLAIN, "for the pool");
        grid_add(grid, INK_PLAIN, text);
        grid_add(grid, INK_PLAIN, market->name);
        grid_add(grid, INK_PLAIN,
                 u256_is_zero(&reserve->allowed.value) ? "without limit"
                                                       : "without limit, taken back first");
        count++;
    }
    return count;
}

static size_t steps_list(const struct turn_state *state)
{
    GRID grid = {.columns = 7, .indent = 2, .has_ink = ink_is_wanted(stdout)};
    size_t count = 0;

    for (uint32_t i = 0; i < state->tracked_count; i++)
        count += market_list(&grid, &state->tracked[i]);
    grid_print(&grid, stdout);
    if (count == 0)
        puts("nothing is missing: every token that can be owed is approved");
    (void)fflush(stdout);
    return count;
}

/* A market that is not believed to be what the config says is granted nothing. */
static bool is_trusted(const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct tracked *tracked = &state->tracked[i];

        if (tracked->market.trust == MARKET_TRUSTED)
            continue;
        fprintf(stderr,
                "plimsoll prepare: market %s is read-only (%s); `plimsoll check` says more, and "
                "nothing was sent\n",
                tracked->market.name, tracked->why[0] != '\0' ? tracked->why : "not proved");
        return false;
    }
    return true;
}

/* The loop has taken SIGINT for itself, and stands still while somebody thinks: here it ends us. */
static bool answer_is_yes(void)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    struct sigaction loop;
    char answer[16] = "";

    (void)sigaction(SIGINT, &plain, &loop);
    bool is_read = fgets(answer, sizeof(answer), stdin) != NULL;
    (void)sigaction(SIGINT, &loop, NULL);
    return is_read && (answer[0] == 'y' || answer[0] == 'Y');
}

/* EXIT_DONE: go on. */
static int leave_ask(const struct request *request, size_t count)
{
    if (request->is_agreed)
        return EXIT_DONE;
    if (isatty(STDIN_FILENO) != 1) {
        fputs("plimsoll prepare: nobody to ask at this input; say --yes to send these\n", stderr);
        return EXIT_USAGE;
    }
    printf("Send %s? [y/N] ", count == 1 ? "it" : "them");
    (void)fflush(stdout);
    if (answer_is_yes())
        return EXIT_DONE;
    fputs("plimsoll prepare: nothing was sent\n", stderr);
    return EXIT_USAGE;
}

static int why_say(const struct engine *engine, int code)
{
    if (code != EXIT_DONE && engine != NULL && engine_why(engine)[0] != '\0')
        fprintf(stderr, "plimsoll prepare: %s\n", engine_why(engine));
    return code;
}

static int steps_send(struct engine *engine, const struct request *request)
{
    int code = why_say(engine, engine_run(engine, has_mirror));

    if (code != EXIT_DONE)
        return code;
    if (!has_mirror(engine_state(engine))) {
        fputs("plimsoll prepare: stopped; nothing was sent\n", stderr);
        return EXIT_CHAIN;
    }
    size_t count = steps_list(engine_state(engine));
    if (count == 0)
        return EXIT_DONE;
    if (!is_trusted(engine_state(engine)))
        return EXIT_CHAIN;
    code = leave_ask(request, count);
    if (code != EXIT_DONE)
        return code;
    engine_command(engine, "go");
    code = why_say(engine, engine_run(engine, NULL));
    if (code != EXIT_DONE)
        return code;
    /* a signal ends it in peace too */
    if (!engine_state(engine)->prepared || fleet_live(&engine_state(engine)->fleet) > 0) {
        fputs("plimsoll prepare: stopped before the last receipt; run it again\n", stderr);
        return EXIT_CHAIN;
    }
    printf("done: %zu approval%s\n", count, count == 1 ? "" : "s");
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

static int prepare_live(const struct request *request, const struct config *config)
{
    struct log_sink log;
    struct engine_options options = {.config = config,
                                     .purpose = PURPOSE_PREPARE,
                                     .log = &log,
                                     .with_journal = true,
                                     .with_signer = true};
    struct engine *engine = NULL;

    log_init(&log, STDERR_FILENO, LOG_LEVEL_WARNING);
    int code = engine_open(&engine, &options);
    code = code == EXIT_DONE ? steps_send(engine, request) : why_say(engine, code);
    engine_close(engine);
    return code;
}

/* No key, no lock: it only tells. */
static int prepare_dry(const struct request *request)
{
    struct look look;
    int code = look_open(&look, request->config);

    if (code != EXIT_DONE)
        return code;
    if (steps_list(look.state) > 0)
        puts("keeper.mode is dry-run: nothing was sent; mode live would send these");
    look_close(&look);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

static int request_read(struct request *out, int argc, char **argv)
{
    static const char *const specs[] = {"config:c", "yes!y"};
    const char *values[ARRAY_LENGTH(specs)];
    const struct option_parse parse = {
        .command = "prepare", .specs = specs, .values = values, .spec_count = ARRAY_LENGTH(specs)};
    int count = options_parse(&parse, argc, argv);

    if (count < 0)
        return count;
    *out = (struct request){.config = values[0], .is_agreed = values[1] != NULL};
    if (values[0] != NULL)
        return 0;
    fputs("plimsoll prepare: no config; name one with -c FILE\n", stderr);
    return OPTIONS_REFUSED;
}

int command_prepare(int argc, char **argv)
{
    struct request request;
    struct config config;
    TEXT faults = {0};
    int code = request_read(&request, argc, argv);

    if (code < 0)
        return code == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    if (!config_read(&config, &faults, request.config)) {
        fputs(text_string(&faults), stderr);
        return EXIT_USAGE;
    }
    return config.settings.mode == KEEPER_LIVE ? prepare_live(&request, &config)
                                               : prepare_dry(&request);
}
