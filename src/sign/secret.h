/* The page that a secret lives in, for those inside this room that compute with it. */
#ifndef SIGN_SECRET_H
#define SIGN_SECRET_H

#include <secp256k1.h>

#include "sign/keystore.h"

#define SECRET_SIZE 32

/**
 * The curve's context, for signing. It lies in the secret's own page, since its blinding must be as
 * hard to read as the key itself.
 * Lends: until secret_release.
 */
const secp256k1_context *secret_context(const struct secret *secret);

/** Fills with the kernel's random. False: the kernel has none. */
MUST_CHECK bool random_fill(void *out, size_t size);

#endif
