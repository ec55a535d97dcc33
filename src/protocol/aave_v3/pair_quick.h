/* The exchange of a pair in registers: what pair_quick.c and size_quick.c share. Nobody else
 * includes it. */
#ifndef PROTOCOL_AAVE_V3_PAIR_QUICK_H
#define PROTOCOL_AAVE_V3_PAIR_QUICK_H

#include "protocol/aave_v3/pair.h"
#include "protocol/aave_v3/quick.h"

#define QUICK_BPS_ONE 10000u

/* Of struct aave_amounts, each below 2^96. */
struct quick_amounts {
    unsigned __int128 owed;
    unsigned __int128 supplied;
};

/* One token into another. */
struct quick_rate {
    uint64_t price;
    const struct divisor *by_price;
    int decimals_more;
};

/* What is stored, grown by its index. False: a number over 96 bits. */
QUICK bool quick_amount(unsigned __int128 *out, unsigned __int128 stored, const struct ray *index,
                        enum aave_rounding rounding)
{
    return stored >> 96 == 0 && quick_fits(&index->value) &&
           quick_ray_mul(out, stored, quick_low(&index->value), rounding) && *out >> 96 == 0;
}

/* By rules that round against the account, or do not. */
QUICK bool quick_amounts_at(struct quick_amounts *out, const struct aave_pair *pair,
                            const struct ray *debt_index, const struct ray *collateral_index,
                            bool against)
{
    return quick_amount(&out->owed, pair->debt_leg->owed, debt_index,
                        against ? AAVE_CEIL : AAVE_HALF_UP) &&
           quick_amount(&out->supplied, pair->collateral_leg->supplied, collateral_index,
                        against ? AAVE_FLOOR : AAVE_HALF_UP);
}

QUICK bool quick_owed_value(unsigned __int128 *out, const struct aave_pair *pair,
                            unsigned __int128 owed, bool against)
{
    return quick_mul_div(out, owed, pair->debt_price.limb[0], divisor_ten_to(pair->debt->decimals),
                         against ? AAVE_CEIL : AAVE_FLOOR);
}

QUICK bool quick_supplied_value(unsigned __int128 *out, const struct aave_pair *pair,
                                unsigned __int128 supplied)
{
    return quick_mul_div(out, supplied, pair->collateral_price.limb[0],
                         divisor_ten_to(pair->collateral->decimals), AAVE_FLOOR);
}

QUICK struct quick_rate quick_rate_there(const struct aave_pair *pair)
{
    return (struct quick_rate){pair->debt_price.limb[0], &pair->by_collateral_price,
                               (int)pair->collateral->decimals - (int)pair->debt->decimals};
}

QUICK struct quick_rate quick_rate_back(const struct aave_pair *pair)
{
    return (struct quick_rate){pair->collateral_price.limb[0], &pair->by_debt_price,
                               (int)pair->debt->decimals - (int)pair->collateral->decimals};
}

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
    const uint64_t up = more > 0 ? divisor_value(ten) : 1;
    const struct quick_wide value = quick_wide_mul(amount, rate->price);
    const unsigned __int128 low = (unsigned __int128)value.limb[0] * up;
    const unsigned __int128 middle = (unsigned __int128)value.limb[1] * up + (low >> 64);
    const unsigned __int128 high = (unsigned __int128)value.limb[2] * up + (middle >> 64);
    uint64_t limb[] = {(uint64_t)low, (uint64_t)middle, (uint64_t)high, (uint64_t)(high >> 64)};

    if (more < 0) {
        (void)divisor_divide(limb, 4, ten);
    }
    (void)divisor_divide(limb, 4, rate->by_price);
    *out = (unsigned __int128)limb[1] << 64 | limb[0];
    return (limb[3] | limb[2] | limb[1] >> 32) == 0;
}

/* What an offer asks for, whether or not there is so much; below 2^112. */
QUICK bool quick_wanted(unsigned __int128 *out, const struct aave_pair *pair,
                        unsigned __int128 offer)
{
    const struct quick_rate there = quick_rate_there(pair);

    return quick_convert(out, offer, &there) &&
           quick_mul_div(out, *out, pair->bonus_bps, divisor_ten_to(BPS_DECIMALS),
                         pair->rules->splits_against ? AAVE_FLOOR : AAVE_HALF_UP);
}

/* What is paid for all that there is. */
QUICK bool quick_paid_for(unsigned __int128 *out, const struct aave_pair *pair,
                          unsigned __int128 supplied)
{
    const unsigned __int128 bps = QUICK_BPS_ONE;
    const struct quick_rate back = quick_rate_back(pair);

    return quick_convert(out, supplied, &back) &&
           quick_mul_div(out, *out, bps, &pair->by_bonus,
                         pair->rules->rounds_against ? AAVE_CEIL : AAVE_HALF_UP);
}

/* The protocol's share of what is taken: of the bonus in it. False: no bonus. */
QUICK bool quick_fee(unsigned __int128 *out, const struct aave_pair *pair, unsigned __int128 taken)
{
    const bool against = pair->rules->splits_against;
    const unsigned __int128 bps = QUICK_BPS_ONE;
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

#endif
