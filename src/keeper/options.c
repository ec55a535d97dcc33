/*
 * A command line is the one input that a person types by hand, so each refusal names the argument
 * and where to read on. getopt_long would print under its own name and permute; this is smaller.
 */
#include <stdio.h>
#include <string.h>

#include "keeper/help.h"

/* A spec is NAME, then an optional kind and short letter: "config:c", "json!", "shock+". */
struct option_spec {
    const char *name;
    size_t name_length;
    char kind; /* ':' takes a value, '!' is a switch, '+' takes a value each time it stands */
    char letter;
};

static struct option_spec spec_read(const char *text)
{
    struct option_spec spec = {.name = text, .name_length = strcspn(text, ":!+"), .kind = ':'};

    if (text[spec.name_length] == '\0')
        return spec;
    spec.kind = text[spec.name_length];
    spec.letter = text[spec.name_length + 1];
    return spec;
}

/* Index of the spec that `argument` names, or -1. *value: what stands behind its '=', or NULL. */
static int spec_find(const struct option_parse *parse, const char *argument, const char **value)
{
    const char *name = argument + 2;
    size_t length = strcspn(name, "=");

    *value = NULL;
    for (size_t i = 0; i < parse->spec_count; i++) {
        struct option_spec spec = spec_read(parse->specs[i]);
        if (argument[1] != '-' && spec.letter != '\0' && argument[1] == spec.letter &&
            argument[2] == '\0')
            return (int)i;
        if (argument[1] != '-' || spec.name_length != length ||
            strncmp(spec.name, name, length) != 0)
            continue;
        *value = name[length] == '=' ? name + length + 1 : NULL;
        return (int)i;
    }
    return -1;
}

static int refuse(const struct option_parse *parse, const char *what, const char *argument)
{
    fprintf(stderr, "plimsoll %s: %s %s; see `plimsoll help %s`\n", parse->command, what, argument,
            parse->command);
    return OPTIONS_REFUSED;
}

static bool has_repeatable(const struct option_parse *parse)
{
    for (size_t i = 0; i < parse->spec_count; i++)
        if (spec_read(parse->specs[i]).kind == '+')
            return true;
    return false;
}

static int rest_add(const struct option_parse *parse, int *count, const char *argument)
{
    if (*count >= parse->rest_max)
        return refuse(parse, "cannot take", argument);
    parse->rest[(*count)++] = argument;
    return 0;
}

/* Takes the option at argv[*at], moving *at over a value that stands apart. */
static int option_take(const struct option_parse *parse, int argc, char **argv, int *at, int *count)
{
    const char *argument = argv[*at];
    const char *value;
    int index = spec_find(parse, argument, &value);

    if (index < 0)
        return refuse(parse, "unknown option", argument);
    struct option_spec spec = spec_read(parse->specs[index]);
    if (spec.kind == '!' && value != NULL)
        return refuse(parse, "no value belongs to", argument);
    if (spec.kind == '!')
        value = "";
    if (value == NULL) {
        if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0)
            return refuse(parse, "a value is missing behind", argument);
        value = argv[++*at];
    }
    if (spec.kind == '+')
        return rest_add(parse, count, value);
    if (parse->values[index] != NULL)
        return refuse(parse, "given twice:", argument);
    parse->values[index] = value;
    return 0;
}

int options_parse(const struct option_parse *parse, int argc, char **argv)
{
    bool only_rest = false;
    int count = 0;

    for (size_t i = 0; i < parse->spec_count; i++)
        parse->values[i] = NULL;
    for (int at = 0; at < argc; at++) {
        const char *argument = argv[at];
        bool is_option = !only_rest && argument[0] == '-' && argument[1] != '\0';
        int result;
        if (is_option && strcmp(argument, "--") == 0) {
            only_rest = true;
            continue;
        }
        if (is_option && (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)) {
            (void)help_print(stdout, parse->command);
            return OPTIONS_HELPED;
        }
        if (is_option)
            result = option_take(parse, argc, argv, &at, &count);
        else if (has_repeatable(parse))
            result = refuse(parse, "cannot take", argument);
        else
            result = rest_add(parse, &count, argument);
        if (result < 0)
            return result;
    }
    return count;
}
