/* The clients of a signer that is a unit of its own: the daemon, and whoever checks beside it. */
#ifndef SIGN_CLIENTS_H
#define SIGN_CLIENTS_H

#include "sign/session.h"

/** Returns only where the listening socket is lost. */
void clients_serve(int listener, struct signer *signer);

#endif
