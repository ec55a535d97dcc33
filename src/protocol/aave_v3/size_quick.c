/*
 * size.c from 3.3 on, for numbers as small as they nearly always are, in registers: every step is
 * the one that stands there, in its order, and a test holds the two equal over pools at random. In
 * a crash ten thousand pairs are sized before the first transaction's block is over.
 */
#include "protocol/aave_v3/pair_quick.h"

#define HALF_BPS 5000u
#define SMALL_MAX (((unsigned __int128)1 << 96) - 1)

/* What a pair is sized by. */
struct quick_pair {
    const struct aave_pair *pair;
    const struct health *health;
    struct quick_amounts now;
    struct quick_amounts late;
    unsigned __int128 cap;
    unsigned __int128 limit;
    unsigned __int128 wanted; /* for an offer of all of the limit */
    bool is_whole;
    bool against; /* rules->rounds_against */
};

/* What one call would say and do. */
struct quick_sizing {
    bool says_all; /* the argument: the pool knows best how much that is when it lands */
    unsigned __int128 offer;
    unsigned __int128 repay_max;
    unsigned __int128 paid;
    unsigned __int128 taken;
    unsigned __int128 fee;
};

QUICK unsigned __int128 least(unsigned __int128 a, unsigned __int128 b)
{
    return a < b ? a : b;
}

QUICK unsigned __int128 less(unsigned __int128 a, unsigned __int128 b)
{
    return a < b ? 0 : a - b;
}

/* With no bonus below zero, and of it no share over the whole, no exchange fails but by numbers
 * that are too large. */
static bool is_plain(const struct aave_pair *pair, const struct health *health,
                     const struct liquidation_request *request)
{
    const struct reserve_reach *const reach[] = {&pair->debt->first, &pair->debt->last,
                                                 &pair->collateral->first, &pair->collateral->last};

    return pair->is_small && pair->rules->has_size_rule && pair->bonus_bps >= QUICK_BPS_ONE &&
           pair->collateral->protocol_fee_bps <= QUICK_BPS_ONE && quick_fits(&health->debt_value) &&
           request->timestamp_s != 0 && request->deadline_s != 0 &&
           reach[0]->at_s == request->timestamp_s && reach[1]->at_s == request->deadline_s &&
           reach[2]->at_s == request->timestamp_s && reach[3]->at_s == request->deadline_s;
}

/* limit_by_size, where the account is not far below one. */
QUICK bool limit_by_values(struct quick_pair *quick)
{
    const struct aave_pair *pair = quick->pair;
    unsigned __int128 owed_value;
    unsigned __int128 supplied_value;
    unsigned __int128 half;
    unsigned __int128 most;

    if (!quick_owed_value(&owed_value, pair, quick->late.owed, quick->against) ||
        !quick_supplied_value(&supplied_value, pair, quick->late.supplied)) {
        return false;
    }
    quick->is_whole = supplied_value < SIZE_THRESHOLD_SAFE || owed_value < SIZE_THRESHOLD_SAFE;
    if (quick->is_whole) {
        return true;
    }
    if (!quick_mul_div(&half, quick_low(&quick->health->debt_value), HALF_BPS,
                       divisor_ten_to(BPS_DECIMALS), AAVE_HALF_UP) ||
        owed_value >> 64 != 0) {
        return false;
    }
    quick->is_whole = half >= owed_value + (uint64_t)owed_value / GROWTH_PARTS;
    if (quick->is_whole) {
        return true;
    }
    if (!quick_mul_div(&most, half, divisor_value(divisor_ten_to(pair->debt->decimals)),
                       &pair->by_debt_price, AAVE_FLOOR)) {
        return false;
    }
    quick->limit = least(quick->limit, most);
    return true;
}

/* limit_by_size, and what we hold. */
QUICK bool limit_set(struct quick_pair *quick)
{
    const struct u256 low = u256_of(FACTOR_LOW_SAFE);

    quick->limit = quick->now.owed;
    quick->is_whole = !u256_is_less(&low, &quick->health->factor.value);
    if (!quick->is_whole && !limit_by_values(quick)) {
        return false;
    }
    quick->limit = least(quick->limit, quick->cap);
    return true;
}

/* The offer, now. */
QUICK bool exchange_now(struct quick_sizing *sizing, const struct quick_pair *quick)
{
    sizing->paid = sizing->offer;
    sizing->taken = quick->wanted;
    if (sizing->offer != quick->limit &&
        !quick_wanted(&sizing->taken, quick->pair, sizing->offer)) {
        return false;
    }
    if (sizing->taken > quick->now.supplied) {
        sizing->taken = quick->now.supplied;
        if (!quick_paid_for(&sizing->paid, quick->pair, sizing->taken)) {
            return false;
        }
    }
    return quick_fee(&sizing->fee, quick->pair, sizing->taken);
}

/* limit_by_debt_left, limit_by_collateral_left */
QUICK bool part_set(unsigned __int128 *out, const struct quick_pair *quick)
{
    const struct aave_pair *pair = quick->pair;
    const unsigned __int128 least_value = LEFTOVER_MIN + LEFTOVER_MIN / STEP_PARTS;
    const unsigned __int128 bps = QUICK_BPS_ONE;
    const struct quick_rate back = quick_rate_back(pair);
    unsigned __int128 supplied_value;
    unsigned __int128 keep;
    unsigned __int128 by_collateral;

    if (!quick_mul_div(&keep, least_value, divisor_value(divisor_ten_to(pair->debt->decimals)),
                       &pair->by_debt_price, AAVE_CEIL) ||
        !quick_supplied_value(&supplied_value, pair, quick->now.supplied) ||
        supplied_value >> 64 != 0) {
        return false;
    }
    *out = least(quick->limit, less(quick->now.owed, keep));
    const unsigned __int128 value =
        (unsigned __int128)LEFTOVER_MIN + (uint64_t)supplied_value / STEP_PARTS;
    if (!quick_mul_div(&keep, value, divisor_value(divisor_ten_to(pair->collateral->decimals)),
                       &pair->by_collateral_price, AAVE_CEIL) ||
        !quick_convert(&by_collateral, less(quick->now.supplied, keep), &back) ||
        !quick_mul_div(&by_collateral, by_collateral, bps, &pair->by_bonus, AAVE_FLOOR)) {
        return false;
    }
    *out = least(*out, by_collateral);
    return true;
}

/* size_by_size, up to the exchange. The whole collateral, the whole debt, or a part. */
QUICK bool offer_set(struct quick_sizing *out, struct quick_pair *quick)
{
    unsigned __int128 paid = quick->limit;

    if (!quick_wanted(&quick->wanted, quick->pair, quick->limit) ||
        (quick->wanted > quick->late.supplied &&
         !quick_paid_for(&paid, quick->pair, quick->late.supplied))) {
        return false;
    }
    out->says_all = false;
    if (paid < quick->limit) {
        out->offer = least(paid + paid / RISE_PARTS + REACH_UNITS, quick->limit);
    } else if (quick->is_whole && quick->cap >= quick->late.owed) {
        out->says_all = true;
        out->offer = quick->now.owed;
    } else if (!part_set(&out->offer, quick)) {
        return false;
    }
    out->repay_max = out->says_all ? quick->late.owed : out->offer;
    return true;
}

/* amount × 1e27 / index is one or more. In: index not 0; both below 2^96 */
QUICK bool is_scaled_to_some(unsigned __int128 amount, const struct u256 *index,
                             enum aave_rounding rounding)
{
    const unsigned __int128 ray = (unsigned __int128)RAY_ODD << RAY_SHIFT;
    const unsigned __int128 least_product =
        rounding == AAVE_CEIL
            ? 1
            : u256_low(index) - (rounding == AAVE_HALF_UP ? u256_low(index) / 2 : 0);

    /* 1e27 lies between 2^89 and 2^90 */
    return amount >> 7 != 0 || amount * ray >= least_product;
}

/* aave_pair_burns, at the last moment */
QUICK bool burns(const struct quick_sizing *sizing, const struct quick_pair *quick)
{
    const struct u256 *debt = &quick->pair->debt->last.debt_index.value;
    const struct u256 *collateral = &quick->pair->collateral->last.collateral_index.value;

    return is_scaled_to_some(sizing->paid, debt, quick->against ? AAVE_FLOOR : AAVE_HALF_UP) &&
           is_scaled_to_some(sizing->taken - sizing->fee, collateral,
                             quick->against ? AAVE_CEIL : AAVE_HALF_UP);
}

/* False: a number over its bound, or too little liquidity. */
QUICK bool pair_size(struct quick_sizing *out, enum liquidation_error *error,
                     struct quick_pair *quick, bool against)
{
    const struct aave_pair *pair = quick->pair;
    const struct reserve *debt = pair->debt;
    const struct reserve *collateral = pair->collateral;

    quick->against = against;
    if (!quick_amounts_at(&quick->now, pair, &debt->first.debt_index,
                          &collateral->first.collateral_index, against) ||
        !quick_amounts_at(&quick->late, pair, &debt->last.debt_index,
                          &collateral->last.collateral_index, against) ||
        u256_is_zero(&debt->last.debt_index.value) ||
        u256_is_zero(&collateral->last.collateral_index.value)) {
        return false;
    }
    const struct u256 late = u256_of_u128(quick->late.supplied);
    if (u256_is_less(&collateral->liquidity.value, &late) || !limit_set(quick) ||
        !offer_set(out, quick) || !exchange_now(out, quick)) {
        return false;
    }
    *error = out->offer == 0 && !out->says_all ? LIQUIDATION_DUST
             : burns(out, quick)               ? LIQUIDATION_OK
                                               : LIQUIDATION_TOO_SMALL;
    return true;
}

static bool pair_size_against(struct quick_sizing *out, enum liquidation_error *error,
                              struct quick_pair *quick)
{
    return pair_size(out, error, quick, true);
}

static bool pair_size_halfway(struct quick_sizing *out, enum liquidation_error *error,
                              struct quick_pair *quick)
{
    return pair_size(out, error, quick, false);
}

bool aave_quick_liquidation(struct liquidation *out, enum liquidation_error *error,
                            const struct aave_pair *pair, const struct health *health,
                            const struct liquidation_request *request)
{
    const struct u256 *cap = &request->cap.value;
    struct quick_pair quick = {
        .pair = pair, .health = health, .cap = quick_fits(cap) ? quick_low(cap) : SMALL_MAX};
    struct quick_sizing sizing;

    if (!is_plain(pair, health, request) ||
        !(pair->rules->rounds_against ? pair_size_against(&sizing, error, &quick)
                                      : pair_size_halfway(&sizing, error, &quick))) {
        return false;
    }
    if (*error == LIQUIDATION_OK) {
        *out = (struct liquidation){
            .debt = request->debt,
            .collateral = request->collateral,
            .repay = {u256_of_u128(sizing.paid)},
            .repay_max = {u256_of_u128(sizing.repay_max)},
            .repay_argument = {sizing.says_all ? U256_MAX : u256_of_u128(sizing.offer)},
            .seize = {u256_of_u128(sizing.taken - sizing.fee)},
            .protocol_fee = {u256_of_u128(sizing.fee)},
            .is_whole = sizing.paid == quick.now.owed,
            .receives_token = request->receive == RECEIVE_ALWAYS};
    }
    return true;
}
