/*
 * A row of 27 digits says nothing to a person. These are shortened for reading only: programs get
 * the integers as they are.
 */
#include "keeper/amount_text.h"

#include <string.h>

#define ETHER_DECIMALS 18
#define ETHER_SHOWN 6
#define HEALTH_SHOWN 4
#define DECIMALS_MAX 77u

unsigned unit_decimals(const struct u256 *unit)
{
    for (unsigned decimals = 0; decimals <= DECIMALS_MAX; decimals++) {
        struct u256 power = u256_ten_to(decimals);
        if (u256_is_equal(&power, unit))
            return decimals;
    }
    return 0;
}

void amount_add(struct text *out, const struct u256 *amount, unsigned decimals, unsigned shown)
{
    TEXT plain = {0};

    text_add_fixed(&plain, amount, decimals, shown < decimals ? shown : decimals);
    const char *digits = text_string(&plain);
    size_t whole = strcspn(digits, ".");
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            text_add_char(out, ',');
        text_add_char(out, digits[i]);
    }
    text_add(out, digits + whole);
}

void amount_add_wei(struct text *out, const struct wei *amount, bool is_negative)
{
    text_add(out, is_negative && !u256_is_zero(&amount->value) ? "-" : "");
    amount_add(out, &amount->value, ETHER_DECIMALS, ETHER_SHOWN);
    text_add(out, " ETH");
}

void amount_add_health(struct text *out, const struct wad *health)
{
    const struct u256 endless = U256_MAX;

    if (u256_is_equal(&health->value, &endless))
        text_add(out, "∞");
    else
        amount_add(out, &health->value, ETHER_DECIMALS, HEALTH_SHOWN);
}

double amount_real(const struct u256 *amount, unsigned decimals)
{
    double real = 0;

    for (int i = 3; i >= 0; i--)
        real = real * 18446744073709551616.0 + (double)amount->limb[i];
    for (unsigned i = 0; i < decimals; i++)
        real /= 10;
    return real;
}
