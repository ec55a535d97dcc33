/* `plimsoll key`, as somebody at a terminal or a script meets it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eth/address.h"
#include "keeper/commands.h"
#include "tests/keeper/command_fixture.h"

/* The sixth account of the mnemonic that every test chain knows. */
static const char known_key[] = "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba";
static const char known_address[] = "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc\n";

struct desk {
    struct folder folder;
    char key[128];
    char password[128];
    char wrong[128];
};

static void desk_make(struct desk *desk)
{
    folder_make(&desk->folder);
    folder_path(desk->key, &desk->folder, "keeper.json");
    folder_put(desk->password, &desk->folder, "p", "open sesame\n", 0600);
    folder_put(desk->wrong, &desk->folder, "w", "open barley\n", 0600);
}

static void desk_clear(struct desk *desk)
{
    folder_remove(&desk->folder);
}

#define DESK CLEANUP(desk_clear) struct desk

static int key_run(struct outcome *out, const char *verb, const char *file, const char *password,
                   const char *input)
{
    const char *words[] = {verb, file, password == NULL ? NULL : "--password-file", password, NULL};

    outcome_of(out, command_key, words, input);
    return out->code;
}

Test(command_key, imports_names_and_proves_a_key)
{
    DESK desk;
    OUTCOME imported;
    OUTCOME named;
    OUTCOME proved;
    OUTCOME wrong;
    char input[80] = "0x";

    desk_make(&desk);
    strcat(strcat(input, known_key), "\n");
    cr_assert(eq(int, key_run(&imported, "import", desk.key, desk.password, input), 0), "%s",
              imported.err);
    cr_assert(eq(str, imported.out, (char *)known_address));
    cr_assert(eq(int, key_run(&named, "address", desk.key, NULL, NULL), 0));
    cr_assert(eq(str, named.out, (char *)known_address));
    cr_assert(eq(int, key_run(&proved, "address", desk.key, desk.password, NULL), 0));
    cr_assert(eq(str, proved.out, (char *)known_address));
    cr_assert(eq(int, key_run(&wrong, "address", desk.key, desk.wrong, NULL), 4));
    cr_assert(eq(str, wrong.out, ""));
    cr_assert(strstr(wrong.err, "password") != NULL && strstr(wrong.err, desk.key) != NULL);
}

Test(command_key, makes_a_new_key_and_never_over_an_old_one)
{
    DESK desk;
    OUTCOME made;
    OUTCOME named;
    OUTCOME again;
    OUTCOME over;
    struct address address;

    desk_make(&desk);
    cr_assert(eq(int, key_run(&made, "new", desk.key, desk.password, NULL), 0));
    cr_assert(eq(sz, strlen(made.out), 43));
    cr_assert(address_parse(&address, made.out, 42) == ADDRESS_OK);
    char *before = file_text(desk.key);
    cr_assert(eq(int, key_run(&named, "address", desk.key, NULL, NULL), 0));
    cr_assert(eq(str, named.out, made.out));
    cr_assert(eq(int, key_run(&again, "new", desk.key, desk.password, NULL), 4));
    cr_assert(eq(int, key_run(&over, "import", desk.key, desk.password, known_key), 4));
    char *after = file_text(desk.key);
    cr_assert(eq(str, before, after));
    free(before);
    free(after);
}

Test(command_key, imports_nothing_that_is_no_key)
{
    static const char *const inputs[] = {
        "",
        "\n",
        "0x",
        "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edff",
        "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffbaba",
        "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffbg",
        "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba and more",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    };
    DESK desk;

    desk_make(&desk);
    for (size_t i = 0; i < ARRAY_LENGTH(inputs); i++) {
        OUTCOME outcome;
        cr_assert(eq(int, key_run(&outcome, "import", desk.key, desk.password, inputs[i]), 4));
        cr_assert(access(desk.key, F_OK) != 0);
        cr_assert(eq(str, outcome.out, ""));
        cr_assert(strstr(outcome.err, "8b3a350c") == NULL, "a key in an error: %s", outcome.err);
    }
}

Test(command_key, refuses_a_password_that_is_empty_or_open_to_others)
{
    DESK desk;
    OUTCOME empty;
    OUTCOME open;
    char path[128];

    desk_make(&desk);
    folder_put(path, &desk.folder, "empty", "\n", 0600);
    cr_assert(eq(int, key_run(&empty, "import", desk.key, path, known_key), 4));
    folder_put(path, &desk.folder, "open", "x\n", 0644);
    cr_assert(eq(int, key_run(&open, "import", desk.key, path, known_key), 4));
    cr_assert(strstr(open.err, "chmod 600") != NULL);
    cr_assert(access(desk.key, F_OK) != 0);
}

Test(command_key, needs_a_password_file_where_there_is_no_terminal)
{
    DESK desk;
    OUTCOME outcome;

    desk_make(&desk);
    cr_assert(eq(int, key_run(&outcome, "new", desk.key, NULL, NULL), 2));
    cr_assert(strstr(outcome.err, "--password-file") != NULL);
}

Test(command_key, says_where_a_keystore_names_no_address)
{
    DESK desk;
    OUTCOME outcome;

    desk_make(&desk);
    folder_put(desk.key, &desk.folder, "k", keystore_cheap, 0600);
    cr_assert(eq(int, key_run(&outcome, "address", desk.key, NULL, NULL), 4));
    cr_assert(strstr(outcome.err, "names no address") != NULL);
}

Test(command_key, refuses_what_it_does_not_know)
{
    static const char *const rows[][4] = {
        {NULL}, {"new", NULL}, {"frob", "f", NULL}, {"new", "a", "b", NULL}, {"--nope", NULL}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        OUTCOME outcome;
        outcome_of(&outcome, command_key, rows[i], NULL);
        cr_assert(eq(int, outcome.code, 2));
        cr_assert(strlen(outcome.err) > 0);
    }
}

Test(command_key, helps)
{
    static const char *const words[] = {"--help", NULL};
    OUTCOME outcome;

    outcome_of(&outcome, command_key, words, NULL);
    cr_assert(outcome.code == 0 && strstr(outcome.out, "import") != NULL);
}
