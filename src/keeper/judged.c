/*
 * The sums behind a health are made inside the protocol; to show them, each leg is judged as if it
 * stood alone, by the same function. So what is shown adds up to what is decided upon.
 */
#include "keeper/judged.h"

#include <string.h>

void judged_of(struct judged *out, const struct tracked *tracked, uint32_t slot)
{
    memset(out, 0, sizeof(*out));
    out->tracked = tracked;
    out->position = book_position(tracked->book, slot);
    out->error = tracked->protocol->health(&out->health, &tracked->market, &out->position);
}

bool judged_owes(const struct judged *judged)
{
    for (uint16_t i = 0; i < judged->position.leg_count; i++)
        if ((judged->position.legs[i].flags & LEG_DEBT) != 0)
            return true;
    return false;
}

bool judged_is_liquidatable(const struct judged *judged)
{
    const struct u256 one = u256_of(WAD_ONE_U64);

    return judged->error == HEALTH_OK && u256_is_less(&judged->health.factor.value, &one) &&
           !u256_is_zero(&judged->health.collateral_value);
}

void judged_leg_of(struct judged_leg *out, const struct judged *judged, uint16_t index)
{
    const struct tracked *tracked = judged->tracked;
    const struct leg *leg = &judged->position.legs[index];
    struct position alone = judged->position;
    struct health health = {0};

    memset(out, 0, sizeof(*out));
    out->reserve = &tracked->market.reserve[leg->reserve];
    out->is_collateral = (leg->flags & LEG_COLLATERAL) != 0;
    out->owes = (leg->flags & LEG_DEBT) != 0;
    out->is_known =
        (leg->flags & LEG_STALE) == 0 &&
        tracked->protocol->leg_amounts(&out->supplied, &out->owed, &tracked->market, leg);
    alone.legs = leg;
    alone.leg_count = 1;
    if (tracked->protocol->health(&health, &tracked->market, &alone) != HEALTH_OK)
        return;
    out->has_value = true;
    out->collateral_value = health.collateral_value;
    out->debt_value = health.debt_value;
    out->threshold_bps = health.threshold_bps;
}

/* ---- for programs */

void member_key(struct text *out, const char *key)
{
    text_add(out, ",\"");
    text_add(out, key);
    text_add(out, "\":");
}

void member_text(struct text *out, const char *key, const char *value)
{
    member_key(out, key);
    text_add_json(out, bytes_of_text(value));
}

void member_u256(struct text *out, const char *key, const struct u256 *value, bool is_negative)
{
    member_key(out, key);
    text_add(out, is_negative && !u256_is_zero(value) ? "\"-" : "\"");
    text_add_u256(out, value);
    text_add_char(out, '"');
}

void member_address(struct text *out, const char *key, const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE];

    address_format(text, address);
    member_text(out, key, text);
}

/* What is not read because it does not count is not known: null, never 0. */
static void member_amount(struct text *out, const char *key, const struct token_amount *amount,
                          bool is_known)
{
    if (is_known) {
        member_u256(out, key, &amount->value, false);
        return;
    }
    member_key(out, key);
    text_add(out, "null");
}

static void leg_json(struct text *out, const struct judged *judged, uint16_t index)
{
    const struct leg *leg = &judged->position.legs[index];
    char asset[ADDRESS_TEXT_SIZE];
    struct judged_leg shown;

    judged_leg_of(&shown, judged, index);
    address_format(asset, &shown.reserve->asset);
    text_add(out, index == 0 ? "{\"asset\":\"" : ",{\"asset\":\"");
    text_add(out, asset);
    text_add_char(out, '"');
    member_text(out, "symbol", shown.reserve->symbol);
    member_key(out, "decimals");
    text_add_u64(out, shown.reserve->decimals);
    member_amount(out, "supplied", &shown.supplied,
                  shown.is_known && (leg->flags & LEG_KNOWS_SUPPLIED) != 0);
    member_amount(out, "owed", &shown.owed,
                  shown.is_known && ((leg->flags & LEG_KNOWS_OWED) != 0 || !shown.owes));
    member_key(out, "collateral");
    text_add(out, shown.is_collateral ? "true" : "false");
    member_key(out, "price");
    if (shown.reserve->price.status == PRICE_OK) {
        text_add_char(out, '"');
        text_add_u256(out, &shown.reserve->price.value);
        text_add_char(out, '"');
    } else {
        text_add(out, "null");
    }
    if (shown.has_value) {
        member_u256(out, "collateral_value", &shown.collateral_value, false);
        member_u256(out, "debt_value", &shown.debt_value, false);
    }
    text_add_char(out, '}');
}

static void health_json(struct text *out, const struct judged *judged)
{
    if (judged->error != HEALTH_OK) {
        text_add(out, ",\"health_wad\":null,\"collateral_value\":null,\"debt_value\":null");
        member_text(out, "error", health_error_text(judged->error));
        return;
    }
    member_u256(out, "health_wad", &judged->health.factor.value, false);
    member_u256(out, "collateral_value", &judged->health.collateral_value, false);
    member_u256(out, "debt_value", &judged->health.debt_value, false);
}

void judged_json(struct text *out, const struct judged *judged)
{
    const struct market *market = &judged->tracked->market;
    char hash[HASH32_TEXT_SIZE];

    hash32_format(hash, &market->block.hash);
    text_add(out, "{\"market\":");
    text_add_json(out, bytes_of_text(market->name));
    member_address(out, "account", &judged->position.account);
    member_key(out, "block");
    text_add_u64(out, market->block.number);
    member_text(out, "block_hash", hash);
    health_json(out, judged);
    member_u256(out, "value_unit", &market->price_unit, false);
    member_key(out, "liquidatable");
    text_add(out, judged_is_liquidatable(judged) ? "true" : "false");
    text_add(out, ",\"legs\":[");
    for (uint16_t i = 0; i < judged->position.leg_count; i++)
        leg_json(out, judged, i);
    text_add_char(out, ']');
}
