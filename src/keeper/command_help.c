/* `plimsoll help`: the list, a command, or a subject. */
#include <stdio.h>

#include "base/must.h"
#include "keeper/commands.h"
#include "keeper/help.h"

int command_help(int argc, char **argv)
{
    const char *rest[1] = {NULL};
    const struct option_parse parse = {.command = "help", .rest = rest, .rest_max = 1};
    int count = options_parse(&parse, argc, argv);

    if (count < 0)
        return count == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    if (help_print(stdout, rest[0]))
        return EXIT_DONE;
    fprintf(stderr, "plimsoll help: nothing is known of %s; `plimsoll help` lists what is\n",
            rest[0]);
    return EXIT_USAGE;
}
