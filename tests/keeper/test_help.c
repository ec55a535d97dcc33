/* What the command line says when asked, and when it refuses. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
#include <string.h>

#include "base/must.h"
#include "keeper/commands.h"
#include "keeper/help.h"
#include "keeper/help_text.h"
#include "plan/verdict.h"

static const char *const specs[] = {"config:c", "since", "json!"};
static const char *values[3];
static const char *rest[2];

static int parse(int argc, const char **argv)
{
    struct option_parse options = {.command = "journal",
                                   .specs = specs,
                                   .values = values,
                                   .spec_count = ARRAY_LENGTH(specs),
                                   .rest = rest,
                                   .rest_max = 1};
    return options_parse(&options, argc, (char **)argv);
}

#define PARSE(...)                                                                                 \
    parse((int)ARRAY_LENGTH(((const char *[]){__VA_ARGS__})), (const char *[]){__VA_ARGS__})

static void stderr_is(const char *line)
{
    fflush(stderr);
    cr_assert_stderr_eq_str(line);
}

Test(options, takes_values_apart_behind_equals_and_in_the_short_form)
{
    cr_assert(eq(int, PARSE("--config", "a.yaml", "--since=2h", "--json"), 0));
    cr_assert_str_eq(values[0], "a.yaml");
    cr_assert_str_eq(values[1], "2h");
    cr_assert_str_eq(values[2], "");
    cr_assert(eq(int, PARSE("-c", "b.yaml"), 0));
    cr_assert_str_eq(values[0], "b.yaml");
    cr_assert_null(values[1]);
    cr_assert_null(values[2]);
}

Test(options, takes_positional_arguments_and_a_lone_dash)
{
    cr_assert(eq(int, PARSE("-", "--json"), 1));
    cr_assert_str_eq(rest[0], "-");
    cr_assert(eq(int, PARSE("--", "--json"), 1));
    cr_assert_str_eq(rest[0], "--json");
    cr_assert_null(values[2]);
}

Test(options, gives_repeated_values_in_their_order)
{
    const char *const shocks[] = {"shock+"};
    struct option_parse options = {.command = "stress",
                                   .specs = shocks,
                                   .values = values,
                                   .spec_count = 1,
                                   .rest = rest,
                                   .rest_max = 2};
    const char *argv[] = {"--shock", "WETH=-20%", "--shock=LINK=-5%"};
    cr_assert(eq(int, options_parse(&options, 3, (char **)argv), 2));
    cr_assert_str_eq(rest[0], "WETH=-20%");
    cr_assert_str_eq(rest[1], "LINK=-5%");
}

Test(options, refuses_positional_arguments_beside_a_repeated_option, .init = cr_redirect_stderr)
{
    const char *const shocks[] = {"shock+"};
    struct option_parse options = {.command = "stress",
                                   .specs = shocks,
                                   .values = values,
                                   .spec_count = 1,
                                   .rest = rest,
                                   .rest_max = 2};
    const char *argv[] = {"WETH=-20%"};
    cr_assert(eq(int, options_parse(&options, 1, (char **)argv), OPTIONS_REFUSED));
    stderr_is("plimsoll stress: cannot take WETH=-20%; see `plimsoll help stress`\n");
}

Test(options, refuses_an_unknown_option_by_name, .init = cr_redirect_stderr)
{
    cr_assert(eq(int, PARSE("--foo"), OPTIONS_REFUSED));
    stderr_is("plimsoll journal: unknown option --foo; see `plimsoll help journal`\n");
}

Test(options, refuses_an_unknown_letter, .init = cr_redirect_stderr)
{
    cr_assert(eq(int, PARSE("-x"), OPTIONS_REFUSED));
    stderr_is("plimsoll journal: unknown option -x; see `plimsoll help journal`\n");
}

Test(options, refuses_a_prefix_of_an_option, .init = cr_redirect_stderr)
{
    cr_assert(eq(int, PARSE("--conf=x"), OPTIONS_REFUSED));
    stderr_is("plimsoll journal: unknown option --conf=x; see `plimsoll help journal`\n");
}

Test(options, refuses_an_option_whose_value_is_missing, .init = cr_redirect_stderr)
{
    cr_assert(eq(int, PARSE("--since"), OPTIONS_REFUSED));
    stderr_is("plimsoll journal: a value is missing behind --since; see `plimsoll help journal`\n");
}

Test(options, refuses_an_option_in_the_place_of_a_value, .init = cr_redirect_stderr)
{
    cr_assert(eq(int, PARSE("--since", "--json"), OPTIONS_REFUSED));
    stderr_is("plimsoll journal: a value is missing behind --since; see `plimsoll help journal`\n");
}

Test(options, refuses_a_value_for_a_switch, .init = cr_redirect_stderr)
{
    cr_assert(eq(int, PARSE("--json=yes"), OPTIONS_REFUSED));
    stderr_is("plimsoll journal: no value belongs to --json=yes; see `plimsoll help journal`\n");
}

Test(options, refuses_what_is_given_twice, .init = cr_redirect_stderr)
{
    cr_assert(eq(int, PARSE("-c", "a", "--config=b"), OPTIONS_REFUSED));
    stderr_is("plimsoll journal: given twice: --config=b; see `plimsoll help journal`\n");
}

Test(options, refuses_one_positional_argument_too_many, .init = cr_redirect_stderr)
{
    cr_assert(eq(int, PARSE("a", "b"), OPTIONS_REFUSED));
    stderr_is("plimsoll journal: cannot take b; see `plimsoll help journal`\n");
}

Test(options, answers_help_before_anything_else_is_needed, .init = cr_redirect_stdout)
{
    char text[128] = "";
    cr_assert(eq(int, PARSE("--help"), OPTIONS_HELPED));
    fflush(stdout);
    cr_assert(gt(sz, fread(text, 1, sizeof(text) - 1, cr_get_redirected_stdout()), 0));
    cr_assert_eq(strncmp(text, "plimsoll journal -c FILE", 24), 0);
}

static char *printed(const char *topic)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    cr_assert(help_print(out, topic));
    fclose(out);
    return text;
}

Test(help, lists_every_command_of_the_surface)
{
    static const char *const commands[] = {"run",     "replay",  "check",   "health",
                                           "explain", "stress",  "journal", "status",
                                           "sign",    "prepare", "key",     "tx"};
    char *list = printed(NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        char line[32];
        snprintf(line, sizeof(line), "\n  %s ", commands[i]);
        cr_assert_not_null(strstr(list, line), "%s is not listed", commands[i]);
        char *one = printed(commands[i]);
        snprintf(line, sizeof(line), "plimsoll %s ", commands[i]);
        cr_assert_eq(strncmp(one, line, strlen(line)), 0, "%s: usage is not first", commands[i]);
        free(one);
    }
    free(list);
}

Test(help, explains_every_reason_once)
{
    char *reasons = printed("reasons");
    for (size_t i = 0; i < help_reason_count; i++) {
        cr_assert_not_null(strstr(reasons, help_reasons[i].meaning));
        for (size_t k = 0; k < i; k++)
            cr_assert_str_neq(help_reasons[i].word, help_reasons[k].word);
    }
    free(reasons);
}

Test(help, tells_a_ceiling_from_a_transaction_that_is_under_way)
{
    char *reasons = printed("reasons");

    cr_assert_not_null(
        strstr(reasons, "\n  limit              a ceiling of limits.* (fee, in flight,"));
    cr_assert_not_null(strstr(reasons, "\n  in_flight          ours for this account"));
    free(reasons);
}

Test(help, knows_exactly_the_reasons_that_verdicts_have)
{
    cr_assert(eq(sz, help_reason_count, REASON_COUNT));
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        const char *word = reason_text((enum reason)reason);
        size_t i = 0;
        while (i < help_reason_count && strcmp(help_reasons[i].word, word) != 0)
            i++;
        cr_assert(lt(sz, i, help_reason_count), "%s is not explained", word);
    }
}

Test(help, keeps_every_line_within_a_terminal)
{
    static const char *const subjects[] = {NULL, "reasons"};
    for (size_t i = 0; i < help_topic_count + 2; i++) {
        char *text = printed(i < 2 ? subjects[i] : help_topics[i - 2].name);
        char *save = NULL;
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
            cr_assert_leq(strlen(line), 100, "too long: %s", line);
        free(text);
    }
}

Test(help, knows_nothing_of_an_unknown_topic, .init = cr_redirect_stderr)
{
    const char *argv[] = {"sorcery"};
    cr_assert_not(help_print(stdout, "sorcery"));
    cr_assert(eq(int, command_help(1, (char **)argv), EXIT_USAGE));
    stderr_is("plimsoll help: nothing is known of sorcery; `plimsoll help` lists what is\n");
}
