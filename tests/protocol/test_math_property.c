/*
 * The pool's arithmetic against a second implementation of it: PercentageMath, WadRayMath and
 * MathUtils written out over slow numbers, each step checked as Solidity 0.8 checks it. Equal where
 * the contract has a number, refused exactly where it reverts.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "protocol/aave_v3/inside.h"
#include "tests/base/random.h"
#include "tests/base/wide.h"

#define YEAR_S 31536000u

/* A contract in the middle of a computation: the first overflow reverts all of it. */
struct evm {
    bool reverted;
};

static struct wide evm_checked(struct evm *evm, struct wide value)
{
    if (evm->reverted || !wide_fits(&value)) {
        evm->reverted = true;
        return (struct wide){{0}};
    }
    return value;
}

static struct wide evm_add(struct evm *evm, struct wide a, struct wide b)
{
    wide_add(&a, &b);
    return evm_checked(evm, a);
}

static struct wide evm_mul(struct evm *evm, struct wide a, struct wide b)
{
    return evm_checked(evm, evm->reverted ? a : wide_mul(&a, &b));
}

static struct wide evm_div(struct evm *evm, struct wide a, struct wide b, bool up)
{
    struct wide quotient;
    struct wide rest;

    if (evm->reverted || wide_is_zero(&b)) {
        evm->reverted = true;
        return (struct wide){{0}};
    }
    wide_divide(&quotient, &rest, &a, &b);
    if (up && !wide_is_zero(&rest)) {
        struct wide one = wide_of_u64(1);
        wide_add(&quotient, &one);
    }
    return evm_checked(evm, quotient);
}

static struct wide evm_mul_div(struct evm *evm, struct wide a, struct wide b, struct wide c,
                               enum aave_rounding rounding)
{
    struct wide value = evm_mul(evm, a, b);

    if (rounding == AAVE_HALF_UP)
        value = evm_add(evm, value, evm_div(evm, c, wide_of_u64(2), false));
    return evm_div(evm, value, c, rounding == AAVE_CEIL);
}

static struct wide ray(void)
{
    const struct u256 one = u256_ten_to(27);

    return wide_of(&one);
}

static struct wide evm_ray_mul(struct evm *evm, struct wide a, struct wide b,
                               enum aave_rounding rounding)
{
    return evm_mul_div(evm, a, b, ray(), rounding);
}

static struct wide evm_by(struct evm *evm, struct wide a, uint64_t divisor)
{
    return evm_div(evm, a, wide_of_u64(divisor), false);
}

/* MathUtils.calculateLinearInterest */
static struct wide evm_linear(struct evm *evm, struct wide rate, uint64_t seconds)
{
    return evm_add(evm, ray(), evm_by(evm, evm_mul(evm, rate, wide_of_u64(seconds)), YEAR_S));
}

/* MathUtils.calculateCompoundedInterest of 3.0 to 3.3 */
static struct wide evm_binomial(struct evm *evm, struct wide rate, uint64_t seconds)
{
    struct wide two =
        evm_by(evm, evm_ray_mul(evm, rate, rate, AAVE_HALF_UP), (uint64_t)YEAR_S * YEAR_S);
    struct wide three = evm_by(evm, evm_ray_mul(evm, two, rate, AAVE_HALF_UP), YEAR_S);
    struct wide pairs = evm_mul(evm, wide_of_u64(seconds), wide_of_u64(seconds - 1));
    struct wide second = evm_by(evm, evm_mul(evm, pairs, two), 2);
    struct wide triples = evm_mul(evm, pairs, wide_of_u64(seconds > 2 ? seconds - 2 : 0));
    struct wide third = evm_by(evm, evm_mul(evm, triples, three), 6);

    return evm_add(evm, evm_add(evm, evm_linear(evm, rate, seconds), second), third);
}

/* MathUtils.calculateCompoundedInterest from 3.4: RAY + x + x.rayMul(x / 2 + x.rayMul(x / 6)) */
static struct wide evm_taylor(struct evm *evm, struct wide rate, uint64_t seconds)
{
    struct wide x = evm_by(evm, evm_mul(evm, rate, wide_of_u64(seconds)), YEAR_S);
    struct wide cubic = evm_ray_mul(evm, x, evm_by(evm, x, 6), AAVE_HALF_UP);
    struct wide tail = evm_ray_mul(evm, x, evm_add(evm, evm_by(evm, x, 2), cubic), AAVE_HALF_UP);

    return evm_add(evm, evm_add(evm, ray(), x), tail);
}

/* A refusal says nothing else: *ours began with 77. */
static void same(const struct evm *evm, const struct wide *theirs, bool has, struct u256 ours)
{
    cr_assert(eq(int, has, !evm->reverted));
    struct u256 should = has ? wide_to_u256(theirs) : u256_of(77);
    cr_assert(u256_is_equal(&ours, &should));
}

/* So that the product with `a` lies around the last number that there is, or anywhere. */
static struct u256 partner(uint64_t *state, const struct u256 *a)
{
    struct u256 out = random_u256(state);
    struct u256 step = u256_of(random_below(state, 3));

    if (u256_is_zero(a) || random_below(state, 2) == 0)
        return out;
    cr_assert(u256_div(&out, NULL, &U256_MAX, a));
    if (random_below(state, 2) == 0)
        return u256_sub_floor(&out, &step);
    return u256_add(&out, &out, &step) ? out : U256_MAX;
}

static const enum aave_rounding roundings[] = {AAVE_FLOOR, AAVE_HALF_UP, AAVE_CEIL};

Test(math_property, products_over_quotients_are_those_of_a_contract)
{
    uint64_t state = 31;
    uint32_t refused = 0;

    for (uint32_t i = 0; i < 6000; i++) {
        enum aave_rounding rounding = roundings[i % 3];
        struct u256 a = random_u256(&state);
        struct u256 b = partner(&state, &a);
        struct u256 c = random_below(&state, 50) == 0 ? U256_ZERO : random_u256(&state);
        struct u256 out = u256_of(77);
        struct evm evm = {false};
        struct wide theirs = evm_mul_div(&evm, wide_of(&a), wide_of(&b), wide_of(&c), rounding);
        bool has = aave_mul_div(&out, &a, &b, &c, rounding);
        same(&evm, &theirs, has, out);
        refused += has ? 0 : 1;
        out = u256_of(77);
        evm = (struct evm){false};
        theirs = evm_ray_mul(&evm, wide_of(&a), wide_of(&b), rounding);
        has = aave_ray_mul(&out, &a, &b, rounding);
        same(&evm, &theirs, has, out);
    }
    cr_assert(gt(u32, refused, 500), "hardly any overflow was met: %u", refused);
    cr_assert(lt(u32, refused, 5500), "hardly any number was met: %u", refused);
}

Test(math_property, percentages_and_quotients_of_wads_are_those_of_a_contract)
{
    const struct wide percent = wide_of_u64(10000);
    const struct wide wad = wide_of_u64(WAD_ONE_U64);
    uint64_t state = 32;

    for (uint32_t i = 0; i < 4000; i++) {
        enum aave_rounding rounding = roundings[i % 3];
        const uint32_t bps[] = {0,     1,          9999,
                                10000, UINT32_MAX, (uint32_t)random_below(&state, 65536)};
        const uint32_t of = bps[random_below(&state, ARRAY_LENGTH(bps))];
        const struct u256 wide_bps = u256_of(i % 2 == 0 ? of : 10000);
        struct u256 value = partner(&state, &wide_bps);
        struct u256 by = random_u256(&state);
        struct u256 out = u256_of(77);
        struct evm evm = {false};
        struct wide theirs = evm_mul_div(&evm, wide_of(&value), wide_of_u64(of), percent, rounding);
        bool has = aave_percent_mul(&out, &value, of, rounding);
        same(&evm, &theirs, has, out);

        out = u256_of(77);
        evm = (struct evm){false};
        theirs = evm_mul_div(&evm, wide_of(&value), percent, wide_of_u64(of), rounding);
        has = aave_percent_div(&out, &value, of, rounding);
        same(&evm, &theirs, has, out);

        out = u256_of(77);
        evm = (struct evm){false};
        theirs = evm_mul_div(&evm, wide_of(&value), wad, wide_of(&by), AAVE_HALF_UP);
        has = aave_wad_div(&out, &value, &by);
        same(&evm, &theirs, has, out);
    }
}

static struct u256 random_u128(uint64_t *state)
{
    struct u256 value = random_u256(state);

    value.limb[2] = value.limb[3] = 0;
    return value;
}

/* Rates as pools have them, and any that the pool could store. */
static struct reserve random_reserve(uint64_t *state)
{
    struct reserve reserve = {.updated_at_s = 1000};
    const bool is_sane = random_below(state, 2) == 0;
    struct u256 percent = u256_of(random_below(state, 400));
    struct u256 base = u256_ten_to(25);

    reserve.collateral_rate.value = reserve.debt_rate.value = random_u128(state);
    reserve.collateral_index.value = reserve.debt_index.value = random_u128(state);
    if (is_sane) {
        cr_assert(u256_mul(&reserve.debt_rate.value, &percent, &base));
        reserve.collateral_rate = reserve.debt_rate;
        reserve.debt_index.value = u256_ten_to(27);
        reserve.debt_index.value.limb[0] += random_u64(state);
        reserve.collateral_index = reserve.debt_index;
    }
    return reserve;
}

static uint64_t random_seconds(uint64_t *state)
{
    const uint64_t seconds[] = {0,
                                1,
                                2,
                                3,
                                12,
                                YEAR_S,
                                UINT32_MAX,
                                random_below(state, 10 * YEAR_S),
                                1u << 31,
                                UINT64_MAX - 1000,
                                random_u64(state) >> 1};

    return seconds[random_below(state, ARRAY_LENGTH(seconds))];
}

/* ReserveLogic: the factor times what is stored, which must fit a uint128; in the second of the
 * update what is stored. */
static struct wide evm_index(struct evm *evm, struct wide factor, struct wide stored,
                             uint64_t seconds)
{
    struct wide index = evm_ray_mul(evm, factor, stored, AAVE_HALF_UP);

    if (seconds == 0)
        return stored;
    for (int i = 4; i < WIDE_WORDS; i++)
        evm->reverted |= index.word[i] != 0;
    return index;
}

Test(math_property, indexes_are_those_of_a_contract_at_any_time_and_rate)
{
    static const uint32_t revisions[] = {1, 4, 6, 7, 8, 9, 10, 11};
    uint64_t state = 33;
    uint32_t refused = 0;
    uint32_t compared = 0;

    for (uint32_t i = 0; i < 1500; i++) {
        const struct aave_rules *rules = aave_rules_of(revisions[i % ARRAY_LENGTH(revisions)]);
        struct reserve reserve = random_reserve(&state);
        uint64_t seconds = random_seconds(&state);
        struct wide rate = wide_of(&reserve.debt_rate.value);
        struct wide stored = wide_of(&reserve.debt_index.value);
        struct ray out = {u256_of(77)};
        struct evm evm = {false};
        struct wide factor = {{0}};

        if (seconds != 0)
            factor = rules->has_taylor ? evm_taylor(&evm, rate, seconds)
                                       : evm_binomial(&evm, rate, seconds);
        struct wide theirs = evm_index(&evm, factor, stored, seconds);
        bool has = aave_debt_index_at(&out, &reserve, rules, 1000 + seconds);
        same(&evm, &theirs, has, out.value);
        refused += has ? 0 : 1;
        compared += has && seconds != 0 ? 1 : 0;

        out.value = u256_of(77);
        evm = (struct evm){false};
        factor = seconds == 0 ? factor : evm_linear(&evm, rate, seconds);
        theirs = evm_index(&evm, factor, stored, seconds);
        has = aave_collateral_index_at(&out, &reserve, 1000 + seconds);
        same(&evm, &theirs, has, out.value);
    }
    cr_assert(gt(u32, refused, 100), "hardly anything was refused: %u", refused);
    cr_assert(gt(u32, compared, 400), "hardly anything was compared: %u", compared);
}
