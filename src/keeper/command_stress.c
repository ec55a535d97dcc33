/*
 * `plimsoll stress`: what a fall in prices would do. The positions come from the chain as it
 * stands, or from the end of a recording; a recording may end in the middle of a block, so it is
 * lived twice: once to find the last moment at which a market was whole, once to judge at that
 * moment.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/commands.h"
#include "keeper/help.h"
#include "keeper/look.h"
#include "keeper/replay.h"
#include "keeper/stress_told.h"

enum { OPTION_CONFIG, OPTION_RECORDING, OPTION_SHOCK, OPTION_SWEEP, OPTION_JSON, OPTION_REPORT };

struct request {
    const char *config;
    const char *recording;
    const char *report;
    bool is_json;
    struct stress_told told;
    uint64_t turn;  /* of this life of the recording */
    uint64_t whole; /* the last at which a market was whole; 0: none */
    int code;
};

static int refuse(const char *what)
{
    fprintf(stderr, "plimsoll stress: %s; see `plimsoll help stress`\n", what);
    return OPTIONS_REFUSED;
}

static int shocks_read(struct request *out, const char *const *shocks, int count, const char *sweep)
{
    char why[256];

    for (int i = 0; i < count; i++) {
        if (!stress_shock_parse(&out->told.shock[i], why, shocks[i]))
            return refuse(why);
    }
    out->told.shock_count = (size_t)count;
    out->told.has_sweep = sweep != NULL;
    if (sweep != NULL && !stress_sweep_parse(&out->told.sweep, why, sweep))
        return refuse(why);
    return count > 0 || sweep != NULL ? 0 : refuse("no --shock and no --sweep");
}

static int request_read(struct request *out, int argc, char **argv)
{
    static const char *const specs[] = {"config:c", "recording", "shock+",
                                        "sweep",    "json!",     "report"};
    const char *values[ARRAY_LENGTH(specs)];
    const char *shocks[STRESS_SHOCKS_MAX];
    const struct option_parse parse = {"stress",         specs, values, ARRAY_LENGTH(specs), shocks,
                                       STRESS_SHOCKS_MAX};
    int count = options_parse(&parse, argc, argv);

    if (count < 0)
        return count;
    out->config = values[OPTION_CONFIG];
    out->recording = values[OPTION_RECORDING];
    out->report = values[OPTION_REPORT];
    out->is_json = values[OPTION_JSON] != NULL;
    if ((out->config == NULL) == (out->recording == NULL))
        return refuse("either a config (-c FILE) or a recording (--recording R)");
    return shocks_read(out, shocks, count, values[OPTION_SWEEP]);
}

static bool is_same(const struct stress_shock *a, const struct stress_shock *b)
{
    return address_is_equal(&a->asset, &b->asset);
}

/* Moved twice would be moved by neither of what was asked for. */
static bool shocks_find(struct request *request, char why[256], const struct turn_state *state)
{
    struct stress_told *told = &request->told;

    if (told->has_sweep && !stress_shock_find(&told->sweep.asset, why, state))
        return false;
    for (size_t i = 0; i < told->shock_count; i++) {
        bool is_twice = false;

        if (!stress_shock_find(&told->shock[i], why, state))
            return false;
        for (size_t k = 0; k < i; k++)
            is_twice |= is_same(&told->shock[k], &told->shock[i]);
        is_twice |= told->has_sweep && is_same(&told->sweep.asset, &told->shock[i]);
        if (is_twice) {
            (void)snprintf(why, 256, "%.60s: moved twice; say once how far", told->shock[i].name);
            return false;
        }
    }
    return true;
}

/* Out: exit code. */
static int answer(struct request *request, const struct turn_state *state)
{
    struct stress_told *told = &request->told;
    char why[256];

    if (!shocks_find(request, why, state)) {
        (void)refuse(why);
        return EXIT_USAGE;
    }
    told->state = state;
    stress_told_fill(told);
    if (request->is_json)
        stress_json(stdout, told);
    else
        stress_print(stdout, told);
    if (request->report != NULL && !stress_report(told, request->report)) {
        fprintf(stderr, "plimsoll stress: --report %s: %s\n", request->report, strerror(errno));
        return EXIT_USAGE;
    }
    if (request->report != NULL && !request->is_json)
        printf("report: %s\n", request->report);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

static bool is_whole(const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (state->tracked[i].is_complete)
            return true;
    }
    return false;
}

static void turn_count(void *context, const struct turn_state *state, const struct actions *actions)
{
    struct request *request = context;

    (void)actions;
    request->turn++;
    if (is_whole(state))
        request->whole = request->turn;
}

static void turn_judge(void *context, const struct turn_state *state, const struct actions *actions)
{
    struct request *request = context;

    (void)actions;
    if (++request->turn == request->whole)
        request->code = answer(request, state);
}

static void warn(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "plimsoll stress: warning: %s\n", text);
}

static int stress_recording(struct request *request)
{
    struct replay_options options = {
        .recording = request->recording, .context = request, .turned = turn_count, .warn = warn};
    struct replay_result result;
    char why[512];
    int code = replay_run(&result, why, &options);

    if (code != EXIT_DONE) {
        fprintf(stderr, "plimsoll stress: %s\n", why);
        return code;
    }
    if (request->whole == 0) {
        fprintf(stderr, "plimsoll stress: %s: no market is ever whole in it; record for longer\n",
                request->recording);
        return EXIT_USAGE;
    }
    request->turn = 0;
    options.turned = turn_judge;
    options.warn = NULL;
    code = replay_run(&result, why, &options);
    return code != EXIT_DONE ? code : request->code;
}

static int stress_chain(struct request *request)
{
    struct look look;
    int code = look_open(&look, request->config);

    if (code != EXIT_DONE)
        return code;
    code = answer(request, look.state);
    look_close(&look);
    return code;
}

int command_stress(int argc, char **argv)
{
    struct request *request = must_alloc(1, sizeof(*request));
    int code = request_read(request, argc, argv);

    if (code < 0)
        code = code == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    else
        code = request->recording != NULL ? stress_recording(request) : stress_chain(request);
    stress_told_release(&request->told);
    free(request);
    return code;
}
