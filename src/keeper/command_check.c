/* `plimsoll check`: proves a config before money depends on it, and lists every fault at once. */
#include <stdio.h>

#include "keeper/check.h"
#include "keeper/commands.h"
#include "keeper/help.h"
#include "keeper/ink.h"
#include "keeper/look.h"

static void mirror_check(struct check *check, const char *path)
{
    struct look look;
    int code = look_open(&look, path); /* says itself what failed */

    if (code != EXIT_DONE) {
        check_fault(check, code, "markets", "no mirror of them can be built, see above");
        return;
    }
    for (uint32_t i = 0; i < look.state->tracked_count; i++)
        check_market(check, look.state, i);
    check_gas(check, look.state);
    look_close(&look);
}

static int config_check(const char *path)
{
    struct config config;
    struct check check = {.config = &config, .has_ink = ink_is_wanted(stdout)};
    TEXT faults = {0};

    if (!config_read(&config, &faults, path)) {
        fputs(text_string(&faults), stderr);
        return EXIT_USAGE;
    }
    check_well(&check, path, "mode %s, %u market%s",
               config.settings.mode == KEEPER_LIVE ? "live" : "dry-run",
               config.settings.market_count, config.settings.market_count == 1 ? "" : "s");
    if (check_chain(&check))
        mirror_check(&check, path);
    check_key(&check);
    check_journal(&check);
    if (check.faults > 0) {
        (void)fflush(stdout);
        fprintf(stderr, "plimsoll check: %u fault%s\n", check.faults, check.faults == 1 ? "" : "s");
    } else {
        puts("all is well");
    }
    if (fflush(stdout) != 0 && check.code == EXIT_DONE)
        return EXIT_INTERNAL;
    return check.code;
}

int command_check(int argc, char **argv)
{
    static const char *const specs[] = {"config:c"};
    const char *values[ARRAY_LENGTH(specs)];
    const struct option_parse parse = {
        .command = "check", .specs = specs, .values = values, .spec_count = ARRAY_LENGTH(specs)};
    int count = options_parse(&parse, argc, argv);

    if (count < 0)
        return count == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    if (values[0] == NULL) {
        fputs("plimsoll check: no config; name one with -c FILE\n", stderr);
        return EXIT_USAGE;
    }
    return config_check(values[0]);
}
