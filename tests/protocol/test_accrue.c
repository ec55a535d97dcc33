/* Indexes at a timestamp. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "protocol/aave_v3/inside.h"
#include "tests/protocol/recorded.h"

#define YEAR_S 31536000u

static struct reserve a_reserve(const char *rate)
{
    struct reserve reserve = {.updated_at_s = 1000};

    reserve.collateral_index.value = u256_ten_to(27);
    reserve.debt_index.value = u256_ten_to(27);
    reserve.collateral_rate.value = number(rate);
    reserve.debt_rate.value = number(rate);
    return reserve;
}

static void assert_ray(const struct ray *is, const char *should)
{
    char text[U256_TEXT_SIZE];

    u256_format(text, &is->value);
    cr_expect(eq(str, text, (char *)should));
}

Test(accrue, nothing_in_the_second_of_the_update)
{
    struct reserve reserve = a_reserve("100000000000000000000000000");
    struct ray index;

    reserve.debt_index.value = number("1234567890123456789012345678");
    cr_assert(aave_debt_index_at(&index, &reserve, aave_rules_of(1), 1000));
    assert_ray(&index, "1234567890123456789012345678");
    cr_assert(aave_collateral_index_at(&index, &reserve, 1000));
    assert_ray(&index, "1000000000000000000000000000");
}

Test(accrue, what_is_supplied_grows_linearly)
{
    struct reserve reserve = a_reserve("100000000000000000000000000"); /* 10 % */
    struct ray index;

    cr_assert(aave_collateral_index_at(&index, &reserve, 1000 + YEAR_S));
    assert_ray(&index, "1100000000000000000000000000");
}

/* e^0.1 is 1.1051709…; each version is its own distance away from it. */
Test(accrue, what_is_owed_compounds_by_each_versions_own_series)
{
    struct reserve reserve = a_reserve("100000000000000000000000000");
    struct ray index;

    cr_assert(aave_debt_index_at(&index, &reserve, aave_rules_of(8), 1000 + YEAR_S));
    assert_ray(&index, "1105166666666666666666666667");
    cr_assert(aave_debt_index_at(&index, &reserve, aave_rules_of(7), 1000 + YEAR_S));
    assert_ray(&index, "1105162042821782412575504000");
}

Test(accrue, the_first_seconds_do_not_wrap)
{
    struct reserve reserve = a_reserve("100000000000000000000000000");
    struct ray index;

    cr_assert(aave_debt_index_at(&index, &reserve, aave_rules_of(1), 1001));
    assert_ray(&index, "1000000003170979198376458650");
    cr_assert(aave_debt_index_at(&index, &reserve, aave_rules_of(10), 1001));
    assert_ray(&index, "1000000003170979203404013194");
}

Test(accrue, refuses_a_time_before_the_update)
{
    struct reserve reserve = a_reserve("1");
    struct ray index;

    cr_expect(not(aave_debt_index_at(&index, &reserve, aave_rules_of(10), 999)));
    cr_expect(not(aave_collateral_index_at(&index, &reserve, 999)));
}

Test(accrue, refuses_an_index_over_128_bits)
{
    struct reserve reserve = a_reserve("340282366920938463463374607431768211455");
    struct ray index;

    cr_expect(not(aave_debt_index_at(&index, &reserve, aave_rules_of(10), 1000 + YEAR_S * 100ul)));
    cr_expect(not(aave_debt_index_at(&index, &reserve, aave_rules_of(1), 1000 + YEAR_S * 100ul)));
    cr_expect(not(aave_collateral_index_at(&index, &reserve, 1000 + YEAR_S * 1000000ul)));
}

Test(accrue, prepare_says_when_a_reserve_cannot_be)
{
    struct market *market = must_alloc(1, sizeof(*market));
    struct address asset = {{1}};

    market->revision = 10;
    market_set_asset(market, 0, &asset);
    market->reserve[0].stale = 0;
    market->reserve[0].updated_at_s = 2000;
    cr_expect(not(aave_prepare(market, 1999)));
    cr_expect(aave_prepare(market, 2000));
    market->reserve[0].stale = RESERVE_STALE_STATE; /* not known: nothing is promised of it */
    cr_expect(aave_prepare(market, 1999));
    free(market);
}
