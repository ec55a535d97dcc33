/* health, explain, check and prepare, where they refuse before any chain is asked, and where none
 * answers. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/commands.h"
#include "tests/keeper/command_fixture.h"
#include "tests/keeper/config_fixture.h"

static void refuses(int (*command)(int, char **), const char *const *words, int code,
                    const char *said)
{
    OUTCOME outcome = {0};
    outcome_of(&outcome, command, words, NULL);
    cr_assert_eq(outcome.code, code, "exit %d: %s", outcome.code, outcome.err);
    cr_assert_not_null(strstr(outcome.err, said), "no \"%s\" in: %s", said, outcome.err);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(command_looks, want_a_config)
{
    static const char *const none[] = {NULL};
    refuses(command_health, none, EXIT_USAGE, "-c FILE");
    refuses(command_check, none, EXIT_USAGE, "-c FILE");
    refuses(command_prepare, none, EXIT_USAGE, "-c FILE");
    refuses(command_explain, WORDS("--account", "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"),
            EXIT_USAGE, "-c FILE");
}

Test(command_looks, name_a_config_that_is_not_there)
{
    refuses(command_health, WORDS("-c", "/nowhere/x.yaml"), EXIT_USAGE, "/nowhere/x.yaml");
    refuses(command_check, WORDS("-c", "/nowhere/x.yaml"), EXIT_USAGE, "/nowhere/x.yaml");
    refuses(command_prepare, WORDS("-c", "/nowhere/x.yaml", "--yes"), EXIT_USAGE,
            "/nowhere/x.yaml");
}

Test(command_looks, refuse_an_account_with_a_slip_in_it)
{
    refuses(command_health,
            WORDS("-c", "x", "--account", "0x70997970C51812dc3A010C7d01b50e0d17dc79c8"), EXIT_USAGE,
            "checksum");
    refuses(command_explain, WORDS("-c", "x", "--account", "0x7099"), EXIT_USAGE, "40 digits");
}

Test(command_looks, explain_wants_an_account)
{
    refuses(command_explain, WORDS("-c", "x"), EXIT_USAGE, "--account");
}

Test(command_looks, health_wants_a_number_behind_below)
{
    refuses(command_health, WORDS("-c", "x", "--below", "soon"), EXIT_USAGE, "soon");
}

Test(command_looks, help_where_they_are_asked)
{
    OUTCOME outcome = {0};
    outcome_of(&outcome, command_explain, WORDS("--help"), NULL);
    cr_assert_eq(outcome.code, EXIT_DONE);
    cr_assert_not_null(strstr(outcome.out, "plimsoll explain -c FILE"));
}

static void config_put(char path[128], const struct folder *folder, const char *url)
{
    char *with_url = config_with("http://127.0.0.1:8545", url);
    char *dry = strstr(with_url, "mode: live");
    TEXT text = {0};

    text_add_bytes(&text, bytes_of(with_url, (size_t)(dry - with_url)));
    text_add(&text, "mode: dry-run");
    text_add(&text, dry + strlen("mode: live"));
    folder_put(path, folder, "t.yaml", text_string(&text), 0600);
    free(with_url);
}

Test(command_looks, say_which_endpoint_does_not_answer)
{
    FOLDER folder;
    char path[128];

    folder_make(&folder);
    config_put(path, &folder, "http://127.0.0.1:9");
    refuses(command_check, WORDS("-c", path), EXIT_CHAIN,
            "chain.endpoints[0] 127.0.0.1:9: does not answer");
}

Test(command_looks, give_up_where_nobody_answers)
{
    FOLDER folder;
    char path[128];

    folder_make(&folder);
    config_put(path, &folder, "http://127.0.0.1:9");
    refuses(command_health, WORDS("-c", path), EXIT_CHAIN, "no endpoint answers");
}
