/*
 * The daemon's half of the signer's socket: starts a signer of its own where the config names no
 * socket, speaks sign/signer.h's frames, never blocks the loop while signing.
 */
#ifndef KEEPER_SIGNER_LINK_H
#define KEEPER_SIGNER_LINK_H

#include "eth/observation.h"
#include "keeper/config.h"
#include "sign/signer.h"

/** Requests that may be open at a time. */
#define SIGNER_LINK_PENDING_MAX 512

struct signer_link;

enum signer_link_error {
    SIGNER_LINK_OK,
    SIGNER_LINK_CANNOT_START,
    SIGNER_LINK_CANNOT_CONNECT,
    SIGNER_LINK_KEY_REFUSED,  /* wrong password, bad keystore: the signer said why */
    SIGNER_LINK_WRONG_ACCOUNT /* the key is not keeper.account */
};

/**
 * Starts (`/proc/self/exe sign --fd N -c FILE`) or connects, waits until the signer names its
 * address (scrypt takes a second), and hands over the policy.
 * In:    policy  NULL: none is handed over yet (signer_link_policy), or ever, as for `check`
 * Gives: signer_link_close. `why` is for an operator.
 */
MUST_CHECK enum signer_link_error signer_link_open(struct signer_link **out, char why[256],
                                                   const struct config *config,
                                                   const struct signer_policy *policy);
/** The same, of a signer of its own unit that went away, while the loop waits: for a second at
 * most, and without a policy. */
MUST_CHECK enum signer_link_error signer_link_reopen(struct signer_link **out, char why[256],
                                                     const struct config *config);
/** Hands over the policy, before the first request; waits for the answer. `why` as above. */
MUST_CHECK enum signer_link_error signer_link_policy(struct signer_link *link, char why[256],
                                                     const struct signer_policy *policy);
/** Readable when an answer may be there. */
int signer_link_fd(const struct signer_link *link);
/** Queues one unsigned transaction; answers come in order. False: nothing was queued, since the
 * link is broken, or SIGNER_LINK_PENDING_MAX requests are open. */
MUST_CHECK bool signer_link_sign(struct signer_link *link, uint64_t id,
                                 struct bytes unsigned_bytes);
/**
 * Takes one answer, without blocking. Out: kind SIGNED, status OK or REFUSED, body lent until the
 * next call. False: nothing there. *broken: the signer is gone; every open request is then answered
 * REFUSED by further calls.
 */
MUST_CHECK bool signer_link_take(struct observation *out, bool *broken, struct signer_link *link);
/** Requests that wait for their answer. */
uint32_t signer_link_open_requests(const struct signer_link *link);
/** It has been silent for too long: from now on it is gone, and what comes late is not heard. */
void signer_link_give_up(struct signer_link *link);
void signer_link_close(struct signer_link *link);

#endif
