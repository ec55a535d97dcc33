/* `replay`: decisions on standard output, as NDJSON or for a person. */
#include <stdio.h>
#include <stdlib.h>

#include "keeper/commands.h"
#include "keeper/help.h"
#include "keeper/replay.h"
#include "keeper/replay_print.h"
#include "turn/state.h"

enum { OPTION_CONFIG, OPTION_JSON, OPTION_REPORT, OPTION_AUDIT, OPTION_COUNT };

static void warn(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "plimsoll replay: warning: %s\n", text);
}

/* How the recorded comparisons with the chain come out when they are made again. */
struct audience {
    bool as_json;
    struct replay_print *print; /* NULL: nobody reads rows */
    uint64_t equal;
    uint64_t wrong;
};

static void turned(void *context, const struct turn_state *state, const struct actions *actions)
{
    struct audience *audience = context;

    audience->equal = 0;
    audience->wrong = 0;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        audience->equal += state->tracked[i].audit.equal;
        audience->wrong += state->tracked[i].audit.wrong;
    }
    if (audience->print != NULL)
        replay_print_turn(audience->print, state, actions);
    if (!audience->as_json)
        return;
    for (uint32_t i = 0; i < actions->count; i++) {
        if (actions->action[i].kind == ACTION_EVENT)
            puts(actions->action[i].text);
    }
}

static int audit_say(const struct audience *audience)
{
    fprintf(stderr,
            "plimsoll replay: audit: %llu accounts equal the chain's own health, %llu do not\n",
            (unsigned long long)audience->equal, (unsigned long long)audience->wrong);
    return audience->equal > 0 && audience->wrong == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

static int replay(const char *recording, const struct config *config, const char *const *values)
{
    struct audience audience = {.as_json = values[OPTION_JSON] != NULL};
    struct replay_options options = {.recording = recording,
                                     .config = config,
                                     .context = &audience,
                                     .turned = turned,
                                     .warn = warn};
    struct replay_result result;
    char why[512];
    int code;

    if (!audience.as_json || values[OPTION_REPORT] != NULL)
        audience.print = replay_print_new(audience.as_json ? NULL : stdout);
    code = replay_run(&result, why, &options);
    if (audience.print != NULL)
        replay_print_end(audience.print, &result, values[OPTION_REPORT]);
    if (code != EXIT_DONE)
        fprintf(stderr, "plimsoll replay: %s\n", why);
    else if (values[OPTION_AUDIT] != NULL)
        code = audit_say(&audience);
    return code;
}

int command_replay(int argc, char **argv)
{
    static const char *const specs[] = {"config:c", "json!", "report", "audit!"};
    struct config *config = NULL;
    const char *values[OPTION_COUNT];
    const char *rest[1];
    struct option_parse parse = {"replay", specs, values, OPTION_COUNT, rest, 1};
    TEXT faults = {0};
    int count = options_parse(&parse, argc, argv);
    int code = EXIT_USAGE;

    if (count < 0)
        return count == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    if (count != 1) {
        fputs("plimsoll replay: a RECORDING is missing; see `plimsoll help replay`\n", stderr);
        return EXIT_USAGE;
    }
    if (values[OPTION_CONFIG] != NULL)
        config = must_alloc(1, sizeof(*config));
    if (config == NULL || config_read(config, &faults, values[OPTION_CONFIG]))
        code = replay(rest[0], config, values);
    else
        fputs(text_string(&faults), stderr);
    free(config);
    return code;
}
