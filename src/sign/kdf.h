/* From a password to the key that opens a keystore: scrypt and pbkdf2, as the file asks, but never
 * at any price. */
#ifndef SIGN_KDF_H
#define SIGN_KDF_H

#include "sign/keystore.h"

#define KDF_SALT_MAX 256
/** Rounds of pbkdf2; published wallets use up to 1,000,000. About four seconds here. */
#define KDF_ROUNDS_MAX 10000000

enum kdf_name { KDF_SCRYPT, KDF_PBKDF2 };

struct kdf {
    enum kdf_name name;
    uint64_t n; /* scrypt */
    uint64_t r;
    uint64_t p;
    uint64_t rounds; /* pbkdf2 with HMAC-SHA-256 */
    uint8_t salt[KDF_SALT_MAX];
    size_t salt_size;
};

/**
 * What it asks for, before it is paid.
 * Fails: KEYSTORE_MALFORMED    parameters that scrypt does not have (n no power of two, a zero)
 *        KEYSTORE_TOO_COSTLY   over KEYSTORE_MEMORY_MAX or KDF_ROUNDS_MAX
 */
MUST_CHECK enum keystore_error kdf_check(const struct kdf *kdf);
/**
 * 32 bytes.
 * Gives: secret_release.
 * Fails: as kdf_check, and KEYSTORE_FAILED: the machine said no
 */
MUST_CHECK enum keystore_error kdf_derive(struct secret *out, const struct kdf *kdf,
                                          struct bytes password);

#endif
