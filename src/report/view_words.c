/* Twenty digits of wei tell a person nothing, and an age in milliseconds not much more. */
#include "report/view_words.h"

#include <string.h>

void words_add_ether(struct text *out, const char *wei)
{
    const char *digits = wei[0] == '-' ? wei + 1 : wei;
    struct u256 value;

    if (!u256_parse(&value, digits, strlen(digits))) {
        text_add(out, wei);
        return;
    }
    if (digits != wei)
        text_add_char(out, '-');
    text_add_fixed(out, &value, 18, 6);
}

void words_add_thousands(struct text *out, const char *decimal)
{
    size_t sign = decimal[0] == '-' ? 1 : 0;
    size_t whole = strspn(decimal + sign, "0123456789");

    text_add_bytes(out, bytes_of(decimal, sign));
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            text_add_char(out, ',');
        text_add_char(out, decimal[sign + i]);
    }
    text_add(out, decimal + sign + whole);
}

static void pair_add(struct text *out, uint64_t large, const char *unit, uint64_t small,
                     const char *rest)
{
    text_add_u64(out, large);
    text_add(out, unit);
    text_add_u64(out, small);
    text_add(out, rest);
}

void words_add_age(struct text *out, int64_t age_ms)
{
    uint64_t ms = age_ms < 0 ? 0 : (uint64_t)age_ms;
    uint64_t seconds = ms / 1000;

    if (ms < 1000) {
        text_add_u64(out, ms);
        text_add(out, " ms");
    } else if (seconds < 60) {
        pair_add(out, seconds, ".", ms % 1000 / 100, " s");
    } else if (seconds < 3600) {
        pair_add(out, seconds / 60, " min ", seconds % 60, " s");
    } else if (seconds < 86400) {
        pair_add(out, seconds / 3600, " h ", seconds % 3600 / 60, " min");
    } else {
        pair_add(out, seconds / 86400, " d ", seconds % 86400 / 3600, " h");
    }
}

void words_add_short(struct text *out, const char *hex)
{
    size_t length = strlen(hex);
    if (length <= 14) {
        text_add(out, hex);
        return;
    }
    text_add_bytes(out, bytes_of(hex, 6));
    text_add(out, "…");
    text_add(out, hex + length - 4);
}

unsigned words_percent(const char *value, const char *limit)
{
    struct u256 part;
    struct u256 whole;
    struct u256 hundred = u256_of(100);
    struct u256 share;

    if (!u256_parse(&part, value, strlen(value)) || !u256_parse(&whole, limit, strlen(limit)) ||
        !u256_mul_div(&share, &part, &hundred, &whole))
        return 0;
    share = u256_min(&share, &hundred);
    return (unsigned)share.limb[0];
}
