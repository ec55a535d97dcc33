/*
 * The two faces that a 256-bit integer shows to the world: 32 big-endian bytes to contracts, digits
 * to people and JSON.
 */
#include <gmp.h>
#include <string.h>

#include "base/divisor.h"
#include "base/hex.h"

#define WORD_SIZE 32
/* The largest power of ten in a limb. */
#define CHUNK 10000000000000000000u
#define CHUNK_DIGITS 19
#define TEN_TO_MAX 77

struct u256 u256_ten_to(unsigned exponent)
{
    MUST(exponent <= TEN_TO_MAX);
    struct u256 power = U256_ONE;
    if (exponent <= CHUNK_DIGITS)
        return u256_of(divisor_ten_to(exponent)->scaled >> divisor_ten_to(exponent)->shift);
    while (exponent > 0) {
        const unsigned part = exponent < CHUNK_DIGITS ? exponent : CHUNK_DIGITS;
        const struct divisor *ten = divisor_ten_to(part);
        (void)mpn_mul_1(power.limb, power.limb, 4, ten->scaled >> ten->shift);
        exponent -= part;
    }
    return power;
}

void u256_to_word(uint8_t out[32], const struct u256 *value)
{
    for (size_t i = 0; i < 4; i++) {
        uint64_t swapped = __builtin_bswap64(value->limb[3 - i]);
        memcpy(out + 8 * i, &swapped, sizeof swapped);
    }
}

struct u256 u256_of_word(const uint8_t word[32])
{
    struct u256 value;
    for (size_t i = 0; i < 4; i++) {
        uint64_t swapped;
        memcpy(&swapped, word + 8 * i, sizeof swapped);
        value.limb[3 - i] = __builtin_bswap64(swapped);
    }
    return value;
}

struct u256 u256_of_bytes(struct bytes bytes)
{
    MUST(bytes.size <= WORD_SIZE);
    uint8_t word[WORD_SIZE] = {0};
    if (bytes.size != 0)
        memcpy(word + WORD_SIZE - bytes.size, bytes.data, bytes.size);
    return u256_of_word(word);
}

bool u256_parse(struct u256 *out, const char *text, size_t length)
{
    if (length == 0)
        return false;
    struct u256 value = U256_ZERO;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        if (mpn_mul_1(value.limb, value.limb, 4, 10) != 0)
            return false;
        if (mpn_add_1(value.limb, value.limb, 4, (mp_limb_t)(text[i] - '0')) != 0)
            return false;
    }
    *out = value;
    return true;
}

bool u256_parse_hex(struct u256 *out, const char *text, size_t length)
{
    if (length < 3 || length > 2 + 2 * WORD_SIZE || text[0] != '0' || text[1] != 'x')
        return false;
    char digits[2 * WORD_SIZE];
    size_t count = length - 2;
    memset(digits, '0', sizeof digits);
    memcpy(digits + sizeof digits - count, text + 2, count);
    uint8_t word[WORD_SIZE];
    if (!hex_decode(word, sizeof word, digits, sizeof digits))
        return false;
    *out = u256_of_word(word);
    return true;
}

size_t u256_format(char out[U256_TEXT_SIZE], const struct u256 *value)
{
    char reversed[U256_TEXT_SIZE + CHUNK_DIGITS];
    struct u256 rest = *value;
    size_t count = 0;
    do {
        uint64_t chunk = mpn_divrem_1(rest.limb, 0, rest.limb, 4, CHUNK);
        for (int i = 0; i < CHUNK_DIGITS; i++, chunk /= 10)
            reversed[count++] = (char)('0' + chunk % 10);
    } while (!u256_is_zero(&rest));
    while (count > 1 && reversed[count - 1] == '0')
        count--;
    for (size_t i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    out[count] = '\0';
    return count;
}
