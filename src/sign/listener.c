/*
 * A signer that was killed leaves its socket's name behind, and the next one must get past it; but
 * two signers on one name would each hold a policy of their own. Whether somebody answers decides.
 */
#include "sign/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sign/why.h"

/** Clients that wait their turn; more are refused by the kernel. */
#define LISTENER_BACKLOG 4

static bool has_listener(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return true;
    bool is_dead = connect(fd, (const struct sockaddr *)name, sizeof *name) != 0 &&
                   (errno == ECONNREFUSED || errno == ENOENT);
    (void)close(fd);
    return !is_dead;
}

/* Only ever a socket is removed: a path given by mistake may be anything. */
static bool name_clear(char why[256], const struct sockaddr_un *name)
{
    struct stat status;

    if (lstat(name->sun_path, &status) != 0)
        return true;
    if (!S_ISSOCK(status.st_mode)) {
        why_set(why, "%s is there and is no socket", name->sun_path);
        return false;
    }
    if (has_listener(name)) {
        why_set(why, "another signer answers on %s", name->sun_path);
        return false;
    }
    return unlink(name->sun_path) == 0 || errno == ENOENT;
}

static int socket_bind(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    mode_t before = umask(0117);
    bool is_bound = bind(fd, (const struct sockaddr *)name, sizeof *name) == 0;
    (void)umask(before);
    if (is_bound && listen(fd, LISTENER_BACKLOG) == 0)
        return fd;
    int reason = errno;
    (void)close(fd);
    errno = reason;
    return -1;
}

int listener_open(char why[256], const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof name.sun_path) {
        why_set(why, "signer.socket is longer than %zu characters", sizeof name.sun_path - 1);
        return -1;
    }
    memcpy(name.sun_path, path, strlen(path));
    why[0] = '\0';
    if (!name_clear(why, &name)) {
        if (why[0] == '\0')
            why_set(why, "the old socket %s cannot be removed: %s", path, strerror(errno));
        return -1;
    }
    int fd = socket_bind(&name);
    if (fd < 0)
        why_set(why, "no socket at %s: %s", path, strerror(errno));
    return fd;
}

int listener_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}
