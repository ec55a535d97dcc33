/*
 * Loaded into the daemon (LD_PRELOAD): ends it as kill -9 would, at the n-th time that it touches
 * its journal's file. Between two touches lies everything else that it does to the world, so that
 * going through all n goes through every moment that a crash can tell apart.
 *
 * CRASH_AT     n; 0 or none: only count
 * CRASH_TORN   1: as if the power failed too: the second half of each write since the file was last
 *              synchronised is gone, and of the one under way
 * CRASH_COUNT  a file that receives "touches syncs" when the process ends by itself
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#define WRITES_MAX 4096

static pid_t owner; /* the signer is a process of its own, and none of ours */
static long touches;
static long syncs;
static struct {
    int fd;
    off64_t offset;
    size_t size;
} unsynced[WRITES_MAX];
static size_t unsynced_count;

__attribute__((constructor)) static void begin(void)
{
    char text[32];

    if (getenv("CRASH_OWNER") != NULL)
        return;
    owner = getpid();
    snprintf(text, sizeof(text), "%ld", (long)owner);
    setenv("CRASH_OWNER", text, 1);
}

static ssize_t write_on(int fd, const void *data, size_t size, off64_t offset)
{
    ssize_t (*next)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
    return next(fd, data, size, offset);
}

static void tear(void)
{
    static const char zero[65536];

    for (size_t i = 0; i < unsynced_count; i++) {
        size_t half = unsynced[i].size / 2;
        size_t rest = unsynced[i].size - half;

        rest = rest > sizeof(zero) ? sizeof(zero) : rest;
        (void)write_on(unsynced[i].fd, zero, rest, unsynced[i].offset + (off64_t)half);
    }
}

/* True: the process is to end at this touch. */
static int touch(void)
{
    const char *at = getenv("CRASH_AT");

    if (getpid() != owner)
        return 0;
    touches++;
    return at != NULL && touches == strtol(at, NULL, 10);
}

static void end(void)
{
    if (getenv("CRASH_TORN") != NULL)
        tear();
    (void)kill(getpid(), SIGKILL);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    int is_last = touch();

    if (unsynced_count < WRITES_MAX) {
        unsynced[unsynced_count].fd = fd;
        unsynced[unsynced_count].offset = offset;
        unsynced[unsynced_count++].size = size;
    }
    if (is_last && getenv("CRASH_TORN") != NULL)
        (void)write_on(fd, data, size, offset);
    if (is_last)
        end();
    return write_on(fd, data, size, offset);
}

static void synced(int fd)
{
    size_t kept = 0;

    for (size_t i = 0; i < unsynced_count; i++)
        if (unsynced[i].fd != fd)
            unsynced[kept++] = unsynced[i];
    unsynced_count = kept;
}

static int sync_on(int fd, const char *name)
{
    int (*next)(int) = dlsym(RTLD_NEXT, name);

    if (touch())
        end();
    syncs += getpid() == owner;
    synced(fd);
    return next(fd);
}

int fdatasync(int fd)
{
    return sync_on(fd, "fdatasync");
}

int fsync(int fd)
{
    return sync_on(fd, "fsync");
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("CRASH_COUNT");
    FILE *file = path == NULL || getpid() != owner ? NULL : fopen(path, "w");

    if (file == NULL)
        return;
    fprintf(file, "%ld %ld\n", touches, syncs);
    fclose(file);
}
