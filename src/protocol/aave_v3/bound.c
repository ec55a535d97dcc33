/*
 * What a pair can give at the most, in doubles that err high: among many candidates only those are
 * sized exactly whose bound can still win. Each formula is that of size.c and pair.c without their
 * roundings; what these can add is `slack`, in units of the two tokens.
 */
#include "protocol/aave_v3/pair.h"

/* LiquidationLogic, 3.3 on; a little under it, as in size.c and a little more: then the pair is
 * surely a large one. */
#define SIZE_THRESHOLD_SURE 2.001e11
#define FACTOR_LOW 950000000000000000u
#define BPS_ONE 10000.0
/* Roundings: half a unit or a whole one in each of few steps (aave_pair_exchange). */
#define SLACK_UNITS 8.0
/* And of doubles: some twenty of 2^-53 each. */
#define SLACK_OF_DOUBLES 1e-12
#define MORE (1 + SLACK_OF_DOUBLES)

/* In base currency, at the most; and what a unit of it is worth. */
struct amount {
    double value;
    double unit;
};

/* At least: less the unit that `value` is rounded up by, and what the pool rounds. */
static bool is_surely_large(const struct amount *amount)
{
    return amount->value - 3 * amount->unit > SIZE_THRESHOLD_SURE;
}

/* What may be repaid at the most, of what is owed. */
static double limit_value(const struct amount *owed, const struct amount *supplied,
                          const struct aave_rules *rules, const struct health *health)
{
    const struct u256 low = u256_of(FACTOR_LOW);
    const bool is_high = u256_is_less(&low, &health->factor.value);
    double half;

    if (!is_high ||
        (rules->has_size_rule && (!is_surely_large(owed) || !is_surely_large(supplied)))) {
        return owed->value;
    }
    if (!rules->has_size_rule) {
        return owed->value / 2;
    }
    half = u256_to_double(&health->debt_value) / 2 + 1;
    return half < owed->value ? half : owed->value;
}

static struct amount amount_of(unsigned __int128 stored, double growth, double unit)
{
    const double amount = (double)(uint64_t)(stored >> 64) * 0x1p64 + (double)(uint64_t)stored;

    return (struct amount){(amount * growth + 1) * unit, unit};
}

/* What aave_reach has prepared is of this moment and of this price. */
static bool is_reached(const struct reserve *reserve, uint64_t timestamp_s)
{
    const struct u256 *price = &reserve->price.value;

    return reserve->first.at_s == timestamp_s && u256_fits_u64(price) &&
           divisor_is_of(&reserve->by_price, price->limb[0]);
}

static bool is_bounded(const struct market *market, const struct position *position,
                       const struct liquidation_request *request, const struct aave_rules *rules)
{
    const struct category *category = &market->category[position->category];

    return rules != NULL && request->debt < market->reserve_count &&
           request->collateral < market->reserve_count &&
           is_reached(&market->reserve[request->debt], request->timestamp_s) &&
           is_reached(&market->reserve[request->collateral], request->timestamp_s) &&
           !(rules->has_category_price && position->category != 0 &&
             !address_is_zero(&category->price_source));
}

bool aave_liquidation_bound(struct liquidation_bound *out, const struct market *market,
                            const struct position *position, const struct health *health,
                            const struct liquidation_request *request)
{
    const struct aave_rules *rules = aave_rules_of(market->revision);
    const struct leg *debt_leg = position_leg(position, request->debt);
    const struct leg *collateral_leg = position_leg(position, request->collateral);

    if (!is_bounded(market, position, request, rules) || debt_leg == NULL ||
        collateral_leg == NULL) {
        return false;
    }
    const struct reserve *debt = &market->reserve[request->debt];
    const struct reserve *collateral = &market->reserve[request->collateral];
    const double bonus = (aave_is_in_category(market, position->category, request->collateral)
                              ? market->category[position->category].bonus_bps
                              : collateral->bonus_bps) /
                         BPS_ONE;
    const struct amount owed = amount_of(debt_leg->owed, debt->first.debt_growth, debt->unit_value);
    const struct amount supplied = amount_of(
        collateral_leg->supplied, collateral->first.collateral_growth, collateral->unit_value);
    const double reached = limit_value(&owed, &supplied, rules, health) * bonus;

    if (bonus <= 0) {
        return false;
    }
    out->taken = (reached < supplied.value ? reached : supplied.value) * MORE;
    out->seized = 1 - collateral->protocol_fee_bps / BPS_ONE * (1 - 1 / bonus);
    out->paid = 1 / bonus;
    out->taken_per_unit = owed.unit * bonus * MORE;
    out->slack = SLACK_UNITS * (owed.unit + supplied.unit) + SLACK_OF_DOUBLES * out->taken;
    return true;
}
