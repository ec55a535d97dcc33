/*
 * Who can read a process's memory or speak to its socket has its key. Unix says no to neither by
 * default: cores are written, the same user may trace, orphans live on.
 */
#include "sign/guard.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A unit's filter may forbid setrlimit; then the limit is the unit's, and not being dumpable alone
 * is enough to leave no core. */
bool guard_process(void)
{
    struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static bool peer_read(struct ucred *out, int fd)
{
    socklen_t size = sizeof *out;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, out, &size) == 0 && size == sizeof *out;
}

/* The parent may have died before the kernel was asked to tell; then we have another one by now. */
bool guard_parent(int fd)
{
    struct ucred maker;

    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && peer_read(&maker, fd) &&
           maker.pid == getppid();
}

bool guard_peer(int fd)
{
    struct ucred peer;

    return peer_read(&peer, fd) &&
           (peer.uid == 0 || peer.uid == geteuid() || peer.gid == getegid());
}
