/* The first words with a signer: whose key it has, and what it may sign. */
#ifndef KEEPER_SIGNER_CONNECT_H
#define KEEPER_SIGNER_CONNECT_H

#include "keeper/signer_link.h"
#include "keeper/signer_spawn.h"

/** scrypt at its dearest takes some seconds, on a small machine under load some more. */
#define SIGNER_CONNECT_TIMEOUT_MS 60000
/** Its key is open, and the loop stands still: shorter than any watchdog. */
#define SIGNER_POLICY_TIMEOUT_MS 10000
/** One that comes back listens only once its key is open, and the loop stands still meanwhile. */
#define SIGNER_AGAIN_TIMEOUT_MS 1000

/** signer_link_open without the link. Out: *child is set only where it went well. */
MUST_CHECK enum signer_link_error signer_connect(struct signer_child *child, char why[256],
                                                 const struct config *config,
                                                 const struct signer_policy *policy,
                                                 int64_t patience_ms);
/** For `check`: does a signer open its key, and is it keeper.account's? It signs nothing, and may
 * run beside the one that does. */
MUST_CHECK enum signer_link_error signer_prove(char why[256], const struct config *config);
/** Asks for the policy to be taken, on a connection on which nothing else is under way. */
MUST_CHECK enum signer_link_error signer_tell_policy(const struct signer_child *child,
                                                     char why[256],
                                                     const struct signer_policy *policy);

#endif
