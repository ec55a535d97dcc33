/* One step below another's fee. */
#include "submit/fees.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/submit/fleets.h"

static const struct wei CEILING = {{{1000000}}};

static struct wei wei(uint64_t value)
{
    return (struct wei){u256_of(value)};
}

/* What is tipped at that base fee; UINT64_MAX: it is not taken. */
static uint64_t paid(uint64_t max_fee, uint64_t tip, uint64_t base_fee)
{
    if (max_fee < base_fee)
        return UINT64_MAX;
    return tip < max_fee - base_fee ? tip : max_fee - base_fee;
}

Test(fees_below, tips_one_wei_less_at_the_next_base_fee_whatever_the_type)
{
    static const struct {
        uint64_t max_fee, tip, base_fee;
    } rows[] = {{100, 3, 50},  {100, 100, 50},     {100, 3, 98},   {100, 3, 99},
                {5, 1, 4},     {9, 9, 0},          {90000, 7, 10}, {90000, 90000, 89999},
                {100, 60, 50}, {500000, 1, 499999}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct fees_offered other = {wei(rows[i].max_fee), wei(rows[i].tip)};
        struct wei base_fee = wei(rows[i].base_fee);
        struct wei max_fee;
        struct wei tip;

        cr_assert(
            eq(int, fees_step_below(&max_fee, &tip, &other, &base_fee, &CEILING), FEES_BEHIND_OK));
        cr_expect(eq(u64, paid(max_fee.value.limb[0], tip.value.limb[0], rows[i].base_fee) + 1,
                     paid(rows[i].max_fee, rows[i].tip, rows[i].base_fee)),
                  "row %zu", i);
        cr_expect(not(u256_is_less(&max_fee.value, &tip.value)));
    }
}

/* The base fee of the block that takes it may be another than was thought. */
Test(fees_below, is_below_at_every_base_fee_and_never_over_the_ceiling)
{
    uint64_t state = 3;

    for (int i = 0; i < 100000; i++) {
        uint64_t most = random_next(&state) % 2000000;
        struct fees_offered other = {wei(most), wei(random_next(&state) % (most + 1))};
        struct wei base_fee = wei(random_next(&state) % 1000000);
        uint64_t other_base = random_next(&state) % 2000000;
        struct wei max_fee;
        struct wei tip;
        uint64_t ours;
        uint64_t theirs;

        if (fees_step_below(&max_fee, &tip, &other, &base_fee, &CEILING) != FEES_BEHIND_OK)
            continue;
        ours = paid(max_fee.value.limb[0], tip.value.limb[0], other_base);
        theirs = paid(most, other.max_priority_fee_per_gas.value.limb[0], other_base);
        cr_assert(ours == UINT64_MAX || (theirs != UINT64_MAX && ours < theirs));
        cr_assert(u256_is_less(&max_fee.value, &other.max_fee_per_gas.value), "some order by that");
        cr_assert(not(u256_is_less(&CEILING.value, &max_fee.value)));
    }
}

Test(fees_below, what_cannot_land_next_is_not_followed)
{
    struct fees_offered other = {wei(100), wei(3)};
    struct wei base_fee = wei(101);
    struct wei max_fee;
    struct wei tip;

    cr_assert(
        eq(int, fees_step_below(&max_fee, &tip, &other, &base_fee, &CEILING), FEES_BEHIND_LOW));
}

Test(fees_below, there_is_no_step_below_no_tip)
{
    struct fees_offered other = {wei(100), wei(3)};
    struct wei base_fee = wei(100);
    struct wei max_fee;
    struct wei tip;

    cr_assert(
        eq(int, fees_step_below(&max_fee, &tip, &other, &base_fee, &CEILING), FEES_BEHIND_NO_STEP));
    other.max_priority_fee_per_gas = wei(0);
    base_fee = wei(50);
    cr_assert(
        eq(int, fees_step_below(&max_fee, &tip, &other, &base_fee, &CEILING), FEES_BEHIND_NO_STEP));
}

Test(fees_below, a_step_over_the_ceiling_is_none)
{
    struct fees_offered other = {wei(200), wei(60)};
    struct wei base_fee = wei(50);
    struct wei ceiling = wei(108);
    struct wei max_fee;
    struct wei tip;

    cr_assert(
        eq(int, fees_step_below(&max_fee, &tip, &other, &base_fee, &ceiling), FEES_BEHIND_CEILING));
    ceiling = wei(109);
    cr_assert(
        eq(int, fees_step_below(&max_fee, &tip, &other, &base_fee, &ceiling), FEES_BEHIND_OK));
    cr_assert(eq(u64, max_fee.value.limb[0], 109));
    cr_assert(eq(u64, tip.value.limb[0], 59));
}

/* Twice by the step that nodes want, whatever the ceiling: once to raise, once to cancel. */
Test(fees_stretch, leaves_room_for_two_raises_under_any_ceiling)
{
    const struct fees_worth rich = {
        .most = {U256_MAX}, .gas = 1, .gas_limit = 1, .left = {U256_MAX}};
    uint64_t state = 11;

    for (int i = 0; i < 100000; i++) {
        struct fees_worth worth = rich;
        struct flight flight = {.max_priority_fee_per_gas = wei(1)};
        struct flight_bid bid = {0};

        worth.fee_max = wei(100 + random_next(&state) % 4000000000000);
        fees_stretch(&flight.max_fee_per_gas, &worth);
        for (int raise = 0; raise < 2; raise++) {
            cr_assert(fees_raise(&bid, &flight, RAISE_PER_MILLE, &worth.fee_max),
                      "raise %d under %llu", raise,
                      (unsigned long long)worth.fee_max.value.limb[0]);
            flight.max_fee_per_gas = bid.max_fee_per_gas;
            flight.max_priority_fee_per_gas = bid.max_priority_fee_per_gas;
        }
    }
}

Test(fees_raise, goes_as_far_as_the_ceiling_lets_it_but_by_a_step_at_least)
{
    static const struct {
        uint64_t old, most, fresh; /* 0: none */
    } rows[] = {{1000, 2001, 2001}, {1000, 5000, 2001}, {1000, 2000, 2000},
                {1000, 1101, 1101}, {1000, 1100, 0},    {1000, 1000, 0}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct flight flight = {.max_fee_per_gas = wei(rows[i].old),
                                .max_priority_fee_per_gas = wei(rows[i].old)};
        struct flight_bid bid = {0};
        struct wei most = wei(rows[i].most);
        bool is_raised = fees_raise(&bid, &flight, RAISE_PER_MILLE_REFUSED, &most);

        cr_assert(eq(int, is_raised, rows[i].fresh != 0), "row %zu", i);
        if (!is_raised)
            continue;
        cr_assert(eq(u64, bid.max_fee_per_gas.value.limb[0], rows[i].fresh), "row %zu", i);
        cr_assert(eq(u64, bid.max_priority_fee_per_gas.value.limb[0], rows[i].fresh), "row %zu", i);
    }
}
