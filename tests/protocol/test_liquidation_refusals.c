/* Each reason for which nothing of a pair may be liquidated. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/protocol/a_pool.h"
#include "tests/protocol/recorded.h"

static struct market *prepared(uint32_t revision)
{
    struct market *market = a_pool(revision);

    cr_assert(protocol_at(market->protocol)->prepare(market, POOL_AT_S));
    return market;
}

static void assert_error(const struct market *market, const struct held *held,
                         const struct u256 *cap, enum liquidation_error should)
{
    struct liquidation liquidation;
    enum liquidation_error is = size_of(&liquidation, market, held, cap);

    cr_expect(eq(int, (int)is, (int)should), "%s should be: %s", liquidation_error_text(is),
              liquidation_error_text(should));
}

static void underwater(struct held *held, const struct market *market)
{
    a_loan(held, market, WETH, 5000000, USDC, 8200000000); /* 0.9756 */
}

Test(liquidation_refusals, refuses_a_healthy_account)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 5000000, USDC, 8000000000); /* exactly one */
    assert_error(market, &held, &U256_MAX, LIQUIDATION_HEALTHY);
    free(market);
}

Test(liquidation_refusals, refuses_reserves_that_are_paused_or_inactive)
{
    struct market *market = prepared(10);
    struct held held;

    underwater(&held, market);
    for (uint32_t i = WETH; i <= USDC; i++) {
        market->reserve[i].flags |= RESERVE_PAUSED;
        assert_error(market, &held, &U256_MAX, LIQUIDATION_PAUSED);
        market->reserve[i].flags &= ~(uint32_t)(RESERVE_PAUSED | RESERVE_ACTIVE);
        assert_error(market, &held, &U256_MAX, LIQUIDATION_PAUSED);
        market->reserve[i].flags |= RESERVE_ACTIVE;
    }
    market->reserve[WETH].flags |= RESERVE_FROZEN; /* frozen is no obstacle */
    assert_error(market, &held, &U256_MAX, LIQUIDATION_OK);
    free(market);
}

Test(liquidation_refusals, the_sentinel_stops_those_that_are_not_far_below)
{
    struct market *market = prepared(10);
    struct held held;

    underwater(&held, market);
    market->sentinel.byte[0] = 9;
    assert_error(market, &held, &U256_MAX, LIQUIDATION_PAUSED);
    market->sentinel_allows = true;
    assert_error(market, &held, &U256_MAX, LIQUIDATION_OK);
    market->sentinel_allows = false;
    a_loan(&held, market, WETH, 5000000, USDC, 8500000000); /* 0.941 */
    assert_error(market, &held, &U256_MAX, LIQUIDATION_OK);
    underwater(&held, market);
    market->revision = 11; /* gone in 3.7 */
    assert_error(market, &held, &U256_MAX, LIQUIDATION_OK);
    free(market);
}

Test(liquidation_refusals, waits_for_the_grace_period_of_either_reserve)
{
    struct market *market = prepared(10);
    struct held held;

    underwater(&held, market);
    for (uint32_t i = WETH; i <= USDC; i++) {
        market->reserve[i].grace_until_s = POOL_AT_S; /* until and including */
        assert_error(market, &held, &U256_MAX, LIQUIDATION_GRACE);
        market->reserve[i].grace_until_s = POOL_AT_S - 1;
        assert_error(market, &held, &U256_MAX, LIQUIDATION_OK);
    }
    market->reserve[WETH].grace_until_s = POOL_AT_S + 1000;
    market->revision = 1; /* 3.0 knows none */
    assert_error(market, &held, &U256_MAX, LIQUIDATION_OK);
    free(market);
}

Test(liquidation_refusals, refuses_collateral_that_cannot_be_seized)
{
    struct market *market = prepared(9);
    struct held held;
    const struct leg more = {
        .supplied = 100, .reserve = WBTC, .flags = LEG_COLLATERAL}; /* taken by size_of */

    underwater(&held, market);
    held_add(&held, &more);
    assert_error(market, &held, &U256_MAX, LIQUIDATION_OK);
    market->reserve[WBTC].threshold_bps = 0;
    assert_error(market, &held, &U256_MAX, LIQUIDATION_NOT_SEIZABLE);
    market->revision = 10; /* from 3.6 it can, if it has a bonus */
    assert_error(market, &held, &U256_MAX, LIQUIDATION_OK);
    market->reserve[WBTC].bonus_bps = 0;
    assert_error(market, &held, &U256_MAX, LIQUIDATION_NOT_SEIZABLE);
    free(market);
}

Test(liquidation_refusals, refuses_a_pair_that_is_none)
{
    struct market *market = prepared(10);
    const struct protocol *protocol = protocol_at(market->protocol);
    struct held held;
    struct liquidation out;

    underwater(&held, market);
    const struct health health = health_of(market, &held.position);
    static const uint32_t pairs[][2] = {{WETH, USDC}, {USDC, USDC}, {WETH, WETH},
                                        {WBTC, WETH}, {USDC, 99},   {RESERVE_NONE, WETH}};
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        const struct liquidation_request request = {.debt = pairs[i][0],
                                                    .collateral = pairs[i][1],
                                                    .cap = {U256_MAX},
                                                    .timestamp_s = POOL_AT_S,
                                                    .deadline_s = POOL_AT_S};
        cr_expect(eq(int,
                     (int)protocol->liquidation(&out, market, &held.position, &health, &request),
                     LIQUIDATION_NOT_SEIZABLE),
                  "pair %zu", i);
    }
    free(market);
}

Test(liquidation_refusals, refuses_our_own_account)
{
    struct market *market = prepared(10);
    struct held held;

    underwater(&held, market);
    market->keeper = held.position.account;
    assert_error(market, &held, &U256_MAX, LIQUIDATION_NOT_SEIZABLE);
    free(market);
}

Test(liquidation_refusals, refuses_collateral_that_cannot_leave_the_pool)
{
    struct market *market = prepared(10);
    struct held held;

    underwater(&held, market);
    market->reserve[WETH].liquidity.value = U256_ONE;
    assert_error(market, &held, &U256_MAX, LIQUIDATION_NO_LIQUIDITY);
    market->reserve[WETH].liquidity.value = U256_ZERO;
    assert_error(market, &held, &U256_MAX, LIQUIDATION_NO_LIQUIDITY);
    free(market);
}

Test(liquidation_refusals, refuses_a_part_for_want_of_liquidity_where_the_pair_must_go_whole)
{
    struct market *market = prepared(10);
    struct held held;

    a_loan(&held, market, WETH, 600000, USDC, 1000000000); /* 1200 against 1000 */
    market->reserve[WETH].liquidity.value = number("300000000000000000");
    assert_error(market, &held, &U256_MAX, LIQUIDATION_NO_LIQUIDITY);
    market->revision = 6;
    assert_error(market, &held, &U256_MAX, LIQUIDATION_OK);
    free(market);
}

Test(liquidation_refusals, refuses_a_part_of_what_must_go_whole)
{
    struct market *market = prepared(10);
    struct held held;
    struct u256 cap = u256_of(500000000);

    a_loan(&held, market, WETH, 600000, USDC, 1000000000); /* 1200 against 1000 */
    assert_error(market, &held, &cap, LIQUIDATION_DUST);
    market->revision = 6;
    assert_error(market, &held, &cap, LIQUIDATION_OK);
    free(market);
}

Test(liquidation_refusals, refuses_amounts_below_one_unit)
{
    struct market *market = prepared(1);
    struct held held;
    struct u256 one = U256_ONE;

    underwater(&held, market);
    assert_error(market, &held, &U256_ZERO, LIQUIDATION_TOO_SMALL);
    /* a wei of WETH buys no satoshi */
    a_loan(&held, market, WBTC, 100000, WETH, 1600000);
    assert_error(market, &held, &one, LIQUIDATION_TOO_SMALL);
    free(market);
}

Test(liquidation_refusals, refuses_a_product_over_256_bits)
{
    struct market *market = prepared(1);
    struct held held;

    underwater(&held, market);
    market->reserve[USDC].debt_rate.value = U256_MAX;
    assert_error(market, &held, &U256_MAX, LIQUIDATION_OVERFLOW);
    free(market);
}
