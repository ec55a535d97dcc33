/* Other prices over the same mirror. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/stress_told.h"
#include "tests/keeper/state_fixture.h"

static struct turn_state *state;
static struct stress stress;
static struct stress_shock shock;

static void begin(void)
{
    state = a_state();
    state->tracked[0].market.trust = MARKET_TRUSTED;
    shock = (struct stress_shock){.name = "WETH"};
}

static void end(void)
{
    stress_release(&stress);
    turn_free(state);
}

TestSuite(stress, .init = begin, .fini = end);

static const struct stress_sum *shocked(const char *text)
{
    char why[256];

    cr_assert(stress_shock_parse(&shock, why, text), "%s", why);
    cr_assert(stress_shock_find(&shock, why, state), "%s", why);
    stress_run(&stress, state, &shock, 1);
    return &stress.sum[0];
}

/* Whole units of base currency, which has eight decimals here. */
static uint64_t whole(const struct u256 *value)
{
    return (uint64_t)(u256_to_u128(value) / 100000000);
}

Test(stress, leaves_alone_who_stays_above_the_edge)
{
    an_account(state, 1, 1000, 1500); /* 1.0667 */
    cr_assert(eq(u64, shocked("WETH=-6.25%")->below, 0));
    cr_assert(eq(u64, shocked("WETH=-6.26%")->below, 1));
}

Test(stress, liquidates_whom_it_pushes_over_the_edge)
{
    const struct stress_sum *sum;

    an_account(state, 1, 1000, 1500);
    an_account(state, 2, 1000, 100);
    an_account(state, 3, 1000, 0);
    sum = shocked("WETH=-10%");
    cr_assert(eq(u64, sum->below, 1));
    cr_assert(eq(u64, sum->liquidations, 1), "%s", reason_text(stress.row[0].plan.reason));
    cr_assert(eq(u64, whole(&sum->debt), 1500));
    cr_assert(eq(u64, whole(&sum->collateral), 1800));
    cr_assert(u256_is_zero(&sum->bad_debt));
    cr_assert(eq(u64, sum->with_bad_debt, 0));
    cr_assert(gt(u64, whole(&sum->seized), whole(&sum->repaid)));
}

Test(stress, counts_as_bad_debt_what_no_collateral_covers)
{
    const struct stress_sum *sum;

    an_account(state, 1, 1000, 1500);
    an_account(state, 2, 1000, 1590);
    sum = shocked("WETH=-30%"); /* 1,400 each */
    cr_assert(eq(u64, sum->below, 2));
    cr_assert(eq(u64, sum->with_bad_debt, 2));
    cr_assert(eq(u64, whole(&sum->bad_debt), 290));
    cr_assert(eq(u64, whole(&stress.row[0].bad_debt), 190)); /* the largest debt first */
}

Test(stress, wants_no_inventory_and_no_gas_money)
{
    struct reserve *usdc = &state->tracked[0].market.reserve[USDC];

    usdc->held.value = usdc->allowed.value = state->gas_balance.value = U256_ZERO;
    an_account(state, 1, 1000, 1500);
    cr_assert(eq(u64, shocked("WETH=-10%")->liquidations, 1));
}

Test(stress, changes_nothing_but_its_own_copy)
{
    struct market before = state->tracked[0].market;

    an_account(state, 1, 1000, 1500);
    (void)shocked("WETH=-10%");
    cr_assert_eq(memcmp(&before, &state->tracked[0].market, sizeof(before)), 0);
}

Test(stress, moves_debt_as_well_as_collateral)
{
    an_account(state, 1, 1000, 1500);
    shock.name[0] = '\0';
    cr_assert(eq(u64, shocked("USDC=+10%")->below, 1));
    cr_assert(eq(u64, whole(&stress.row[0].plan.health.debt_value), 1650));
}

Test(stress, moves_the_price_of_a_category_with_its_asset)
{
    struct category *category = &state->tracked[0].market.category[3];

    category->price_source = state->tracked[0].market.reserve[WETH].asset;
    category->price = (struct price){PRICE_OK, u256_of(1000)};
    (void)shocked("WETH=-50%");
    cr_assert(eq(u64, stress.market->category[3].price.value.limb[0], 500));
}

Test(stress, says_nothing_of_a_market_between_two_blocks)
{
    an_account(state, 1, 1000, 1500);
    state->tracked[0].is_complete = false;
    cr_assert_not(shocked("WETH=-50%")->is_judged);
    cr_assert(eq(sz, stress.row_count, 0));
}

Test(stress, counts_whom_it_cannot_judge)
{
    an_account(state, 1, 1000, 1500);
    state->tracked[0].market.reserve[USDC].price.status = PRICE_MISSING;
    cr_assert(eq(u64, shocked("WETH=-50%")->unjudged, 1));
}

Test(stress, cuts_a_price_toward_zero_and_takes_nothing_for_no_price)
{
    struct price price = {PRICE_OK, u256_of(199)};

    stress_price(&price, -5000);
    cr_assert(eq(u64, price.value.limb[0], 99));
    price.value = u256_of(3);
    stress_price(&price, -9999);
    cr_assert(eq(int, (int)price.status, PRICE_MISSING));
    price = (struct price){PRICE_OK, U256_MAX};
    stress_price(&price, 1);
    cr_assert(eq(int, (int)price.status, PRICE_MISSING));
}

Test(stress_shock, reads_per_cents_of_two_places)
{
    static const struct {
        const char *text;
        int32_t bps;
        const char *shown;
    } rows[] = {{"WETH=-20%", -2000, "-20%"},
                {"WETH=+20%", 2000, "+20%"},
                {"WETH=20%", 2000, "+20%"},
                {"WETH=-12.5%", -1250, "-12.5%"},
                {"WETH=-0.05%", -5, "-0.05%"},
                {"WETH=-99.99%", -9999, "-99.99%"},
                {"WETH=+1000%", 100000, "+1000%"},
                {"WETH=0%", 0, "0%"},
                {"WETH=0", 0, "0%"}};
    struct stress_shock out;
    char why[256];

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        TEXT shown = {0};

        cr_assert(stress_shock_parse(&out, why, rows[i].text), "%s", why);
        cr_assert(eq(i32, out.bps, rows[i].bps), "%s", rows[i].text);
        stress_percent(&shown, out.bps);
        cr_assert_str_eq(text_string(&shown), rows[i].shown);
    }
}

Test(stress_shock, refuses_what_could_be_meant_in_two_ways)
{
    static const char *const texts[] = {
        "",           "WETH",         "WETH=",      "=-20%",          "WETH=-20",   "WETH=20",
        "WETH=-20%%", "WETH=-0.125%", "WETH=-100%", "WETH=+1000.01%", "WETH=--20%", "WETH=-20.%",
        "WETH=1e3%",  "WETH=-20% ",   "WETH= -20%", "WETH=9999999%",  "WETH=%"};
    struct stress_shock out;
    char why[256];

    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        why[0] = '\0';
        cr_assert_not(stress_shock_parse(&out, why, texts[i]), "%s", texts[i]);
        cr_assert_str_not_empty(why);
    }
}

Test(stress_shock, reads_a_range_from_low_to_high)
{
    struct stress_sweep out;
    char why[256];

    cr_assert(stress_sweep_parse(&out, why, "WETH=-60%..0"), "%s", why);
    cr_assert(eq(i32, out.from_bps, -6000));
    cr_assert(eq(i32, out.to_bps, 0));
    cr_assert(stress_sweep_parse(&out, why, "WETH=0..+12.5%"), "%s", why);
    cr_assert(eq(i32, out.to_bps, 1250));
    cr_assert(stress_sweep_parse(&out, why, "WETH=-0.5%..-0.25%"), "%s", why);
    cr_assert_str_eq(out.asset.name, "WETH");
}

Test(stress_shock, refuses_a_range_that_is_none)
{
    static const char *const texts[] = {
        "WETH",          "WETH=-60%",        "WETH=-60..0", "WETH=0..-60%",
        "WETH=0..0",     "WETH=-60%..",      "WETH=-60%.0", "WETH=-60%..5",
        "WETH=-100%..0", "WETH=-60%..2000%", "=..",         "WETH=-60%..0%x"};
    struct stress_sweep out;
    char why[256];

    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        cr_assert_not(stress_sweep_parse(&out, why, texts[i]), "%s", texts[i]);
}

static bool finds(const char *name, char why[256])
{
    shock = (struct stress_shock){0};
    strcpy(shock.name, name);
    return stress_shock_find(&shock, why, state);
}

Test(stress_shock, is_found_by_symbol_or_by_address, .init = begin, .fini = end)
{
    char address[ADDRESS_TEXT_SIZE];
    char why[256];

    cr_assert(finds("USDC", why));
    cr_assert(address_is_equal(&shock.asset, &state->tracked[0].market.reserve[USDC].asset));
    address_format(address, &state->tracked[0].market.reserve[WETH].asset);
    cr_assert(finds(address, why), "%s", why);
    cr_assert(address_is_equal(&shock.asset, &state->tracked[0].market.reserve[WETH].asset));
}

Test(stress_shock, is_refused_where_no_market_has_the_asset, .init = begin, .fini = end)
{
    char why[256];

    cr_assert_not(finds("weth", why));
    cr_assert_not_null(strstr(why, "there are WETH USDC"), "%s", why);
    cr_assert_not(finds("0x70997970c51812dc3a010c7d01b50e0d17dc79c8", why));
    cr_assert_not_null(strstr(why, "no asset"), "%s", why);
    cr_assert_not(finds("0x7099", why));
    cr_assert_not_null(strstr(why, "no address"), "%s", why);
}

Test(stress_shock, is_refused_where_a_symbol_stands_for_two_assets, .init = begin, .fini = end)
{
    char why[256];

    strcpy(state->tracked[0].market.reserve[USDC].symbol, "WETH");
    cr_assert_not(finds("WETH", why));
    cr_assert_not_null(strstr(why, "more than one asset; write the address: 0x"), "%s", why);
}

/* ---- told */

static void tell(struct stress_told *told, const char *shock_text, const char *sweep_text)
{
    char why[256];

    told->state = state;
    if (shock_text != NULL) {
        told->shock_count = 1;
        cr_assert(stress_shock_parse(&told->shock[0], why, shock_text));
        cr_assert(stress_shock_find(&told->shock[0], why, state));
    }
    if (sweep_text != NULL) {
        told->has_sweep = true;
        cr_assert(stress_sweep_parse(&told->sweep, why, sweep_text));
        cr_assert(stress_shock_find(&told->sweep.asset, why, state));
    }
    stress_told_fill(told);
}

static char *printed(void (*print)(FILE *, const struct stress_told *),
                     const struct stress_told *told)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    print(out, told);
    fclose(out);
    return text;
}

Test(stress_told, goes_from_one_end_to_the_other_in_thirteen_steps, .init = begin, .fini = end)
{
    struct stress_told *told = calloc(1, sizeof(*told));
    char *text;

    an_account(state, 1, 1000, 1500);
    tell(told, NULL, "WETH=-60%..0");
    cr_assert(eq(u32, told->step_count, 13));
    cr_assert(eq(i32, told->step[0].bps, -6000));
    cr_assert(eq(i32, told->step[1].bps, -5500));
    cr_assert(eq(i32, told->step[12].bps, 0));
    cr_assert(eq(u64, whole(&told->step[0].sum[0].bad_debt), 700));
    cr_assert(eq(u64, told->step[12].sum[0].below, 0));
    text = printed(stress_print, told);
    cr_assert_not_null(strstr(text, "WETH -60%    800.00         1"), "%s", text);
    cr_assert_not_null(strstr(text, "WETH 0%    2,000.00         0"), "%s", text);
    free(text);
    stress_told_release(told);
    free(told);
}

Test(stress_told, takes_fewer_steps_where_there_are_no_more_between, .init = begin, .fini = end)
{
    struct stress_told *told = calloc(1, sizeof(*told));

    tell(told, NULL, "WETH=-0.03%..0");
    cr_assert(eq(u32, told->step_count, 4));
    stress_told_release(told);
    free(told);
}

Test(stress_told, shows_who_would_be_liquidated_and_what_it_comes_to, .init = begin, .fini = end)
{
    struct stress_told *told = calloc(1, sizeof(*told));
    char *text;

    an_account(state, 1, 1000, 1500);
    tell(told, "WETH=-30%", NULL);
    text = printed(stress_print, told);
    cr_assert_not_null(strstr(text, "market main at block 77"), "%s", text);
    cr_assert_not_null(strstr(text, "0x0101010101010101010101010101010101010101"), "%s", text);
    cr_assert_not_null(strstr(text, "100.00"), "%s", text);
    free(text);
    text = printed(stress_json, told);
    cr_assert_not_null(strstr(text, "{\"event\":\"candidate\",\"block\":77,"), "%s", text);
    cr_assert_not_null(strstr(text, "\"change\":\"-30%\"}]"), "%s", text);
    cr_assert_not_null(strstr(text, "\"bad_debt_value\":\"10000000000\""), "%s", text);
    cr_assert_not_null(strstr(text, "\"judged\":true,\"accounts\":1,"), "%s", text);
    free(text);
    stress_told_release(told);
    free(told);
}
