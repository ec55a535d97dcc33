/*
 * "max_fee: 300" has cost people money: 300 what? A figure in a config carries its unit, and is
 * held exactly or refused; nothing is rounded on the way in.
 */
#include "base/units.h"

#include <string.h>

/* A figure as written, and what stands behind it. */
struct figure {
    const char *whole;
    size_t whole_length;
    const char *fraction;
    size_t fraction_length;
    bool has_point;
    bool has_space;   /* between the figure and its unit */
    const char *unit; /* NUL-terminated, "" where there is none */
};

static size_t digits_at(const char *text)
{
    size_t count = 0;
    while (text[count] >= '0' && text[count] <= '9')
        count++;
    return count;
}

static bool figure_split(struct figure *out, const char *text)
{
    *out = (struct figure){.whole = text, .whole_length = digits_at(text)};
    text += out->whole_length;
    if (*text == '.') {
        out->has_point = true;
        out->fraction = text + 1;
        out->fraction_length = digits_at(text + 1);
        text += 1 + out->fraction_length;
    }
    out->has_space = *text == ' ';
    while (*text == ' ')
        text++;
    out->unit = text;
    bool fraction_is_well = !out->has_point || out->fraction_length > 0;
    return out->whole_length > 0 && fraction_is_well && *text != '.';
}

/* The figure in units of 10^−decimals. */
static enum unit_error figure_scale(struct u256 *out, const struct figure *figure,
                                    unsigned decimals)
{
    struct u256 whole;
    struct u256 fraction = U256_ZERO;
    if (figure->fraction_length > decimals)
        return UNIT_MALFORMED;
    if (!u256_parse(&whole, figure->whole, figure->whole_length))
        return UNIT_TOO_LARGE; /* figure_split saw to it that there are only digits */
    if (figure->has_point && !u256_parse(&fraction, figure->fraction, figure->fraction_length))
        return UNIT_TOO_LARGE;
    /* No fraction of so many decimals fits, and ten to that power is no u256. */
    if (decimals > 77)
        return UNIT_TOO_LARGE;
    struct u256 one = u256_ten_to(decimals);
    struct u256 step = u256_ten_to(decimals - (unsigned)figure->fraction_length);
    if (!u256_mul(&whole, &whole, &one) || !u256_mul(&fraction, &fraction, &step) ||
        !u256_add(out, &whole, &fraction))
        return UNIT_TOO_LARGE;
    return UNIT_OK;
}

enum unit_error wei_parse(struct wei *out, const char *text)
{
    static const struct {
        const char *name;
        unsigned decimals;
    } unit[] = {{"wei", 0}, {"gwei", 9}, {"ether", 18}};
    struct figure figure;
    if (!figure_split(&figure, text))
        return UNIT_MALFORMED;
    if (*figure.unit == '\0')
        return UNIT_MISSING;
    for (size_t i = 0; i < ARRAY_LENGTH(unit); i++) {
        if (strcmp(figure.unit, unit[i].name) == 0)
            return figure_scale(&out->value, &figure, unit[i].decimals);
    }
    return UNIT_UNKNOWN;
}

enum unit_error duration_parse(int64_t *out_ms, const char *text)
{
    static const struct {
        const char *name;
        int64_t ms;
    } unit[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    struct figure figure;
    if (!figure_split(&figure, text) || figure.has_point)
        return UNIT_MALFORMED;
    if (*figure.unit == '\0')
        return UNIT_MISSING;
    size_t i = 0;
    while (i < ARRAY_LENGTH(unit) && strcmp(figure.unit, unit[i].name) != 0)
        i++;
    if (i == ARRAY_LENGTH(unit))
        return UNIT_UNKNOWN;
    struct u256 count;
    int64_t ms;
    if (!u256_parse(&count, figure.whole, figure.whole_length) || !u256_fits_u64(&count) ||
        __builtin_mul_overflow(count.limb[0], unit[i].ms, &ms))
        return UNIT_TOO_LARGE;
    *out_ms = ms;
    return UNIT_OK;
}

enum unit_error token_parse(struct token_amount *out, char symbol[32], const char *text,
                            unsigned decimals)
{
    struct figure figure;
    if (!figure_split(&figure, text))
        return UNIT_MALFORMED;
    size_t length = strlen(figure.unit);
    if (length == 0)
        return UNIT_MISSING;
    /* Symbols may begin with a digit ("1INCH"), so that without a space nothing is certain. */
    if (!figure.has_space || length > 31)
        return UNIT_MALFORMED;
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)figure.unit[i] <= ' ' || figure.unit[i] == 0x7f)
            return UNIT_MALFORMED;
    }
    enum unit_error error = figure_scale(&out->value, &figure, decimals);
    if (error == UNIT_OK)
        memcpy(symbol, figure.unit, length + 1);
    return error;
}

enum unit_error wad_parse(struct wad *out, const char *text)
{
    struct figure figure;
    if (!figure_split(&figure, text) || figure.has_space)
        return UNIT_MALFORMED;
    if (*figure.unit != '\0')
        return UNIT_UNKNOWN;
    return figure_scale(&out->value, &figure, 18);
}

const char *unit_error_text(enum unit_error error)
{
    switch (error) {
    case UNIT_OK:
        return "well";
    case UNIT_MISSING:
        return "a bare number, where a unit is needed";
    case UNIT_UNKNOWN:
        return "a unit that is not known here";
    case UNIT_MALFORMED:
        return "no number, or one with more digits than its unit can hold";
    case UNIT_TOO_LARGE:
        return "too large";
    }
    must_fail("no unit_error", __FILE__, __LINE__);
}
