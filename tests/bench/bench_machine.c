/*
 * What the machine takes for itself, whoever asks: a disk that has a page, a process that is woken
 * and wakes another. Between a node's answer and a signed transaction stand one of the first and
 * two of the second, so that no keeper of this build is faster than they are.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/clock.h"

#define TIMES 1000
#define PAGE 4096
#define PAGES 2 /* that a commit of the journal writes, about */

static double sample[TIMES];

/* Heads are far apart: a core has gone to sleep by then. */
static void rest(void)
{
    const struct timespec pause = {.tv_nsec = 2000000};

    nanosleep(&pause, NULL);
}

static void print(const char *figure)
{
    bench_figure(figure, 1e6 * bench_quantile(sample, TIMES, 0.5), "us", ",\"quantile\":\"p50\"");
    bench_figure(figure, 1e6 * bench_quantile(sample, TIMES, 0.99), "us", ",\"quantile\":\"p99\"");
}

/* Pages that the file has already, as a journal's have: no length is to be written with them. */
static bool disk_sync(void)
{
    const char *folder = getenv("TMPDIR");
    static char page[PAGES * PAGE];
    char path[4096];
    int fd;
    bool is_well;

    (void)snprintf(path, sizeof(path), "%s/bench.XXXXXX", folder != NULL ? folder : "/tmp");
    fd = mkstemp(path);
    if (fd < 0)
        return false;
    is_well = unlink(path) == 0;
    for (int i = 0; i < TIMES && is_well; i++)
        is_well = write(fd, page, sizeof(page)) == (ssize_t)sizeof(page);
    is_well = is_well && fsync(fd) == 0;
    for (int i = 0; i < TIMES && is_well; i++) {
        rest();
        const double began = bench_now();
        is_well = pwrite(fd, page, sizeof(page), (off_t)(sizeof(page) * (size_t)i)) ==
                      (ssize_t)sizeof(page) &&
                  fdatasync(fd) == 0;
        sample[i] = bench_now() - began;
    }
    (void)close(fd);
    if (is_well)
        print("disk_sync");
    return is_well;
}

static _Noreturn void echo(int fd)
{
    char byte;

    while (read(fd, &byte, 1) == 1 && write(fd, &byte, 1) == 1) {
    }
    _exit(EXIT_SUCCESS);
}

static bool process_round_trip(void)
{
    int pair[2];
    bool is_well = socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
    pid_t pid;

    if (!is_well)
        return false;
    pid = fork();
    if (pid == 0) {
        (void)close(pair[0]);
        echo(pair[1]);
    }
    (void)close(pair[1]);
    is_well = pid > 0;
    for (int i = 0; i < TIMES && is_well; i++) {
        char byte = 0;

        rest();
        const double began = bench_now();
        is_well = write(pair[0], &byte, 1) == 1 && read(pair[0], &byte, 1) == 1;
        sample[i] = bench_now() - began;
    }
    (void)close(pair[0]);
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    if (is_well)
        print("process_round_trip");
    return is_well;
}

int main(void)
{
    return disk_sync() && process_round_trip() ? EXIT_SUCCESS : EXIT_FAILURE;
}
