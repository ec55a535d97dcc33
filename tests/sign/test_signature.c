/* Signatures that the world knows byte for byte, and who is found behind them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "sign/recover.h"
#include "tests/sign/sign_fixture.h"

#define SECRET CLEANUP(secret_release) struct secret

static const char raw_of_eip155[] =
    "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000"
    "8025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
    "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";

static void must_be_from(const struct transaction *transaction, const char *wanted)
{
    struct address sender;
    char text[ADDRESS_TEXT_SIZE];

    cr_assert(transaction_sender(&sender, transaction));
    address_format(text, &sender);
    cr_assert(eq(str, text, (char *)wanted));
}

Test(signature, is_the_one_in_eip_155)
{
    SECRET secret = {0};
    BUFFER unsigned_bytes = {0}, raw = {0};
    TEXT text = {0};
    struct transaction transaction;

    secret_of(&secret, "4646464646464646464646464646464646464646464646464646464646464646");
    const char hex[] =
        "0xec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3"
        "a764000080018080";
    cr_assert(hex_decode_prefixed(&unsigned_bytes, hex, strlen(hex)));
    cr_assert(transaction_decode_unsigned(&transaction, buffer_bytes(&unsigned_bytes)) ==
              TRANSACTION_OK);
    cr_assert(transaction_sign(&raw, &transaction, &secret));
    text_add_hex(&text, buffer_bytes(&raw));
    cr_assert(eq(str, (char *)text_string(&text), (char *)raw_of_eip155));
    must_be_from(&transaction, "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
}

Test(signature, gives_the_sender_whatever_the_type)
{
    SECRET secret = {0};
    BUFFER calldata = {0}, raw = {0};
    struct transaction transaction, decoded;
    struct address address, sender;

    secret_of(&secret, keystore_cheap_key);
    cr_assert(secret_address(&address, &secret));
    for (uint64_t nonce = 0; nonce < 300; nonce++) {
        transaction_of_test(&transaction, &calldata);
        transaction.type = (enum transaction_type)(nonce % 3);
        transaction.nonce = nonce;
        buffer_clear(&raw);
        cr_assert(transaction_sign(&raw, &transaction, &secret));
        cr_assert(transaction_decode(&decoded, buffer_bytes(&raw)) == TRANSACTION_OK);
        cr_assert(transaction_sender(&sender, &decoded) && address_is_equal(&sender, &address));
        decoded.y_parity ^= 1;
        bool is_other =
            !transaction_sender(&sender, &decoded) || !address_is_equal(&sender, &address);
        cr_assert(is_other);
    }
}

Test(signature, is_the_same_each_time)
{
    SECRET first = {0}, second = {0};
    BUFFER calldata = {0}, one = {0}, two = {0};
    struct transaction transaction;

    secret_of(&first, keystore_cheap_key);
    secret_of(&second, keystore_cheap_key);
    transaction_of_test(&transaction, &calldata);
    cr_assert(transaction_sign(&one, &transaction, &first));
    cr_assert(transaction_sign(&two, &transaction, &second));
    cr_assert(bytes_equal(buffer_bytes(&one), buffer_bytes(&two)));
}

Test(signature, is_refused_from_a_key_that_is_none)
{
    SECRET zero = {0};
    BUFFER calldata = {0}, raw = {0};
    struct transaction transaction;
    struct address address;

    cr_assert(secret_new(&zero) == KEYSTORE_OK);
    transaction_of_test(&transaction, &calldata);
    cr_assert(not(transaction_sign(&raw, &transaction, &zero)));
    cr_assert(not(secret_address(&address, &zero)));
    cr_assert(eq(sz, raw.size, 0));
}

Test(signature, of_no_point_has_no_sender)
{
    BUFFER raw = {0};
    struct transaction transaction;
    struct address sender;

    cr_assert(hex_decode_prefixed(&raw, raw_of_eip155, strlen(raw_of_eip155)));
    cr_assert(transaction_decode(&transaction, buffer_bytes(&raw)) == TRANSACTION_OK);
    transaction.r = u256_of(5); /* 5³ + 7 is no square: no point of the curve has this x */
    cr_assert(not(transaction_sender(&sender, &transaction)));
    transaction.r = U256_ZERO;
    cr_assert(not(transaction_sender(&sender, &transaction)));
    transaction.r = U256_MAX;
    cr_assert(not(transaction_sender(&sender, &transaction)));
    transaction.is_signed = false;
    cr_assert(not(transaction_sender(&sender, &transaction)));
}
