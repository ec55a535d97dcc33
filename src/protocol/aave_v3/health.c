/*
 * What an account supplied, weighted, over what it owes: the pool's own number to the last unit,
 * since it is compared with one by strict inequality (GenericLogic.calculateUserAccountData).
 */
#include "protocol/aave_v3/fast.h"

/* What stands between a leg and its value. */
#define STALE_FOR_HEALTH (RESERVE_STALE_ASSET | RESERVE_STALE_STATE | RESERVE_STALE_PRICE)

struct sums {
    const struct market *market;
    const struct aave_rules *rules;
    const struct position *position;
    const struct price *category_price; /* NULL: each asset's own */
    struct u256 collateral;
    struct u256 weighted;
    struct u256 debt;
};

enum aave_rounding aave_rounds_supplied(const struct aave_rules *rules)
{
    return rules->rounds_against ? AAVE_FLOOR : AAVE_HALF_UP;
}

enum aave_rounding aave_rounds_owed(const struct aave_rules *rules)
{
    return rules->rounds_against ? AAVE_CEIL : AAVE_HALF_UP;
}

bool aave_is_in_category(const struct market *market, uint8_t category, uint32_t reserve)
{
    const struct u256 *bitmap = &market->category[category].collateral_bitmap;

    if (category == 0) {
        return false;
    }
    if (aave_rules_to_follow(market->revision)->has_category_price) {
        return market->reserve[reserve].category == category;
    }
    return (bitmap->limb[reserve / 64] >> (reserve % 64) & 1) != 0;
}

static enum health_error price_error(const struct price *price)
{
    switch (price->status) {
    case PRICE_OK:
        return HEALTH_OK;
    case PRICE_UNKNOWN:
        return HEALTH_STALE;
    case PRICE_MISSING:
        return HEALTH_NO_PRICE;
    }
    return HEALTH_STALE;
}

static bool sums_add_collateral(struct sums *sums, const struct leg *leg, const struct price *price)
{
    const struct reserve *reserve = &sums->market->reserve[leg->reserve];
    const uint8_t category = sums->position->category;
    struct u256 amount = u256_of_u128(leg->supplied);
    struct u256 value;
    struct u256 threshold = u256_of(reserve->threshold_bps);

    if (reserve->threshold_bps == 0 && !sums->rules->counts_unweighted) {
        return true;
    }
    if (aave_is_in_category(sums->market, category, leg->reserve)) {
        threshold = u256_of(sums->market->category[category].threshold_bps);
    }
    return aave_ray_mul(&amount, &amount, &reserve->collateral_index_now.value,
                        aave_rounds_supplied(sums->rules)) &&
           aave_mul_div(&value, &amount, &price->value, &reserve->unit, AAVE_FLOOR) &&
           u256_add(&sums->collateral, &sums->collateral, &value) &&
           u256_mul(&value, &value, &threshold) &&
           u256_add(&sums->weighted, &sums->weighted, &value);
}

static bool sums_add_debt(struct sums *sums, const struct leg *leg, const struct price *price)
{
    const struct reserve *reserve = &sums->market->reserve[leg->reserve];
    struct u256 amount = u256_of_u128(leg->owed);
    struct u256 value;

    return aave_ray_mul(&amount, &amount, &reserve->debt_index_now.value,
                        aave_rounds_owed(sums->rules)) &&
           aave_mul_div(&value, &amount, &price->value, &reserve->unit,
                        sums->rules->rounds_against ? AAVE_CEIL : AAVE_FLOOR) &&
           u256_add(&sums->debt, &sums->debt, &value);
}

static enum health_error sums_add(struct sums *sums, const struct leg *leg)
{
    const struct market *market = sums->market;
    const uint8_t category = sums->position->category;

    if (leg->reserve >= market->reserve_count || (leg->flags & LEG_STALE) != 0) {
        return HEALTH_STALE;
    }
    const struct reserve *reserve = &market->reserve[leg->reserve];
    if ((reserve->flags & RESERVE_DROPPED) != 0) {
        return HEALTH_OK; /* the pool skips it as well */
    }
    if ((reserve->stale & STALE_FOR_HEALTH) != 0) {
        return HEALTH_STALE;
    }
    if ((reserve->flags & RESERVE_OVERFLOWS) != 0) {
        return HEALTH_OVERFLOW;
    }
    /* to 3.3 what is owed of a minted token follows no index (GHO's discount) */
    if ((leg->flags & LEG_DEBT) != 0 && (reserve->flags & RESERVE_MINTED) != 0) {
        return HEALTH_UNSUPPORTED;
    }
    bool has_category_price = sums->category_price != NULL && reserve->category == category;
    const struct price *price = has_category_price ? sums->category_price : &reserve->price;
    enum health_error error = price_error(price);
    if (error != HEALTH_OK) {
        return error;
    }
    if ((leg->flags & LEG_COLLATERAL) != 0 && !sums_add_collateral(sums, leg, price)) {
        return HEALTH_OVERFLOW;
    }
    if ((leg->flags & LEG_DEBT) != 0 && !sums_add_debt(sums, leg, price)) {
        return HEALTH_OVERFLOW;
    }
    return HEALTH_OK;
}

/* 3.0 and 3.1 read the category's price before they look at any asset. */
static enum health_error sums_begin(struct sums *sums)
{
    const struct category *category = &sums->market->category[sums->position->category];

    if (sums->position->category == 0) {
        return HEALTH_OK;
    }
    if (!category->is_used || (category->stale & (CATEGORY_STALE | CATEGORY_STALE_BITMAP)) != 0) {
        return HEALTH_STALE;
    }
    if (!sums->rules->has_category_price || address_is_zero(&category->price_source)) {
        return HEALTH_OK;
    }
    if ((category->stale & CATEGORY_STALE_PRICE) != 0) {
        return HEALTH_STALE;
    }
    sums->category_price = &category->price;
    return price_error(&category->price);
}

/* Above 2^16 it is no threshold: the sums were not what they should be. */
static bool sums_average(uint32_t *out, const struct sums *sums)
{
    struct u256 average = U256_ZERO;

    if (!u256_is_zero(&sums->collateral) &&
        !u256_div(&average, NULL, &sums->weighted, &sums->collateral)) {
        return false;
    }
    *out = (uint32_t)average.limb[0];
    return u256_fits_u64(&average) && average.limb[0] <= UINT16_MAX;
}

static bool sums_factor(struct u256 *out, const struct sums *sums, uint32_t average_bps)
{
    struct u256 factor;

    if (u256_is_zero(&sums->debt)) {
        *out = U256_MAX;
        return true;
    }
    if (sums->rules->rounds_against) {
        return aave_wad_div(&factor, &sums->weighted, &sums->debt) &&
               aave_percent_mul(out, &factor, 1, AAVE_FLOOR); /* over 10000 */
    }
    return aave_percent_mul(&factor, &sums->collateral, average_bps, AAVE_HALF_UP) &&
           aave_wad_div(out, &factor, &sums->debt);
}

/* False: *out is untouched. */
static bool sums_conclude(struct health *out, const struct sums *sums)
{
    struct u256 factor;
    uint32_t average_bps;

    if (!sums_average(&average_bps, sums) || !sums_factor(&factor, sums, average_bps)) {
        return false;
    }
    out->factor.value = factor;
    out->collateral_value = sums->collateral;
    out->debt_value = sums->debt;
    out->threshold_bps = average_bps;
    return true;
}

/* The slow way, leg by leg. */
static enum health_error sums_make(struct sums *sums)
{
    enum health_error error = sums_begin(sums);

    for (uint32_t i = 0; error == HEALTH_OK && i < sums->position->leg_count; i++) {
        error = sums_add(sums, &sums->position->legs[i]);
    }
    return error;
}

/* Whether anything can be said of it at all. */
static enum health_error position_error(const struct position *position,
                                        const struct aave_rules *rules)
{
    if (rules == NULL || (position->flags & POSITION_UNSUPPORTED) != 0) {
        return HEALTH_UNSUPPORTED;
    }
    if ((position->flags & POSITION_DRIFTED) != 0) {
        return HEALTH_DRIFTED;
    }
    return (position->flags & POSITION_STALE) != 0 ? HEALTH_STALE : HEALTH_OK;
}

enum health_error aave_health_slowly(struct health *out, const struct market *market,
                                     const struct position *position)
{
    struct sums sums = {
        .market = market, .rules = aave_rules_of(market->revision), .position = position};
    enum health_error error = position_error(position, sums.rules);

    if (error == HEALTH_OK) {
        error = sums_make(&sums);
    }
    if (error != HEALTH_OK) {
        return error;
    }
    return sums_conclude(out, &sums) ? HEALTH_OK : HEALTH_OVERFLOW;
}

enum health_error aave_health(struct health *out, const struct market *market,
                              const struct position *position)
{
    const struct aave_rules *rules = aave_rules_of(market->revision);

    if (rules != NULL && position->flags == 0 && aave_fast_health(out, market, position, rules)) {
        return HEALTH_OK;
    }
    return aave_health_slowly(out, market, position);
}

bool aave_leg_amounts(struct token_amount *supplied, struct token_amount *owed,
                      const struct market *market, const struct leg *leg)
{
    const struct aave_rules *rules = aave_rules_to_follow(market->revision);
    const struct reserve *reserve = &market->reserve[leg->reserve];

    supplied->value = u256_of_u128(leg->supplied);
    owed->value = u256_of_u128(leg->owed);
    return leg->reserve < market->reserve_count &&
           aave_ray_mul(&supplied->value, &supplied->value, &reserve->collateral_index_now.value,
                        aave_rounds_supplied(rules)) &&
           aave_ray_mul(&owed->value, &owed->value, &reserve->debt_index_now.value,
                        aave_rounds_owed(rules));
}
