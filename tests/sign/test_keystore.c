/* Keystores as the world has written them, and each way in which one can be wrong. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "sign/kdf.h"
#include "tests/sign/sign_fixture.h"

#define SECRET CLEANUP(secret_release) struct secret

/* Puts `text` into a file and opens it. Out: *key its digits, where it opens. */
static enum keystore_error open_text(char key[65], char why[256], const char *text,
                                     const char *password)
{
    FOLDER folder;
    SECRET secret = {0};
    struct address address;
    char path[128];

    folder_make(&folder);
    folder_put(path, &folder, "k.json", text, 0600);
    why[0] = '\0';
    enum keystore_error error =
        keystore_open(&secret, &address, why, path, bytes_of_text(password));
    cr_assert(eq(int, secret.key != NULL, error == KEYSTORE_OK));
    if (error == KEYSTORE_OK)
        hex_encode(key, bytes_of(secret.key, 32));
    else
        cr_assert(strlen(why) > 0, "a refusal without a word");
    return error;
}

static void must_open(const char *text, const char *password, const char *wanted)
{
    char key[65], why[256];

    cr_assert(eq(int, open_text(key, why, text, password), KEYSTORE_OK), "%s", why);
    cr_assert(eq(str, key, (char *)wanted));
}

/* The cheap keystore with one thing changed. */
static void must_refuse(const char *old, const char *fresh, enum keystore_error wanted)
{
    char key[65], why[256];
    char *text = text_with(keystore_cheap, old, fresh);

    cr_assert(eq(int, open_text(key, why, text, "foo"), wanted), "%s -> %s: %s", old, fresh, why);
    free(text);
}

Test(keystore, opens_the_definition_with_pbkdf2)
{
    must_open(keystore_pbkdf2, "testpassword", keystore_definition_key);
}

Test(keystore, opens_the_definition_with_scrypt_that_openssl_refuses)
{
    must_open(keystore_scrypt, "testpassword", keystore_definition_key);
}

Test(keystore, opens_keys_that_lost_their_leading_zeros)
{
    must_open(keystore_cheap, "foo", keystore_cheap_key);
    must_open("{\"crypto\":{\"cipher\":\"aes-128-ctr\","
              "\"cipherparams\":{\"iv\":\"3ca92af36ad7c2cd92454c59cea5ef00\"},"
              "\"ciphertext\":\"108b7d34f3442fc26ab1ab90ca91476ba6bfa8c00975a49ef9051dc675aa\","
              "\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":2,\"r\":8,\"p\":1,"
              "\"salt\":\"d0769e608fb86cda848065642a9c6fa046845c928175662b8e356c77f914cd3b\"},"
              "\"mac\":\"75d0e6759f7b3cefa319c3be41680ab6beea7d8328653474bd06706d4cc67420\"},"
              "\"id\":\"a37e1559-5955-450d-8075-7b8931b392b2\",\"version\":3}",
              "foo", "000081c29e8142bb6a81bef5a92bda7a8328a5c85bb2f9542e76f9b0f94fc018");
}

Test(keystore, opens_what_other_hands_wrote)
{
    char *capital = text_with(keystore_cheap, "\"crypto\"", "\"Crypto\"");
    char *prefixed = text_with(keystore_cheap, "\"mac\":\"", "\"mac\":\"0x");
    char *upper = text_with(keystore_cheap, "e0c41130a323adc1446f", "E0C41130A323ADC1446F");
    char *longer = text_with(keystore_cheap, "\"dklen\":32", "\"dklen\":64");
    char *nameless = text_with(keystore_cheap, "\"version\":3", "\"version\":3,\"address\":null");
    const char *texts[] = {capital, prefixed, upper, longer, nameless};

    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        must_open(texts[i], "foo", keystore_cheap_key);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        free((char *)texts[i]);
}

Test(keystore, refuses_a_wrong_password)
{
    char key[65], why[256];

    cr_assert(eq(int, open_text(key, why, keystore_cheap, "fop"), KEYSTORE_WRONG_PASSWORD));
    cr_assert(eq(int, open_text(key, why, keystore_cheap, ""), KEYSTORE_WRONG_PASSWORD));
    cr_assert(eq(int, open_text(key, why, keystore_cheap, "foo\n"), KEYSTORE_WRONG_PASSWORD));
}

Test(keystore, refuses_a_damaged_ciphertext_and_a_damaged_mac)
{
    must_refuse("9517cd", "9517ce", KEYSTORE_WRONG_PASSWORD);
    must_refuse("d5e116", "d5e117", KEYSTORE_WRONG_PASSWORD);
}

Test(keystore, refuses_every_truncation)
{
    FOLDER folder;
    char path[128], why[256];

    folder_make(&folder);
    for (size_t length = 0; length < strlen(keystore_cheap); length++) {
        SECRET secret = {0};
        struct address address;
        char *text = strndup(keystore_cheap, length);
        folder_put(path, &folder, "k.json", text, 0600);
        free(text);
        cr_assert(eq(int, keystore_open(&secret, &address, why, path, bytes_of_text("foo")),
                     KEYSTORE_MALFORMED));
        cr_assert(secret.key == NULL);
        cr_assert(eq(int, keystore_address(&address, why, path), KEYSTORE_MALFORMED));
    }
}

Test(keystore, refuses_what_is_missing_or_of_the_wrong_form)
{
    static const char *const changes[][2] = {
        {"\"version\":3", "\"x\":3"},
        {"\"crypto\":", "\"x\":"},
        {"{\"cipher\":\"aes-128-ctr\",", "{"},
        {"\"iv\":", "\"x\":"},
        {"e0c41130", "e0c411"},
        {"e0c41130", "e0c4113"},
        {"e0c41130", "g0c41130"},
        {"\"ciphertext\":\"9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984\"",
         "\"ciphertext\":\"\""},
        {"9517cd5b", "9517cd5b00001111"},
        {"9517cd5b", "9517cd5"},
        {"\"kdf\":\"scrypt\",", ""},
        {"\"kdf\":\"scrypt\"", "\"kdf\":7"},
        {"\"kdfparams\":{", "\"kdfparams\":7,\"x\":{"},
        {"\"dklen\":32", "\"dklen\":31"},
        {"\"dklen\":32", "\"dklen\":\"32\""},
        {"\"n\":2", "\"n\":3"},
        {"\"n\":2", "\"n\":1"},
        {"\"n\":2", "\"n\":0"},
        {"\"n\":2", "\"n\":-2"},
        {"\"n\":2", "\"n\":2.0"},
        {"\"r\":8", "\"r\":0"},
        {"\"p\":1", "\"p\":0"},
        {"\"p\":1", "\"q\":1"},
        {"\"salt\":", "\"x\":"},
        {"\"mac\":", "\"x\":"},
        {"d5e11615", "d5e116"},
        {"\"version\":3", "\"version\":3,\"version\":3"},
        {"\"version\":3", "\"version\":3,\"address\":\"17c5\""},
        {"\"version\":3", "\"version\":3,\"address\":7"},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++)
        must_refuse(changes[i][0], changes[i][1], KEYSTORE_MALFORMED);
}

Test(keystore, refuses_what_it_does_not_support)
{
    must_refuse("\"version\":3", "\"version\":1", KEYSTORE_UNSUPPORTED);
    must_refuse("\"version\":3", "\"version\":\"3\"", KEYSTORE_UNSUPPORTED);
    must_refuse("aes-128-ctr", "aes-128-cbc", KEYSTORE_UNSUPPORTED);
    must_refuse("\"kdf\":\"scrypt\"", "\"kdf\":\"argon2id\"", KEYSTORE_UNSUPPORTED);
    must_refuse("\"kdf\":\"scrypt\",\"kdfparams\":{",
                "\"kdf\":\"pbkdf2\",\"kdfparams\":{\"c\":1,\"prf\":\"hmac-sha512\",",
                KEYSTORE_UNSUPPORTED);
}

Test(keystore, refuses_costs_over_the_cap_before_it_pays_them)
{
    must_refuse("\"n\":2,\"r\":8,\"p\":1", "\"n\":1048576,\"r\":8,\"p\":2", KEYSTORE_TOO_COSTLY);
    must_refuse("\"n\":2", "\"n\":8388608", KEYSTORE_TOO_COSTLY);
    must_refuse("\"n\":2", "\"n\":4611686018427387904", KEYSTORE_TOO_COSTLY);
    must_refuse("\"r\":8", "\"r\":4611686018427387904", KEYSTORE_TOO_COSTLY);
    must_refuse("\"p\":1", "\"p\":9223372036854775807", KEYSTORE_TOO_COSTLY);
    must_refuse("\"kdf\":\"scrypt\",\"kdfparams\":{",
                "\"kdf\":\"pbkdf2\",\"kdfparams\":{\"c\":10000001,\"prf\":\"hmac-sha256\",",
                KEYSTORE_TOO_COSTLY);
}

Test(keystore, asks_for_the_cap_and_not_a_byte_more)
{
    struct kdf dear = {.name = KDF_SCRYPT, .n = 262144, .r = 8, .p = 4};
    struct kdf rounds = {.name = KDF_PBKDF2, .rounds = KDF_ROUNDS_MAX};
    SECRET derived = {0};

    cr_assert(eq(int, kdf_check(&dear), KEYSTORE_OK));
    cr_assert(eq(int, kdf_check(&rounds), KEYSTORE_OK));
    dear = (struct kdf){.name = KDF_SCRYPT, .n = 2, .r = 1, .p = 4194305};
    rounds.rounds++;
    cr_assert(eq(int, kdf_derive(&derived, &dear, bytes_of_text("x")), KEYSTORE_TOO_COSTLY));
    cr_assert(eq(int, kdf_derive(&derived, &rounds, bytes_of_text("x")), KEYSTORE_TOO_COSTLY));
    rounds.rounds = 0;
    cr_assert(eq(int, kdf_derive(&derived, &rounds, bytes_of_text("x")), KEYSTORE_MALFORMED));
    cr_assert(derived.key == NULL);
}

Test(keystore, refuses_a_key_that_is_not_of_the_named_address)
{
    must_refuse("\"version\":3",
                "\"version\":3,\"address\":\"17c5185167401ed00cf5f5b2fc97d9bbfdb7d025\"",
                KEYSTORE_WRONG_ADDRESS);
}

Test(keystore, writes_what_it_opens_again_and_only_for_its_owner)
{
    FOLDER folder;
    SECRET fresh = {0}, opened = {0};
    struct address address, named, opened_address;
    struct stat status;
    char path[128], why[256];

    folder_make(&folder);
    folder_path(path, &folder, "new.json");
    cr_assert(keystore_new_key(&fresh) == KEYSTORE_OK && secret_address(&address, &fresh));
    cr_assert(eq(int, keystore_write(why, path, &fresh, bytes_of_text("pass word")), KEYSTORE_OK));
    cr_assert(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600);
    cr_assert(keystore_address(&named, why, path) == KEYSTORE_OK);
    cr_assert(address_is_equal(&named, &address));
    cr_assert(eq(int,
                 keystore_open(&opened, &opened_address, why, path, bytes_of_text("pass word")),
                 KEYSTORE_OK));
    cr_assert(memcmp(opened.key, fresh.key, 32) == 0);
    cr_assert(address_is_equal(&opened_address, &address));
    cr_assert(
        eq(int, keystore_write(why, path, &opened, bytes_of_text("pass word")), KEYSTORE_EXISTS));
}

Test(keystore, refuses_to_write_a_key_that_is_none)
{
    FOLDER folder;
    SECRET zero = {0}, order = {0};
    char path[128], why[256];

    folder_make(&folder);
    folder_path(path, &folder, "bad.json");
    secret_of(&zero, "0000000000000000000000000000000000000000000000000000000000000000");
    secret_of(&order, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    cr_assert(eq(int, keystore_write(why, path, &zero, bytes_of_text("x")), KEYSTORE_BAD_KEY));
    cr_assert(eq(int, keystore_write(why, path, &order, bytes_of_text("x")), KEYSTORE_BAD_KEY));
    cr_assert(access(path, F_OK) != 0);
}

Test(keystore, refuses_a_file_that_is_absent_too_long_or_open_to_writers)
{
    FOLDER folder;
    SECRET secret = {0};
    struct address address;
    char path[128], why[256];
    char *large = calloc(1, KEYSTORE_SIZE_MAX + 2);

    folder_make(&folder);
    folder_path(path, &folder, "none");
    cr_assert(eq(int, keystore_open(&secret, &address, why, path, bytes_of_text("foo")),
                 KEYSTORE_CANNOT_READ));
    memset(large, ' ', KEYSTORE_SIZE_MAX + 1);
    folder_put(path, &folder, "large", large, 0600);
    free(large);
    cr_assert(eq(int, keystore_open(&secret, &address, why, path, bytes_of_text("foo")),
                 KEYSTORE_MALFORMED));
    folder_put(path, &folder, "open", keystore_cheap, 0606);
    cr_assert(eq(int, keystore_open(&secret, &address, why, path, bytes_of_text("foo")),
                 KEYSTORE_PERMISSIONS));
    cr_assert(eq(int, keystore_open(&secret, &address, why, folder.path, bytes_of_text("foo")),
                 KEYSTORE_CANNOT_READ));
}

Test(keystore, says_nothing_of_what_stands_in_a_file_that_is_none)
{
    char key[65], why[256];

    cr_assert(eq(int, open_text(key, why, "correct horse battery", "x"), KEYSTORE_MALFORMED));
    cr_assert(strstr(why, "correct") == NULL, "%s", why);
}

Test(keystore, gives_each_new_key_another)
{
    SECRET first = {0}, second = {0};

    cr_assert(keystore_new_key(&first) == KEYSTORE_OK && keystore_new_key(&second) == KEYSTORE_OK);
    cr_assert(memcmp(first.key, second.key, 32) != 0);
}
