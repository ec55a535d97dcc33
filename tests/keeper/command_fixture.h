/* Runs one command as a process would: arguments, standard input, both outputs, the exit code. */
#ifndef TESTS_KEEPER_COMMAND_FIXTURE_H
#define TESTS_KEEPER_COMMAND_FIXTURE_H

#include "tests/sign/sign_fixture.h"

struct outcome {
    int code;  /* minus the signal, where one ended it */
    char *out; /* gives: outcome_release */
    char *err;
};

#define OUTCOME CLEANUP(outcome_release) struct outcome

/** In: words  NULL at their end, without the command's name; input  NULL: nothing. */
void outcome_of(struct outcome *out, int (*command)(int, char **), const char *const *words,
                const char *input);
void outcome_release(struct outcome *outcome);

#endif
