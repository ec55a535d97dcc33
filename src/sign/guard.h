/* What the kernel can do so that a process with a key in it keeps the key. */
#ifndef SIGN_GUARD_H
#define SIGN_GUARD_H

#include <stdbool.h>

#include "base/must.h"

/** No core dump, no ptrace by the same user, no new privileges. False: the kernel refused. */
MUST_CHECK bool guard_process(void);
/** Dies with its parent. False: it is dead already; `fd` is the end of a pair that it made. */
MUST_CHECK bool guard_parent(int fd);
/** May whoever is behind this socket ask for signatures? Own user, own group, root. */
MUST_CHECK bool guard_peer(int fd);
/** From here on: what answering takes, EPERM for the rest (no file, no connection, no program). For
 *  good. In: spend_fd, the one descriptor that may be written at a place; -1: none.
 *  False: this kernel cannot, and nothing has changed. */
MUST_CHECK bool guard_syscalls(int spend_fd);

#endif
