/* What an operator sees of a state. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/engine.h"
#include "tests/keeper/config_fixture.h"
#include "tests/keeper/state_fixture.h"

static struct turn_state *state;
static struct view *view;
static struct config config;
static struct engine_facts facts;

static void begin(void)
{
    config_of(&config, config_sound);
    state = a_state();
    view = calloc(1, sizeof(*view));
    facts = (struct engine_facts){.now_ms = state->now_ms, .last_turn_ms = state->now_ms - 40};
}

static void end(void)
{
    turn_free(state);
    free(view);
}

TestSuite(engine_view, .init = begin, .fini = end);
TestSuite(engine_metrics, .init = begin, .fini = end);

static void look(void)
{
    engine_view(view, state, &config, &facts);
    engine_view_edge(view, state);
}

static const struct view_breaker *breaker(const char *name)
{
    for (uint32_t i = 0; i < view->breaker_count; i++)
        if (strcmp(view->breaker[i].name, name) == 0)
            return &view->breaker[i];
    cr_fatal("no breaker %s", name);
}

Test(engine_view, shows_head_and_mode)
{
    look();
    cr_assert_str_eq(view->mode, "live");
    cr_assert(eq(u64, view->head_block, 77));
    cr_assert(eq(i64, view->head_age_ms, 2500));
    cr_assert(view->ready && view->live);
    cr_assert_str_eq(view->market[0].name, "main");
    cr_assert_str_eq(view->market[0].protocol, "aave-v3");
}

Test(engine_view, gives_a_head_from_the_future_no_age)
{
    facts.now_ms = 1000;
    look();
    cr_assert(eq(i64, view->head_age_ms, 0));
}

Test(engine_view, says_why_it_is_not_ready)
{
    strcpy(state->not_ready, "reading positions");
    state->is_ready = false;
    look();
    cr_assert_not(view->ready);
    cr_assert_str_eq(view->ready_why, "reading positions");
}

Test(engine_view, is_not_live_where_turns_have_stopped)
{
    facts.last_turn_ms = facts.now_ms - 60000;
    look();
    cr_assert_not(view->live);
}

Test(engine_view, shows_why_a_market_is_read_only)
{
    state->tracked[0].market.trust = MARKET_FAILED_PARITY;
    strcpy(state->tracked[0].why, "3 of 32 accounts differ");
    look();
    cr_assert(view->market[0].read_only);
    cr_assert_str_eq(view->market[0].why, "3 of 32 accounts differ");
}

Test(engine_view, lists_the_nearest_first)
{
    an_account(state, 1, 1000, 1000);
    an_account(state, 2, 1000, 1590);
    an_account(state, 3, 1000, 1650);
    an_account(state, 4, 1000, 0);
    look();
    cr_assert(eq(u32, view->edge_count, 3));
    cr_assert_str_eq(view->edge[0].account, "0x0303030303030303030303030303030303030303");
    cr_assert_str_eq(view->edge[0].health, "0.969696");
    cr_assert_str_eq(view->edge[0].debt, "1650.00");
    cr_assert_str_eq(view->edge[2].account, "0x0101010101010101010101010101010101010101");
}

Test(engine_view, leaves_out_debt_that_nothing_stands_behind)
{
    an_account(state, 1, 0, 1000);
    an_account(state, 2, 1000, 1000);
    look();
    cr_assert(eq(u32, view->edge_count, 1));
    cr_assert(eq(u64, view->drop[0].accounts, 0));
}

Test(engine_view, keeps_the_nearest_where_there_are_more_than_it_shows)
{
    for (uint8_t i = 1; i <= VIEW_EDGE_MAX + 20; i++)
        an_account(state, i, 1000, 1000 + i);
    look();
    cr_assert(eq(u32, view->edge_count, VIEW_EDGE_MAX));
    cr_assert_str_eq(view->edge[0].debt, "1070.00");
    cr_assert_str_eq(view->edge[VIEW_EDGE_MAX - 1].debt, "1021.00");
}

Test(engine_view, counts_whom_a_drop_would_push_over_the_edge)
{
    an_account(state, 1, 1000, 1500); /* over at −6.25 % */
    an_account(state, 2, 1000, 1200); /* over at −25 % */
    look();
    cr_assert(eq(u32, view->drop_count, 12));
    cr_assert(eq(u32, view->drop[0].percent, 5));
    cr_assert(eq(u64, view->drop[0].accounts, 0));
    cr_assert(eq(u64, view->drop[1].accounts, 1));
    cr_assert_str_eq(view->drop[1].debt, "1500");
    cr_assert(eq(u32, view->drop[5].percent, 30));
    cr_assert(eq(u64, view->drop[5].accounts, 2));
    cr_assert_str_eq(view->drop[5].debt, "2700");
}

Test(engine_view, moves_no_price_that_stands_at_one)
{
    struct market *market = &state->tracked[0].market;
    market->reserve[WETH].price.value = u256_of(99000000); /* 0.99 of a dollar */
    an_account(state, 1, 100000, 78);
    look();
    cr_assert(eq(u64, view->drop[11].accounts, 0));
}

Test(engine_view, shows_nothing_of_a_market_between_two_blocks)
{
    an_account(state, 1, 1000, 1500);
    state->tracked[0].is_complete = false;
    look();
    cr_assert(eq(u32, view->edge_count, 0));
}

Test(engine_view, shows_flights_that_are_under_way_only)
{
    struct address to = address_named(9);
    fleet_set_nonce(&state->fleet, 5);
    struct flight *flight = fleet_draft(&state->fleet, &to, bytes_of_text("x"), facts.now_ms - 70);
    flight->account = address_named(1);
    look();
    cr_assert(eq(u32, view->flight_count, 1));
    cr_assert(eq(u64, view->flight[0].nonce, 5));
    cr_assert_str_eq(view->flight[0].state, "drafted");
    cr_assert(eq(u64, view->flight[0].age_ms, 70));
    cr_assert_str_eq(view->flight[0].hash, "");
    cr_assert(eq(u32, view->in_flight, 1));
}

Test(engine_view, shows_the_newest_decisions_first)
{
    for (uint64_t i = 0; i < RECENT_MAX + 3; i++)
        state->recent[state->recent_count++ % RECENT_MAX] =
            (struct recent){.block = i,
                            .verdict = VERDICT_SKIP,
                            .reason = REASON_NO_FUNDS,
                            .net_is_loss = true,
                            .net = {u256_of(i)}};
    look();
    cr_assert(eq(u32, view->decision_count, RECENT_MAX));
    cr_assert(eq(u64, view->decision[0].block, RECENT_MAX + 2));
    cr_assert(eq(u64, view->decision[RECENT_MAX - 1].block, 3));
    cr_assert_str_eq(view->decision[0].net, "-52");
    cr_assert_str_eq(view->decision[0].reason, "no_funds");
}

Test(engine_view, shows_a_total_loss_with_its_sign)
{
    state->counters.profit_realised.value = u256_of(5);
    state->counters.loss_realised.value = u256_of(12);
    look();
    cr_assert_str_eq(view->profit_total, "-7");
}

Test(engine_view, opens_each_breaker_as_the_gate_would)
{
    look();
    cr_assert_not(breaker("kill")->open);
    cr_assert_not(breaker("fee_ceiling")->open);
    cr_assert_not(breaker("gas_per_day")->open);
    cr_assert_not(breaker("loss_per_day")->open);
    state->gate.breakers.is_killed = true;
    state->header.base_fee.value = u256_ten_to(15);
    state->gate.day.gas_spent = state->settings.limits.gas_per_day_max;
    state->gate.day.loss = state->settings.limits.loss_per_day_max;
    look();
    cr_assert(breaker("kill")->open);
    cr_assert(breaker("fee_ceiling")->open);
    cr_assert(breaker("gas_per_day")->open);
    cr_assert(breaker("loss_per_day")->open);
    cr_assert_str_not_empty(breaker("kill")->closes);
}

Test(engine_metrics, follow_the_state)
{
    struct metrics *metrics = metrics_new();
    an_account(state, 1, 1000, 1500);
    state->counters.decisions[0][VERDICT_SKIP][REASON_NO_PRICE] = 3;
    state->counters.gas_spent.value = u256_ten_to(17);
    engine_metrics(metrics, state);
    cr_assert(epsilon_eq(dbl, metrics_get(metrics, "head_block", NULL), 77, 0));
    cr_assert(epsilon_eq(dbl, metrics_get(metrics, "head_lag_seconds", NULL), 2.5, 1e-9));
    cr_assert(epsilon_eq(dbl, metrics_get(metrics, "positions", "market=\"main\""), 1, 0));
    cr_assert(epsilon_eq(dbl,
                         metrics_get(metrics, "decisions_total",
                                     "market=\"main\",verdict=\"skip\",reason=\"no_price\""),
                         3, 0));
    cr_assert(epsilon_eq(dbl, metrics_get(metrics, "gas_spent_ether_total", NULL), 0.1, 1e-9));
    cr_assert(epsilon_eq(dbl, metrics_get(metrics, "breaker_open", "breaker=\"kill\""), 0, 0));
    metrics_free(metrics);
}

Test(engine_metrics, tell_how_long_a_transaction_has_been_under_way)
{
    const struct address to = {{0}};
    struct metrics *metrics = metrics_new();
    struct flight *flight;

    engine_metrics(metrics, state);
    cr_assert(epsilon_eq(dbl, metrics_get(metrics, "oldest_flight_seconds", NULL), 0, 0));
    fleet_set_nonce(&state->fleet, 5);
    cr_assert_not_null(fleet_draft(&state->fleet, &to, bytes_of(NULL, 0), state->now_ms - 2500));
    flight = fleet_draft(&state->fleet, &to, bytes_of(NULL, 0), state->now_ms - 61000);
    cr_assert_not_null(flight);
    engine_metrics(metrics, state);
    cr_assert(epsilon_eq(dbl, metrics_get(metrics, "oldest_flight_seconds", NULL), 61, 1e-9));
    flight->state = FLIGHT_FREE;
    engine_metrics(metrics, state);
    cr_assert(epsilon_eq(dbl, metrics_get(metrics, "oldest_flight_seconds", NULL), 2.5, 1e-9));
    metrics_free(metrics);
}

Test(engine_metrics, set_no_series_for_reasons_that_never_came_up)
{
    struct metrics *metrics = metrics_new();
    TEXT page = {0};
    engine_metrics(metrics, state);
    metrics_render(&page, metrics);
    cr_assert_null(strstr(text_string(&page), "plimsoll_decisions_total{"));
    metrics_free(metrics);
}
