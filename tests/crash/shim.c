/*
 * Loaded into the daemon (LD_PRELOAD): ends it as kill -9 would, at the n-th time that it touches
 * its journal's file. Between two touches lies everything else that it does to the world, so that
 * going through all n goes through every moment that a crash can tell apart.
 *
 * CRASH_AT     n; 0 or none: only count
 * CRASH_COUNT  a file that receives the count when the process ends by itself
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static long touches;

static void touch(void)
{
    const char *at = getenv("CRASH_AT");
    touches++;
    if (at != NULL && touches == strtol(at, NULL, 10))
        (void)kill(getpid(), SIGKILL);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    ssize_t (*next)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
    touch();
    return next(fd, data, size, offset);
}

int fdatasync(int fd)
{
    int (*next)(int) = dlsym(RTLD_NEXT, "fdatasync");
    touch();
    return next(fd);
}

int fsync(int fd)
{
    int (*next)(int) = dlsym(RTLD_NEXT, "fsync");
    touch();
    return next(fd);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("CRASH_COUNT");
    FILE *file = path == NULL ? NULL : fopen(path, "w");
    if (file == NULL)
        return;
    fprintf(file, "%ld\n", touches);
    fclose(file);
}
