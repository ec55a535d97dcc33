/*
 * A child inherits more than is good for one that holds a key: descriptors of the journal and of
 * the nodes, the environment, a blocked signal. It gets one socket, standard error, and six
 * variables.
 */
#include "keeper/signer_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define CHILD_FD 3
#define CHILD_FD_TEXT "3"
#define EXIT_NOT_STARTED 127

/* Where the password may be and the day's count belongs, how to log, and what a sanitized build
 * needs. */
static const char *const inherited[] = {"CREDENTIALS_DIRECTORY", "STATE_DIRECTORY",
                                        "JOURNAL_STREAM",        "ASAN_OPTIONS",
                                        "UBSAN_OPTIONS",         "LSAN_OPTIONS"};

struct environment {
    struct text text[ARRAY_LENGTH(inherited)];
    char *list[ARRAY_LENGTH(inherited) + 1];
};

static void environment_make(struct environment *out)
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(inherited); i++) {
        const char *value = getenv(inherited[i]);
        if (value == NULL)
            continue;
        text_add(&out->text[count], inherited[i]);
        text_add_char(&out->text[count], '=');
        text_add(&out->text[count], value);
        out->list[count] = (char *)out->text[count].buffer.data;
        count++;
    }
}

static void environment_release(struct environment *environment)
{
    for (size_t i = 0; i < ARRAY_LENGTH(inherited); i++)
        text_release(&environment->text[i]);
}

/* Between fork and exec: only what is safe there, since another thread may hold any lock. */
static _Noreturn void child_run(int fd, pid_t parent, char *const *arguments,
                                char *const *environment)
{
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
        _exit(EXIT_NOT_STARTED);
    bool is_placed = fd == CHILD_FD ? fcntl(fd, F_SETFD, 0) == 0 : dup2(fd, CHILD_FD) == CHILD_FD;
    if (!is_placed || close_range(CHILD_FD + 1, ~0U, 0) != 0)
        _exit(EXIT_NOT_STARTED);
    (void)execve("/proc/self/exe", arguments, environment);
    _exit(EXIT_NOT_STARTED);
}

bool signer_spawn(struct signer_child *out, const char *config, bool address_only)
{
    /* execve promises not to write to them */
    char *arguments[] = {(char *)"plimsoll",
                         (char *)"sign",
                         (char *)"--fd",
                         (char *)CHILD_FD_TEXT,
                         (char *)"--config",
                         (char *)config,
                         address_only ? (char *)"--address-only" : NULL,
                         NULL};
    CLEANUP(environment_release) struct environment environment = {0};
    int pair[2];

    environment_make(&environment);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0)
        child_run(pair[1], self, arguments, environment.list);
    int reason = errno;
    (void)close(pair[1]);
    if (pid > 0) {
        *out = (struct signer_child){.pid = pid, .fd = pair[0]};
        return true;
    }
    (void)close(pair[0]);
    errno = reason;
    return false;
}

/* With its socket closed it takes its count back to what was signed, and ends. */
static bool has_settled(pid_t pid, int *status)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (int waited_ms = 0; waited_ms < SIGNER_SETTLE_MS; waited_ms++) {
        if (waitpid(pid, status, WNOHANG) == pid)
            return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

int signer_child_end(struct signer_child *child)
{
    int status = 0;

    if (child->fd >= 0)
        (void)close(child->fd);
    child->fd = -1;
    if (child->pid <= 0)
        return 0;
    /* deep in scrypt, or stuck; what it counted ahead of the day's spend then stays counted */
    if (!has_settled(child->pid, &status)) {
        (void)kill(child->pid, SIGKILL);
        while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    child->pid = 0;
    return status;
}
