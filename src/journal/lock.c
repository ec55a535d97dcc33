/*
 * Two daemons on one journal would give the same nonce twice. The lock must be gone the moment the
 * process is, however it went, and must not live on in a child that it forked: so it is the
 * kernel's record lock of a process, on a file of its own. (A process therefore opens a journal
 * once: closing any descriptor of that file would drop it.)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal/store.h"

static enum journal_error taken_by(int lock, char why[JOURNAL_WHY_SIZE])
{
    struct flock holder = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool is_known =
        fcntl(lock, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK && holder.l_pid > 0;

    if (is_known)
        (void)snprintf(why, JOURNAL_WHY_SIZE,
                       "process %ld writes it; stop that one first, or name another journal.path",
                       (long)holder.l_pid);
    else
        (void)snprintf(why, JOURNAL_WHY_SIZE,
                       "another process writes it; stop that one first, or name another "
                       "journal.path");
    return JOURNAL_LOCKED;
}

enum journal_error journal_lock(int *lock, char why[JOURNAL_WHY_SIZE], const char *path)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char name[4096];

    if (snprintf(name, sizeof(name), "%s.lock", path) >= (int)sizeof(name)) {
        (void)snprintf(why, JOURNAL_WHY_SIZE, "its path is too long");
        return JOURNAL_CANNOT_OPEN;
    }
    int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        (void)snprintf(why, JOURNAL_WHY_SIZE, "its lock file: %s; the folder must be writable",
                       strerror(errno));
        return JOURNAL_CANNOT_OPEN;
    }
    if (fcntl(file, F_SETLK, &whole) == 0) {
        *lock = file;
        return JOURNAL_OK;
    }
    enum journal_error error = JOURNAL_CANNOT_OPEN;
    if (errno == EACCES || errno == EAGAIN)
        error = taken_by(file, why);
    else
        (void)snprintf(why, JOURNAL_WHY_SIZE, "its lock file: %s", strerror(errno));
    (void)close(file);
    return error;
}
