#include "tests/keeper/command_fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 16

static _Noreturn void child_run(int (*command)(int, char **), const char *const *words,
                                const int descriptors[3])
{
    char *arguments[WORDS_MAX + 1];
    int count = 0;

    for (; words[count] != NULL && count < WORDS_MAX; count++)
        arguments[count] = (char *)words[count];
    arguments[count] = NULL;
    for (int i = 0; i < 3; i++)
        if (dup2(descriptors[i], i) != i)
            _exit(99);
    (void)setsid(); /* no terminal to ask at */
    int code = command(count, arguments);
    (void)fflush(stdout);
    _exit(code);
}

void outcome_of(struct outcome *out, int (*command)(int, char **), const char *const *words,
                const char *input)
{
    FOLDER folder;
    char path[3][128];
    int descriptors[3], status = 0;

    folder_make(&folder);
    folder_put(path[0], &folder, "in", input == NULL ? "" : input, 0600);
    folder_put(path[1], &folder, "out", "", 0600);
    folder_put(path[2], &folder, "err", "", 0600);
    for (int i = 0; i < 3; i++)
        descriptors[i] = open(path[i], i == 0 ? O_RDONLY : O_WRONLY);
    (void)fflush(NULL);
    pid_t pid = fork();
    cr_assert(pid >= 0);
    if (pid == 0)
        child_run(command, words, descriptors);
    cr_assert(waitpid(pid, &status, 0) == pid);
    for (int i = 0; i < 3; i++)
        close(descriptors[i]);
    out->code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    out->out = file_text(path[1]);
    out->err = file_text(path[2]);
}

void outcome_release(struct outcome *outcome)
{
    free(outcome->out);
    free(outcome->err);
}
