/* The fast way and the slow way are one arithmetic, and what a contract reverts on is refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "protocol/aave_v3/fast.h"
#include "tests/base/random.h"
#include "tests/protocol/recorded.h"

static const enum aave_rounding roundings[] = {AAVE_FLOOR, AAVE_HALF_UP, AAVE_CEIL};

/* Of up to `bits` bits, often near a power of two. */
static struct u256 random_bits(uint64_t *state, unsigned bits)
{
    struct u256 value = random_u256(state);
    unsigned keep = (unsigned)random_below(state, bits + 1);

    for (unsigned i = 0; i < 4; i++) {
        unsigned first = i * 64;
        unsigned here = keep <= first ? 0 : keep - first;
        if (here < 64)
            value.limb[i] &= here == 0 ? 0 : UINT64_MAX >> (64 - here);
    }
    return value;
}

static void assert_same(bool fast, const struct u256 *a, bool slow, const struct u256 *b)
{
    /* the fast way may pass, but never differ */
    if (fast) {
        cr_assert(slow);
        cr_assert(u256_is_equal(a, b));
    }
}

Test(math, division_by_one_limb_equals_division_by_any)
{
    uint64_t state = 1;
    uint32_t taken = 0;

    for (uint32_t i = 0; i < 200000; i++) {
        struct u256 a = random_bits(&state, 100);
        struct u256 b = random_bits(&state, 100);
        struct u256 c = random_bits(&state, 66);
        const struct u256 *const factor[] = {&a, &b};
        enum aave_rounding rounding = roundings[i % 3];
        struct u256 fast;
        struct u256 slow;
        bool is_fast = aave_fast_mul_div(&fast, factor, &c, rounding);
        assert_same(is_fast, &fast, aave_mul_div_slowly(&slow, factor, &c, rounding), &slow);
        taken += is_fast ? 1 : 0;
    }
    cr_expect(gt(u32, taken, 50000), "the fast way is hardly ever taken: %u", taken);
}

Test(math, division_by_a_ray_equals_division_by_any)
{
    const struct u256 ray = u256_ten_to(27);
    uint64_t state = 2;
    uint32_t taken = 0;

    for (uint32_t i = 0; i < 200000; i++) {
        struct u256 a = random_bits(&state, 98);
        struct u256 b = random_bits(&state, 98);
        const struct u256 *const factor[] = {&a, &b};
        enum aave_rounding rounding = roundings[i % 3];
        struct u256 fast;
        struct u256 slow;
        bool is_fast = aave_fast_ray_mul(&fast, &a, &b, rounding);
        assert_same(is_fast, &fast, aave_mul_div_slowly(&slow, factor, &ray, rounding), &slow);
        taken += is_fast ? 1 : 0;
    }
    cr_expect(gt(u32, taken, 150000), "the fast way is hardly ever taken: %u", taken);
}

Test(math, rounds_half_up_as_a_contract_does)
{
    static const struct {
        const char *value;
        uint32_t bps;
        const char *multiplied;
        const char *divided;
    } rows[] = {
        {"1", 5000, "1", "2"},        {"3", 5000, "2", "6"},        {"0", 9999, "0", "0"},
        {"9999", 1, "1", "99990000"}, {"4999", 1, "0", "49990000"}, {"7", 10500, "7", "7"},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct u256 value = number(rows[i].value);
        struct u256 should = number(rows[i].multiplied);
        struct u256 is;
        cr_assert(aave_percent_mul(&is, &value, rows[i].bps, AAVE_HALF_UP));
        cr_expect(u256_is_equal(&is, &should), "product of row %zu", i);
        should = number(rows[i].divided);
        cr_assert(aave_percent_div(&is, &value, rows[i].bps, AAVE_HALF_UP));
        cr_expect(u256_is_equal(&is, &should), "quotient of row %zu", i);
    }
}

Test(math, refuses_a_product_over_256_bits_though_the_quotient_would_fit)
{
    struct u256 big = U256_MAX;
    struct u256 two = u256_of(2);
    struct u256 out = U256_ONE;

    cr_expect(not(aave_mul_div(&out, &big, &two, &two, AAVE_FLOOR)));
    cr_expect(u256_is_equal(&out, &U256_ONE), "*out was touched");
}

Test(math, refuses_the_half_that_carries_over_256_bits)
{
    struct u256 big = U256_MAX;
    struct u256 out;

    cr_expect(not(aave_mul_div(&out, &big, &U256_ONE, &big, AAVE_HALF_UP)));
    cr_expect(aave_mul_div(&out, &big, &U256_ONE, &big, AAVE_FLOOR));
}

Test(math, refuses_to_divide_by_zero)
{
    struct u256 out;

    cr_expect(not(aave_mul_div(&out, &U256_ONE, &U256_ONE, &U256_ZERO, AAVE_FLOOR)));
    cr_expect(not(aave_percent_div(&out, &U256_ONE, 0, AAVE_CEIL)));
    cr_expect(not(aave_wad_div(&out, &U256_ONE, &U256_ZERO)));
}
