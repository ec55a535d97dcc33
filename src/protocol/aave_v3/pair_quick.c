/*
 * The exchange of a pair for numbers as small as they nearly always are. In a crash it is done ten
 * thousand times, thrice for each; a test holds it equal to the way in 256 bits.
 */
#include "protocol/aave_v3/pair.h"
#include "protocol/aave_v3/quick.h"

#define SMALL_BPS_MAX 65535u
#define BPS_ONE 10000u

static bool is_price_small(const struct u256 *price)
{
    return u256_fits_u64(price) && price->limb[0] != 0;
}

void aave_pair_divisors(struct aave_pair *pair)
{
    pair->is_small = is_price_small(&pair->debt_price) && is_price_small(&pair->collateral_price) &&
                     pair->debt->decimals <= DIVISOR_DECIMALS_MAX &&
                     pair->collateral->decimals <= DIVISOR_DECIMALS_MAX && pair->bonus_bps != 0 &&
                     pair->bonus_bps <= SMALL_BPS_MAX &&
                     pair->collateral->protocol_fee_bps <= SMALL_BPS_MAX;
    if (pair->is_small) {
        pair->by_debt_price = divisor_of(pair->debt_price.limb[0]);
        pair->by_collateral_price = divisor_of(pair->collateral_price.limb[0]);
        pair->by_bonus = divisor_of(pair->bonus_bps);
    }
}

/* What is stored, grown by its index. False: a number over 96 bits. */
QUICK bool quick_amount(unsigned __int128 *out, unsigned __int128 stored, const struct ray *index,
                        enum aave_rounding rounding)
{
    return stored >> 96 == 0 && quick_fits(&index->value) &&
           quick_ray_mul(out, stored, quick_low(&index->value), rounding) && *out >> 96 == 0;
}

bool aave_quick_amounts(struct aave_amounts *out, const struct aave_pair *pair)
{
    const struct aave_rules *rules = pair->rules;
    unsigned __int128 owed;
    unsigned __int128 supplied;
    unsigned __int128 owed_value;
    unsigned __int128 supplied_value;

    if (!pair->is_small ||
        !quick_amount(&owed, pair->debt_leg->owed, &out->debt_index, aave_rounds_owed(rules)) ||
        !quick_amount(&supplied, pair->collateral_leg->supplied, &out->collateral_index,
                      aave_rounds_supplied(rules)) ||
        !quick_mul_div(&owed_value, owed, pair->debt_price.limb[0],
                       divisor_ten_to(pair->debt->decimals),
                       rules->rounds_against ? AAVE_CEIL : AAVE_FLOOR) ||
        !quick_mul_div(&supplied_value, supplied, pair->collateral_price.limb[0],
                       divisor_ten_to(pair->collateral->decimals), AAVE_FLOOR)) {
        return false;
    }
    out->owed = u256_of_u128(owed);
    out->supplied = u256_of_u128(supplied);
    out->owed_value = u256_of_u128(owed_value);
    out->supplied_value = u256_of_u128(supplied_value);
    return true;
}

/* One token into another. */
struct quick_rate {
    uint64_t price;
    const struct divisor *by_price;
    int decimals_more;
};

/*
 * Below 2^96 × 2^64 × 2^64 no product leaves 256 bits, and the units of ten cancel: x × 10^n /
 * (y × 10^m) = x × 10^(n - m) / y, and floor(floor(x / a) / b) = floor(x / (a × b)). False: over 96
 * bits.
 */
QUICK bool quick_convert(unsigned __int128 *out, unsigned __int128 amount,
                         const struct quick_rate *rate)
{
    const int more = rate->decimals_more;
    const struct divisor *ten = divisor_ten_to((unsigned)(more < 0 ? -more : more));
    const uint64_t up = more > 0 ? ten->scaled >> ten->shift : 1;
    const struct quick_wide value = quick_wide_mul(amount, rate->price);
    const unsigned __int128 low = (unsigned __int128)value.limb[0] * up;
    const unsigned __int128 middle = (unsigned __int128)value.limb[1] * up + (low >> 64);
    const unsigned __int128 high = (unsigned __int128)value.limb[2] * up + (middle >> 64);
    uint64_t limb[] = {(uint64_t)low, (uint64_t)middle, (uint64_t)high, (uint64_t)(high >> 64)};
    const unsigned count = limb[3] != 0 ? 4 : limb[2] != 0 ? 3 : 2;

    if (more < 0) {
        (void)divisor_divide(limb, count, ten);
    }
    (void)divisor_divide(limb, count, rate->by_price);
    *out = (unsigned __int128)limb[1] << 64 | limb[0];
    return (limb[3] | limb[2] | limb[1] >> 32) == 0;
}

/* The protocol's share of what is taken: of the bonus in it. False: no bonus. */
QUICK bool quick_fee(unsigned __int128 *out, const struct aave_pair *pair, unsigned __int128 taken)
{
    const bool against = pair->rules->splits_against;
    const unsigned __int128 bps = BPS_ONE;
    unsigned __int128 plain;

    *out = 0;
    if (pair->collateral->protocol_fee_bps == 0) {
        return true;
    }
    return quick_mul_div(&plain, taken, bps, &pair->by_bonus,
                         against ? AAVE_FLOOR : AAVE_HALF_UP) &&
           plain <= taken &&
           quick_mul_div(out, taken - plain, pair->collateral->protocol_fee_bps,
                         divisor_ten_to(BPS_DECIMALS), against ? AAVE_CEIL : AAVE_HALF_UP) &&
           *out <= taken;
}

bool aave_quick_exchange(struct aave_exchange *out, const struct aave_pair *pair,
                         const struct aave_amounts *amounts, const struct u256 *offer)
{
    const int more = (int)pair->collateral->decimals - (int)pair->debt->decimals;
    const struct quick_rate there = {pair->debt_price.limb[0], &pair->by_collateral_price, more};
    const struct quick_rate back = {pair->collateral_price.limb[0], &pair->by_debt_price, -more};
    const unsigned __int128 bps = BPS_ONE;
    unsigned __int128 paid;
    unsigned __int128 taken;
    unsigned __int128 fee;

    if (!pair->is_small || !quick_fits(offer) || !quick_fits(&amounts->supplied) ||
        !quick_convert(&taken, quick_low(offer), &there) ||
        !quick_mul_div(&taken, taken, pair->bonus_bps, divisor_ten_to(BPS_DECIMALS),
                       pair->rules->splits_against ? AAVE_FLOOR : AAVE_HALF_UP)) {
        return false;
    }
    paid = quick_low(offer);
    if (taken > quick_low(&amounts->supplied)) {
        taken = quick_low(&amounts->supplied);
        if (!quick_convert(&paid, taken, &back) ||
            !quick_mul_div(&paid, paid, bps, &pair->by_bonus,
                           pair->rules->rounds_against ? AAVE_CEIL : AAVE_HALF_UP)) {
            return false;
        }
    }
    if (!quick_fee(&fee, pair, taken)) {
        return false;
    }
    out->paid = u256_of_u128(paid);
    out->taken = u256_of_u128(taken);
    out->seize = u256_of_u128(taken - fee);
    out->fee = u256_of_u128(fee);
    out->takes_all = taken == quick_low(&amounts->supplied);
    return true;
}

/* 96 bits at a price of 64, 64 of decimals and 16 of bonus are 240; with a bonus that is none below
 * zero and a share of it that is no more than it, nothing is taken from less. */
bool aave_quick_is_liquid(const struct aave_pair *pair, const struct u256 *offer)
{
    return pair->is_small && pair->bonus_bps >= BPS_ONE &&
           pair->collateral->protocol_fee_bps <= BPS_ONE && quick_fits(offer) &&
           quick_fits(&pair->late.supplied) &&
           !u256_is_less(&pair->collateral->liquidity.value, &pair->late.supplied);
}
