/*
 * The file names its own price, and a stranger may have written the file: 128 × n × r × p bytes are
 * counted before one of them is asked for. OpenSSL refuses n ≥ 2^(16 r), which a well-known
 * keystore has; libscrypt takes those.
 */
#include "sign/kdf.h"

#include <libscrypt.h>
#include <openssl/evp.h>

#include "sign/secret.h"

static bool is_power_of_two(uint64_t value)
{
    return value > 1 && (value & (value - 1)) == 0;
}

static enum keystore_error scrypt_check(const struct kdf *kdf)
{
    if (!is_power_of_two(kdf->n) || kdf->r == 0 || kdf->p == 0)
        return KEYSTORE_MALFORMED;
    if (kdf->n > KEYSTORE_MEMORY_MAX || kdf->r > KEYSTORE_MEMORY_MAX ||
        kdf->p > KEYSTORE_MEMORY_MAX)
        return KEYSTORE_TOO_COSTLY;
    unsigned __int128 cost = (unsigned __int128)128 * kdf->n * kdf->r * kdf->p;
    return cost > KEYSTORE_MEMORY_MAX ? KEYSTORE_TOO_COSTLY : KEYSTORE_OK;
}

static bool is_taken_by_openssl(const struct kdf *kdf)
{
    return kdf->r >= 4 || kdf->n < UINT64_C(1) << (16 * kdf->r);
}

static bool scrypt_derive(uint8_t out[SECRET_SIZE], const struct kdf *kdf, struct bytes password)
{
    const char *text = (const char *)password.data;

    if (is_taken_by_openssl(kdf))
        return EVP_PBE_scrypt(text, password.size, kdf->salt, kdf->salt_size, kdf->n, kdf->r,
                              kdf->p, 2 * KEYSTORE_MEMORY_MAX, out, SECRET_SIZE) == 1;
    return libscrypt_scrypt(password.data, password.size, kdf->salt, kdf->salt_size, kdf->n,
                            (uint32_t)kdf->r, (uint32_t)kdf->p, out, SECRET_SIZE) == 0;
}

enum keystore_error kdf_check(const struct kdf *kdf)
{
    switch (kdf->name) {
    case KDF_SCRYPT:
        return scrypt_check(kdf);
    case KDF_PBKDF2:
        if (kdf->rounds == 0)
            return KEYSTORE_MALFORMED;
        return kdf->rounds > KDF_ROUNDS_MAX ? KEYSTORE_TOO_COSTLY : KEYSTORE_OK;
    }
    must_fail("no kdf_name", __FILE__, __LINE__);
}

enum keystore_error kdf_derive(struct secret *out, const struct kdf *kdf, struct bytes password)
{
    enum keystore_error error = kdf_check(kdf);
    bool is_derived = false;

    if (error == KEYSTORE_OK)
        error = secret_new(out);
    if (error != KEYSTORE_OK)
        return error;
    if (password.size == 0)
        password = bytes_of("", 0); /* both libraries read NULL as "no password", not as "" */
    switch (kdf->name) {
    case KDF_SCRYPT:
        is_derived = scrypt_derive(out->key, kdf, password);
        break;
    case KDF_PBKDF2:
        is_derived = PKCS5_PBKDF2_HMAC((const char *)password.data, (int)password.size, kdf->salt,
                                       (int)kdf->salt_size, (int)kdf->rounds, EVP_sha256(),
                                       SECRET_SIZE, out->key) == 1;
        break;
    }
    if (is_derived)
        return KEYSTORE_OK;
    secret_release(out);
    return KEYSTORE_FAILED;
}
