/*
 * A new price asks for the health of every account there is, and nearly all of that time is
 * division. General 256-bit division costs several times what these numbers need.
 */
#include "protocol/aave_v3/quick.h"

bool aave_fast_mul_div_by(struct u256 *out, const struct u256 *const factor[2],
                          const struct divisor *divisor, enum aave_rounding rounding)
{
    unsigned __int128 quotient;

    if (!quick_fits(factor[0]) || !quick_fits(factor[1]) ||
        !quick_mul_div(&quotient, quick_low(factor[0]), quick_low(factor[1]), divisor, rounding)) {
        return false;
    }
    *out = u256_of_u128(quotient);
    return true;
}

bool aave_fast_mul_div(struct u256 *out, const struct u256 *const factor[2],
                       const struct u256 *divisor, enum aave_rounding rounding)
{
    if (!u256_fits_u64(divisor) || divisor->limb[0] == 0) {
        return false;
    }
    const struct divisor by = divisor_of(divisor->limb[0]);
    return aave_fast_mul_div_by(out, factor, &by, rounding);
}

bool aave_fast_ray_mul(struct u256 *out, const struct u256 *a, const struct u256 *b,
                       enum aave_rounding rounding)
{
    unsigned __int128 quotient;

    if (!quick_fits(a) || !quick_fits(b) ||
        !quick_ray_mul(&quotient, quick_low(a), quick_low(b), rounding)) {
        return false;
    }
    *out = u256_of_u128(quotient);
    return true;
}

/* ---- sums: the inner loop of a full sweep. Values below 96 bits with a threshold of 16 leave room
 * in 128 for the sum of all legs that there can be. */

static bool is_plain_category(const struct market *market, uint8_t index,
                              const struct aave_rules *rules)
{
    const struct category *category = &market->category[index];
    const uint32_t needed = CATEGORY_STALE | CATEGORY_STALE_BITMAP;

    return index == 0 ||
           (category->is_used && (category->stale & needed) == 0 &&
            !(rules->has_category_price && !address_is_zero(&category->price_source)));
}

/* NULL: not one whose numbers are known and small. Else what divides its amounts. */
QUICK const struct divisor *plain_unit(const struct reserve *reserve)
{
    const uint32_t flags = RESERVE_DROPPED | RESERVE_OVERFLOWS | RESERVE_MINTED;
    const uint32_t stale = RESERVE_STALE_ASSET | RESERVE_STALE_STATE | RESERVE_STALE_PRICE;

    if ((reserve->flags & flags) != 0 || (reserve->stale & stale) != 0 ||
        reserve->price.status != PRICE_OK || !u256_fits_u64(&reserve->price.value) ||
        reserve->decimals > DIVISOR_DECIMALS_MAX || !u256_fits_u64(&reserve->unit)) {
        return NULL;
    }
    const struct divisor *unit = divisor_ten_to(reserve->decimals);
    return unit->scaled >> unit->shift == reserve->unit.limb[0] ? unit : NULL;
}

/* What a position is summed by. */
struct way {
    const struct market *market;
    const struct aave_rules *rules;
    uint8_t category;
    enum aave_rounding supplied;
    enum aave_rounding owed;
    enum aave_rounding owed_value;
};

/* What is stored, grown by its index, at its price. False: a number over 96 bits. */
QUICK bool value_of(unsigned __int128 *out, unsigned __int128 stored, const struct ray *index,
                    const struct reserve *reserve, const enum aave_rounding rounding[2])
{
    const struct divisor *unit = plain_unit(reserve);
    unsigned __int128 amount;

    return unit != NULL && stored >> 96 == 0 && quick_fits(&index->value) &&
           quick_ray_mul(&amount, stored, quick_low(&index->value), rounding[0]) &&
           amount >> 96 == 0 &&
           quick_mul_div(out, amount, reserve->price.value.limb[0], unit, rounding[1]) &&
           *out >> 96 == 0;
}

QUICK bool sums_add_supplied(unsigned __int128 sum[2], const struct way *way, const struct leg *leg)
{
    const struct reserve *reserve = &way->market->reserve[leg->reserve];
    const enum aave_rounding rounding[] = {way->supplied, AAVE_FLOOR};
    uint32_t threshold = reserve->threshold_bps;
    unsigned __int128 value;

    if (threshold == 0 && !way->rules->counts_unweighted) {
        return plain_unit(reserve) != NULL;
    }
    if (way->category != 0 && aave_is_in_category(way->market, way->category, leg->reserve)) {
        threshold = way->market->category[way->category].threshold_bps;
    }
    if (threshold > UINT16_MAX ||
        !value_of(&value, leg->supplied, &reserve->collateral_index_now, reserve, rounding)) {
        return false;
    }
    sum[0] += value;
    sum[1] += value * threshold;
    return true;
}

QUICK bool sums_add_owed(unsigned __int128 *sum, const struct way *way, const struct leg *leg)
{
    const struct reserve *reserve = &way->market->reserve[leg->reserve];
    const enum aave_rounding rounding[] = {way->owed, way->owed_value};
    unsigned __int128 value;

    if (!value_of(&value, leg->owed, &reserve->debt_index_now, reserve, rounding)) {
        return false;
    }
    *sum += value;
    return true;
}

/* Sums of one position. */
struct sums {
    unsigned __int128 supplied[2]; /* its value, and that weighted */
    unsigned __int128 owed;
};

QUICK bool sums_make(struct sums *sums, const struct way *way, const struct position *position)
{
    for (uint32_t i = 0; i < position->leg_count; i++) {
        const struct leg *leg = &position->legs[i];

        if (leg->reserve >= way->market->reserve_count || (leg->flags & LEG_STALE) != 0 ||
            ((leg->flags & LEG_COLLATERAL) != 0 && !sums_add_supplied(sums->supplied, way, leg)) ||
            ((leg->flags & LEG_DEBT) != 0 && !sums_add_owed(&sums->owed, way, leg))) {
            return false;
        }
    }
    return true;
}

/* Roundings that are known when this is compiled cost no jump. */
static bool sums_make_against(struct sums *sums, const struct market *market,
                              const struct position *position, const struct aave_rules *rules)
{
    const struct way way = {market, rules, position->category, AAVE_FLOOR, AAVE_CEIL, AAVE_CEIL};

    return sums_make(sums, &way, position);
}

static bool sums_make_halfway(struct sums *sums, const struct market *market,
                              const struct position *position, const struct aave_rules *rules)
{
    const struct way way = {market,       rules,        position->category,
                            AAVE_HALF_UP, AAVE_HALF_UP, AAVE_FLOOR};

    return sums_make(sums, &way, position);
}

/* As the pool floors it; false: a number over 64 bits, or no threshold. */
QUICK bool average_of(uint64_t *out, const struct sums *sums)
{
    const unsigned __int128 weighted = sums->supplied[1];

    *out = 0;
    if (weighted >> 64 != 0 || sums->supplied[0] >> 64 != 0) {
        return false;
    }
    if (sums->supplied[0] != 0) {
        *out = (uint64_t)weighted / (uint64_t)sums->supplied[0];
    }
    return *out <= UINT16_MAX;
}

/* In: weighted below 64 bits, owed neither 0 nor over that. */
QUICK bool factor_of(unsigned __int128 *out, const struct sums *sums,
                     const struct aave_rules *rules, uint64_t average)
{
    const struct divisor debt = divisor_of((uint64_t)sums->owed);
    const struct divisor *bps = divisor_ten_to(BPS_DECIMALS);
    const unsigned __int128 wad = WAD_ONE_U64;
    unsigned __int128 worth = sums->supplied[1];

    if (!rules->rounds_against &&
        !quick_mul_div(&worth, sums->supplied[0], average, bps, AAVE_HALF_UP)) {
        return false;
    }
    return quick_mul_div(out, worth, wad, &debt, AAVE_HALF_UP) && *out >> 96 == 0 &&
           (!rules->rounds_against || quick_mul_div(out, *out, 1, bps, AAVE_FLOOR));
}

bool aave_fast_health(struct health *out, const struct market *market,
                      const struct position *position, const struct aave_rules *rules)
{
    struct sums sums = {{0, 0}, 0};
    unsigned __int128 factor;
    uint64_t average;

    if (position->leg_count > LEGS_MAX || !is_plain_category(market, position->category, rules) ||
        !(rules->rounds_against ? sums_make_against(&sums, market, position, rules)
                                : sums_make_halfway(&sums, market, position, rules)) ||
        !average_of(&average, &sums) || sums.owed == 0 || sums.owed >> 64 != 0 ||
        !factor_of(&factor, &sums, rules, average)) {
        return false;
    }
    out->factor.value = u256_of_u128(factor);
    out->collateral_value = u256_of_u128(sums.supplied[0]);
    out->debt_value = u256_of_u128(sums.owed);
    out->threshold_bps = (uint32_t)average;
    return true;
}
