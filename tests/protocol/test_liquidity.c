/* A pool that cannot give out all that could be seized: less is repaid, or its own token is taken.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "eth/abi.h"
#include "tests/protocol/a_pool.h"
#include "tests/protocol/recorded.h"

#define HALF "4100000000"            /* of what is owed, at a health of 0.9756 */
#define SEIZED "2152500000000000000" /* for it: 4100 / 2000 × 1.05 */

static struct market *prepared(uint32_t revision, const char *liquidity)
{
    struct market *market = a_pool(revision);

    market->reserve[WETH].liquidity.value = number(liquidity);
    cr_assert(protocol_at(market->protocol)->prepare(market, POOL_AT_S));
    return market;
}

static void assert_amount(const struct token_amount *is, const char *should)
{
    char text[U256_TEXT_SIZE];

    u256_format(text, &is->value);
    cr_expect(eq(str, text, (char *)should));
}

static enum liquidation_error size(struct liquidation *out, const struct market *market,
                                   enum receive_token receive)
{
    struct held held;

    a_loan(&held, market, WETH, 5000000, USDC, 8200000000);
    const struct health health = health_of(market, &held.position);
    const struct liquidation_request request = {.debt = USDC,
                                                .collateral = WETH,
                                                .cap = {U256_MAX},
                                                .timestamp_s = POOL_AT_S,
                                                .deadline_s = POOL_AT_S + 60,
                                                .receive = receive};
    return protocol_at(market->protocol)
        ->liquidation(out, market, &held.position, &health, &request);
}

Test(liquidity, that_is_just_enough_changes_nothing)
{
    static const uint32_t revisions[] = {1, 6, 10, 11};

    for (size_t i = 0; i < ARRAY_LENGTH(revisions); i++) {
        struct market *market = prepared(revisions[i], SEIZED);
        struct liquidation out;

        cr_assert(eq(int, (int)size(&out, market, RECEIVE_NEVER), LIQUIDATION_OK));
        assert_amount(&out.repay, HALF);
        assert_amount(&out.seize, SEIZED);
        cr_expect(not(out.receives_token));
        free(market);
    }
}

Test(liquidity, that_is_short_shrinks_the_repay_to_what_can_leave_with_a_fiftieth_to_spare)
{
    static const uint32_t revisions[] = {1, 6, 7, 10, 11};

    for (size_t i = 0; i < ARRAY_LENGTH(revisions); i++) {
        struct market *market = prepared(revisions[i], "1000000000000000000");
        struct liquidation out;

        cr_assert(eq(int, (int)size(&out, market, RECEIVE_NEVER), LIQUIDATION_OK));
        assert_amount(&out.repay, "1866666666"); /* 0.98 × 2000 / 1.05 */
        assert_amount(&out.repay_argument, "1866666666");
        assert_amount(&out.repay_max, "1866666666");
        assert_amount(&out.seize, "979999999650000000");
        cr_expect(not(out.is_whole));
        cr_expect(not(out.receives_token));
        free(market);
    }
}

Test(liquidity, that_is_short_by_one_unit_is_short)
{
    struct market *market = prepared(10, "2152499999999999999");
    struct liquidation out;

    cr_assert(eq(int, (int)size(&out, market, RECEIVE_NEVER), LIQUIDATION_OK));
    assert_amount(&out.repay, "4018000000");
    cr_expect(u256_is_less(&out.seize.value, &market->reserve[WETH].liquidity.value));
    free(market);
}

Test(liquidity, is_not_needed_for_the_pools_own_token)
{
    static const struct {
        enum receive_token receive;
        const char *liquidity;
        bool receives;
    } rows[] = {{RECEIVE_WHEN_DRY, "0", true},
                {RECEIVE_WHEN_DRY, "2152499999999999999", true},
                {RECEIVE_WHEN_DRY, SEIZED, false},
                {RECEIVE_ALWAYS, "0", true},
                {RECEIVE_ALWAYS, "1000000000000000000000", true}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct market *market = prepared(10, rows[i].liquidity);
        struct address account = {{0xac}};
        struct address target;
        struct liquidation out;
        bool receives;
        BUFFER calldata = {0};

        cr_assert(eq(int, (int)size(&out, market, rows[i].receive), LIQUIDATION_OK), "row %zu", i);
        assert_amount(&out.repay, HALF);
        assert_amount(&out.seize, SEIZED);
        cr_expect_eq(out.receives_token, rows[i].receives, "row %zu", i);
        protocol_at(market->protocol)->liquidation_call(&calldata, &target, market, &account, &out);
        cr_assert(abi_bool(&receives, bytes_slice(buffer_bytes(&calldata), 4, 5 * 32), 4));
        cr_expect_eq(receives, rows[i].receives, "row %zu", i);
        free(market);
    }
}

/* The pool asks that something is paid before it looks at what it has. */
Test(liquidity, is_not_what_is_missing_where_so_little_is_held_that_nothing_would_be_paid)
{
    static const uint32_t revisions[] = {1, 6, 10, 11};

    for (size_t i = 0; i < ARRAY_LENGTH(revisions); i++) {
        struct market *market = prepared(revisions[i], "124");
        struct held held;
        struct liquidation out;

        a_loan(&held, market, WETH, 5000000, USDC, 8200000000);
        held.leg[0].supplied = 490;
        cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_TOO_SMALL));
        free(market);
    }
}

/* Scaled down by its index one unit of a debt is less than one: from 3.5 that is floored to
 * nothing, before it is rounded to the nearest. ScaledBalanceTokenBase._burnScaled refuses to burn
 * nothing. */
Test(liquidity, is_not_asked_for_where_what_is_paid_would_burn_nothing)
{
    static const struct {
        uint32_t revision;
        const char *index;
        enum liquidation_error error;
    } rows[] = {{10, "1000000000000000000000000000", LIQUIDATION_OK},
                {10, "1000000000000000000000000001", LIQUIDATION_TOO_SMALL},
                {1, "1999999999999999999999999999", LIQUIDATION_OK},
                {1, "2000000000000000000000000000", LIQUIDATION_OK},
                {1, "2000000000000000000000000002", LIQUIDATION_TOO_SMALL},
                {6, "2000000000000000000000000002", LIQUIDATION_TOO_SMALL}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct market *market = a_pool(rows[i].revision);
        struct held held;
        struct liquidation out;

        market->reserve[USDC].debt_index.value = number(rows[i].index);
        cr_assert(protocol_at(market->protocol)->prepare(market, POOL_AT_S));
        a_loan(&held, market, WETH, 5000000, USDC, 8200000000);
        held.leg[0].supplied = 525000000; /* for which one unit is paid */
        cr_expect(eq(int, (int)size_of(&out, market, &held, &U256_MAX), (int)rows[i].error),
                  "row %zu", i);
        free(market);
    }
}

/* The same of the aToken, which from 3.5 is ceiled. */
Test(liquidity, is_not_asked_for_where_what_is_seized_would_burn_nothing)
{
    static const struct {
        uint32_t revision;
        const char *index;
        enum liquidation_error error;
    } rows[] = {{1, "2000000000000000000000000000", LIQUIDATION_OK},
                {1, "2000000000000000000000000002", LIQUIDATION_TOO_SMALL},
                {6, "2000000000000000000000000002", LIQUIDATION_TOO_SMALL}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct market *market = a_pool(rows[i].revision);
        const struct u256 cap =
            u256_of(400); /* as many millionths of a dollar as one unit of WBTC */
        struct held held;
        struct liquidation out;

        market->reserve[WBTC].collateral_index.value = number(rows[i].index);
        cr_assert(protocol_at(market->protocol)->prepare(market, POOL_AT_S));
        a_loan(&held, market, WBTC, 1000, USDC, 820000000);
        cr_expect(eq(int, (int)size_of(&out, market, &held, &cap), (int)rows[i].error), "row %zu",
                  i);
        free(market);
    }
}
