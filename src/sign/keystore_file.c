/*
 * Ten years of wallets wrote this format in slightly different hands: "Crypto" or "crypto", hex in
 * either case and with or without 0x, an address or none. What they mean is the same; what is
 * missing or of the wrong size is refused by the name of its field.
 */
#include "sign/keystore_file.h"

#include <jansson.h>
#include <string.h>

#include "base/hex.h"
#include "sign/why.h"

#define UUID_DIGITS 32

static enum keystore_error refuse(char why[256], const char *field)
{
    why_set(why, "the field %s is missing or not of the right form", field);
    return KEYSTORE_MALFORMED;
}

/* Bytes of a hex string, at most `max`; false: no string, odd, too long, or no hex. */
static bool hex_field(uint8_t *out, size_t *size, size_t max, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);

    if (text == NULL)
        return false;
    if (length >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        text += 2;
        length -= 2;
    }
    if (length % 2 != 0 || length / 2 > max)
        return false;
    *size = length / 2;
    return hex_decode(out, *size, text, length);
}

static bool hex_exactly(uint8_t *out, size_t size, const json_t *value)
{
    size_t got = 0;
    return hex_field(out, &got, size, value) && got == size;
}

static bool positive_field(uint64_t *out, const json_t *value)
{
    if (!json_is_integer(value) || json_integer_value(value) <= 0)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

/* A file without an address is still a keystore: geth's newer ones can leave it out. */
static enum keystore_error address_read(struct keystore_file *out, char why[256],
                                        const json_t *value)
{
    out->has_address = false;
    if (value == NULL || json_is_null(value) ||
        (json_is_string(value) && json_string_length(value) == 0))
        return KEYSTORE_OK;
    if (!hex_exactly(out->address.byte, sizeof out->address.byte, value))
        return refuse(why, "address");
    out->has_address = true;
    return KEYSTORE_OK;
}

static enum keystore_error pbkdf2_read(struct kdf *out, char why[256], const json_t *params)
{
    const char *prf = json_string_value(json_object_get(params, "prf"));

    out->name = KDF_PBKDF2;
    if (!positive_field(&out->rounds, json_object_get(params, "c")))
        return refuse(why, "crypto.kdfparams.c");
    if (prf == NULL)
        return refuse(why, "crypto.kdfparams.prf");
    if (strcmp(prf, "hmac-sha256") == 0)
        return KEYSTORE_OK;
    why_set(why, "crypto.kdfparams.prf is not hmac-sha256");
    return KEYSTORE_UNSUPPORTED;
}

static enum keystore_error scrypt_read(struct kdf *out, char why[256], const json_t *params)
{
    out->name = KDF_SCRYPT;
    if (!positive_field(&out->n, json_object_get(params, "n")))
        return refuse(why, "crypto.kdfparams.n");
    if (!positive_field(&out->r, json_object_get(params, "r")))
        return refuse(why, "crypto.kdfparams.r");
    if (!positive_field(&out->p, json_object_get(params, "p")))
        return refuse(why, "crypto.kdfparams.p");
    return KEYSTORE_OK;
}

/* Both functions give the same first 32 bytes for every longer dklen, and no more are used. */
static enum keystore_error kdf_read(struct kdf *out, char why[256], const json_t *crypto)
{
    const char *name = json_string_value(json_object_get(crypto, "kdf"));
    const json_t *params = json_object_get(crypto, "kdfparams");
    uint64_t length = 0;

    if (name == NULL)
        return refuse(why, "crypto.kdf");
    bool is_scrypt = strcmp(name, "scrypt") == 0;
    if (!is_scrypt && strcmp(name, "pbkdf2") != 0) {
        why_set(why, "crypto.kdf is neither scrypt nor pbkdf2");
        return KEYSTORE_UNSUPPORTED;
    }
    if (!json_is_object(params))
        return refuse(why, "crypto.kdfparams");
    if (!positive_field(&length, json_object_get(params, "dklen")) || length < 32)
        return refuse(why, "crypto.kdfparams.dklen");
    if (!hex_field(out->salt, &out->salt_size, sizeof out->salt, json_object_get(params, "salt")))
        return refuse(why, "crypto.kdfparams.salt");
    return is_scrypt ? scrypt_read(out, why, params) : pbkdf2_read(out, why, params);
}

static enum keystore_error crypto_read(struct keystore_file *out, char why[256],
                                       const json_t *crypto)
{
    const char *cipher = json_string_value(json_object_get(crypto, "cipher"));
    const json_t *params = json_object_get(crypto, "cipherparams");

    if (!json_is_object(crypto))
        return refuse(why, "crypto");
    if (cipher == NULL)
        return refuse(why, "crypto.cipher");
    if (strcmp(cipher, "aes-128-ctr") != 0) {
        why_set(why, "crypto.cipher is not aes-128-ctr");
        return KEYSTORE_UNSUPPORTED;
    }
    if (!hex_exactly(out->iv, sizeof out->iv, json_object_get(params, "iv")))
        return refuse(why, "crypto.cipherparams.iv");
    if (!hex_field(out->ciphertext, &out->ciphertext_size, sizeof out->ciphertext,
                   json_object_get(crypto, "ciphertext")) ||
        out->ciphertext_size == 0)
        return refuse(why, "crypto.ciphertext");
    if (!hex_exactly(out->mac, sizeof out->mac, json_object_get(crypto, "mac")))
        return refuse(why, "crypto.mac");
    return kdf_read(&out->kdf, why, crypto);
}

static enum keystore_error root_read(struct keystore_file *out, char why[256], const json_t *root)
{
    const json_t *version = json_object_get(root, "version");
    const json_t *crypto = json_object_get(root, "crypto");

    if (!json_is_object(root))
        return refuse(why, "at the top (an object)");
    if (version == NULL)
        return refuse(why, "version");
    if (!json_is_integer(version) || json_integer_value(version) != 3) {
        why_set(why, "the field version is not 3");
        return KEYSTORE_UNSUPPORTED;
    }
    enum keystore_error error = address_read(out, why, json_object_get(root, "address"));
    if (error != KEYSTORE_OK)
        return error;
    return crypto_read(out, why, crypto != NULL ? crypto : json_object_get(root, "Crypto"));
}

enum keystore_error keystore_file_parse(struct keystore_file *out, char why[256], struct bytes json)
{
    json_error_t fault;
    json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &fault);

    *out = (struct keystore_file){0};
    if (root == NULL) {
        /* not its own words: they quote the file, which may be the password's, given by mistake */
        why_set(why, "it is no JSON at line %d, column %d", fault.line, fault.column);
        return KEYSTORE_MALFORMED;
    }
    enum keystore_error error = root_read(out, why, root);
    json_decref(root);
    return error;
}

static void text_add_digits(struct text *out, const uint8_t *data, size_t size)
{
    char digits[2 * KDF_SALT_MAX + 1];

    hex_encode(digits, bytes_of(data, size));
    text_add(out, digits);
}

/* RFC 4122: version 4 in the high half of byte 6, variant 10 in the top of byte 8. */
static void text_add_uuid(struct text *out, const uint8_t id[16])
{
    uint8_t marked[16];
    char digits[UUID_DIGITS + 1];

    memcpy(marked, id, sizeof marked);
    marked[6] = (uint8_t)((marked[6] & 0x0f) | 0x40);
    marked[8] = (uint8_t)((marked[8] & 0x3f) | 0x80);
    hex_encode(digits, bytes_of(marked, sizeof marked));
    for (size_t i = 0; i < UUID_DIGITS; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            text_add_char(out, '-');
        text_add_char(out, digits[i]);
    }
}

void keystore_file_format(struct text *out, const struct keystore_file *file, const uint8_t id[16])
{
    MUST(file->kdf.name == KDF_SCRYPT && file->has_address);
    text_add(out, "{\"version\":3,\"id\":\"");
    text_add_uuid(out, id);
    text_add(out, "\",\"address\":\"");
    text_add_digits(out, file->address.byte, sizeof file->address.byte);
    text_add(out, "\",\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":\"");
    text_add_digits(out, file->iv, sizeof file->iv);
    text_add(out, "\"},\"ciphertext\":\"");
    text_add_digits(out, file->ciphertext, file->ciphertext_size);
    text_add(out, "\",\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":");
    text_add_u64(out, file->kdf.n);
    text_add(out, ",\"r\":");
    text_add_u64(out, file->kdf.r);
    text_add(out, ",\"p\":");
    text_add_u64(out, file->kdf.p);
    text_add(out, ",\"salt\":\"");
    text_add_digits(out, file->kdf.salt, file->kdf.salt_size);
    text_add(out, "\"},\"mac\":\"");
    text_add_digits(out, file->mac, sizeof file->mac);
    text_add(out, "\"}}\n");
}
