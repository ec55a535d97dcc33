/* A keystore's fields, out of its JSON and back, before any password is asked for. */
#ifndef SIGN_KEYSTORE_FILE_H
#define SIGN_KEYSTORE_FILE_H

#include "base/text.h"
#include "sign/kdf.h"

struct keystore_file {
    bool has_address;
    struct address address;
    uint8_t iv[16];
    uint8_t ciphertext[32];
    size_t ciphertext_size; /* 1 to 32: old writers dropped a key's leading zeros */
    uint8_t mac[32];
    struct kdf kdf;
};

/** `why` names the field. Fails: KEYSTORE_MALFORMED, KEYSTORE_UNSUPPORTED. */
MUST_CHECK enum keystore_error keystore_file_parse(struct keystore_file *out, char why[256],
                                                   struct bytes json);
/** Scrypt only; `id` is the 16 random bytes of the file's UUID. */
void keystore_file_format(struct text *out, const struct keystore_file *file, const uint8_t id[16]);

#endif
