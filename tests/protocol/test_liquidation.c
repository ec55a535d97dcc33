/* How much may be liquidated, and the call that says so. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/abi.h"
#include "tests/protocol/a_pool.h"

static struct market *prepared(uint32_t revision)
{
    struct market *market = a_pool(revision);

    cr_assert(protocol_at(market->protocol)->prepare(market, POOL_AT_S));
    return market;
}

static void assert_amount(const struct token_amount *is, const char *should)
{
    char text[U256_TEXT_SIZE];

    u256_format(text, &is->value);
    cr_expect(eq(str, text, (char *)should));
}

static bool is_all(const struct token_amount *amount)
{
    return u256_is_equal(&amount->value, &U256_MAX);
}

Test(liquidation, half_of_the_debt_above_0_95_to_3_2)
{
    struct market *market = prepared(6);
    struct held held;
    struct liquidation out;

    a_loan(&held, market, WETH, 5000000, USDC, 8200000000); /* health 0.9756 */
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.repay, "4100000000");
    assert_amount(&out.repay_argument, "4100000000");
    assert_amount(&out.repay_max, "4100000000");
    assert_amount(&out.seize, "2152500000000000000"); /* 4100 / 2000 × 1.05 */
    cr_expect(not(out.is_whole));
    free(market);
}

Test(liquidation, all_of_the_debt_at_0_95_to_3_2)
{
    struct market *market = prepared(1);
    struct held held;
    struct liquidation out;

    a_loan(&held, market, WETH, 4750000, USDC, 8000000000); /* health 0.95 */
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.repay, "8000000000");
    cr_expect(is_all(&out.repay_argument));
    cr_expect(out.is_whole);
    free(market);
}

Test(liquidation, the_whole_of_a_growing_debt_reserves_what_it_is_at_the_deadline)
{
    struct market *market = a_pool(10);
    struct held held;
    struct liquidation out;

    market->reserve[USDC].debt_rate.value = u256_ten_to(27); /* 100 % a year */
    cr_assert(protocol_at(market->protocol)->prepare(market, POOL_AT_S));
    a_loan(&held, market, WETH, 4000000, USDC, 7000000000); /* health 0.914 */
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.repay, "7000000000");
    assert_amount(&out.repay_max, "7000013319"); /* × e^(60 s / year), rounded up */
    cr_expect(is_all(&out.repay_argument));
    /* a cap between the two cannot promise to close whole: a part is said, with enough left */
    struct u256 cap = u256_of(7000000001);
    cr_assert(eq(int, (int)size_of(&out, market, &held, &cap), LIQUIDATION_OK));
    cr_expect(not(is_all(&out.repay_argument)));
    assert_amount(&out.repay, "5980000000"); /* all but 1020 */
    free(market);
}

Test(liquidation, half_of_all_debts_above_0_95_from_3_3)
{
    struct market *market = prepared(10);
    struct held held;
    struct liquidation out;

    a_loan(&held, market, WETH, 5000000, USDC, 8200000000);
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.repay, "4100000000");
    /* a second debt of the same size: half of all is all of this one */
    const struct leg other = {
        .owed = micro(market, WBTC, 20000), .reserve = WBTC, .flags = LEG_DEBT};
    a_loan(&held, market, WETH, 5000000, USDC, 7390000000);
    held_add(&held, &other); /* 800 */
    const struct health health = health_of(market, &held.position);
    const struct liquidation_request request = {.debt = USDC,
                                                .collateral = WETH,
                                                .cap = {U256_MAX},
                                                .timestamp_s = POOL_AT_S,
                                                .deadline_s = POOL_AT_S};
    cr_assert(eq(int,
                 (int)protocol_at(market->protocol)
                     ->liquidation(&out, market, &held.position, &health, &request),
                 LIQUIDATION_OK));
    assert_amount(&out.repay, "4095000000");
    free(market);
}

Test(liquidation, a_small_pair_goes_whole_from_3_3)
{
    struct market *market = prepared(7);
    struct held held;
    struct liquidation out;

    a_loan(&held, market, WETH, 1150000, USDC, 1900000000); /* health 0.968, debt 1900 */
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.repay, "1900000000");
    cr_expect(is_all(&out.repay_argument));
    cr_expect(out.is_whole);
    market->revision = 6; /* before, half */
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.repay, "950000000");
    free(market);
}

Test(liquidation, a_pair_just_above_the_threshold_leaves_enough_of_both)
{
    struct market *market = prepared(10);
    struct held held;
    struct liquidation out;

    /* 2400 of collateral, 2000 of debt, health 0.96: half would leave 2400 − 1050 = 1350: fine.
     * 2100 of collateral against 2000 at a threshold of 92 %: half would leave 1050. */
    market->reserve[WETH].threshold_bps = 9200;
    a_loan(&held, market, WETH, 1050000, USDC, 2000000000);
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    /* kept of the collateral: 1000 and a fiftieth of 2100; paid: the rest / 1.05, and 1020 of debt
     */
    assert_amount(&out.repay, "980000000");
    cr_expect(not(out.is_whole));
    free(market);
}

Test(liquidation, collateral_that_does_not_reach_goes_whole_for_less)
{
    struct market *market = prepared(10);
    struct held held;
    struct liquidation out;

    a_loan(&held, market, WETH, 1000000, USDC, 8000000000);
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.seize, "1000000000000000000");
    assert_amount(&out.repay, "1904761905"); /* 2000 / 1.05, rounded up */
    /* an eighth more, should the price rise, and two units for what the pool's divisions lose */
    assert_amount(&out.repay_argument, "2142857145");
    assert_amount(&out.repay_max, "2142857145");
    cr_expect(not(out.is_whole));
    market->revision = 8; /* to 3.4 rounded to the nearest */
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.repay, "1904761905");
    free(market);
}

/* found against the contract: three units bought all but a little, which was dust */
Test(liquidation, collateral_worth_a_few_units_of_the_debt_goes_whole_too)
{
    struct market *market = prepared(10);
    struct held held;
    struct liquidation out;

    market->reserve[WETH].price.value = U256_ONE;
    a_loan(&held, market, WETH, 317516003, USDC, 322254543);
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.repay, "3");
    assert_amount(&out.seize, "317516003000000000000");
    free(market);
}

Test(liquidation, the_protocols_fee_comes_out_of_the_bonus)
{
    struct market *market = prepared(10);
    struct held held;
    struct liquidation out;

    market->reserve[WETH].protocol_fee_bps = 1000;
    a_loan(&held, market, WETH, 5000000, USDC, 8200000000);
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.protocol_fee, "10250000000000000"); /* a tenth of 0.1025 */
    assert_amount(&out.seize, "2142250000000000000");
    free(market);
}

Test(liquidation, a_category_lends_its_bonus)
{
    struct market *market = prepared(10);
    struct held held;
    struct liquidation out;

    market->category[3] = (struct category){.is_used = true,
                                            .threshold_bps = 8000,
                                            .bonus_bps = 10100,
                                            .collateral_bitmap = {{1u << WETH}}};
    a_loan(&held, market, WETH, 5000000, USDC, 8200000000);
    held.position.category = 3;
    cr_assert(eq(int, (int)size_of(&out, market, &held, &U256_MAX), LIQUIDATION_OK));
    assert_amount(&out.seize, "2070500000000000000"); /* 4100 / 2000 × 1.01 */
    free(market);
}

Test(liquidation, a_cap_makes_it_a_part)
{
    struct market *market = prepared(10);
    struct held held;
    struct liquidation out;
    const struct u256 cap = u256_of(1000000000);

    a_loan(&held, market, WETH, 5000000, USDC, 8200000000);
    cr_assert(eq(int, (int)size_of(&out, market, &held, &cap), LIQUIDATION_OK));
    assert_amount(&out.repay, "1000000000");
    assert_amount(&out.repay_argument, "1000000000");
    assert_amount(&out.repay_max, "1000000000");
    assert_amount(&out.seize, "525000000000000000");
    free(market);
}

Test(liquidation, the_call_says_what_was_sized)
{
    struct market *market = prepared(10);
    const struct protocol *protocol = protocol_at(market->protocol);
    const struct liquidation liquidation = {
        .debt = USDC, .collateral = WETH, .repay_argument = {u256_of(77)}};
    const struct address account = {{0xac}};
    struct address target;
    struct address word;
    struct u256 amount;
    bool receives;
    BUFFER calldata = {0};

    protocol->liquidation_call(&calldata, &target, market, &account, &liquidation);
    cr_assert(eq(sz, calldata.size, 4 + 5 * 32));
    cr_expect(address_is_equal(&target, &market->pool));
    struct bytes words = bytes_slice(buffer_bytes(&calldata), 4, 5 * 32);
    cr_assert(abi_address(&word, words, 0));
    cr_expect(address_is_equal(&word, &market->reserve[WETH].asset));
    cr_assert(abi_address(&word, words, 1));
    cr_expect(address_is_equal(&word, &market->reserve[USDC].asset));
    cr_assert(abi_address(&word, words, 2));
    cr_expect(address_is_equal(&word, &account));
    cr_assert(abi_u256(&amount, words, 3));
    cr_expect(u256_is_equal(&amount, &liquidation.repay_argument.value));
    cr_assert(abi_bool(&receives, words, 4));
    cr_expect(not(receives));
    free(market);
}

Test(liquidation, more_assets_need_more_gas)
{
    struct market *market = prepared(10);
    const struct protocol *protocol = protocol_at(market->protocol);
    struct position few = {.leg_count = 2};
    struct position many = {.leg_count = 9};

    /* measured: 334 k to 435 k with two assets, 446 k to 556 k with five */
    cr_expect(ge(u64, protocol->gas_expected(market, &few), 435000));
    cr_expect(gt(u64, protocol->gas_expected(market, &many), protocol->gas_expected(market, &few)));
    cr_expect(gt(u64, protocol->gas_limit(market, &few), 612000));
    free(market);
}
