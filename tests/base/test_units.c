/* Figures with their units, as a config has them. */
#include "base/units.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static bool is(const struct u256 *value, const char *decimal)
{
    char text[U256_TEXT_SIZE];
    u256_format(text, value);
    return strcmp(text, decimal) == 0;
}

Test(wei, reads_each_unit_exactly)
{
    const struct {
        const char *text, *wei;
    } row[] = {{"7 wei", "7"},
               {"300 gwei", "300000000000"},
               {"0.005 ether", "5000000000000000"},
               {"0 ether", "0"},
               {"1.000000000000000001 ether", "1000000000000000001"},
               {"0.000000001 gwei", "1"},
               {"1ether", "1000000000000000000"},
               {"0012 wei", "12"}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct wei wei;
        cr_expect(eq(int, wei_parse(&wei, row[i].text), UNIT_OK), "%s", row[i].text);
        cr_expect(is(&wei.value, row[i].wei), "%s", row[i].text);
    }
}

Test(wei, refuses_what_it_cannot_hold_exactly)
{
    const struct {
        const char *text;
        enum unit_error error;
    } row[] = {
        {"300", UNIT_MISSING},
        {"300 ", UNIT_MISSING},
        {"5 parsec", UNIT_UNKNOWN},
        {"5 Gwei", UNIT_UNKNOWN},
        {"5 gwei ", UNIT_UNKNOWN},
        {"-5 gwei", UNIT_MALFORMED},
        {"+5 gwei", UNIT_MALFORMED},
        {" 5 gwei", UNIT_MALFORMED},
        {"", UNIT_MALFORMED},
        {"gwei", UNIT_MALFORMED},
        {".5 gwei", UNIT_MALFORMED},
        {"5. gwei", UNIT_MALFORMED},
        {"1.2.3 gwei", UNIT_MALFORMED},
        {"1..3 gwei", UNIT_MALFORMED},
        {"0.5 wei", UNIT_MALFORMED},
        {"0.0000000001 gwei", UNIT_MALFORMED},
        {"1.0000000000000000000 ether", UNIT_MALFORMED},
        {"0x5 wei", UNIT_UNKNOWN},
        {"1e3 wei", UNIT_UNKNOWN},
        {"115792089237316195423570985008687907853269984665640564039457584007913129639936 wei",
         UNIT_TOO_LARGE},
        {"115792089237316195423570985008687907853269984665640564039457584007913129639935 gwei",
         UNIT_TOO_LARGE},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct wei wei;
        cr_expect(eq(int, wei_parse(&wei, row[i].text), row[i].error), "%s", row[i].text);
    }
}

Test(duration, reads_milliseconds_to_days)
{
    const struct {
        const char *text;
        int64_t ms;
    } row[] = {
        {"250ms", 250},  {"250 ms", 250},   {"12s", 12000}, {"5m", 300000},
        {"2h", 7200000}, {"7d", 604800000}, {"0s", 0},      {"9223372036854775807ms", INT64_MAX}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        int64_t ms = -1;
        cr_expect(eq(int, duration_parse(&ms, row[i].text), UNIT_OK), "%s", row[i].text);
        cr_expect(eq(i64, ms, row[i].ms), "%s", row[i].text);
    }
}

Test(duration, refuses_what_is_none)
{
    const struct {
        const char *text;
        enum unit_error error;
    } row[] = {{"12", UNIT_MISSING},
               {"12 weeks", UNIT_UNKNOWN},
               {"1.5s", UNIT_MALFORMED},
               {"-1s", UNIT_MALFORMED},
               {"s", UNIT_MALFORMED},
               {"", UNIT_MALFORMED},
               {"1h30m", UNIT_UNKNOWN},
               {"9223372036854775808ms", UNIT_TOO_LARGE},
               {"9223372036854775807s", UNIT_TOO_LARGE},
               {"99999999999999999999999d", UNIT_TOO_LARGE}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        int64_t ms = -1;
        cr_expect(eq(int, duration_parse(&ms, row[i].text), row[i].error), "%s", row[i].text);
        cr_expect(eq(i64, ms, -1));
    }
}

Test(token, reads_whole_tokens_into_the_units_of_its_decimals)
{
    struct token_amount amount;
    char symbol[32];
    cr_assert(eq(int, token_parse(&amount, symbol, "1500 USDC", 6), UNIT_OK));
    cr_expect(is(&amount.value, "1500000000"));
    cr_expect(eq(str, symbol, "USDC"));
    cr_assert(eq(int, token_parse(&amount, symbol, "0.00000001 WBTC", 8), UNIT_OK));
    cr_expect(is(&amount.value, "1"));
    cr_assert(eq(int, token_parse(&amount, symbol, "5 1INCH", 18), UNIT_OK));
    cr_expect(eq(str, symbol, "1INCH"));
    cr_assert(eq(int, token_parse(&amount, symbol, "5 USDC.e", 0), UNIT_OK));
    cr_expect(is(&amount.value, "5"));
}

Test(token, refuses_what_it_cannot_hold)
{
    const struct {
        const char *text;
        unsigned decimals;
        enum unit_error error;
    } row[] = {{"1500", 6, UNIT_MISSING},
               {"1500USDC", 6, UNIT_MALFORMED},
               {"0.0000001 USDC", 6, UNIT_MALFORMED},
               {"1 US DC", 6, UNIT_MALFORMED},
               {"1 USDC\n", 6, UNIT_MALFORMED},
               {"1 a-symbol-of-more-than-31-characters", 6, UNIT_MALFORMED},
               {"1 X", 78, UNIT_TOO_LARGE},
               {"2 X", 77, UNIT_TOO_LARGE},
               {"-1 X", 6, UNIT_MALFORMED}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct token_amount amount;
        char symbol[32] = "as it was";
        cr_expect(eq(int, token_parse(&amount, symbol, row[i].text, row[i].decimals), row[i].error),
                  "%s", row[i].text);
        cr_expect(eq(str, symbol, "as it was"));
    }
}

Test(wad, reads_bare_numbers_exactly)
{
    struct wad wad;
    cr_assert(eq(int, wad_parse(&wad, "0.95"), UNIT_OK));
    cr_expect(is(&wad.value, "950000000000000000"));
    cr_assert(eq(int, wad_parse(&wad, "1"), UNIT_OK));
    cr_expect(is(&wad.value, "1000000000000000000"));
    cr_assert(eq(int, wad_parse(&wad, "12.5"), UNIT_OK));
    cr_expect(is(&wad.value, "12500000000000000000"));
}

Test(wad, refuses_units_and_more_than_18_decimals)
{
    struct wad wad;
    cr_expect(eq(int, wad_parse(&wad, "1 ether"), UNIT_MALFORMED));
    cr_expect(eq(int, wad_parse(&wad, "95%"), UNIT_UNKNOWN));
    cr_expect(eq(int, wad_parse(&wad, "0.0000000000000000001"), UNIT_MALFORMED));
    cr_expect(eq(int, wad_parse(&wad, ""), UNIT_MALFORMED));
    cr_expect(eq(int, wad_parse(&wad, "-1"), UNIT_MALFORMED));
}

Test(units, say_what_is_wrong_in_words)
{
    for (int error = UNIT_OK; error <= UNIT_TOO_LARGE; error++)
        cr_expect(gt(sz, strlen(unit_error_text((enum unit_error)error)), 3));
}
