/* The operator's limits on money, with the daemon whole: what is over one does not leave it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

TestSuite(engine_limits, .timeout = 120);

static struct house house; /* callbacks of engine_run have no context */
static struct chain *chain;

static void begin(bool is_live)
{
    chain = chain_of(recording_or_skip());
    house_make(&house, chain);
    if (is_live)
        house_go_live(&house);
    house_serve(&house);
}

static void run(bool is_live, bool (*until)(const struct turn_state *state))
{
    struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = is_live};

    chain_walk(chain, 2);
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, until), EXIT_DONE), "%s", engine_why(house.engine));
}

static void end(void)
{
    house_end(&house);
    house_remove(&house);
    chain_free(chain);
}

static bool at_the_end(const struct turn_state *state)
{
    return state->is_ready && state->header.number == chain_number(chain, chain_blocks(chain) - 1);
}

static unsigned sendings(void)
{
    unsigned kinds[CHAIN_KINDS];

    chain_count(chain, kinds);
    return kinds[CHAIN_SEND];
}

static uint64_t decided(const struct turn_state *state, enum verdict verdict, enum reason reason)
{
    return state->counters.decisions[0][verdict][reason];
}

static void dry_run_with(const char *old, const char *fresh)
{
    begin(false);
    house_configure(&house, old, fresh);
    run(false, at_the_end);
}

Test(engine_limits, a_fee_over_its_ceiling_is_not_offered)
{
    begin(false);
    house_configure(&house, "\"priority_fee_per_gas\": \"1000000000 wei\"",
                    "\"priority_fee_per_gas\": \"1 wei\"");
    house_configure(&house, "\"fee_per_gas_max\": \"400000000000 wei\"",
                    "\"fee_per_gas_max\": \"2 wei\"");
    run(false, at_the_end);
    const struct turn_state *state = engine_state(house.engine);
    cr_assert(decided(state, VERDICT_SKIP, REASON_LIMIT) > 0);
    cr_assert(eq(u64, decided(state, VERDICT_LIQUIDATE, REASON_PROFITABLE), 0));
    cr_assert(eq(uint, house_lines_of(&house, "breaker=fee_ceiling why=\""), 1));
    cr_assert(eq(uint, house_events_of(&house, "fee_ceiling", "open"), 1));
    end();
}

Test(engine_limits, a_profit_under_its_floor_is_left_alone)
{
    dry_run_with("\"profit_min\": \"0 wei\"", "\"profit_min\": \"1000000 ether\"");
    const struct turn_state *state = engine_state(house.engine);
    cr_assert(decided(state, VERDICT_SKIP, REASON_UNPROFITABLE) > 0);
    cr_assert(eq(u64, decided(state, VERDICT_LIQUIDATE, REASON_PROFITABLE), 0));
    end();
}

Test(engine_limits, gas_over_the_days_budget_is_not_spent)
{
    dry_run_with("\"gas_per_day_max\": \"50000000000000000000 wei\"",
                 "\"gas_per_day_max\": \"1 wei\"");
    const struct turn_state *state = engine_state(house.engine);
    cr_assert(state->gate.refused[GATE_GAS_PER_DAY] > 0);
    cr_assert(decided(state, VERDICT_SKIP, REASON_LIMIT) > 0);
    cr_assert(eq(u64, decided(state, VERDICT_LIQUIDATE, REASON_PROFITABLE), 0));
    end();
}

static bool never_more_than_one(const struct turn_state *state)
{
    cr_assert(le(uint, fleet_live(&state->fleet), 1));
    return at_the_end(state);
}

Test(engine_limits, no_more_is_in_flight_than_allowed)
{
    begin(true);
    char old[64];
    snprintf(old, sizeof(old), "\"in_flight_max\": %u",
             chain_config(chain)->settings.limits.in_flight_max);
    house_configure(&house, old, "\"in_flight_max\": 1");
    run(true, never_more_than_one);
    const struct turn_state *state = engine_state(house.engine);
    cr_assert(sendings() > 0);
    cr_assert(decided(state, VERDICT_SKIP, REASON_LIMIT) > 0);
    end();
}

static bool never_two_of_one_account(const struct turn_state *state)
{
    const struct flight *flights = state->fleet.flight;

    for (uint32_t i = 0; i < FLIGHTS_MAX; i++) {
        for (uint32_t k = 0; k < i && flight_is_live(&flights[i]); k++)
            cr_assert(not(flight_is_live(&flights[k]) && flights[k].market == flights[i].market &&
                          address_is_equal(&flights[k].account, &flights[i].account)));
    }
    return at_the_end(state);
}

Test(engine_limits, one_account_has_one_transaction_at_a_time)
{
    begin(true);
    chain_mine(chain);
    run(true, never_two_of_one_account);
    const struct turn_state *state = engine_state(house.engine);
    cr_assert(sendings() > 0);
    cr_assert(decided(state, VERDICT_SKIP, REASON_IN_FLIGHT) > 0);
    end();
}
