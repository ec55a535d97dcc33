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

/* NULL: there is no price to go by. */
static const struct reserve *reserve_valued(const struct market *market, uint32_t index)
{
    if (index >= market->reserve_count || index >= RESERVES_MAX)
        return NULL;
    const struct reserve *reserve = &market->reserve[index];
    if (reserve->price.status != PRICE_OK || u256_is_zero(&reserve->price.value) ||
        (reserve->stale & STALE_FOR_VALUE) != 0 || reserve->decimals > DECIMALS_MAX)
        return NULL;
    return reserve;
}

/* An amount times a factor over one or two divisors. */
struct quotient {
    const struct u256 *amount;
    uint64_t factor;
    const struct divisor *by;
    const struct divisor *more; /* NULL: nothing else */
};

/*
 * By inverses, since floor(floor(x / c) / d) = floor(x / (c × d)), and so for ceil. False: an
 * amount over 128 bits, no divisor; and nothing was done.
 */
DIVISOR_INLINE bool quotient_of(struct u256 *out, const struct quotient *quotient, bool up)
{
    const struct u256 *amount = quotient->amount;

    if (quotient->by == NULL || !u256_fits_u128(amount))
        return false;
    const unsigned __int128 low = (unsigned __int128)amount->limb[0] * quotient->factor;
    const unsigned __int128 high =
        (unsigned __int128)amount->limb[1] * quotient->factor + (low >> 64);
    uint64_t limb[] = {(uint64_t)low, (uint64_t)high, (uint64_t)(high >> 64)};
    bool has_rest = divisor_divide(limb, 3, quotient->by);

    if (quotient->more != NULL)
        has_rest = divisor_divide(limb, 3, quotient->more) || has_rest;
    *out = (struct u256){{limb[0], limb[1], limb[2], 0}};
    return !up || !has_rest || u256_add(out, out, &U256_ONE);
}

/* NULL: one limb does not hold it. */
static const struct divisor *unit_of(const struct reserve *reserve)
{
    return reserve->decimals <= DIVISOR_DECIMALS_MAX ? divisor_ten_to(reserve->decimals) : NULL;
}

/* Base currency, rounded down: what we get, after the haircut. One division, so one rounding. */
static bool value_of_seized(struct u256 *out, const struct market *market,
                            const struct plan_exchange *exchange, uint32_t haircut_bps)
{
    const struct reserve *reserve = reserve_valued(market, exchange->collateral);
    const struct u256 haircut = u256_of(haircut_bps < BPS_ONE ? haircut_bps : BPS_ONE);
    const struct u256 one = u256_of(BPS_ONE);
    struct quotient quotient = {.amount = &exchange->seized.value};
    struct u256 price;
    struct u256 unit;

    if (reserve == NULL)
        return false;
    quotient.by = unit_of(reserve);
    if (haircut_bps >= BPS_ONE) {
        /* the whole of it: what it is times ten thousand over ten thousand */
        quotient.factor = reserve->price.value.limb[0];
        if (u256_fits_u64(&reserve->price.value) && quotient_of(out, &quotient, false))
            return true;
    }
    if (!u256_mul(&price, &reserve->price.value, &haircut))
        return false;
    quotient.factor = price.limb[0];
    quotient.more = divisor_ten_to(BPS_DECIMALS);
    if (u256_fits_u64(&price) && quotient_of(out, &quotient, false))
        return true;
    unit = u256_ten_to(reserve->decimals);
    return u256_mul(&unit, &unit, &one) &&
           u256_mul_div(out, &exchange->seized.value, &price, &unit);
}

/* Base currency, rounded up: what we give. */
static bool value_of_repaid(struct u256 *out, const struct market *market,
                            const struct plan_exchange *exchange)
{
    const struct reserve *reserve = reserve_valued(market, exchange->debt);

    if (reserve == NULL)
        return false;
    const struct u256 *price = &reserve->price.value;
    const struct quotient quotient = {&exchange->repaid.value, price->limb[0], unit_of(reserve),
                                      NULL};
    if (u256_fits_u64(price) && quotient_of(out, &quotient, true))
        return true;
    const struct u256 unit = u256_ten_to(reserve->decimals);
    return u256_mul_div_up(out, &exchange->repaid.value, price, &unit);
}

/* Base currency into wei, against us. */
static bool wei_of(struct u256 *amount, const struct market *market, bool up)
{
    const struct reserve *native = reserve_valued(market, market->native);

    if (native == NULL)
        return false;
    const struct u256 *price = &native->price.value;
    if (native->decimals <= DIVISOR_DECIMALS_MAX && u256_fits_u64(price) &&
        divisor_is_of(&native->by_price, price->limb[0])) {
        const struct quotient quotient = {amount, divisor_value(divisor_ten_to(native->decimals)),
                                          &native->by_price, NULL};
        if (quotient_of(amount, &quotient, up))
            return true;
    }
    const struct u256 unit = u256_ten_to(native->decimals);
    return up ? u256_mul_div_up(amount, amount, &unit, price)
              : u256_mul_div(amount, amount, &unit, price);
}

bool plan_value(struct wei *out, bool *is_loss, const struct market *market,
                const struct plan_exchange *exchange, uint32_t haircut_bps)
{
    struct u256 seized;
    struct u256 repaid;
    struct u256 amount;

    if (!value_of_seized(&seized, market, exchange, haircut_bps) ||
        !value_of_repaid(&repaid, market, exchange))
        return false;
    const bool costs = u256_is_less(&seized, &repaid);
    amount = costs ? u256_sub_floor(&repaid, &seized) : u256_sub_floor(&seized, &repaid);
    if (!wei_of(&amount, market, costs))
        return false;
    out->value = amount;
    *is_loss = costs;
    return true;
}
