/*
 * The pool's own arithmetic. What it would revert on is refused here too, so that no number exists
 * on this side that could not exist on the chain.
 */
#include "protocol/aave_v3/fast.h"

#define BPS_ONE 10000u
#define BPS_DECIMALS 4u

static const struct u256 ray_one = {{0x9fd0803ce8000000, 0x33b2e3c, 0, 0}};

bool aave_mul_div_slowly(struct u256 *out, const struct u256 *const factor[2],
                         const struct u256 *divisor, enum aave_rounding rounding)
{
    struct u256 value;
    struct u256 half;
    struct u256 remainder;
    const struct u256 one = U256_ONE;
    const struct u256 two = u256_of(2);

    if (!u256_mul(&value, factor[0], factor[1])) {
        return false;
    }
    if (rounding == AAVE_HALF_UP &&
        (!u256_div(&half, NULL, divisor, &two) || !u256_add(&value, &value, &half))) {
        return false;
    }
    if (!u256_div(&value, &remainder, &value, divisor)) {
        return false;
    }
    if (rounding == AAVE_CEIL && !u256_is_zero(&remainder) && !u256_add(&value, &value, &one)) {
        return false;
    }
    *out = value;
    return true;
}

bool aave_mul_div(struct u256 *out, const struct u256 *a, const struct u256 *b,
                  const struct u256 *c, enum aave_rounding rounding)
{
    const struct u256 *const factor[] = {a, b};

    return aave_fast_mul_div(out, factor, c, rounding) ||
           aave_mul_div_slowly(out, factor, c, rounding);
}

bool aave_ray_mul(struct u256 *out, const struct u256 *a, const struct u256 *b,
                  enum aave_rounding rounding)
{
    const struct u256 *const factor[] = {a, b};

    return aave_fast_ray_mul(out, a, b, rounding) ||
           aave_mul_div_slowly(out, factor, &ray_one, rounding);
}

bool aave_ray_div(struct u256 *out, const struct u256 *a, const struct u256 *b,
                  enum aave_rounding rounding)
{
    return aave_mul_div(out, a, &ray_one, b, rounding);
}

bool aave_wad_div(struct u256 *out, const struct u256 *a, const struct u256 *b)
{
    const struct u256 wad_one = u256_of(WAD_ONE_U64);

    return aave_mul_div(out, a, &wad_one, b, AAVE_HALF_UP);
}

bool aave_percent_mul(struct u256 *out, const struct u256 *value, uint32_t bps,
                      enum aave_rounding rounding)
{
    const struct u256 percentage = u256_of(bps);
    const struct u256 one = u256_of(BPS_ONE);
    const struct u256 *const factor[] = {value, &percentage};

    return aave_fast_mul_div_by(out, factor, divisor_ten_to(BPS_DECIMALS), rounding) ||
           aave_mul_div_slowly(out, factor, &one, rounding);
}

bool aave_percent_div(struct u256 *out, const struct u256 *value, uint32_t bps,
                      enum aave_rounding rounding)
{
    const struct u256 percentage = u256_of(bps);
    const struct u256 one = u256_of(BPS_ONE);

    return aave_mul_div(out, value, &one, &percentage, rounding);
}
