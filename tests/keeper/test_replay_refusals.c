/* Recordings that are cut, foreign, empty, newer or not there. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/commands.h"
#include "tests/keeper/command_fixture.h"
#include "tests/keeper/recording.h"

static const char header[] =
    "{\"plimsoll\":1,\"program\":\"t\",\"chain\":1,\"config\":{},\"time\":1}\n";

/* `replay NAME` of a file with this content, or of none. */
static void refuses(const char *content, int code, const char *said)
{
    FOLDER folder;
    OUTCOME outcome;
    char path[128];

    folder_make(&folder);
    folder_path(path, &folder, "a.rec");
    if (content != NULL)
        folder_put(path, &folder, "a.rec", content, 0600);
    outcome_of(&outcome, command_replay, (const char *const[]){path, "--json", NULL}, NULL);
    cr_assert_eq(outcome.code, code, "exit %d: %s", outcome.code, outcome.err);
    cr_assert_not_null(strstr(outcome.err, said), "no \"%s\" in: %s", said, outcome.err);
    cr_assert_not_null(strstr(outcome.err, path), "the file is not named: %s", outcome.err);
    cr_assert_str_eq(outcome.out, "");
}

Test(replay, refuses_a_missing_file)
{
    refuses(NULL, EXIT_USAGE, "No such file");
}

Test(replay, refuses_an_empty_file)
{
    refuses("", EXIT_USAGE, "an empty file");
}

Test(replay, refuses_a_foreign_file)
{
    refuses("#!/bin/sh\necho hello\n", EXIT_USAGE, "no header of a recording");
    refuses("{\"some\":\"json\"}\n", EXIT_USAGE, "no header of a recording");
}

Test(replay, refuses_a_newer_version)
{
    refuses("{\"plimsoll\":3,\"program\":\"t\",\"chain\":1,\"config\":{},\"time\":1}\n", EXIT_USAGE,
            "newer");
}

Test(replay, refuses_a_config_inside_that_is_not_sound)
{
    refuses(header, EXIT_USAGE, "the recording's config");
}

Test(replay, refuses_damage_in_the_middle)
{
    TEXT content = {0};
    const char *path = recording_or_skip();
    FOLDER folder;
    char copy[128];
    char *text;
    char *middle;

    folder_make(&folder);
    folder_path(copy, &folder, "copy.rec");
    recording_copy(copy, path, NULL);
    text = file_text(copy);
    middle = strchr(text + strlen(text) / 2, '\n');
    memcpy(middle + 1, "#######", 7);
    text_add(&content, text);
    free(text);
    refuses(text_string(&content), EXIT_USAGE, "line");
}

Test(replay, refuses_a_config_of_another_chain)
{
    const char *path = recording_or_skip();
    struct config *config = must_alloc(1, sizeof(*config));
    TOLD told = {0};

    recording_config(config, path);
    config->settings.chain.id++;
    told_of(&told, path, config);
    cr_assert(eq(int, told.code, EXIT_USAGE));
    cr_assert_not_null(strstr(told.why, "chain.id"), "%s", told.why);
    free(config);
}

Test(replay, of_a_truncated_recording_goes_up_to_the_cut_and_warns)
{
    const char *path = recording_or_skip();
    FOLDER folder;
    char copy[128];
    struct stat stat_before;
    TOLD whole = {0};
    TOLD cut = {0};

    folder_make(&folder);
    folder_path(copy, &folder, "copy.rec");
    recording_copy(copy, path, NULL);
    cr_assert(eq(int, stat(copy, &stat_before), 0));
    cr_assert(eq(int, truncate(copy, stat_before.st_size * 2 / 3), 0));
    told_of(&whole, path, NULL);
    told_of(&cut, copy, NULL);
    cr_assert(eq(int, cut.code, EXIT_DONE), "%s", cut.why);
    cr_assert_not_null(strstr(text_string(&cut.warnings), "cut off"));
    cr_assert(cut.result.turns > 0 && cut.result.turns < whole.result.turns);
    cr_assert(text_length(&cut.events) > 0);
}
