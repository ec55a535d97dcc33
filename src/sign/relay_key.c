/*
 * A relay wants to know whom it serves, by a signature over each request. Were that the key that
 * pays, it would have to stand beside the network and sign what comes along: so it is another one.
 */
#include "sign/relay_key.h"

#include <secp256k1_recovery.h>
#include <string.h>

#include "base/text.h"
#include "eth/keccak.h"
#include "sign/secret.h"
#include "sign/signer.h"

/* EIP-191, version 0x45, over the 66 letters of a hash as text. */
#define PREFIX                                                                                     \
    "\x19"                                                                                         \
    "Ethereum Signed Message:\n66"

enum keystore_error relay_key_new(struct relay_key *out)
{
    struct address address;
    enum keystore_error error = keystore_new_key(&out->secret);

    if (error != KEYSTORE_OK)
        return error;
    if (!secret_address(&address, &out->secret)) {
        secret_release(&out->secret);
        return KEYSTORE_FAILED;
    }
    address_format(out->address, &address);
    return KEYSTORE_OK;
}

void relay_key_release(struct relay_key *key)
{
    secret_release(&key->secret);
}

static void message_hash(struct hash32 *out, struct bytes body)
{
    struct hash32 digest;
    TEXT message = {0};

    keccak256(&digest, body);
    text_add(&message, PREFIX);
    text_add_hex(&message, bytes_of(digest.byte, sizeof digest.byte));
    keccak256(out, text_bytes(&message));
}

bool relay_header(char out[RELAY_HEADER_SIZE], const struct relay_key *key, struct bytes body)
{
    const secp256k1_context *context = secret_context(&key->secret);
    secp256k1_ecdsa_recoverable_signature signature;
    uint8_t wire[65];
    int recovery = 0;
    struct hash32 hash;
    TEXT line = {0};

    message_hash(&hash, body);
    if (secp256k1_ecdsa_sign_recoverable(context, &signature, hash.byte, key->secret.key,
                                         secp256k1_nonce_function_rfc6979, NULL) != 1 ||
        secp256k1_ecdsa_recoverable_signature_serialize_compact(context, wire, &recovery,
                                                                &signature) != 1)
        return false;
    wire[64] = (uint8_t)(27 + recovery); /* as wallets give it */
    text_add(&line, "X-Flashbots-Signature: ");
    text_add(&line, key->address);
    text_add_char(&line, ':');
    text_add_hex(&line, bytes_of(wire, sizeof wire));
    MUST(text_length(&line) < RELAY_HEADER_SIZE);
    memcpy(out, text_string(&line), text_length(&line) + 1);
    return true;
}
