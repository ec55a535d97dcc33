/*
 * A key that reaches the swap, a core dump or a freed heap block is a key lost. So a secret has a
 * page of its own: locked, left out of dumps, wiped before it goes back; and with it the curve's
 * context, whose blinding would give it away.
 */
#include "sign/secret.h"

#include <secp256k1_preallocated.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define PAGE_SIZE 4096
#define CONTEXT_OFFSET 64
#define SEED_OFFSET (PAGE_SIZE - 32)

void wipe(void *data, size_t size)
{
    if (size > 0)
        explicit_bzero(data, size);
}

bool random_fill(void *out, size_t size)
{
    uint8_t *at = out;

    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

/* Blinding is a second line behind constant-time code; without random there is no first line. */
static bool context_begin(uint8_t *page)
{
    if (secp256k1_context_preallocated_size(SECP256K1_CONTEXT_NONE) > SEED_OFFSET - CONTEXT_OFFSET)
        return false;
    secp256k1_context *context =
        secp256k1_context_preallocated_create(page + CONTEXT_OFFSET, SECP256K1_CONTEXT_NONE);
    bool is_blinded = random_fill(page + SEED_OFFSET, SECRET_SIZE) &&
                      secp256k1_context_randomize(context, page + SEED_OFFSET) == 1;
    wipe(page + SEED_OFFSET, SECRET_SIZE);
    return is_blinded;
}

enum keystore_error secret_new(struct secret *out)
{
    out->key = NULL;
    void *page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return KEYSTORE_FAILED;
    if (mlock(page, PAGE_SIZE) != 0 || madvise(page, PAGE_SIZE, MADV_DONTDUMP) != 0 ||
        !context_begin(page)) {
        (void)munmap(page, PAGE_SIZE);
        return KEYSTORE_FAILED;
    }
    out->key = page;
    return KEYSTORE_OK;
}

void secret_release(struct secret *secret)
{
    if (secret->key == NULL)
        return;
    wipe(secret->key, PAGE_SIZE);
    (void)munlock(secret->key, PAGE_SIZE);
    (void)munmap(secret->key, PAGE_SIZE);
    secret->key = NULL;
}

const secp256k1_context *secret_context(const struct secret *secret)
{
    return (const secp256k1_context *)(const void *)(secret->key + CONTEXT_OFFSET);
}

enum keystore_error keystore_new_key(struct secret *out)
{
    enum keystore_error error = secret_new(out);

    if (error != KEYSTORE_OK)
        return error;
    do {
        if (!random_fill(out->key, SECRET_SIZE)) {
            secret_release(out);
            return KEYSTORE_FAILED;
        }
    } while (secp256k1_ec_seckey_verify(secret_context(out), out->key) != 1);
    return KEYSTORE_OK;
}
