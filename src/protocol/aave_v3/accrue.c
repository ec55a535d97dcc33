/*
 * Interest is not stored, it is computed when somebody looks: what a position is worth in the block
 * it is meant for depends on that block's timestamp, to the last unit (ReserveLogic, MathUtils).
 */
#include "protocol/aave_v3/fast.h"

#define SECONDS_PER_YEAR 31536000u

static const struct u256 ray_one = {{0x9fd0803ce8000000, 0x33b2e3c, 0, 0}};

/* Whole seconds since the indexes were stored. */
static bool reserve_age(uint64_t *out, const struct reserve *reserve, uint64_t timestamp_s)
{
    if (timestamp_s < reserve->updated_at_s) {
        return false;
    }
    *out = timestamp_s - reserve->updated_at_s;
    return true;
}

/* rate × seconds / year, toward zero. */
static bool rate_over(struct u256 *out, const struct u256 *rate, uint64_t seconds)
{
    static const struct divisor by_year = DIVISOR(SECONDS_PER_YEAR);
    const struct u256 time = u256_of(seconds);
    const struct u256 year = u256_of(SECONDS_PER_YEAR);
    const struct u256 *const factor[] = {rate, &time};

    return aave_fast_mul_div_by(out, factor, &by_year, AAVE_FLOOR) ||
           aave_mul_div_slowly(out, factor, &year, AAVE_FLOOR);
}

/* calculateLinearInterest */
static bool linear_interest(struct u256 *out, const struct u256 *rate, uint64_t seconds)
{
    return rate_over(out, rate, seconds) && u256_add(out, out, &ray_one);
}

/* a × b × … as a contract multiplies: left to right, each step in 256 bits. */
static bool multiply_u64(struct u256 *value, uint64_t factor)
{
    const struct u256 wide = u256_of(factor);

    return u256_mul(value, value, &wide);
}

/* By a constant that is not 0, whose inverse is one then. */
DIVISOR_INLINE void divide_u64(struct u256 *value, uint64_t divisor)
{
    const struct divisor by = DIVISOR(divisor);

    (void)divisor_divide(value->limb, 4, &by);
}

/* calculateCompoundedInterest to 3.3: three terms of the binomial expansion, with powers of the
 * rate per second. */
static bool binomial_interest(struct u256 *out, const struct u256 *rate, uint64_t seconds)
{
    struct u256 linear;
    struct u256 power_two;
    struct u256 power_three;
    struct u256 second = u256_of(seconds);
    struct u256 third;
    uint64_t minus_two = seconds > 2 ? seconds - 2 : 0;

    if (!rate_over(&linear, rate, seconds) || !aave_ray_mul(&power_two, rate, rate, AAVE_HALF_UP)) {
        return false;
    }
    divide_u64(&power_two, (uint64_t)SECONDS_PER_YEAR * SECONDS_PER_YEAR);
    if (!aave_ray_mul(&power_three, &power_two, rate, AAVE_HALF_UP) ||
        !multiply_u64(&second, seconds - 1)) {
        return false;
    }
    divide_u64(&power_three, SECONDS_PER_YEAR);
    third = second;
    if (!u256_mul(&second, &second, &power_two) || !multiply_u64(&third, minus_two) ||
        !u256_mul(&third, &third, &power_three)) {
        return false;
    }
    divide_u64(&second, 2);
    divide_u64(&third, 6);
    return u256_add(out, &linear, &ray_one) && u256_add(out, out, &second) &&
           u256_add(out, out, &third);
}

/* calculateCompoundedInterest from 3.4: 1 + x + x·(x/2 + x·x/6). */
static bool taylor_interest(struct u256 *out, const struct u256 *rate, uint64_t seconds)
{
    struct u256 x;
    struct u256 inner;
    struct u256 half;

    if (!rate_over(&x, rate, seconds)) {
        return false;
    }
    inner = x;
    half = x;
    divide_u64(&inner, 6);
    divide_u64(&half, 2);
    if (!aave_ray_mul(&inner, &x, &inner, AAVE_HALF_UP) || !u256_add(&inner, &inner, &half) ||
        !aave_ray_mul(&inner, &x, &inner, AAVE_HALF_UP)) {
        return false;
    }
    return u256_add(out, &x, &ray_one) && u256_add(out, out, &inner);
}

bool aave_collateral_index_at(struct ray *out, const struct reserve *reserve, uint64_t timestamp_s)
{
    struct u256 factor;
    struct u256 index;
    uint64_t seconds;

    if (!reserve_age(&seconds, reserve, timestamp_s)) {
        return false;
    }
    if (seconds == 0) {
        *out = reserve->collateral_index;
        return true;
    }
    if (!linear_interest(&factor, &reserve->collateral_rate.value, seconds) ||
        !aave_ray_mul(&index, &factor, &reserve->collateral_index.value, AAVE_HALF_UP) ||
        !u256_fits_u128(&index)) {
        return false;
    }
    out->value = index;
    return true;
}

bool aave_debt_index_at(struct ray *out, const struct reserve *reserve,
                        const struct aave_rules *rules, uint64_t timestamp_s)
{
    struct u256 factor;
    struct u256 index;
    uint64_t seconds;

    if (!reserve_age(&seconds, reserve, timestamp_s)) {
        return false;
    }
    if (seconds == 0) {
        *out = reserve->debt_index;
        return true;
    }
    bool (*interest)(struct u256 *, const struct u256 *, uint64_t) =
        rules->has_taylor ? taylor_interest : binomial_interest;
    if (!interest(&factor, &reserve->debt_rate.value, seconds) ||
        !aave_ray_mul(&index, &factor, &reserve->debt_index.value, AAVE_HALF_UP) ||
        !u256_fits_u128(&index)) {
        return false;
    }
    out->value = index;
    return true;
}

bool aave_prepare(struct market *market, uint64_t timestamp_s)
{
    const struct aave_rules *rules = aave_rules_to_follow(market->revision);
    bool all = true;

    for (uint32_t i = 0; i < market->reserve_count; i++) {
        struct reserve *reserve = &market->reserve[i];
        if ((reserve->flags & RESERVE_DROPPED) != 0 ||
            (reserve->stale & (RESERVE_STALE_ASSET | RESERVE_STALE_STATE)) != 0) {
            continue;
        }
        reserve->unit = u256_ten_to(reserve->decimals);
        reserve->flags &= ~(uint32_t)RESERVE_OVERFLOWS;
        if (!aave_collateral_index_at(&reserve->collateral_index_now, reserve, timestamp_s) ||
            !aave_debt_index_at(&reserve->debt_index_now, reserve, rules, timestamp_s)) {
            reserve->flags |= RESERVE_OVERFLOWS;
            all = false;
        }
    }
    return all;
}

static const struct reserve_reach *reach_at(const struct reserve *reserve, uint64_t timestamp_s)
{
    if (timestamp_s == 0) {
        return NULL;
    }
    return reserve->first.at_s == timestamp_s  ? &reserve->first
           : reserve->last.at_s == timestamp_s ? &reserve->last
                                               : NULL;
}

bool aave_collateral_index_known(struct ray *out, const struct reserve *reserve,
                                 uint64_t timestamp_s)
{
    const struct reserve_reach *reach = reach_at(reserve, timestamp_s);

    if (reach == NULL) {
        return aave_collateral_index_at(out, reserve, timestamp_s);
    }
    *out = reach->collateral_index;
    return true;
}

bool aave_debt_index_known(struct ray *out, const struct reserve *reserve,
                           const struct aave_rules *rules, uint64_t timestamp_s)
{
    const struct reserve_reach *reach = reach_at(reserve, timestamp_s);

    if (reach == NULL) {
        return aave_debt_index_at(out, reserve, rules, timestamp_s);
    }
    *out = reach->debt_index;
    return true;
}

/* What leaves 256 bits stays unprepared, and is refused where it is asked for. */
static void reach_set(struct reserve_reach *out, const struct reserve *reserve,
                      const struct aave_rules *rules, uint64_t timestamp_s)
{
    const bool is_whole = aave_collateral_index_at(&out->collateral_index, reserve, timestamp_s) &&
                          aave_debt_index_at(&out->debt_index, reserve, rules, timestamp_s);

    out->at_s = is_whole ? timestamp_s : 0;
    out->collateral_growth = u256_to_double(&out->collateral_index.value) * 1e-27;
    out->debt_growth = u256_to_double(&out->debt_index.value) * 1e-27;
}

/* What sizing divides by, so that it is worked out once a head and not once a pair. */
static void divisors_set(struct reserve *reserve)
{
    const struct u256 *price = &reserve->price.value;

    reserve->by_price = (struct divisor){0};
    reserve->by_bonus = (struct divisor){0};
    if (u256_fits_u64(price) && price->limb[0] != 0 && reserve->decimals <= DIVISOR_DECIMALS_MAX) {
        const struct u256 unit = u256_ten_to(reserve->decimals);

        reserve->by_price = divisor_of(price->limb[0]);
        reserve->unit_value = u256_to_double(price) / u256_to_double(&unit);
    }
    if (reserve->bonus_bps != 0) {
        reserve->by_bonus = divisor_of(reserve->bonus_bps);
    }
}

static void reserve_reaches(struct reserve *reserve, const struct aave_rules *rules,
                            uint64_t first_s, uint64_t last_s)
{
    reach_set(&reserve->first, reserve, rules, first_s);
    reach_set(&reserve->last, reserve, rules, last_s);
    divisors_set(reserve);
}

static void category_reaches(struct category *category)
{
    if (category->is_used && category->bonus_bps != 0)
        category->by_bonus = divisor_of(category->bonus_bps);
}

void aave_reach(struct market *market, const struct position *position, uint64_t first_s,
                uint64_t last_s)
{
    const struct aave_rules *rules = aave_rules_to_follow(market->revision);
    const uint32_t count = position == NULL ? market->reserve_count : position->leg_count;

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = position == NULL ? i : position->legs[i].reserve;

        if (index < market->reserve_count)
            reserve_reaches(&market->reserve[index], rules, first_s, last_s);
    }
    if (position != NULL)
        category_reaches(&market->category[position->category]);
    for (uint32_t i = 0; i < CATEGORIES_MAX && position == NULL; i++)
        category_reaches(&market->category[i]);
}
