/* Division by multiplication is division: at the edges of divisor and dividend, and over millions.
 */
#include "base/divisor.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/base/random.h"

#define TIMES 3000000u

/* What plain 128-bit division says of (rest × 2^64 + low) / value, with rest below value. */
static void step_is_division(uint64_t value, uint64_t rest, uint64_t low)
{
    const struct divisor by = divisor_of(value);
    const uint64_t scaled_rest =
        (uint64_t)(((unsigned __int128)rest << 64 | low) << by.shift >> 64);
    uint64_t left = scaled_rest;
    const uint64_t quotient = divisor_step(&left, low << by.shift, &by);
    const unsigned __int128 dividend = (unsigned __int128)rest << 64 | low;

    cr_assert(by.scaled >> by.shift == value && by.scaled >> 63 == 1);
    cr_assert(by.inverse == (uint64_t)(~(unsigned __int128)0 / by.scaled), "%lu",
              (unsigned long)value);
    cr_assert(quotient == (uint64_t)(dividend / value) &&
                  left >> by.shift == (uint64_t)(dividend % value),
              "(%lu, %lu) / %lu", (unsigned long)rest, (unsigned long)low, (unsigned long)value);
}

/* Around powers of two, where a guess is most easily one off. */
static uint64_t near_power(uint64_t *state)
{
    const uint64_t power = 1ull << random_below(state, 64);

    return power - 2 + random_below(state, 5);
}

static uint64_t any(uint64_t *state)
{
    const uint64_t wide = random_u64(state) >> random_below(state, 64);

    return random_below(state, 2) == 0 ? near_power(state) : wide;
}

Test(divisor, steps_as_division_does)
{
    static const uint64_t edge[] = {1,
                                    2,
                                    3,
                                    10,
                                    UINT32_MAX,
                                    1ull << 32,
                                    (1ull << 63) - 1,
                                    1ull << 63,
                                    (1ull << 63) + 1,
                                    7450580596923828125u,
                                    10000000000000000000u,
                                    UINT64_MAX - 1,
                                    UINT64_MAX};
    uint64_t state = 1;

    for (size_t i = 0; i < ARRAY_LENGTH(edge); i++)
        for (size_t k = 0; k < ARRAY_LENGTH(edge); k++) {
            step_is_division(edge[i], edge[i] - 1, edge[k]);
            step_is_division(edge[i], edge[k] % edge[i], UINT64_MAX);
            step_is_division(edge[i], 0, edge[k] - 1);
        }
    for (uint32_t i = 0; i < TIMES; i++) {
        const uint64_t value = any(&state);

        if (value != 0)
            step_is_division(value, any(&state) % value, any(&state));
    }
}

static void whole_is_division(const struct u256 *dividend, uint64_t value)
{
    const struct divisor by = divisor_of(value);
    const struct u256 wide = u256_of(value);
    struct u256 ours = *dividend;
    struct u256 theirs;
    struct u256 left;
    const bool has_rest = divisor_divide(ours.limb, 4, &by);

    cr_assert(u256_div(&theirs, &left, dividend, &wide));
    cr_assert(u256_is_equal(&ours, &theirs) && has_rest == !u256_is_zero(&left), "by %lu",
              (unsigned long)value);
}

Test(divisor, divides_numbers_of_four_limbs)
{
    uint64_t state = 2;

    whole_is_division(&U256_MAX, 1);
    whole_is_division(&U256_MAX, UINT64_MAX);
    whole_is_division(&U256_ZERO, UINT64_MAX);
    for (uint32_t i = 0; i < TIMES / 6; i++) {
        const struct u256 dividend = random_u256(&state);
        const uint64_t value = any(&state);

        if (value != 0)
            whole_is_division(&dividend, value);
    }
}

Test(divisor, knows_the_powers_of_ten)
{
    uint64_t power = 1;

    for (unsigned i = 0; i < 20; i++) {
        const struct divisor by = divisor_of(power);
        const struct divisor *ten = divisor_ten_to(i);

        cr_assert(ten->scaled == by.scaled && ten->inverse == by.inverse && ten->shift == by.shift,
                  "10^%u", i);
        power *= 10;
    }
}
