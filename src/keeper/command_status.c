/* `plimsoll status`: asks the daemon that runs on this config how it is. */
#include <stdio.h>
#include <stdlib.h>

#include "keeper/commands.h"
#include "keeper/config.h"
#include "keeper/help.h"
#include "keeper/ink.h"
#include "report/fetch.h"
#include "report/view.h"

/* What went wrong, and what to do about it. */
static const char *fetch_advice(enum report_fetch_error error)
{
    switch (error) {
    case REPORT_FETCH_OK:
        return "ok";
    case REPORT_FETCH_BAD_ADDRESS:
        return "is no address; mend report.listen";
    case REPORT_FETCH_NOBODY:
        return "nobody answers; start the daemon with `plimsoll run`";
    case REPORT_FETCH_SILENT:
        return "something listens, and says nothing for 5 s; look at the daemon's log";
    case REPORT_FETCH_BROKEN:
        return "what answers is no daemon of this version; look who listens there";
    }
    return "unknown";
}

static int refuse(const char *listen, enum report_fetch_error error)
{
    fprintf(stderr, "plimsoll status: %s: %s\n", listen, fetch_advice(error));
    return EXIT_CHAIN;
}

static int status_print(const char *listen, bool is_json)
{
    TEXT json = {0};
    TEXT shown = {0};
    enum report_fetch_error error = report_fetch(&json, listen, "/status");
    if (error != REPORT_FETCH_OK)
        return refuse(listen, error);
    struct view *view = must_alloc(1, sizeof(*view));
    bool is_view = view_parse(view, text_bytes(&json));
    if (is_view && !is_json)
        view_terminal(&shown, view, ink_is_wanted(stdout));
    free(view);
    if (!is_view)
        return refuse(listen, REPORT_FETCH_BROKEN);
    fputs(text_string(is_json ? &json : &shown), stdout);
    return EXIT_DONE;
}

int command_status(int argc, char **argv)
{
    static const char *const specs[] = {"config:c", "json!"};
    const char *values[ARRAY_LENGTH(specs)];
    const struct option_parse parse = {
        .command = "status", .specs = specs, .values = values, .spec_count = ARRAY_LENGTH(specs)};
    int rest = options_parse(&parse, argc, argv);

    if (rest < 0)
        return rest == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    if (values[0] == NULL) {
        fputs("plimsoll status: -c FILE is missing; see `plimsoll help status`\n", stderr);
        return EXIT_USAGE;
    }
    struct config *config = must_alloc(1, sizeof(*config));
    TEXT faults = {0};
    int code = EXIT_USAGE;
    if (!config_read(config, &faults, values[0]))
        fputs(text_string(&faults), stderr);
    else if (config->listen[0] == '\0')
        fputs("plimsoll status: report.listen is none, so that a daemon on this config answers "
              "nobody; give it an address\n",
              stderr);
    else
        code = status_print(config->listen, values[1] != NULL);
    free(config);
    return code;
}
