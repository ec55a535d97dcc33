/* Every limit is shown to bite, at its edge, and to let pass what is within. */
#include "turn/gate.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/submit/fleets.h"

#define DAY_MS 86400000ll
#define NOW_MS (20000ll * DAY_MS + 5000)

/* One flight of 100,000 gas at 10 gwei: a ceiling of 0.001 ether. */
#define CEILING 1000000000000000u

static struct gate gate;
static struct settings settings;
static struct fleet *fleet;
static struct plan plan;
static struct flight drafted;

static struct wei wei(uint64_t amount)
{
    return (struct wei){u256_of(amount)};
}

static void gate_begin(void)
{
    memset(&gate, 0, sizeof(gate));
    memset(&settings, 0, sizeof(settings));
    memset(&drafted, 0, sizeof(drafted));
    fleet = fleet_new(7);
    settings.limits.fee_per_gas_max = wei(300000000000u);
    settings.limits.profit_min = wei(5000000);
    settings.limits.gas_per_day_max = wei(CEILING * 100);
    settings.limits.loss_per_day_max = wei(CEILING * 50);
    settings.limits.in_flight_max = 8;
    plan = (struct plan){
        .verdict = VERDICT_LIQUIDATE, .reason = REASON_PROFITABLE, .net = wei(5000000)};
    drafted.state = FLIGHT_DRAFTED;
    drafted.id = 999;
    drafted.gas = 100000;
    drafted.max_fee_per_gas = wei(10000000000u);
    drafted.max_priority_fee_per_gas = wei(1000000000u);
    drafted.account.byte[0] = 0xaa;
    gate_tick(&gate, NOW_MS, true);
}

static void gate_end(void)
{
    free(fleet);
}

TestSuite(gate, .init = gate_begin, .fini = gate_end);

static enum gate_refusal judge(void)
{
    return gate_judge(&gate, &settings, fleet, &plan, &drafted);
}

/* Another live flight of the same ceiling, of an account of its own. */
static struct flight *fly(uint8_t account)
{
    struct flight *flight = flight_drafted(fleet, account);

    flight->gas = drafted.gas;
    flight->max_fee_per_gas = drafted.max_fee_per_gas;
    return flight;
}

Test(gate, admits_what_is_within_every_limit)
{
    cr_assert(eq(int, judge(), GATE_ADMITTED));
    cr_assert(eq(u64, gate.refused[GATE_ADMITTED], 1));
}

Test(gate, refuses_everything_once_killed)
{
    gate.breakers.is_killed = true;
    cr_assert(eq(int, judge(), GATE_KILLED));
    cr_assert(eq(int, gate_judge(&gate, &settings, fleet, NULL, &drafted), GATE_KILLED));
    cr_assert(eq(u64, gate.refused[GATE_KILLED], 2));
}

Test(gate, refuses_everything_until_it_is_said_to_be_ready)
{
    gate_tick(&gate, NOW_MS, false);
    cr_assert(eq(int, judge(), GATE_NOT_READY));
    gate_tick(&gate, NOW_MS, true);
    cr_assert(eq(int, judge(), GATE_ADMITTED));
    memset(&gate, 0, sizeof(gate));
    cr_assert(eq(int, judge(), GATE_NOT_READY), "nobody said so");
}

Test(gate, refuses_where_no_nonce_is_known)
{
    fleet->nonce_is_known = false;
    cr_assert(eq(int, judge(), GATE_NOT_READY));
}

Test(gate, refuses_a_fee_over_the_ceiling)
{
    settings.limits.fee_per_gas_max = drafted.max_fee_per_gas;
    cr_assert(eq(int, judge(), GATE_ADMITTED));
    settings.limits.fee_per_gas_max = wei(9999999999u);
    cr_assert(eq(int, judge(), GATE_FEE_CEILING));
}

Test(gate, refuses_a_tip_over_the_fee)
{
    drafted.max_priority_fee_per_gas = wei(10000000001u);
    cr_assert(eq(int, judge(), GATE_FEE_CEILING));
}

Test(gate, refuses_a_profit_under_the_floor)
{
    plan.net = wei(4999999);
    cr_assert(eq(int, judge(), GATE_PROFIT_FLOOR));
}

Test(gate, refuses_a_loss_whatever_the_floor)
{
    settings.limits.profit_min = wei(0);
    plan.net_is_loss = true;
    cr_assert(eq(int, judge(), GATE_PROFIT_FLOOR));
}

Test(gate, refuses_a_plan_whose_verdict_is_skip)
{
    plan.verdict = VERDICT_SKIP;
    cr_assert(eq(int, judge(), GATE_PROFIT_FLOOR));
}

Test(gate, refuses_a_second_flight_of_an_account)
{
    struct flight *other = fly(1);

    other->account = drafted.account;
    cr_assert(eq(int, judge(), GATE_ACCOUNT_BUSY));
    other->market = 1;
    cr_assert(eq(int, judge(), GATE_ADMITTED), "the same account in another market");
    other->market = 0;
    flight_withdraw(fleet, other);
    cr_assert(eq(int, judge(), GATE_ADMITTED), "the first has ended");
}

Test(gate, refuses_one_flight_more_than_allowed)
{
    for (uint8_t i = 0; i < 7; i++)
        (void)fly(i);
    cr_assert(eq(int, judge(), GATE_ADMITTED));
    (void)fly(7);
    cr_assert(eq(int, judge(), GATE_IN_FLIGHT));
}

Test(gate, refuses_all_where_no_flight_is_allowed)
{
    settings.limits.in_flight_max = 0;
    cr_assert(eq(int, judge(), GATE_IN_FLIGHT));
}

Test(gate, does_not_count_the_flight_that_it_judges_as_another)
{
    struct flight *ours = fly(1);

    settings.limits.in_flight_max = 1;
    settings.limits.gas_per_day_max = wei(CEILING);
    cr_assert(eq(int, gate_judge(&gate, &settings, fleet, &plan, ours), GATE_ADMITTED));
}

Test(gate, counts_gas_spent_and_its_own_ceiling_against_the_day)
{
    struct wei zero = wei(0);
    struct wei spent = wei(CEILING * 99);
    struct wei one = wei(1);

    gate_receipt(&gate, &spent, false, &zero);
    cr_assert(eq(int, judge(), GATE_ADMITTED), "exactly the limit");
    gate_receipt(&gate, &one, false, &zero);
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY));
}

Test(gate, counts_what_is_in_flight_at_its_ceiling)
{
    settings.limits.gas_per_day_max = wei(CEILING * 3);
    (void)fly(1);
    (void)fly(2);
    cr_assert(eq(int, judge(), GATE_ADMITTED));
    struct flight *third = fly(3);
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY));
    flight_withdraw(fleet, third);
    cr_assert(eq(int, judge(), GATE_ADMITTED), "what ended holds nothing");
}

Test(gate, refuses_where_a_ceiling_leaves_256_bits)
{
    settings.limits.gas_per_day_max = (struct wei){U256_MAX};
    settings.limits.fee_per_gas_max = (struct wei){U256_MAX};
    struct flight *other = fly(1);
    other->max_fee_per_gas = (struct wei){U256_MAX};
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY), "another's");
    other->gas = 1;
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY), "the sum");
    flight_withdraw(fleet, other);
    drafted.max_fee_per_gas = (struct wei){U256_MAX};
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY), "its own");
}

Test(gate, closes_when_the_days_loss_reaches_its_limit)
{
    struct wei gas = wei(1);
    struct wei almost = wei(CEILING * 50 - 1);
    struct wei rest = wei(1);

    gate_receipt(&gate, &gas, true, &almost);
    cr_assert(eq(int, judge(), GATE_ADMITTED));
    gate_receipt(&gate, &gas, true, &rest);
    cr_assert(eq(int, judge(), GATE_LOSS_PER_DAY));
}

Test(gate, does_not_set_profits_off_against_losses)
{
    struct wei gas = wei(1);
    struct wei loss = wei(CEILING * 50);
    struct wei profit = wei(CEILING * 500);

    gate_receipt(&gate, &gas, true, &loss);
    gate_receipt(&gate, &gas, false, &profit);
    cr_assert(eq(int, judge(), GATE_LOSS_PER_DAY));
}

Test(gate, with_no_loss_allowed_closes_at_the_first)
{
    struct wei gas = wei(1);

    settings.limits.loss_per_day_max = wei(0);
    cr_assert(eq(int, judge(), GATE_ADMITTED));
    gate_receipt(&gate, &gas, true, &gas);
    cr_assert(eq(int, judge(), GATE_LOSS_PER_DAY));
}

Test(gate, stays_closed_past_256_bits_of_spend)
{
    struct wei most = {U256_MAX};

    gate_receipt(&gate, &most, true, &most);
    gate_receipt(&gate, &most, true, &most);
    cr_assert(u256_is_equal(&gate.day.gas_spent.value, &most.value));
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY));
}

Test(gate, holds_a_step_without_a_plan_to_every_limit_of_money)
{
    struct flight *busy = fly(1);

    busy->account = drafted.account;
    cr_assert(eq(int, gate_judge(&gate, &settings, fleet, NULL, &drafted), GATE_ADMITTED),
              "no profit floor and no account");
    settings.limits.in_flight_max = 1;
    cr_assert(eq(int, gate_judge(&gate, &settings, fleet, NULL, &drafted), GATE_IN_FLIGHT));
    settings.limits.in_flight_max = 8;
    settings.limits.gas_per_day_max = wei(CEILING);
    cr_assert(eq(int, gate_judge(&gate, &settings, fleet, NULL, &drafted), GATE_GAS_PER_DAY));
    settings.limits.fee_per_gas_max = wei(1);
    cr_assert(eq(int, gate_judge(&gate, &settings, fleet, NULL, &drafted), GATE_FEE_CEILING));
}

/* A reorg gave back more than may be in flight: none of them could be raised, and all stood. */
Test(gate, counts_a_replacement_as_no_further_one_in_flight)
{
    struct flight *first = fly(1);

    (void)fly(2);
    settings.limits.in_flight_max = 1;
    first->attempt_count = 1;
    cr_assert(eq(int, gate_judge(&gate, &settings, fleet, NULL, first), GATE_ADMITTED));
    first->attempt_count = 0;
    cr_assert(eq(int, gate_judge(&gate, &settings, fleet, NULL, first), GATE_IN_FLIGHT));
}

Test(gate, counts_each_refusal)
{
    plan.verdict = VERDICT_SKIP;
    (void)judge();
    (void)judge();
    gate.breakers.is_killed = true;
    (void)judge();
    cr_assert(eq(u64, gate.refused[GATE_PROFIT_FLOOR], 2));
    cr_assert(eq(u64, gate.refused[GATE_KILLED], 1));
    cr_assert(eq(u64, gate.refused[GATE_ADMITTED], 0));
}

/* ---- the day */

static void spend_all(void)
{
    struct wei limit = settings.limits.gas_per_day_max;

    gate_receipt(&gate, &limit, true, &limit);
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY));
}

Test(gate, opens_again_on_the_next_day)
{
    spend_all();
    gate_tick(&gate, 20001 * DAY_MS - 1, true);
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY), "one millisecond before midnight");
    gate_tick(&gate, 20001 * DAY_MS, true);
    cr_assert(eq(int, judge(), GATE_ADMITTED));
    cr_assert(u256_is_zero(&gate.day.loss.value));
}

Test(gate, does_not_open_when_the_clock_jumps_back)
{
    spend_all();
    gate_tick(&gate, NOW_MS - 3 * DAY_MS, true);
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY));
    gate_tick(&gate, NOW_MS, true);
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY), "nor when it comes forward again");
    gate_tick(&gate, -1, true);
    gate_tick(&gate, INT64_MIN, true);
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY), "nor before 1970");
}

Test(gate, opens_once_for_a_day_however_often_the_clock_jumps)
{
    gate_tick(&gate, NOW_MS + DAY_MS, true);
    spend_all();
    for (int i = 0; i < 10; i++) {
        gate_tick(&gate, NOW_MS, true);
        gate_tick(&gate, NOW_MS + DAY_MS, true);
        cr_assert(eq(int, judge(), GATE_GAS_PER_DAY));
    }
}

Test(gate, counts_flights_of_yesterday_against_today)
{
    settings.limits.gas_per_day_max = wei(CEILING);
    (void)fly(1);
    gate_tick(&gate, NOW_MS + DAY_MS, true);
    cr_assert(eq(int, judge(), GATE_GAS_PER_DAY));
}

Test(gate, has_a_word_for_each_refusal)
{
    for (int i = 0; i < GATE_REFUSAL_COUNT; i++) {
        for (int j = 0; j < i; j++)
            cr_assert(ne(str, (char *)gate_refusal_text((enum gate_refusal)i),
                         (char *)gate_refusal_text((enum gate_refusal)j)));
    }
}

static void hold_each_open(enum breaker which)
{
    gate.breakers.is_killed = which == BREAKER_KILL;
    gate.breakers.head_ms = which == BREAKER_STALE_HEAD ? NOW_MS - 2000 : NOW_MS;
    gate.breakers.slow_answers = which == BREAKER_LATENCY ? LATENCY_ANSWERS : 0;
    gate.breakers.reverts_ms = which == BREAKER_REVERT_RATE ? NOW_MS : 0;
    gate.breakers.drifted[1] = which == BREAKER_DRIFT ? 1 : 0;
    gate.breakers.is_unfunded = which == BREAKER_FUNDS;
}

Test(gate, refuses_what_is_new_while_a_breaker_is_open_and_only_a_kill_refuses_a_cancel)
{
    static const enum gate_refusal refusal[] = {GATE_KILLED,      GATE_STALE_HEAD, GATE_LATENCY,
                                                GATE_REVERT_RATE, GATE_DRIFT,      GATE_FUNDS};

    settings.limits.stale_head_max_ms = 1000;
    settings.limits.latency_max_ms = 1000;
    settings.limits.revert_rate_max = 50;
    settings.limits.revert_window = 10;
    settings.limits.drift_max = 1;
    for (int which = BREAKER_KILL; which <= BREAKER_FUNDS; which++) {
        hold_each_open((enum breaker)which);
        cr_expect(eq(int, judge(), refusal[which]));
        cr_expect(eq(int, gate_judge(&gate, &settings, fleet, NULL, &drafted), refusal[which]));
        cr_expect(eq(int, gate_judge_cancel(&gate, &settings, fleet, &drafted),
                     which == BREAKER_KILL ? GATE_KILLED : GATE_ADMITTED));
        cr_expect(eq(int, gate_may_post(&gate), which != BREAKER_KILL));
        cr_expect(
            eq(int, gate_may_post_again(&gate), which != BREAKER_KILL && which != BREAKER_FUNDS));
    }
    hold_each_open(BREAKER_COUNT);
    cr_assert(eq(int, judge(), GATE_ADMITTED));
}

Test(gate, holds_a_cancel_to_fees_gas_and_a_known_nonce)
{
    drafted.max_fee_per_gas = wei(300000000001u);
    cr_assert(eq(int, gate_judge_cancel(&gate, &settings, fleet, &drafted), GATE_FEE_CEILING));
    drafted.max_fee_per_gas = wei(10000000000u);
    settings.limits.gas_per_day_max = wei(CEILING - 1);
    cr_assert(eq(int, gate_judge_cancel(&gate, &settings, fleet, &drafted), GATE_GAS_PER_DAY));
    gate_tick(&gate, NOW_MS, false);
    cr_assert(eq(int, gate_judge_cancel(&gate, &settings, fleet, &drafted), GATE_NOT_READY));
}
