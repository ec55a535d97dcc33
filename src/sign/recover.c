/*
 * Nothing in a transaction says who sent it: the sender is the key that the signature implies. This
 * needs no secret, so it stays apart from everything that has one.
 */
#include "sign/recover.h"

#include <secp256k1_recovery.h>
#include <string.h>

#include "eth/keccak.h"

bool transaction_sender(struct address *out, const struct transaction *transaction)
{
    const secp256k1_context *context = secp256k1_context_static;
    secp256k1_ecdsa_recoverable_signature signature;
    secp256k1_pubkey point;
    uint8_t compact[64];
    uint8_t encoded[65];
    size_t size = sizeof encoded;
    struct hash32 hash;

    if (!transaction->is_signed || transaction->y_parity > 1)
        return false;
    u256_to_word(compact, &transaction->r);
    u256_to_word(compact + 32, &transaction->s);
    transaction_signing_hash(&hash, transaction);
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, compact,
                                                            transaction->y_parity) != 1)
        return false;
    if (secp256k1_ecdsa_recover(context, &point, &signature, hash.byte) != 1)
        return false;
    if (secp256k1_ec_pubkey_serialize(context, encoded, &size, &point, SECP256K1_EC_UNCOMPRESSED) !=
        1)
        return false;
    keccak256(&hash, bytes_of(encoded + 1, sizeof encoded - 1));
    memcpy(out->byte, hash.byte + 12, sizeof out->byte);
    return true;
}
