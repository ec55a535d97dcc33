/* The signer's own Unix socket, where it is a unit of its own. */
#ifndef SIGN_LISTENER_H
#define SIGN_LISTENER_H

#include <stdbool.h>

#include "base/must.h"

/** Mode 0660. A socket that a dead signer left behind is replaced, a living one's is not.
 *  Out: a descriptor, or -1 with `why`. */
MUST_CHECK int listener_open(char why[256], const char *path);
/** The next client, after poll found one. Out: a descriptor, or -1: it is gone again. */
MUST_CHECK int listener_accept(int listener);

#endif
