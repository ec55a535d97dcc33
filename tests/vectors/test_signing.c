/*
 * Published transactions signed again with the published keys: RFC 6979 leaves one answer, so every
 * byte must be theirs. And published keystores, opened to the published keys.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sign/recover.h"
#include "tests/eth/bytes_of_hex.h"
#include "tests/sign/sign_fixture.h"
#include "tests/vectors/vectors.h"

#define SECRET CLEANUP(secret_release) struct secret

/* False: a field over 64 bits, which no chain takes. */
static bool sign_again(const struct secret *secret, const char *wire)
{
    BUFFER raw = {0}, ours = {0};
    struct transaction transaction;
    struct address sender, address;
    struct bytes bytes = bytes_of_hex(&raw, wire);
    enum transaction_error error = transaction_decode(&transaction, bytes);

    if (error == TRANSACTION_FIELD_RANGE)
        return false;
    cr_assert(eq(int, error, TRANSACTION_OK));
    cr_assert(transaction_sender(&sender, &transaction) && secret_address(&address, secret));
    cr_assert(address_is_equal(&sender, &address));
    transaction.is_signed = false;
    transaction.r = transaction.s = U256_ZERO;
    cr_assert(transaction_sign(&ours, &transaction, secret));
    cr_assert(is_hex(buffer_bytes(&ours), wire));
    return true;
}

Test(vectors, legacy_transactions_are_signed_byte_for_byte)
{
    json_t *root = vectors_load("transactions.json");
    size_t signed_count = 0, i;
    json_t *vector;

    json_array_foreach(root, i, vector)
    {
        SECRET secret = {0};
        secret_of(&secret, vector_text(vector, "privateKey") + 2);
        signed_count += sign_again(&secret, vector_text(vector, "signedTransaction"));
        signed_count += sign_again(&secret, vector_text(vector, "signedTransactionChainId5"));
    }
    cr_assert(gt(sz, signed_count, 1900));
    json_decref(root);
}

Test(vectors, typed_transactions_are_signed_byte_for_byte)
{
    json_t *root = vectors_load("typed-transactions.json");
    size_t i;
    json_t *vector;

    json_array_foreach(root, i, vector)
    {
        SECRET secret = {0};
        secret_of(&secret, vector_text(vector, "key") + 2);
        cr_assert(sign_again(&secret, vector_text(vector, "signed")));
    }
    cr_assert(gt(sz, i, 1500));
    json_decref(root);
}

Test(vectors, keys_have_their_published_addresses)
{
    json_t *root = vectors_load("accounts.json");
    size_t keys = 0, i;
    json_t *vector;

    json_array_foreach(root, i, vector)
    {
        SECRET secret = {0};
        struct address address;
        char text[ADDRESS_TEXT_SIZE];
        const char *key = vector_text(vector, "privateKey");
        if (key == NULL)
            continue;
        secret_of(&secret, key + 2);
        cr_assert(secret_address(&address, &secret));
        address_format(text, &address);
        cr_assert(eq(str, text, (char *)vector_text(vector, "checksumAddress")));
        keys++;
    }
    cr_assert(gt(sz, keys, 500));
    json_decref(root);
}

/* Two that cost a second each, and say what secretstorage_null says as well. */
static bool is_left_out(const json_t *vector)
{
    const char *name = vector_text(vector, "name");

    return strcmp(vector_text(vector, "type"), "secret-storage") != 0 ||
           strcmp(name, "ethers2") == 0 || strcmp(name, "secretstorage_password") == 0;
}

Test(vectors, keystores_open_to_their_published_keys)
{
    json_t *root = vectors_load("wallets.json");
    size_t opened = 0, i;
    json_t *vector;
    FOLDER folder;

    folder_make(&folder);
    json_array_foreach(root, i, vector)
    {
        SECRET secret = {0};
        BUFFER key = {0};
        struct address address;
        char path[128], why[256] = "";
        if (is_left_out(vector))
            continue;
        folder_put(path, &folder, "k.json", vector_text(vector, "json"), 0600);
        struct bytes password = bytes_of_text(vector_text(vector, "password"));
        cr_assert(eq(int, keystore_open(&secret, &address, why, path, password), KEYSTORE_OK),
                  "%s: %s", vector_text(vector, "name"), why);
        struct bytes wanted = bytes_of_hex(&key, vector_text(vector, "privateKey"));
        cr_assert(bytes_equal(bytes_of(secret.key, 32), wanted));
        opened++;
    }
    cr_assert(eq(sz, opened, 5));
    json_decref(root);
}
