/* See pool_model.h. GMP-free and 512 bits inside, where the contracts have 256 and checks: the
 * amounts of the tests stay far below. */
#include "tests/protocol/pool_model.h"

#include <criterion/criterion.h>

static struct u256 of(uint64_t value)
{
    return u256_of(value);
}

static struct u256 down(struct u256 a, struct u256 b, struct u256 c)
{
    struct u256 out = U256_ZERO;

    cr_assert(u256_mul_div(&out, &a, &b, &c));
    return out;
}

static struct u256 up(struct u256 a, struct u256 b, struct u256 c)
{
    struct u256 out = U256_ZERO;

    cr_assert(u256_mul_div_up(&out, &a, &b, &c));
    return out;
}

static struct u256 near(struct u256 a, struct u256 b, struct u256 c)
{
    struct u256 out = U256_ZERO;

    cr_assert(u256_mul_div_half_up(&out, &a, &b, &c));
    return out;
}

static struct u256 times(struct u256 a, struct u256 b)
{
    struct u256 out = U256_ZERO;

    cr_assert(u256_mul(&out, &a, &b));
    return out;
}

static struct u256 minus(struct u256 a, struct u256 b)
{
    struct u256 out = U256_ZERO;

    cr_assert(u256_sub(&out, &a, &b));
    return out;
}

static bool less(struct u256 a, struct u256 b)
{
    return u256_is_less(&a, &b);
}

/* Everything of the two reserves that the formula names. */
struct pair {
    struct u256 debt_price, debt_unit, owed, owed_value;
    struct u256 price, unit, supplied, supplied_value;
    uint32_t bonus;
    uint32_t fee;
    uint32_t revision;
};

/* maxLiquidatableDebt */
static struct u256 closable(const struct pair *pair, const struct health *health)
{
    struct u256 low = of(950000000000000000u);
    struct u256 large = of(200000000000u);

    if (pair->revision <= 6)
        return less(low, health->factor.value) ? near(pair->owed, of(5000), of(10000)) : pair->owed;
    if (less(pair->supplied_value, large) || less(pair->owed_value, large) ||
        !less(low, health->factor.value))
        return pair->owed;
    struct u256 half = near(health->debt_value, of(5000), of(10000));
    return less(half, pair->owed_value) ? down(half, pair->debt_unit, pair->debt_price)
                                        : pair->owed;
}

/* _calculateAvailableCollateralToLiquidate; returns what leaves the account. */
static struct u256 exchange(struct model_result *out, const struct pair *pair, struct u256 cover)
{
    struct u256 base =
        down(times(pair->debt_price, cover), pair->unit, times(pair->price, pair->debt_unit));
    struct u256 taken = pair->revision >= 11 ? down(base, of(pair->bonus), of(10000))
                                             : near(base, of(pair->bonus), of(10000));

    out->paid = cover;
    if (less(pair->supplied, taken)) {
        taken = pair->supplied;
        struct u256 needed =
            down(times(pair->price, taken), pair->debt_unit, times(pair->debt_price, pair->unit));
        out->paid = pair->revision >= 9 ? up(needed, of(10000), of(pair->bonus))
                                        : near(needed, of(10000), of(pair->bonus));
    }
    out->seized = taken;
    if (pair->fee != 0) {
        struct u256 plain = pair->revision >= 11 ? down(taken, of(10000), of(pair->bonus))
                                                 : near(taken, of(10000), of(pair->bonus));
        struct u256 bonus = minus(taken, plain);
        struct u256 fee = pair->revision >= 11 ? up(bonus, of(pair->fee), of(10000))
                                               : near(bonus, of(pair->fee), of(10000));
        out->seized = minus(taken, fee);
    }
    return taken;
}

static bool leaves_dust(const struct pair *pair, const struct model_result *result,
                        struct u256 taken)
{
    struct u256 least = of(100000000000u);

    if (pair->revision <= 6 || !less(result->paid, pair->owed) || !less(taken, pair->supplied))
        return false;
    struct u256 left = minus(pair->owed, result->paid);
    struct u256 owed = pair->revision >= 9 ? up(left, pair->debt_price, pair->debt_unit)
                                           : down(left, pair->debt_price, pair->debt_unit);
    struct u256 supplied = down(minus(pair->supplied, taken), pair->price, pair->unit);
    return less(owed, least) || less(supplied, least);
}

static void pair_fill(struct pair *pair, const struct market *market,
                      const struct position *position, const struct model_call *call)
{
    const struct reserve *debt = &market->reserve[call->debt];
    const struct reserve *collateral = &market->reserve[call->collateral];
    struct u256 ray = u256_ten_to(27);
    struct u256 owed = u256_of_u128(position_leg(position, call->debt)->owed);
    struct u256 supplied = u256_of_u128(position_leg(position, call->collateral)->supplied);

    pair->revision = market->revision;
    pair->debt_price = debt->price.value;
    pair->debt_unit = u256_ten_to(debt->decimals);
    pair->price = collateral->price.value;
    pair->unit = u256_ten_to(collateral->decimals);
    pair->bonus = collateral->bonus_bps;
    pair->fee = collateral->protocol_fee_bps;
    pair->owed = pair->revision >= 9 ? up(owed, debt->debt_index_now.value, ray)
                                     : near(owed, debt->debt_index_now.value, ray);
    pair->supplied = pair->revision >= 9
                         ? down(supplied, collateral->collateral_index_now.value, ray)
                         : near(supplied, collateral->collateral_index_now.value, ray);
    pair->owed_value = pair->revision >= 9 ? up(pair->owed, pair->debt_price, pair->debt_unit)
                                           : down(pair->owed, pair->debt_price, pair->debt_unit);
    pair->supplied_value = down(pair->supplied, pair->price, pair->unit);
}

enum model_outcome model_liquidate(struct model_result *out, struct market *market,
                                   const struct position *position, const struct model_call *call)
{
    const struct protocol *protocol = protocol_at(market->protocol);
    struct health health;
    struct pair pair;

    if (!protocol->prepare(market, call->timestamp_s) ||
        protocol->health(&health, market, position) != HEALTH_OK)
        return MODEL_REVERT;
    if (!less(health.factor.value, of(WAD_ONE_U64)))
        return MODEL_HEALTHY;
    pair_fill(&pair, market, position, call);
    struct u256 most = closable(&pair, &health);
    struct u256 cover = less(most, call->argument) ? most : call->argument;
    struct u256 taken = exchange(out, &pair, cover);
    return leaves_dust(&pair, out, taken) ? MODEL_DUST : MODEL_DONE;
}
