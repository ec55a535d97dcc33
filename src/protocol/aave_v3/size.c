/*
 * How much of a pair to liquidate. The pool has rules for a moment (close factor, no dust left),
 * but the transaction lands at a moment between two, after interest and perhaps a step of a feed:
 * amounts are chosen to hold all the way, or the pair is left alone with the reason.
 */
#include "protocol/aave_v3/pair.h"

#define HALF_BPS 5000u

/* What one call would say and do. */
struct sizing {
    struct u256 argument;
    struct u256 repay_max;
    struct aave_exchange now;
};

static enum liquidation_error pair_check(const struct aave_pair *pair, const struct health *health,
                                         const struct liquidation_request *request)
{
    const struct market *market = pair->market;
    const uint32_t flags = pair->debt->flags & pair->collateral->flags;
    const struct u256 low = u256_of(FACTOR_LOW);
    const struct u256 one = u256_of(FACTOR_ONE);

    if (!u256_is_less(&health->factor.value, &one)) {
        return LIQUIDATION_HEALTHY;
    }
    if ((flags & RESERVE_ACTIVE) == 0 ||
        ((pair->debt->flags | pair->collateral->flags) & RESERVE_PAUSED) != 0) {
        return LIQUIDATION_PAUSED;
    }
    if (pair->rules->has_sentinel && !address_is_zero(&market->sentinel) &&
        !market->sentinel_allows && !u256_is_less(&health->factor.value, &low)) {
        return LIQUIDATION_PAUSED;
    }
    if (pair->rules->has_virtual_balance &&
        (pair->debt->grace_until_s >= request->timestamp_s ||
         pair->collateral->grace_until_s >= request->timestamp_s)) {
        return LIQUIDATION_GRACE;
    }
    if (pair->bonus_bps == 0 ||
        (pair->collateral->threshold_bps == 0 && !pair->rules->counts_unweighted)) {
        return LIQUIDATION_NOT_SEIZABLE;
    }
    return LIQUIDATION_OK;
}

/* a + a / parts */
static bool add_part(struct u256 *out, const struct u256 *a, uint64_t parts)
{
    const struct u256 divisor = u256_of(parts);
    struct u256 part;

    return u256_div(&part, NULL, a, &divisor) && u256_add(out, a, &part);
}

/* The whole collateral goes: an offer that still covers it when its price has risen a little. */
static bool size_collateral(struct sizing *out, const struct aave_pair *pair,
                            const struct u256 *limit)
{
    const struct u256 reach = u256_of(REACH_UNITS);
    struct aave_exchange late;
    struct u256 offer;

    if (!aave_pair_exchange(&late, pair, &pair->late, limit) ||
        !add_part(&offer, &late.paid, RISE_PARTS) || !u256_add(&offer, &offer, &reach)) {
        return false;
    }
    out->argument = u256_min(&offer, limit);
    out->repay_max = out->argument;
    return aave_pair_exchange(&out->now, pair, &pair->now, &out->argument);
}

/* Does an offer of `limit` reach for more collateral than there is, all the way? */
static bool limit_takes_all(bool *takes_all, const struct aave_pair *pair, const struct u256 *limit)
{
    struct aave_exchange late;

    if (!aave_pair_exchange(&late, pair, &pair->late, limit)) {
        return false;
    }
    *takes_all = late.takes_all && u256_is_less(&late.paid, limit);
    return true;
}

static bool size_exact(struct sizing *out, const struct aave_pair *pair, const struct u256 *offer)
{
    out->argument = *offer;
    out->repay_max = *offer;
    return aave_pair_exchange(&out->now, pair, &pair->now, offer);
}

/* The whole debt: the pool knows best how much that is when it lands. */
static bool size_whole(struct sizing *out, const struct aave_pair *pair)
{
    out->argument = U256_MAX;
    out->repay_max = pair->late.owed;
    return aave_pair_exchange(&out->now, pair, &pair->now, &pair->now.owed);
}

/* To 3.2: half of this debt, or all of it at a health of 0.95 and below; no size is too small. Half
 * is said exactly, since the pool would take all for "all" if the health fell meanwhile. */
static enum liquidation_error size_by_health(struct sizing *out, const struct aave_pair *pair,
                                             const struct health *health, const struct u256 *cap)
{
    const struct u256 low = u256_of(FACTOR_LOW);
    const bool is_half = u256_is_less(&low, &health->factor.value);
    struct u256 limit = pair->now.owed;
    bool takes_all;

    if (is_half && !aave_percent_mul(&limit, &limit, HALF_BPS, AAVE_HALF_UP)) {
        return LIQUIDATION_OVERFLOW;
    }
    limit = u256_min(&limit, cap);
    if (!limit_takes_all(&takes_all, pair, &limit)) {
        return LIQUIDATION_OVERFLOW;
    }
    if (takes_all) {
        return size_collateral(out, pair, &limit) ? LIQUIDATION_OK : LIQUIDATION_OVERFLOW;
    }
    if (!is_half && !u256_is_less(cap, &pair->late.owed)) {
        return size_whole(out, pair) ? LIQUIDATION_OK : LIQUIDATION_OVERFLOW;
    }
    return size_exact(out, pair, &limit) ? LIQUIDATION_OK : LIQUIDATION_OVERFLOW;
}

/*
 * From 3.3: what may be repaid of this debt at any time until the deadline. A large pair of an
 * account that is not far below one gives half of all that the account owes; values only grow with
 * interest, so that a pair which is small at the deadline was small before.
 */
static bool limit_by_size(struct u256 *limit, bool *is_whole, const struct aave_pair *pair,
                          const struct health *health)
{
    const struct u256 low = u256_of(FACTOR_LOW_SAFE);
    const struct u256 threshold = u256_of(SIZE_THRESHOLD_SAFE);
    struct u256 half;
    struct u256 most;
    struct u256 nearly;

    *limit = pair->now.owed;
    *is_whole = u256_is_less(&pair->late.supplied_value, &threshold) ||
                u256_is_less(&pair->late.owed_value, &threshold) ||
                !u256_is_less(&low, &health->factor.value);
    if (*is_whole) {
        return true;
    }
    if (!aave_percent_mul(&half, &health->debt_value, HALF_BPS, AAVE_HALF_UP) ||
        !add_part(&nearly, &pair->late.owed_value, GROWTH_PARTS) ||
        !aave_mul_div(&most, &half, &pair->debt_unit, &pair->debt_price, AAVE_FLOOR)) {
        return false;
    }
    *is_whole = !u256_is_less(&half, &nearly);
    if (!*is_whole) {
        *limit = u256_min(limit, &most);
    }
    return true;
}

/* The most that may be repaid, so that enough of the debt is left in the pool's eyes. */
static bool limit_by_debt_left(struct u256 *out, const struct aave_pair *pair)
{
    struct u256 keep = u256_of(LEFTOVER_MIN);

    if (!add_part(&keep, &keep, STEP_PARTS) ||
        !aave_mul_div(&keep, &keep, &pair->debt_unit, &pair->debt_price, AAVE_CEIL)) {
        return false;
    }
    *out = u256_sub_floor(&pair->now.owed, &keep);
    return true;
}

/* The same for the collateral. A falling price takes more units for the same debt, so what a step
 * of the feed can eat grows with all of the collateral, not with what is left. */
static bool limit_by_collateral_left(struct u256 *out, const struct aave_pair *pair)
{
    const struct u256 parts = u256_of(STEP_PARTS);
    struct u256 keep = u256_of(LEFTOVER_MIN);
    struct u256 step;

    if (!u256_div(&step, NULL, &pair->now.supplied_value, &parts) ||
        !u256_add(&keep, &keep, &step) ||
        !aave_mul_div(&keep, &keep, &pair->collateral_unit, &pair->collateral_price, AAVE_CEIL)) {
        return false;
    }
    struct u256 taken = u256_sub_floor(&pair->now.supplied, &keep);
    return aave_pair_offer_for(out, pair, &taken);
}

/* A part, with enough left on both sides. */
static enum liquidation_error size_part(struct sizing *out, const struct aave_pair *pair,
                                        const struct u256 *limit)
{
    struct u256 by_debt;
    struct u256 by_collateral;

    if (!limit_by_debt_left(&by_debt, pair) || !limit_by_collateral_left(&by_collateral, pair)) {
        return LIQUIDATION_OVERFLOW;
    }
    struct u256 offer = u256_min(limit, &by_debt);
    offer = u256_min(&offer, &by_collateral);
    if (u256_is_zero(&offer)) {
        return LIQUIDATION_DUST;
    }
    return size_exact(out, pair, &offer) ? LIQUIDATION_OK : LIQUIDATION_OVERFLOW;
}

static enum liquidation_error size_by_size(struct sizing *out, const struct aave_pair *pair,
                                           const struct health *health, const struct u256 *cap)
{
    struct u256 limit;
    bool is_whole;
    bool takes_all;

    if (!limit_by_size(&limit, &is_whole, pair, health)) {
        return LIQUIDATION_OVERFLOW;
    }
    limit = u256_min(&limit, cap);
    if (!limit_takes_all(&takes_all, pair, &limit)) {
        return LIQUIDATION_OVERFLOW;
    }
    if (takes_all) {
        return size_collateral(out, pair, &limit) ? LIQUIDATION_OK : LIQUIDATION_OVERFLOW;
    }
    if (is_whole && !u256_is_less(cap, &pair->late.owed)) {
        return size_whole(out, pair) ? LIQUIDATION_OK : LIQUIDATION_OVERFLOW;
    }
    return size_part(out, pair, &limit);
}

/* What the pool can give out when it lands. */
static enum liquidation_error pair_check_liquidity(const struct aave_pair *pair,
                                                   const struct sizing *sizing)
{
    const struct u256 offer = u256_min(&sizing->argument, &pair->late.owed);
    struct aave_exchange late;

    if (aave_quick_is_liquid(pair, &offer)) {
        return LIQUIDATION_OK;
    }
    if (!aave_pair_exchange(&late, pair, &pair->late, &offer)) {
        return LIQUIDATION_OVERFLOW;
    }
    return u256_is_less(&pair->collateral->liquidity.value, &late.seize) ? LIQUIDATION_NO_LIQUIDITY
                                                                         : LIQUIDATION_OK;
}

/* The pool burns before it gives: an amount that is too small is what it refuses first. */
static enum liquidation_error size_pair(struct sizing *out, const struct aave_pair *pair,
                                        const struct health *health, const struct u256 *cap)
{
    const enum liquidation_error error = pair->rules->has_size_rule
                                             ? size_by_size(out, pair, health, cap)
                                             : size_by_health(out, pair, health, cap);

    return error == LIQUIDATION_OK && !aave_pair_burns(pair, &pair->late, &out->now)
               ? LIQUIDATION_TOO_SMALL
               : error;
}

/* Less is repaid, so that what it buys can leave the pool, even after others took a little more of
 * it. Where the rules of size forbid so little, it is the liquidity that is missing. */
static enum liquidation_error size_liquid(struct sizing *out, const struct aave_pair *pair,
                                          const struct health *health, const struct u256 *cap)
{
    const struct u256 parts = u256_of(STEP_PARTS);
    const struct u256 *liquid = &pair->collateral->liquidity.value;
    struct u256 taken;
    struct u256 offer;

    if (!u256_div(&taken, NULL, liquid, &parts)) {
        return LIQUIDATION_OVERFLOW;
    }
    taken = u256_sub_floor(liquid, &taken);
    if (!aave_pair_offer_for(&offer, pair, &taken)) {
        return LIQUIDATION_OVERFLOW;
    }
    offer = u256_min(&offer, cap);
    if (u256_is_zero(&offer)) {
        return LIQUIDATION_NO_LIQUIDITY;
    }
    enum liquidation_error error = size_pair(out, pair, health, &offer);
    if (error == LIQUIDATION_OK) {
        error = pair_check_liquidity(pair, out);
    }
    return error == LIQUIDATION_DUST ? LIQUIDATION_NO_LIQUIDITY : error;
}

/* Of a pair that nothing stands against. */
static enum liquidation_error pair_liquidation(struct liquidation *out, struct aave_pair *pair,
                                               const struct health *health,
                                               const struct liquidation_request *request)
{
    bool receives_token = request->receive == RECEIVE_ALWAYS;
    struct sizing sizing;

    if (!aave_pair_amounts(pair, request->timestamp_s, request->deadline_s)) {
        return LIQUIDATION_OVERFLOW;
    }
    enum liquidation_error error = size_pair(&sizing, pair, health, &request->cap.value);
    if (error == LIQUIDATION_OK && !receives_token) {
        error = pair_check_liquidity(pair, &sizing);
    }
    if (error == LIQUIDATION_NO_LIQUIDITY) {
        receives_token = request->receive == RECEIVE_WHEN_DRY;
        error = receives_token ? LIQUIDATION_OK
                               : size_liquid(&sizing, pair, health, &request->cap.value);
    }
    if (error != LIQUIDATION_OK) {
        return error;
    }
    *out = (struct liquidation){.debt = request->debt,
                                .collateral = request->collateral,
                                .repay = {sizing.now.paid},
                                .repay_max = {sizing.repay_max},
                                .repay_argument = {sizing.argument},
                                .seize = {sizing.now.seize},
                                .protocol_fee = {sizing.now.fee},
                                .is_whole = u256_is_equal(&sizing.now.paid, &pair->now.owed),
                                .receives_token = receives_token};
    return LIQUIDATION_OK;
}

static enum liquidation_error pair_open(struct aave_pair *out, const struct market *market,
                                        const struct position *position,
                                        const struct health *health,
                                        const struct liquidation_request *request)
{
    enum liquidation_error error = aave_pair_begin(out, market, position, request);

    if (error == LIQUIDATION_OK) {
        error = pair_check(out, health, request);
    }
    return error == LIQUIDATION_OK && u256_is_zero(&request->cap.value) ? LIQUIDATION_TOO_SMALL
                                                                        : error;
}

enum liquidation_error aave_liquidation(struct liquidation *out, const struct market *market,
                                        const struct position *position,
                                        const struct health *health,
                                        const struct liquidation_request *request)
{
    struct aave_pair pair;
    enum liquidation_error error = pair_open(&pair, market, position, health, request);

    if (error != LIQUIDATION_OK || aave_quick_liquidation(out, &error, &pair, health, request)) {
        return error;
    }
    return pair_liquidation(out, &pair, health, request);
}

enum liquidation_error aave_liquidation_slowly(struct liquidation *out, const struct market *market,
                                               const struct position *position,
                                               const struct health *health,
                                               const struct liquidation_request *request)
{
    struct aave_pair pair;
    enum liquidation_error error = pair_open(&pair, market, position, health, request);

    pair.is_small = false;
    return error != LIQUIDATION_OK ? error : pair_liquidation(out, &pair, health, request);
}
