/* The words of `plimsoll help`, for each command and topic, in one place that a check compares
 * with the README. */
#ifndef KEEPER_HELP_H
#define KEEPER_HELP_H

#include <stdbool.h>
#include <stdio.h>

/** Usage of one command ("run") or topic ("reasons", "protocols"), or all of them for NULL. False:
 *  unknown, nothing printed. */
bool help_print(FILE *out, const char *topic);

#define OPTIONS_REFUSED (-1)
#define OPTIONS_HELPED (-2)

/**
 * Options of a command, in the plain long form.
 * In:    specs   "config:c" takes a value and has the short form -c; "since" takes a value; "json!"
 *                is a switch; "shock+" takes a value and may be repeated: its values go to `rest`,
 *                and the command takes no other positional arguments
 *        argv    the arguments behind the command's name
 * Out:   values  the option's value, "" for a switch that is set, NULL where absent
 *        rest    positional arguments, at most rest_max; their number is returned
 * Fails: -1 after an error line on standard error that names the argument; -2 after --help
 */
struct option_parse {
    const char *command;
    const char *const *specs;
    const char **values;
    size_t spec_count;
    const char **rest;
    int rest_max;
};
int options_parse(const struct option_parse *parse, int argc, char **argv);

#endif
