/* Addresses and hashes as text. The checksummed ones are EIP-55's own list. */
#include "eth/address.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ctype.h>
#include <string.h>

static const char *const eip55[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
};

Test(address, reads_and_writes_the_list_of_eip_55)
{
    for (size_t i = 0; i < ARRAY_LENGTH(eip55); i++) {
        struct address address;
        char text[ADDRESS_TEXT_SIZE];
        cr_assert(eq(int, address_parse(&address, eip55[i], strlen(eip55[i])), ADDRESS_OK));
        address_format(text, &address);
        cr_expect(eq(str, text, (char *)eip55[i]));
    }
}

Test(address, takes_all_lower_and_all_upper_case_without_a_checksum)
{
    for (size_t i = 0; i < ARRAY_LENGTH(eip55); i++) {
        struct address lower_case;
        struct address upper_case;
        char lower[ADDRESS_TEXT_SIZE] = "0x";
        char upper[ADDRESS_TEXT_SIZE] = "0x";
        for (size_t at = 2; at < 42; at++) {
            lower[at] = (char)tolower(eip55[i][at]);
            upper[at] = (char)toupper(eip55[i][at]);
        }
        cr_expect(eq(int, address_parse(&lower_case, lower, 42), ADDRESS_OK));
        cr_expect(eq(int, address_parse(&upper_case, upper, 42), ADDRESS_OK));
        cr_expect(address_is_equal(&lower_case, &upper_case));
    }
}

Test(address, refuses_one_letter_in_the_wrong_case)
{
    char text[ADDRESS_TEXT_SIZE];
    strcpy(text, eip55[4]);
    for (size_t at = 2; at < 42; at++) {
        struct address address;
        if (!isalpha((unsigned char)text[at]))
            continue;
        text[at] ^= 0x20;
        cr_expect(eq(int, address_parse(&address, text, 42), ADDRESS_BAD_CHECKSUM), "%s", text);
        text[at] ^= 0x20;
    }
}

Test(address, refuses_what_is_no_address)
{
    const char *row[] = {"",
                         "0x",
                         "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                         "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
                         "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0",
                         "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
                         "0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                         " 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe"};
    struct address address;
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++)
        cr_expect(eq(int, address_parse(&address, row[i], strlen(row[i])), ADDRESS_MALFORMED));
}

Test(address, is_the_low_part_of_a_clean_word)
{
    uint8_t word[32] = {[12] = 1, [31] = 2};
    struct address address;
    cr_assert(address_of_word(&address, word));
    cr_expect(eq(u8, address.byte[0], 1));
    cr_expect(eq(u8, address.byte[19], 2));
    for (size_t at = 0; at < 12; at++) {
        word[at] = 1;
        cr_expect(not(address_of_word(&address, word)));
        word[at] = 0;
    }
}

Test(address, knows_zero)
{
    struct address zero = {0};
    struct address one = {.byte = {[19] = 1}};
    cr_expect(address_is_zero(&zero) && !address_is_zero(&one));
    cr_expect(not(address_is_equal(&zero, &one)));
}

Test(hash32, reads_and_writes_64_digits)
{
    const char *text = "0x00d5c2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a4";
    struct hash32 hash;
    char back[HASH32_TEXT_SIZE];
    cr_assert(hash32_parse(&hash, text, strlen(text)));
    hash32_format(back, &hash);
    cr_expect(eq(str, back, (char *)text));
    cr_expect(not(hash32_is_zero(&hash)));
    cr_expect(hash32_is_zero(&(struct hash32){0}));
    cr_expect(hash32_is_equal(&hash, &hash));
}

Test(hash32, refuses_any_other_length_or_no_prefix)
{
    const char *text = "0x00d5c2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a4";
    struct hash32 hash;
    cr_expect(not(hash32_parse(&hash, text, 65)));
    cr_expect(not(hash32_parse(&hash, text + 2, 64)));
    cr_expect(not(hash32_parse(&hash, text, 2)));
    cr_expect(not(hash32_parse(&hash, NULL, 0)));
}
