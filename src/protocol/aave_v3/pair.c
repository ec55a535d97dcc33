/*
 * How much collateral a repaid debt buys, in the pool's own steps and roundings: one unit more than
 * the pool would give is a plan that is wrong (LiquidationLogic).
 */
#include "protocol/aave_v3/pair.h"

/* 3.0 and 3.1: the category's price stands for the collateral if it is of it, and for any debt. */
static void pair_set_terms(struct aave_pair *pair, const struct position *position,
                           const struct liquidation_request *request)
{
    const struct category *category = &pair->market->category[position->category];
    const bool is_in = aave_is_in_category(pair->market, position->category, request->collateral);
    const bool has_price = pair->rules->has_category_price && position->category != 0 &&
                           !address_is_zero(&category->price_source);

    pair->bonus_bps = is_in ? category->bonus_bps : pair->collateral->bonus_bps;
    pair->by_known_bonus = is_in ? &category->by_bonus : &pair->collateral->by_bonus;
    pair->debt_price = has_price ? category->price.value : pair->debt->price.value;
    pair->collateral_price =
        has_price && is_in ? category->price.value : pair->collateral->price.value;
}

enum liquidation_error aave_pair_begin(struct aave_pair *out, const struct market *market,
                                       const struct position *position,
                                       const struct liquidation_request *request)
{
    out->market = market;
    out->rules = aave_rules_of(market->revision);
    out->debt_leg = position_leg(position, request->debt);
    out->collateral_leg = position_leg(position, request->collateral);
    if (out->rules == NULL || out->debt_leg == NULL || out->collateral_leg == NULL ||
        request->debt >= market->reserve_count || request->collateral >= market->reserve_count) {
        return LIQUIDATION_NOT_SEIZABLE;
    }
    /* from 3.4 an account cannot liquidate itself, and it would earn nothing by it */
    if ((out->debt_leg->flags & LEG_DEBT) == 0 || out->debt_leg->owed == 0 ||
        (out->collateral_leg->flags & LEG_COLLATERAL) == 0 || out->collateral_leg->supplied == 0 ||
        address_is_equal(&position->account, &market->keeper)) {
        return LIQUIDATION_NOT_SEIZABLE;
    }
    out->debt = &market->reserve[request->debt];
    out->collateral = &market->reserve[request->collateral];
    pair_set_terms(out, position, request);
    aave_pair_divisors(out);
    return LIQUIDATION_OK;
}

static bool value_of(struct u256 *out, const struct u256 *amount, const struct u256 *price,
                     const struct u256 *unit, enum aave_rounding rounding)
{
    return aave_mul_div(out, amount, price, unit, rounding);
}

static bool amounts_at(struct aave_amounts *out, const struct aave_pair *pair, uint64_t timestamp_s)
{
    const struct aave_rules *rules = pair->rules;
    const struct u256 owed = u256_of_u128(pair->debt_leg->owed);
    const struct u256 supplied = u256_of_u128(pair->collateral_leg->supplied);

    if (!aave_debt_index_known(&out->debt_index, pair->debt, rules, timestamp_s) ||
        !aave_collateral_index_known(&out->collateral_index, pair->collateral, timestamp_s)) {
        return false;
    }
    if (aave_quick_amounts(out, pair)) {
        return true;
    }
    return aave_ray_mul(&out->owed, &owed, &out->debt_index.value, aave_rounds_owed(rules)) &&
           aave_ray_mul(&out->supplied, &supplied, &out->collateral_index.value,
                        aave_rounds_supplied(rules)) &&
           value_of(&out->owed_value, &out->owed, &pair->debt_price, &pair->debt_unit,
                    rules->rounds_against ? AAVE_CEIL : AAVE_FLOOR) &&
           value_of(&out->supplied_value, &out->supplied, &pair->collateral_price,
                    &pair->collateral_unit, AAVE_FLOOR);
}

bool aave_pair_amounts(struct aave_pair *pair, uint64_t timestamp_s, uint64_t deadline_s)
{
    pair->debt_unit = u256_ten_to(pair->debt->decimals);
    pair->collateral_unit = u256_ten_to(pair->collateral->decimals);
    return amounts_at(&pair->now, pair, timestamp_s) && amounts_at(&pair->late, pair, deadline_s);
}

/* (price × amount × to_unit) / (to_price × unit), each product in 256 bits. */
static bool convert(struct u256 *out, const struct u256 *amount, const struct u256 *const price[2],
                    const struct u256 *const unit[2])
{
    struct u256 value;
    struct u256 divisor;

    return u256_mul(&value, price[0], amount) && u256_mul(&divisor, price[1], unit[0]) &&
           aave_mul_div(out, &value, unit[1], &divisor, AAVE_FLOOR);
}

static bool to_collateral(struct u256 *out, const struct aave_pair *pair, const struct u256 *debt)
{
    const struct u256 *const price[] = {&pair->debt_price, &pair->collateral_price};
    const struct u256 *const unit[] = {&pair->debt_unit, &pair->collateral_unit};

    return convert(out, debt, price, unit);
}

static bool to_debt(struct u256 *out, const struct aave_pair *pair, const struct u256 *collateral)
{
    const struct u256 *const price[] = {&pair->collateral_price, &pair->debt_price};
    const struct u256 *const unit[] = {&pair->collateral_unit, &pair->debt_unit};

    return convert(out, collateral, price, unit);
}

/* The protocol's share comes out of the bonus. */
static bool exchange_split(struct aave_exchange *out, const struct aave_pair *pair)
{
    const bool against = pair->rules->splits_against;
    struct u256 bonus;

    out->fee = U256_ZERO;
    if (pair->collateral->protocol_fee_bps != 0 &&
        (!aave_percent_div(&bonus, &out->taken, pair->bonus_bps,
                           against ? AAVE_FLOOR : AAVE_HALF_UP) ||
         !u256_sub(&bonus, &out->taken, &bonus) ||
         !aave_percent_mul(&out->fee, &bonus, pair->collateral->protocol_fee_bps,
                           against ? AAVE_CEIL : AAVE_HALF_UP))) {
        return false;
    }
    return u256_sub(&out->seize, &out->taken, &out->fee);
}

bool aave_pair_exchange(struct aave_exchange *out, const struct aave_pair *pair,
                        const struct aave_amounts *amounts, const struct u256 *offer)
{
    return aave_quick_exchange(out, pair, amounts, offer) ||
           aave_pair_exchange_slowly(out, pair, amounts, offer);
}

bool aave_pair_exchange_slowly(struct aave_exchange *out, const struct aave_pair *pair,
                               const struct aave_amounts *amounts, const struct u256 *offer)
{
    struct u256 wanted;

    if (!to_collateral(&wanted, pair, offer) ||
        !aave_percent_mul(&wanted, &wanted, pair->bonus_bps,
                          pair->rules->splits_against ? AAVE_FLOOR : AAVE_HALF_UP)) {
        return false;
    }
    out->paid = *offer;
    out->taken = wanted;
    if (u256_is_less(&amounts->supplied, &wanted)) {
        out->taken = amounts->supplied;
        if (!to_debt(&out->paid, pair, &out->taken) ||
            !aave_percent_div(&out->paid, &out->paid, pair->bonus_bps,
                              pair->rules->rounds_against ? AAVE_CEIL : AAVE_HALF_UP)) {
            return false;
        }
    }
    out->takes_all = u256_is_equal(&out->taken, &amounts->supplied);
    return exchange_split(out, pair);
}

/* What leaves 256 bits on the way is not nothing. */
static bool is_scaled_to_some(const struct u256 *amount, const struct ray *index,
                              enum aave_rounding rounding)
{
    struct u256 scaled;

    return !aave_ray_div(&scaled, amount, &index->value, rounding) || !u256_is_zero(&scaled);
}

bool aave_pair_burns(const struct aave_pair *pair, const struct aave_amounts *amounts,
                     const struct aave_exchange *exchange)
{
    const bool against = pair->rules->rounds_against;

    return is_scaled_to_some(&exchange->paid, &amounts->debt_index,
                             against ? AAVE_FLOOR : AAVE_HALF_UP) &&
           is_scaled_to_some(&exchange->seize, &amounts->collateral_index,
                             against ? AAVE_CEIL : AAVE_HALF_UP);
}

bool aave_pair_offer_for(struct u256 *out, const struct aave_pair *pair, const struct u256 *taken)
{
    return to_debt(out, pair, taken) && aave_percent_div(out, out, pair->bonus_bps, AAVE_FLOOR);
}
