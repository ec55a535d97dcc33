/* `plimsoll COMMAND …`: finds the command, nothing else. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "keeper/commands.h"
#include "keeper/help.h"
#include "keeper/version.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"run", command_run},         {"replay", command_replay},   {"check", command_check},
    {"health", command_health},   {"explain", command_explain}, {"stress", command_stress},
    {"journal", command_journal}, {"status", command_status},   {"sign", command_sign},
    {"prepare", command_prepare}, {"key", command_key},         {"tx", command_tx},
    {"help", command_help},
};

/* A promise of this program to itself was broken: said here, then the process aborts. */
void must_report(const char *what, const char *file, int line)
{
    fprintf(stderr, "plimsoll: broken promise: %s at %s:%d\n", what, file, line);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        help_print(stderr, NULL);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("plimsoll " PLIMSOLL_VERSION_TEXT);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help_print(stdout, NULL) ? EXIT_DONE : EXIT_INTERNAL;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    }
    fprintf(stderr, "plimsoll: unknown command %s; see `plimsoll help`\n", argv[1]);
    return EXIT_USAGE;
}
