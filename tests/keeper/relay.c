#include "tests/keeper/relay.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <secp256k1_recovery.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "eth/address.h"
#include "eth/keccak.h"

#define HEADER "\r\nX-Flashbots-Signature: "
#define ADDRESS_LETTERS 42

static bool quantity_read(uint64_t *out, const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL && hex_quantity(out, text, strlen(text));
}

/* {"txs":["0x…"],"blockNumber":"0x…"} and no more: without revertingTxHashes nothing may revert. */
static bool bundle_read(struct relay_post *out, const json_t *params)
{
    const json_t *txs = json_object_get(params, "txs");

    out->is_bundle = true;
    out->raw = (char *)json_string_value(json_array_get(txs, 0));
    return json_object_size(params) == 2 && json_array_size(txs) == 1 && out->raw != NULL &&
           quantity_read(&out->block, json_object_get(params, "blockNumber"));
}

static bool private_read(struct relay_post *out, const json_t *params)
{
    const json_t *preferences = json_object_get(params, "preferences");

    out->raw = (char *)json_string_value(json_object_get(params, "tx"));
    return json_object_size(params) == 3 && json_is_object(preferences) && out->raw != NULL &&
           quantity_read(&out->block, json_object_get(params, "maxBlockNumber"));
}

static bool post_read(struct relay_post *out, const json_t *call)
{
    const char *method = json_string_value(json_object_get(call, "method"));
    const json_t *params = json_object_get(call, "params");
    const char *version = json_string_value(json_object_get(call, "jsonrpc"));

    *out = (struct relay_post){0};
    if (method == NULL || version == NULL || strcmp(version, "2.0") != 0 ||
        json_array_size(params) != 1)
        return false;
    params = json_array_get(params, 0);
    if (strcmp(method, "eth_sendBundle") == 0)
        return bundle_read(out, params);
    return strcmp(method, "eth_sendPrivateTransaction") == 0 && private_read(out, params);
}

static void hash_add(struct text *out, const char *raw)
{
    BUFFER bytes = {0};
    struct hash32 hash;
    char text[HASH32_TEXT_SIZE];

    cr_assert(hex_decode_prefixed(&bytes, raw, strlen(raw)));
    keccak256(&hash, buffer_bytes(&bytes));
    hash32_format(text, &hash);
    text_add_json(out, bytes_of_text(text));
}

/* The block's maker has it; a chain of the fixture then knows it as if it had been posted there. */
static void forward(struct chain *chain, const char *raw)
{
    TEXT request = {0};

    text_add(&request, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_sendRawTransaction\","
                       "\"params\":[\"");
    text_add(&request, raw);
    text_add(&request, "\"]}");
    free(chain_answer(chain, text_string(&request)));
}

static char *relay_answer(void *context, const char *request)
{
    struct relay *relay = context;
    json_t *call = json_loads(request, 0, NULL);
    struct relay_post post;
    TEXT answer = {0};
    char *given;

    pthread_mutex_lock(&relay->lock);
    if (!post_read(&post, call) || relay->count == RELAY_POSTS_MAX) {
        relay->fault = relay->fault == NULL ? strdup(request) : relay->fault;
        pthread_mutex_unlock(&relay->lock);
        json_decref(call);
        return NULL;
    }
    post.raw = strdup(post.raw);
    relay->post[relay->count++] = post;
    pthread_mutex_unlock(&relay->lock);
    if (relay->chain != NULL)
        forward(relay->chain, post.raw);
    text_add(&answer, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_u64(&answer, (uint64_t)json_integer_value(json_object_get(call, "id")));
    text_add(&answer, post.is_bundle ? ",\"result\":{\"bundleHash\":" : ",\"result\":");
    hash_add(&answer, post.raw);
    text_add(&answer, post.is_bundle ? "}}" : "}");
    given = strdup(text_string(&answer));
    json_decref(call);
    return given;
}

void relay_open(struct relay *out, struct chain *chain)
{
    memset(out, 0, sizeof(*out));
    out->chain = chain;
    pthread_mutex_init(&out->lock, NULL);
    out->server = server_new();
    server_say(out->server, (struct server_reply){.answer = relay_answer, .context = out});
}

void relay_close(struct relay *relay)
{
    server_free(relay->server);
    for (unsigned i = 0; i < relay->count; i++)
        free(relay->post[i].raw);
    free((char *)relay->fault);
    pthread_mutex_destroy(&relay->lock);
}

/* EIP-191 over the text of the body's hash, worked out here from the words of the EIP. */
static void message_hash(struct hash32 *out, const char *body)
{
    static const char prefix[] = "\x19"
                                 "Ethereum Signed Message:\n66";
    char digits[HASH32_TEXT_SIZE];
    struct hash32 digest;
    BUFFER message = {0};

    keccak256(&digest, bytes_of_text(body));
    hash32_format(digits, &digest);
    buffer_add(&message, prefix, sizeof(prefix) - 1);
    buffer_add(&message, digits, strlen(digits));
    keccak256(out, buffer_bytes(&message));
}

static void address_recover(char out[ADDRESS_TEXT_SIZE], const char *signature, const char *body)
{
    secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey point;
    uint8_t encoded[65];
    size_t size = sizeof(encoded);
    struct address address;
    struct hash32 hash;
    BUFFER wire = {0};

    cr_assert(hex_decode_prefixed(&wire, signature, 2 + 2 * 65), "no signature: %.132s", signature);
    cr_assert(wire.data[64] == 27 || wire.data[64] == 28);
    message_hash(&hash, body);
    cr_assert(secp256k1_ecdsa_recoverable_signature_parse_compact(context, &parsed, wire.data,
                                                                  wire.data[64] - 27) == 1);
    cr_assert(secp256k1_ecdsa_recover(context, &point, &parsed, hash.byte) == 1);
    cr_assert(secp256k1_ec_pubkey_serialize(context, encoded, &size, &point,
                                            SECP256K1_EC_UNCOMPRESSED) == 1);
    secp256k1_context_destroy(context);
    keccak256(&hash, bytes_of(encoded + 1, 64));
    memcpy(address.byte, hash.byte + 12, 20);
    address_format(out, &address);
}

void relay_signer(char out[43], const struct relay *relay)
{
    unsigned count = server_requests(relay->server);

    cr_assert(count > 0, "nobody came");
    for (unsigned i = 0; i < count; i++) {
        const char *request = server_request(relay->server, i);
        const char *header = strstr(request, HEADER);
        const char *body = strstr(request, "\r\n\r\n");
        char recovered[ADDRESS_TEXT_SIZE];

        cr_assert(header != NULL && body != NULL && header < body, "unsigned: %s", request);
        header += strlen(HEADER);
        cr_assert(header[ADDRESS_LETTERS] == ':');
        address_recover(recovered, header + ADDRESS_LETTERS + 1, body + 4);
        cr_assert_eq(strncmp(header, recovered, ADDRESS_LETTERS), 0, "%.42s signs as %s", header,
                     recovered);
        if (i > 0)
            cr_assert_str_eq(recovered, out);
        strcpy(out, recovered);
    }
}
