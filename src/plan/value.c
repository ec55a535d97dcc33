/*
 * What a liquidation is worth: two tokens of different decimals, priced in a third currency, as
 * wei. Each rounding goes against us, so that a profit that is shown is one that exists.
 */
#include "plan/plan.h"

#define BPS_ONE 10000u
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

/* Base currency, rounded down: what we get, after the haircut. One division, so one rounding. */
static bool value_of_seized(struct u256 *out, const struct market *market,
                            const struct plan_exchange *exchange, uint32_t haircut_bps)
{
    struct u256 price;
    struct u256 unit;
    struct u256 haircut = u256_of(haircut_bps < BPS_ONE ? haircut_bps : BPS_ONE);
    struct u256 one = u256_of(BPS_ONE);

    return value_terms(&price, &unit, market, exchange->collateral) &&
           u256_mul(&price, &price, &haircut) && u256_mul(&unit, &unit, &one) &&
           u256_mul_div(out, &exchange->seized.value, &price, &unit);
}

/* Base currency, rounded up: what we give. */
static bool value_of_repaid(struct u256 *out, const struct market *market,
                            const struct plan_exchange *exchange)
{
    struct u256 price;
    struct u256 unit;

    return value_terms(&price, &unit, market, exchange->debt) &&
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
