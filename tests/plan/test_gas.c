/* What gas a plan expects and allows: the node's word within the bounds of the protocol's table. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "tests/plan/pools.h"

#define MOST (GAS_LIMIT + GAS_LIMIT / 2)

static struct plan_gas gas_of(uint64_t estimate, bool wants_gas)
{
    struct pool *pool = pool_new();
    const struct plan_candidate candidate = {.protocol = &pool_protocol,
                                             .market = &pool->market,
                                             .position = &pool->position,
                                             .health = &pool->health,
                                             .wants_gas = wants_gas,
                                             .gas_estimate = estimate};
    struct plan_gas gas;

    plan_gas(&gas, &candidate);
    free(pool);
    return gas;
}

Test(gas, is_the_table_s_where_no_node_has_estimated_it)
{
    struct plan_gas gas = gas_of(0, false);

    cr_assert(eq(u64, gas.expected, GAS_EXPECTED));
    cr_assert(eq(u64, gas.limit, GAS_LIMIT));
}

/* lessons: Curie. The way through the contract is another one a second later. */
Test(gas, that_a_node_estimates_is_padded)
{
    struct plan_gas gas = gas_of(400000, false);

    cr_assert(eq(u64, gas.expected, 400000));
    cr_assert(eq(u64, gas.limit, 800000));
}

Test(gas, may_be_more_than_the_table_thinks)
{
    struct plan_gas gas = gas_of(620000, false);

    cr_assert(eq(u64, gas.expected, 620000));
    cr_assert(eq(u64, gas.limit, 1240000));
    cr_assert(gt(u64, gas.limit, GAS_LIMIT));
}

Test(gas, is_never_over_half_as_much_again_as_the_table_allows)
{
    struct plan_gas gas = gas_of(30000000, false);

    cr_assert(eq(u64, gas.expected, MOST));
    cr_assert(eq(u64, gas.limit, MOST));
}

Test(gas, is_never_under_what_a_liquidation_takes)
{
    struct plan_gas gas = gas_of(21000, false);

    cr_assert(eq(u64, gas.expected, GAS_EXPECTED / 2));
    cr_assert(eq(u64, gas.limit, GAS_EXPECTED));
}

Test(gas, that_was_too_low_once_is_the_most_that_there_is)
{
    cr_assert(eq(u64, gas_of(0, true).limit, MOST));
    cr_assert(eq(u64, gas_of(400000, true).limit, MOST));
    cr_assert(eq(u64, gas_of(400000, true).expected, 400000));
}
