/* One position, for programs and for people. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/explain.h"
#include "tests/keeper/state_fixture.h"

static struct turn_state *state;

static void begin(void)
{
    state = a_state();
}

static void end(void)
{
    turn_free(state);
}

TestSuite(judged, .init = begin, .fini = end);
TestSuite(explain, .init = begin, .fini = end);

static void judge(struct judged *out, uint32_t slot)
{
    judged_of(out, &state->tracked[0], slot);
}

static void says(const struct text *text, const char *words)
{
    cr_assert_not_null(strstr(text_string(text), words), "no %s in %s", words, text_string(text));
}

Test(judged, is_liquidatable_below_the_edge_only)
{
    struct judged judged;
    judge(&judged, an_account(state, 1, 1000, 1600));
    cr_assert_not(judged_is_liquidatable(&judged));
    judge(&judged, an_account(state, 2, 1000, 1601));
    cr_assert(judged_is_liquidatable(&judged));
}

Test(judged, is_not_liquidatable_with_nothing_to_seize)
{
    struct judged judged;
    judge(&judged, an_account(state, 1, 0, 5));
    cr_assert(judged_owes(&judged));
    cr_assert_not(judged_is_liquidatable(&judged));
}

Test(judged, owes_nothing_without_a_debt)
{
    struct judged judged;
    judge(&judged, an_account(state, 1, 1000, 0));
    cr_assert_not(judged_owes(&judged));
}

Test(judged, shows_legs_that_add_up_to_its_health)
{
    struct judged_leg weth;
    struct judged_leg usdc;
    struct judged judged;
    judge(&judged, an_account(state, 1, 1500, 1000));
    judged_leg_of(&weth, &judged, 0);
    judged_leg_of(&usdc, &judged, 1);
    cr_assert(weth.has_value && usdc.has_value);
    cr_assert(u256_is_equal(&weth.collateral_value, &judged.health.collateral_value));
    cr_assert(u256_is_equal(&usdc.debt_value, &judged.health.debt_value));
    cr_assert(eq(u32, weth.threshold_bps, 8000));
    cr_assert(u256_is_zero(&weth.debt_value) && u256_is_zero(&usdc.collateral_value));
}

Test(judged, prints_every_field_of_the_surface)
{
    static const char *const words[] = {
        "{\"market\":\"main\"",
        "\"account\":\"0x1111111111111111111111111111111111111111\"",
        "\"block\":77,\"block_hash\":\"0x0000",
        "\"health_wad\":\"999375390381011868\"",
        "\"collateral_value\":\"200000000000\"",
        "\"debt_value\":\"160100000000\"",
        "\"value_unit\":\"100000000\"",
        "\"liquidatable\":true",
        "\"symbol\":\"WETH\",\"decimals\":18,"
        "\"supplied\":\"1000000000000000000\",\"owed\":\"0\","
        "\"collateral\":true,\"price\":\"200000000000\"",
        "\"owed\":\"1601000000\",\"collateral\":false"};
    struct judged judged;
    TEXT json = {0};
    judge(&judged, an_account(state, 0x11, 1000, 1601));
    judged_json(&json, &judged);
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        says(&json, words[i]);
}

Test(judged, says_why_where_it_cannot_be_judged)
{
    struct judged judged;
    TEXT json = {0};
    state->tracked[0].market.reserve[WETH].price.status = PRICE_MISSING;
    judge(&judged, an_account(state, 1, 1000, 1601));
    judged_json(&json, &judged);
    says(&json, "\"health_wad\":null,\"collateral_value\":null,\"debt_value\":null,\"error\":\"");
    says(&json, "\"liquidatable\":false");
    says(&json, "\"price\":null");
}

static struct explanation *explained(uint32_t slot)
{
    struct explanation *out = malloc(sizeof(*out));
    state->gas_balance.value = u256_ten_to(20);
    explain(out, state, &state->tracked[0], slot);
    return out;
}

static void hold_usdc(uint64_t whole)
{
    struct reserve *usdc = &state->tracked[0].market.reserve[USDC];
    usdc->held.value = u256_of(whole * 1000000);
    usdc->allowed.value = U256_MAX;
}

Test(explain, gives_the_pair_that_the_daemon_would_choose)
{
    hold_usdc(1000000);
    struct explanation *it = explained(an_account(state, 1, 10000, 16500));
    cr_assert(eq(u32, it->pair_count, 1));
    cr_assert(it->pair[0].is_funded);
    cr_assert_eq(it->plan.verdict, VERDICT_LIQUIDATE);
    cr_assert(u256_is_equal(&it->pair[0].net.value, &it->plan.net.value));
    cr_assert(u256_is_equal(&it->pair[0].gross.value, &it->plan.gross.value));
    free(it);
}

Test(explain, sizes_a_pair_that_we_cannot_pay_and_says_so)
{
    hold_usdc(0);
    struct explanation *it = explained(an_account(state, 1, 10000, 16500));
    cr_assert_eq(it->pair[0].error, LIQUIDATION_OK);
    cr_assert_not(it->pair[0].is_funded);
    cr_assert_eq(it->plan.verdict, VERDICT_SKIP);
    cr_assert_eq(it->plan.reason, REASON_NO_FUNDS);
    free(it);
}

Test(explain, calls_a_healthy_account_healthy)
{
    struct explanation *it = explained(an_account(state, 1, 10000, 15000));
    TEXT json = {0};
    explain_json(&json, it);
    says(&json, "\"verdict\":\"skip\",\"reason\":\"healthy\"}\n");
    free(it);
}

Test(explain, names_the_reason_where_health_is_not_known)
{
    state->tracked[0].market.reserve[WETH].price.status = PRICE_MISSING;
    struct explanation *it = explained(an_account(state, 1, 10000, 15000));
    TEXT json = {0};
    explain_json(&json, it);
    says(&json, "\"pairs\":[],\"verdict\":\"skip\",\"reason\":\"no_price\"}\n");
    free(it);
}

Test(explain, prints_the_sums_line_by_line)
{
    static const char *const words[] = {"What it holds and owes",
                                        "0.969696969696969697 = 20,000.00", "USDC → WETH",
                                        "8,250.000000 USDC", "liquidate: profitable"};
    char *page = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&page, &size);
    hold_usdc(1000000);
    struct explanation *it = explained(an_account(state, 1, 10000, 16500));
    explain_print(out, it);
    fclose(out);
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        cr_expect_not_null(strstr(page, words[i]), "no %s in\n%s", words[i], page);
    free(page);
    free(it);
}
