/*
 * The key at rest. Opening proves three things in turn: the password (by the MAC, before anything
 * is decrypted), the key (in the group), the address (if the file names one, it must be this
 * key's), so that a swapped file cannot pass for the configured account.
 */
#include "sign/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eth/keccak.h"
#include "sign/keystore_file.h"
#include "sign/read_file.h"
#include "sign/secret.h"
#include "sign/signer.h"
#include "sign/why.h"

#define SCRYPT_N 131072
#define SCRYPT_R 8
#define SCRYPT_P 1
#define DETAIL_SIZE 256

#define SECRET CLEANUP(secret_release) struct secret

/* In counter mode one function does both ways. */
static bool cipher_apply(uint8_t *out, const uint8_t *in, size_t size,
                         const struct keystore_file *file, const struct secret *derived)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written = 0;

    bool is_applied =
        context != NULL &&
        EVP_EncryptInit_ex2(context, EVP_aes_128_ctr(), derived->key, file->iv, NULL) == 1 &&
        EVP_EncryptUpdate(context, out, &written, in, (int)size) == 1 && written == (int)size;
    EVP_CIPHER_CTX_free(context);
    return is_applied;
}

static void mac_of(struct hash32 *out, const struct keystore_file *file,
                   const struct secret *derived)
{
    uint8_t input[16 + sizeof file->ciphertext];

    memcpy(input, derived->key + 16, 16);
    memcpy(input + 16, file->ciphertext, file->ciphertext_size);
    keccak256(out, bytes_of(input, 16 + file->ciphertext_size));
    wipe(input, sizeof input);
}

static enum keystore_error keystore_load(struct keystore_file *out, char why[256], const char *path)
{
    char detail[DETAIL_SIZE] = "";
    struct file_owner owner;
    BUFFER json = {0};
    enum keystore_error error = file_read(&json, &owner, path, KEYSTORE_SIZE_MAX);

    if (error == KEYSTORE_CANNOT_READ) {
        why_set(why, "the keystore %s cannot be read: %s", path, strerror(errno));
        return error;
    }
    if (error != KEYSTORE_OK) {
        why_set(why, "the keystore %s is longer than %d bytes", path, KEYSTORE_SIZE_MAX);
        return error;
    }
    if ((owner.mode & S_IWOTH) != 0) {
        why_set(why, "the keystore %s can be written by everybody: chmod 600 it", path);
        return KEYSTORE_PERMISSIONS;
    }
    error = keystore_file_parse(out, detail, buffer_bytes(&json));
    if (error != KEYSTORE_OK)
        why_set(why, "the keystore %s is %s: %s", path, keystore_error_text(error), detail);
    return error;
}

enum keystore_error keystore_address(struct address *out, char why[256], const char *path)
{
    struct keystore_file file;
    enum keystore_error error = keystore_load(&file, why, path);

    if (error != KEYSTORE_OK)
        return error;
    if (!file.has_address) {
        why_set(why, "the keystore %s names no address: it takes the password to tell", path);
        return KEYSTORE_MALFORMED;
    }
    *out = file.address;
    return KEYSTORE_OK;
}

/* What is left of a key that once had leading zeros is put back where it belongs. */
static enum keystore_error decrypt(struct secret *out, const struct keystore_file *file,
                                   struct bytes password)
{
    SECRET derived = {0};
    struct hash32 mac;
    enum keystore_error error = kdf_derive(&derived, &file->kdf, password);

    if (error != KEYSTORE_OK)
        return error;
    mac_of(&mac, file, &derived);
    if (CRYPTO_memcmp(mac.byte, file->mac, sizeof file->mac) != 0)
        return KEYSTORE_WRONG_PASSWORD;
    uint8_t *start = out->key + SECRET_SIZE - file->ciphertext_size;
    if (!cipher_apply(start, file->ciphertext, file->ciphertext_size, file, &derived))
        return KEYSTORE_FAILED;
    return KEYSTORE_OK;
}

static enum keystore_error open_loaded(struct secret *out, struct address *address,
                                       const struct keystore_file *file, struct bytes password)
{
    enum keystore_error error = decrypt(out, file, password);

    if (error != KEYSTORE_OK)
        return error;
    if (!secret_address(address, out))
        return KEYSTORE_BAD_KEY;
    if (file->has_address && !address_is_equal(address, &file->address))
        return KEYSTORE_WRONG_ADDRESS;
    return KEYSTORE_OK;
}

enum keystore_error keystore_open(struct secret *out, struct address *address, char why[256],
                                  const char *path, struct bytes password)
{
    struct keystore_file file;
    enum keystore_error error = keystore_load(&file, why, path);

    out->key = NULL;
    if (error != KEYSTORE_OK)
        return error;
    error = secret_new(out);
    if (error == KEYSTORE_OK)
        error = open_loaded(out, address, &file, password);
    if (error == KEYSTORE_OK)
        return error;
    secret_release(out);
    why_set(why, "the keystore %s: %s", path, keystore_error_text(error));
    return error;
}

/* Fills `file` with the secret under a fresh salt. */
static enum keystore_error encrypt(struct keystore_file *file, const struct secret *secret,
                                   struct bytes password)
{
    SECRET derived = {0};
    struct hash32 mac;

    *file = (struct keystore_file){.has_address = true, .ciphertext_size = SECRET_SIZE};
    file->kdf = (struct kdf){.name = KDF_SCRYPT, .n = SCRYPT_N, .r = SCRYPT_R, .p = SCRYPT_P};
    file->kdf.salt_size = 32;
    if (!secret_address(&file->address, secret))
        return KEYSTORE_BAD_KEY;
    if (!random_fill(file->iv, sizeof file->iv) ||
        !random_fill(file->kdf.salt, file->kdf.salt_size))
        return KEYSTORE_FAILED;
    enum keystore_error error = kdf_derive(&derived, &file->kdf, password);
    if (error != KEYSTORE_OK)
        return error;
    if (!cipher_apply(file->ciphertext, secret->key, SECRET_SIZE, file, &derived))
        return KEYSTORE_FAILED;
    mac_of(&mac, file, &derived);
    memcpy(file->mac, mac.byte, sizeof file->mac);
    return KEYSTORE_OK;
}

/* The name must outlive a power cut as well as the bytes do. */
static bool folder_sync(const char *path)
{
    TEXT folder = {0};
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        text_add(&folder, ".");
    else
        text_add_bytes(&folder, bytes_of(path, slash == path ? 1 : (size_t)(slash - path)));
    int fd = open(text_string(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool is_synced = fsync(fd) == 0 || errno == EINVAL; /* some file systems cannot */
    (void)close(fd);
    return is_synced;
}

static bool write_all(int fd, struct bytes bytes)
{
    while (bytes.size > 0) {
        ssize_t put = write(fd, bytes.data, bytes.size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes = bytes_slice(bytes, (size_t)put, bytes.size - (size_t)put);
    }
    return true;
}

static enum keystore_error file_create(char why[256], const char *path, struct bytes bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0 && errno == EEXIST) {
        why_set(why, "%s exists already, and a key is never written over", path);
        return KEYSTORE_EXISTS;
    }
    if (fd < 0) {
        why_set(why, "%s cannot be written: %s", path, strerror(errno));
        return KEYSTORE_FAILED;
    }
    bool is_written = write_all(fd, bytes) && fsync(fd) == 0;
    is_written = close(fd) == 0 && is_written;
    if (is_written && folder_sync(path))
        return KEYSTORE_OK;
    why_set(why, "%s cannot be written: %s", path, strerror(errno));
    (void)unlink(path);
    return KEYSTORE_FAILED;
}

enum keystore_error keystore_write(char why[256], const char *path, const struct secret *secret,
                                   struct bytes password)
{
    struct keystore_file file;
    uint8_t id[16];
    TEXT json = {0};
    enum keystore_error error = encrypt(&file, secret, password);

    if (error == KEYSTORE_OK && !random_fill(id, sizeof id))
        error = KEYSTORE_FAILED;
    if (error != KEYSTORE_OK) {
        why_set(why, "no keystore was made: %s", keystore_error_text(error));
        return error;
    }
    keystore_file_format(&json, &file, id);
    return file_create(why, path, text_bytes(&json));
}

const char *keystore_error_text(enum keystore_error error)
{
    switch (error) {
    case KEYSTORE_OK:
        return "well";
    case KEYSTORE_CANNOT_READ:
        return "not readable";
    case KEYSTORE_PERMISSIONS:
        return "open to others";
    case KEYSTORE_MALFORMED:
        return "malformed";
    case KEYSTORE_UNSUPPORTED:
        return "of a kind that is not supported";
    case KEYSTORE_TOO_COSTLY:
        return "asking for more memory or rounds than are given (a gigabyte, ten million)";
    case KEYSTORE_WRONG_PASSWORD:
        return "the password does not open it";
    case KEYSTORE_WRONG_ADDRESS:
        return "its key is not of the address that it names";
    case KEYSTORE_BAD_KEY:
        return "what it holds is no key of this curve";
    case KEYSTORE_EXISTS:
        return "it exists already";
    case KEYSTORE_FAILED:
        return "the machine refused (memory that can be locked, or random)";
    }
    must_fail("no keystore_error", __FILE__, __LINE__);
}
