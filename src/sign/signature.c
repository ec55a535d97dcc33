/*
 * A signature must be the same for the same bytes: a nonce taken from a bad random gives the key
 * away, and a keeper that signs twice must not offer two transactions. RFC 6979 is both.
 */
#include <secp256k1_recovery.h>
#include <string.h>

#include "eth/keccak.h"
#include "sign/secret.h"
#include "sign/signer.h"

bool secret_address(struct address *out, const struct secret *secret)
{
    const secp256k1_context *context = secret_context(secret);
    secp256k1_pubkey point;
    uint8_t encoded[65];
    size_t size = sizeof encoded;
    struct hash32 hash;

    if (secp256k1_ec_pubkey_create(context, &point, secret->key) != 1)
        return false;
    if (secp256k1_ec_pubkey_serialize(context, encoded, &size, &point, SECP256K1_EC_UNCOMPRESSED) !=
        1)
        return false;
    keccak256(&hash, bytes_of(encoded + 1, sizeof encoded - 1));
    memcpy(out->byte, hash.byte + 12, sizeof out->byte);
    return true;
}

bool transaction_sign(struct buffer *out, struct transaction *transaction,
                      const struct secret *secret)
{
    const secp256k1_context *context = secret_context(secret);
    secp256k1_ecdsa_recoverable_signature signature;
    uint8_t compact[64];
    int recovery = 0;
    struct hash32 hash;

    transaction_signing_hash(&hash, transaction);
    if (secp256k1_ecdsa_sign_recoverable(context, &signature, hash.byte, secret->key,
                                         secp256k1_nonce_function_rfc6979, NULL) != 1)
        return false;
    if (secp256k1_ecdsa_recoverable_signature_serialize_compact(context, compact, &recovery,
                                                                &signature) != 1)
        return false;
    if (recovery > 1) /* r was cut by the group's order: no transaction can say so */
        return false;
    transaction->y_parity = (uint8_t)recovery;
    transaction->r = u256_of_word(compact);
    transaction->s = u256_of_word(compact + 32);
    transaction->is_signed = true;
    transaction_encode(out, transaction);
    return true;
}
