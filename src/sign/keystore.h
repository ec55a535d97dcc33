/*
 * sign: the only room with a key. Keystores, the policy, the process that answers on a Unix socket;
 * and, apart and without any key, who signed a transaction.
 * It refuses to know plans, flights and the network.
 *
 * This file: Web3 Secret Storage version 3, by scrypt and by pbkdf2.
 */
#ifndef SIGN_KEYSTORE_H
#define SIGN_KEYSTORE_H

#include "eth/address.h"

/** Memory that a keystore may make us take (128 × N × r × p bytes); more is refused unasked. */
#define KEYSTORE_MEMORY_MAX (1ULL << 30)
#define KEYSTORE_SIZE_MAX 65536

/** In locked memory that is never dumped; wiped by secret_release. */
struct secret {
    uint8_t *key; /* 32 bytes, page of its own */
};

enum keystore_error {
    KEYSTORE_OK,
    KEYSTORE_CANNOT_READ,
    KEYSTORE_PERMISSIONS, /* a password file that others can read, a keystore that all can write */
    KEYSTORE_MALFORMED,   /* truncated, no JSON, a field missing or of the wrong size */
    KEYSTORE_UNSUPPORTED, /* version, cipher or kdf */
    KEYSTORE_TOO_COSTLY,  /* kdf parameters over the cap */
    KEYSTORE_WRONG_PASSWORD,
    KEYSTORE_WRONG_ADDRESS, /* decrypts, but not to the address that it names */
    KEYSTORE_BAD_KEY,       /* zero or not below the group's order */
    KEYSTORE_EXISTS,        /* will not overwrite */
    KEYSTORE_FAILED
};

MUST_CHECK enum keystore_error secret_new(struct secret *out);
void secret_release(struct secret *secret);

/** Address that the file names, without a password. KEYSTORE_MALFORMED where it names none. */
MUST_CHECK enum keystore_error keystore_address(struct address *out, char why[256],
                                                const char *path);
/** Decrypts and proves the address. `why` (size 256) is for an operator; never holds a secret. */
MUST_CHECK enum keystore_error keystore_open(struct secret *out, struct address *address,
                                             char why[256], const char *path,
                                             struct bytes password);
/** Writes a new file (0600, fsynced, never over an old one), scrypt n=131072 r=8 p=1. */
MUST_CHECK enum keystore_error keystore_write(char why[256], const char *path,
                                              const struct secret *secret, struct bytes password);
/** A fresh key from the kernel's random. */
MUST_CHECK enum keystore_error keystore_new_key(struct secret *out);
/**
 * First line of the file without its newline; refused where others may read it, unless it is one of
 * systemd's credentials. Where there is no such file, or `path` is NULL, the credential of that
 * name (keeper.password). Wipe it after.
 */
MUST_CHECK enum keystore_error password_read(struct buffer *out, char why[256], const char *path);
void wipe(void *data, size_t size);
const char *keystore_error_text(enum keystore_error error);

#endif
