/* `plimsoll stress` over the shipped recording, and where it refuses. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/commands.h"
#include "tests/keeper/command_fixture.h"
#include "tests/keeper/recording.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void refuses(const char *const *words, const char *said)
{
    OUTCOME outcome = {0};

    outcome_of(&outcome, command_stress, words, NULL);
    cr_assert_eq(outcome.code, EXIT_USAGE, "exit %d: %s", outcome.code, outcome.err);
    cr_assert_not_null(strstr(outcome.err, said), "no \"%s\" in: %s", said, outcome.err);
}

Test(command_stress, wants_a_config_or_a_recording_and_not_both)
{
    refuses(WORDS("--shock", "WETH=-20%"), "either a config");
    refuses(WORDS("-c", "a", "--recording", "b", "--shock", "WETH=-20%"), "either a config");
}

Test(command_stress, wants_a_shock_or_a_sweep)
{
    refuses(WORDS("--recording", "b"), "no --shock and no --sweep");
}

Test(command_stress, refuses_a_shock_before_it_reads_anything)
{
    refuses(WORDS("--recording", "/nowhere", "--shock", "WETH=-20"), "WETH=-20: no per cent");
    refuses(WORDS("--recording", "/nowhere", "--sweep", "WETH=0..-20%"), "the lower one");
}

Test(command_stress, refuses_a_recording_that_is_not_there)
{
    refuses(WORDS("--recording", "/nowhere/x.rec", "--shock", "WETH=-20%"), "/nowhere/x.rec");
}

Test(command_stress, refuses_an_asset_that_the_recording_does_not_have)
{
    refuses(WORDS("--recording", recording_or_skip(), "--shock", "NOPE=-20%"),
            "NOPE is no asset of the markets");
}

Test(command_stress, refuses_to_move_one_asset_twice)
{
    const char *recording = recording_or_skip();

    refuses(WORDS("--recording", recording, "--shock", "WETH=-20%", "--shock", "WETH=-1%"),
            "moved twice");
    refuses(WORDS("--recording", recording, "--shock", "WETH=-20%", "--sweep", "WETH=-1%..0"),
            "moved twice");
}

static unsigned long long number_of(const json_t *line, const char *key)
{
    return strtoull(json_string_value(json_object_get(line, key)), NULL, 10);
}

/* What the lines say of one market adds up to what its sum says. */
Test(command_stress, adds_up)
{
    OUTCOME outcome = {0};
    unsigned long long bad = 0, debt = 0, accounts = 0, liquidations = 0;
    bool has_sum = false;

    outcome_of(&outcome, command_stress,
               WORDS("--recording", recording_or_skip(), "--shock", "WETH=-60%", "--json"), NULL);
    cr_assert_eq(outcome.code, EXIT_DONE, "%s", outcome.err);
    for (char *save = NULL, *line = strtok_r(outcome.out, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        json_t *said = json_loads(line, 0, NULL);

        cr_assert_not_null(said, "%s", line);
        if (strcmp(json_string_value(json_object_get(said, "event")), "candidate") == 0) {
            accounts++;
            bad += number_of(said, "bad_debt_value");
            debt += number_of(said, "debt_value");
            liquidations +=
                strcmp(json_string_value(json_object_get(said, "verdict")), "liquidate") == 0;
        } else {
            has_sum = true;
            cr_assert(eq(u64, number_of(said, "bad_debt_value"), bad));
            cr_assert(eq(u64, number_of(said, "debt_value"), debt));
            cr_assert(
                eq(u64, (uint64_t)json_integer_value(json_object_get(said, "accounts")), accounts));
            cr_assert(eq(u64, (uint64_t)json_integer_value(json_object_get(said, "liquidations")),
                         liquidations));
        }
        json_decref(said);
    }
    cr_assert(has_sum && accounts > 0 && bad > 0);
}

Test(command_stress, says_the_same_each_time_and_writes_its_page)
{
    FOLDER folder;
    char path[128];
    char *page;
    OUTCOME first = {0};
    OUTCOME second = {0};
    const char *recording = recording_or_skip();

    folder_make(&folder);
    folder_path(path, &folder, "out.html");
    outcome_of(&first, command_stress,
               WORDS("--recording", recording, "--sweep", "WETH=-60%..0", "--report", path), NULL);
    outcome_of(&second, command_stress,
               WORDS("--recording", recording, "--sweep", "WETH=-60%..0", "--report", path), NULL);
    cr_assert_eq(first.code, EXIT_DONE, "%s", first.err);
    cr_assert_str_eq(first.out, second.out);
    page = file_text(path);
    cr_assert_not_null(strstr(page, "<h1>Plimsoll stress</h1>"));
    cr_assert_not_null(strstr(page, "</svg>"));
    cr_assert_null(strstr(page, "http"));
    free(page);
}

Test(command_stress, names_a_report_that_cannot_be_written)
{
    refuses(WORDS("--recording", recording_or_skip(), "--shock", "WETH=-20%", "--report",
                  "/nowhere/at/all.html"),
            "--report /nowhere/at/all.html: No such file");
}
