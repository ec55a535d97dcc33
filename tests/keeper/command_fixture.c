#include "tests/keeper/command_fixture.h"

#include <criterion/criterion.h>
#include <dirent.h>
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

/* Is any thread but this one at work? */
static bool others_work(void)
{
    DIR *tasks = opendir("/proc/self/task");
    const pid_t self = gettid();
    bool work = false;

    cr_assert_not_null(tasks);
    for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        char path[288], state = 'S';
        FILE *file;

        if (task->d_name[0] == '.' || atoi(task->d_name) == self)
            continue;
        snprintf(path, sizeof(path), "/proc/self/task/%s/stat", task->d_name);
        file = fopen(path, "r");
        if (file == NULL)
            continue; /* it ended meanwhile */
        work |= fscanf(file, "%*d (%*[^)]) %c", &state) == 1 && state != 'S';
        fclose(file);
    }
    closedir(tasks);
    return work;
}

/* AddressSanitizer's heap does not survive a fork in the midst of another thread's malloc: the
 * child waits for ever. A server that was just started is let come to rest first. */
static void threads_settle(void)
{
    for (int quiet = 0, tries = 0; quiet < 5 && tries < 2000; tries++) {
        quiet = others_work() ? 0 : quiet + 1;
        usleep(1000);
    }
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
    threads_settle();
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
