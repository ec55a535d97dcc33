/* A shock is typed by hand and tells of a lot of money: what could be meant in two ways is refused,
 * with the words that would be clear. */
#include <stdio.h>
#include <string.h>

#include "keeper/stress.h"

#define WHY_SIZE 256
#define DIGITS_MAX 6

static bool refuse(char why[WHY_SIZE], const char *what, const char *text)
{
    (void)snprintf(why, WHY_SIZE, "%.60s: %s", text, what);
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Hundredths; *text goes on behind the number. False: no number, or more than two places. */
static bool hundredths_read(int32_t *out, const char **text)
{
    const char *at = *text;
    bool is_negative = *at == '-';
    int32_t value = 0;
    int places = -1; /* behind the point */
    int digits = 0;

    at += *at == '-' || *at == '+';
    for (; is_digit(*at) || (*at == '.' && places < 0 && is_digit(at[1])); at++) {
        if (*at == '.') {
            places = 0;
            continue;
        }
        places += places >= 0;
        if (++digits > DIGITS_MAX || places > 2)
            return false;
        value = value * 10 + (*at - '0');
    }
    for (places = places < 0 ? 0 : places; places < 2; places++)
        value *= 10;
    *out = is_negative ? -value : value;
    *text = at;
    return digits > 0;
}

/* Only nothing may go without its sign. */
static bool percent_read(int32_t *out, const char **text)
{
    if (!hundredths_read(out, text))
        return false;
    if (**text != '%')
        return *out == 0;
    (*text)++;
    return true;
}

static bool is_in_range(int32_t bps)
{
    return bps >= -STRESS_DOWN_MAX && bps <= STRESS_UP_MAX;
}

/* What stands before the '='; *rest: what stands behind it. */
static bool name_read(struct stress_shock *out, const char **rest, const char *text)
{
    size_t length = strcspn(text, "=");

    if (length == 0 || text[length] == '\0' || length >= STRESS_NAME_SIZE)
        return false;
    *out = (struct stress_shock){0};
    memcpy(out->name, text, length);
    *rest = text + length + 1;
    return true;
}

bool stress_shock_parse(struct stress_shock *out, char why[WHY_SIZE], const char *text)
{
    const char *rest;

    if (!name_read(out, &rest, text))
        return refuse(why, "no asset; write it as in WETH=-20%", text);
    if (!percent_read(&out->bps, &rest) || *rest != '\0')
        return refuse(why, "no per cent of at most two places; write it as in WETH=-12.5%", text);
    if (!is_in_range(out->bps))
        return refuse(why, "more than a price may move; -99.99% to +1000% can be", text);
    return true;
}

bool stress_sweep_parse(struct stress_sweep *out, char why[WHY_SIZE], const char *text)
{
    const char *rest;

    if (!name_read(&out->asset, &rest, text))
        return refuse(why, "no asset; write it as in WETH=-60%..0", text);
    if (!percent_read(&out->from_bps, &rest) || strncmp(rest, "..", 2) != 0)
        return refuse(why, "no per cent, .. and per cent; write it as in WETH=-60%..0", text);
    rest += 2;
    if (!percent_read(&out->to_bps, &rest) || *rest != '\0')
        return refuse(why, "no per cent behind the ..; write it as in WETH=-60%..0", text);
    if (!is_in_range(out->from_bps) || !is_in_range(out->to_bps))
        return refuse(why, "more than a price may move; -99.99% to +1000% can be", text);
    if (out->from_bps >= out->to_bps)
        return refuse(why, "the lower one comes first; write it as in WETH=-60%..0", text);
    return true;
}

/* How many assets a symbol stands for, over all markets; *other is one where there are more. */
static uint32_t assets_named(struct address *asset, struct address *other, const char *name,
                             const struct turn_state *state)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct market *market = &state->tracked[i].market;

        for (uint32_t k = 0; k < market->reserve_count; k++) {
            const struct reserve *reserve = &market->reserve[k];

            if ((reserve->flags & RESERVE_DROPPED) != 0 || strcmp(reserve->symbol, name) != 0 ||
                (found > 0 && address_is_equal(&reserve->asset, asset)))
                continue;
            *(found == 0 ? asset : other) = reserve->asset;
            found++;
        }
    }
    return found;
}

static bool is_an_asset(const struct address *asset, const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (market_reserve(&state->tracked[i].market, asset) != RESERVE_NONE)
            return true;
    }
    return false;
}

static bool refuse_unknown(char why[WHY_SIZE], const char *name, const struct turn_state *state)
{
    TEXT known = {0};

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct market *market = &state->tracked[i].market;

        for (uint32_t k = 0; k < market->reserve_count; k++) {
            text_add_char(&known, ' ');
            text_add(&known, market->reserve[k].symbol);
        }
    }
    (void)snprintf(why, WHY_SIZE, "%.60s is no asset of the markets; there are%.150s", name,
                   text_string(&known));
    return false;
}

bool stress_shock_find(struct stress_shock *shock, char why[WHY_SIZE],
                       const struct turn_state *state)
{
    struct address other;
    char first[ADDRESS_TEXT_SIZE];
    char second[ADDRESS_TEXT_SIZE];
    uint32_t found;

    if (strncmp(shock->name, "0x", 2) == 0) {
        if (address_parse(&shock->asset, shock->name, strlen(shock->name)) != ADDRESS_OK)
            return refuse(why, "no address; copy it again, or write it in lower case", shock->name);
        return is_an_asset(&shock->asset, state) || refuse_unknown(why, shock->name, state);
    }
    found = assets_named(&shock->asset, &other, shock->name, state);
    if (found == 0)
        return refuse_unknown(why, shock->name, state);
    if (found == 1)
        return true;
    address_format(first, &shock->asset);
    address_format(second, &other);
    (void)snprintf(why, WHY_SIZE, "%.60s stands for more than one asset; write the address: %s, %s",
                   shock->name, first, second);
    return false;
}

void stress_percent(struct text *out, int32_t bps)
{
    uint32_t size = (uint32_t)(bps < 0 ? -bps : bps);
    uint32_t places = size % 100;

    text_add(out, bps < 0 ? "-" : bps > 0 ? "+" : "");
    text_add_u64(out, size / 100);
    if (places > 0) {
        text_add_char(out, '.');
        text_add_char(out, (char)('0' + places / 10));
        if (places % 10 > 0)
            text_add_char(out, (char)('0' + places % 10));
    }
    text_add_char(out, '%');
}
