/* The name by which relays know a searcher: as wallets sign it, and never a transaction. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "sign/relay_key.h"
#include "tests/sign/sign_fixture.h"

#define RELAY_KEY __attribute__((cleanup(relay_key_release))) struct relay_key

/* viem 2.x: account.signMessage({message: keccak256(toHex(body))}), key 0x46…46. */
static const char body[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_sendBundle\",\"params\":"
                           "[{\"txs\":[\"0x00\"],\"blockNumber\":\"0x1\"}]}";
static const char header[] = "X-Flashbots-Signature: 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F:"
                             "0xccfb0b5c0326c8b2bac9c31769d343baa15ea7970698e3dabc1c16d1ec242c6a"
                             "22d56cfa2f41764c97c7f1884ef4a5ac02ac194778a3e8bc2ee8471bed607eba1b";

Test(relay_key, signs_a_body_as_a_wallet_of_another_maker_does)
{
    RELAY_KEY key = {.address = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"};
    char line[RELAY_HEADER_SIZE];

    secret_of(&key.secret, "4646464646464646464646464646464646464646464646464646464646464646");
    cr_assert(relay_header(line, &key, bytes_of_text(body)));
    cr_assert(eq(str, line, (char *)header));
}

Test(relay_key, is_another_each_time_and_signs_each_body_anew)
{
    RELAY_KEY one = {0};
    RELAY_KEY other = {0};
    char first[RELAY_HEADER_SIZE];
    char second[RELAY_HEADER_SIZE];

    cr_assert(eq(int, relay_key_new(&one), KEYSTORE_OK));
    cr_assert(eq(int, relay_key_new(&other), KEYSTORE_OK));
    cr_assert(ne(str, one.address, other.address));
    cr_assert(relay_header(first, &one, bytes_of_text(body)));
    cr_assert(relay_header(second, &one, bytes_of_text("{}")));
    cr_assert(ne(str, first, second));
    cr_assert_not_null(strstr(first, one.address));
}
