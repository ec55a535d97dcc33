/*
 * What a liquidation is worth: two tokens of different decimals, priced in a third currency, as
 * wei. Each rounding goes against us, so that a profit that is shown is one that exists.
 */
#include "base/divisor.h"
#include "plan/plan.h"

#define BPS_ONE 10000u
#define BPS_DECIMALS 4u
#define DECIMALS_MAX 77u
#define STALE_FOR_VALUE (RESERVE_STALE_ASSET | RESERVE_STALE_STATE | RESERVE_STALE_PRICE)

/* The price of one whole and what one whole is; false: there is no price to go by. */
static bool value_terms(struct u256 *price, struct u256 *unit, const struct market *market,
                        uint32_t index)
{
    if (index >= market->reserve_count || index >= RESERVES_MAX)
        return false;
    const struct reserve *reserve = &market->reserve[index];
    if (reserve->price.status != PRICE_OK || u256_is_zero(&reserve->price.value) ||
        (reserve->stale & STALE_FOR_VALUE) != 0 || reserve->decimals > DECIMALS_MAX)
        return false;
    *price = reserve->price.value;
    *unit = u256_ten_to(reserve->decimals);
    return true;
}

/* What divides by 10^decimals and by `more`, where one limb holds each. */
struct ten {
    const struct divisor *unit;
    const struct divisor *more; /* NULL: nothing else */
};

static bool ten_of(struct ten *out, uint32_t decimals, const struct divisor *more)
{
    if (decimals > DIVISOR_DECIMALS_MAX)
        return false;
    *out = (struct ten){divisor_ten_to(decimals), more};
    return true;
}

/*
 * a × b over ten, by inverses, since floor(floor(x / c) / d) = floor(x / (c × d)), and so for ceil.
 * False: a over 128 bits, or b over 64, and nothing was done.
 */
static bool over_ten(struct u256 *out, const struct u256 *const factor[2], const struct ten *ten,
                     bool up)
{
    struct u256 value;

    if (!u256_fits_u128(factor[0]) || !u256_fits_u64(factor[1]) ||
        !u256_mul(&value, factor[0], factor[1]))
        return false;
    bool has_rest = divisor_divide(value.limb, 3, ten->unit);
    if (ten->more != NULL)
        has_rest = divisor_divide(value.limb, 3, ten->more) || has_rest;
    *out = value;
    return !up || !has_rest || u256_add(out, out, &U256_ONE);
}

/* Base currency, rounded down: what we get, after the haircut. One division, so one rounding. */
static bool value_of_seized(struct u256 *out, const struct market *market,
                            const struct plan_exchange *exchange, uint32_t haircut_bps)
{
    const struct u256 haircut = u256_of(haircut_bps < BPS_ONE ? haircut_bps : BPS_ONE);
    const struct u256 one = u256_of(BPS_ONE);
    struct u256 price;
    struct u256 unit;
    struct ten ten;

    if (!value_terms(&price, &unit, market, exchange->collateral) ||
        !u256_mul(&price, &price, &haircut))
        return false;
    const struct u256 *const factor[] = {&exchange->seized.value, &price};
    return (ten_of(&ten, market->reserve[exchange->collateral].decimals,
                   divisor_ten_to(BPS_DECIMALS)) &&
            over_ten(out, factor, &ten, false)) ||
           (u256_mul(&unit, &unit, &one) &&
            u256_mul_div(out, &exchange->seized.value, &price, &unit));
}

/* Base currency, rounded up: what we give. */
static bool value_of_repaid(struct u256 *out, const struct market *market,
                            const struct plan_exchange *exchange)
{
    struct u256 price;
    struct u256 unit;
    struct ten ten;

    if (!value_terms(&price, &unit, market, exchange->debt))
        return false;
    const struct u256 *const factor[] = {&exchange->repaid.value, &price};
    return (ten_of(&ten, market->reserve[exchange->debt].decimals, NULL) &&
            over_ten(out, factor, &ten, true)) ||
           u256_mul_div_up(out, &exchange->repaid.value, &price, &unit);
}

bool plan_value(struct wei *out, bool *is_loss, const struct market *market,
                const struct plan_exchange *exchange, uint32_t haircut_bps)
{
    struct u256 seized;
    struct u256 repaid;
    struct u256 price;
    struct u256 unit;
    struct u256 amount;

    if (!value_of_seized(&seized, market, exchange, haircut_bps) ||
        !value_of_repaid(&repaid, market, exchange) ||
        !value_terms(&price, &unit, market, market->native))
        return false;
    bool costs = u256_is_less(&seized, &repaid);
    amount = costs ? u256_sub_floor(&repaid, &seized) : u256_sub_floor(&seized, &repaid);
    if (costs ? !u256_mul_div_up(&amount, &amount, &unit, &price)
              : !u256_mul_div(&amount, &amount, &unit, &price))
        return false;
    out->value = amount;
    *is_loss = costs;
    return true;
}
