/*
 * An address typed wrong is money sent to nobody. EIP-55 hides a checksum in the case of the
 * digits; where somebody wrote mixed case, it has to hold.
 */
#include "eth/address.h"

#include <string.h>

#include "base/hex.h"
#include "eth/keccak.h"

#define ADDRESS_DIGITS 40
#define HASH32_DIGITS 64

static bool has_prefix(const char *text)
{
    return text[0] == '0' && text[1] == 'x';
}

enum address_error address_parse(struct address *out, const char *text, size_t length)
{
    if (length != 2 + ADDRESS_DIGITS || !has_prefix(text) ||
        !hex_decode(out->byte, sizeof out->byte, text + 2, ADDRESS_DIGITS))
        return ADDRESS_MALFORMED;
    bool has_lower = false;
    bool has_upper = false;
    for (size_t i = 2; i < length; i++) {
        has_lower = has_lower || text[i] >= 'a';
        has_upper = has_upper || (text[i] >= 'A' && text[i] <= 'F');
    }
    if (!has_lower || !has_upper)
        return ADDRESS_OK;
    char expected[ADDRESS_TEXT_SIZE];
    address_format(expected, out);
    return memcmp(expected, text, length) == 0 ? ADDRESS_OK : ADDRESS_BAD_CHECKSUM;
}

void address_format(char out[ADDRESS_TEXT_SIZE], const struct address *address)
{
    memcpy(out, "0x", 2);
    hex_encode(out + 2, bytes_of(address->byte, sizeof address->byte));
    struct hash32 hash;
    keccak256(&hash, bytes_of(out + 2, ADDRESS_DIGITS));
    for (size_t i = 0; i < ADDRESS_DIGITS; i++) {
        unsigned nibble = i % 2 == 0 ? hash.byte[i / 2] >> 4 : hash.byte[i / 2] & 0x0fu;
        if (out[2 + i] >= 'a' && nibble >= 8)
            out[2 + i] = (char)(out[2 + i] - 'a' + 'A');
    }
}

bool address_is_equal(const struct address *a, const struct address *b)
{
    return memcmp(a->byte, b->byte, sizeof a->byte) == 0;
}

bool address_is_zero(const struct address *address)
{
    const struct address zero = {0};
    return address_is_equal(address, &zero);
}

bool hash32_parse(struct hash32 *out, const char *text, size_t length)
{
    return length == 2 + HASH32_DIGITS && has_prefix(text) &&
           hex_decode(out->byte, sizeof out->byte, text + 2, HASH32_DIGITS);
}

void hash32_format(char out[HASH32_TEXT_SIZE], const struct hash32 *hash)
{
    memcpy(out, "0x", 2);
    hex_encode(out + 2, bytes_of(hash->byte, sizeof hash->byte));
}

bool hash32_is_equal(const struct hash32 *a, const struct hash32 *b)
{
    return memcmp(a->byte, b->byte, sizeof a->byte) == 0;
}

bool hash32_is_zero(const struct hash32 *hash)
{
    const struct hash32 zero = {0};
    return hash32_is_equal(hash, &zero);
}

bool address_of_word(struct address *out, const uint8_t word[32])
{
    const uint8_t zero[12] = {0};
    if (memcmp(word, zero, sizeof zero) != 0)
        return false;
    memcpy(out->byte, word + 12, sizeof out->byte);
    return true;
}
