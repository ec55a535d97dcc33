/* What is offered for a place in a block: a share of the profit, what blocks took, and no more. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/aloft.h"
#include "turn/inside.h"

#define FEES "eth_feeHistory"
#define HISTORY(a, b, c, d)                                                                        \
    "{\"oldestBlock\":\"0x4a\",\"reward\":[[\"" a "\"],[\"" b "\"],[\"" c "\"],[\"" d "\"]]}"

static const struct flight *drafted_at(struct aloft *aloft, uint32_t share)
{
    aloft->state->settings.tip_profit_share = share;
    aloft_turn(aloft);
    return aloft_flight(aloft, 0);
}

static struct u256 net_without_a_bid(void)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    (void)drafted_at(&aloft, 0);
    return aloft.state->recent[0].net.value;
}

Test(bid, bid_the_share_of_the_profit_and_tell_it_as_gas)
{
    ALOFT aloft;
    struct u256 net = net_without_a_bid();
    struct u256 ten = u256_of(10);
    struct u256 gas;
    struct u256 bid;
    struct u256 left;
    const struct flight *flight;

    aloft_make(&aloft, 1);
    flight = drafted_at(&aloft, 10);
    gas = u256_of(flight->gas_expected);
    cr_assert(u256_div(&bid, NULL, &net, &ten));
    cr_assert(u256_div(&bid, NULL, &bid, &gas));
    cr_assert(u256_add(&left, &bid, &aloft.state->settings.limits.priority_fee_per_gas.value));
    cr_assert(u256_is_equal(&flight->max_priority_fee_per_gas.value, &left));
    cr_assert(u256_mul(&bid, &bid, &gas));
    left = u256_sub_floor(&net, &bid);
    cr_assert(u256_is_equal(&aloft.state->recent[0].net.value, &left));
}

Test(bid, stay_at_the_floor_where_no_share_is_bid)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(u256_is_equal(&drafted_at(&aloft, 0)->max_priority_fee_per_gas.value,
                            &aloft.state->settings.limits.priority_fee_per_gas.value));
}

Test(bid, leave_the_profit_that_the_operator_asks_for)
{
    ALOFT aloft;
    struct u256 net = net_without_a_bid();

    aloft_make(&aloft, 1);
    aloft.state->settings.limits.profit_min.value = net;
    cr_assert(u256_is_equal(&drafted_at(&aloft, 50)->max_priority_fee_per_gas.value,
                            &aloft.state->settings.limits.priority_fee_per_gas.value));
}

Test(bid, end_at_the_ceiling)
{
    ALOFT aloft;
    struct u256 ceiling = u256_of(3000000000);
    const struct flight *flight;

    aloft_make(&aloft, 1);
    aloft.state->settings.limits.fee_per_gas_max.value = ceiling;
    flight = drafted_at(&aloft, 99);
    cr_assert(u256_is_equal(&flight->max_fee_per_gas.value, &ceiling));
    ceiling = u256_of(2000000000); /* less the base fee of a gwei */
    cr_assert(u256_is_equal(&flight->max_priority_fee_per_gas.value, &ceiling));
}

Test(bid, forgo_the_bid_where_the_days_budget_does_not_admit_it)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    /* the ceiling without a bid is two gwei and a wei */
    aloft.state->settings.limits.gas_per_day_max.value = u256_of(2100000000ull * 1000000);
    cr_assert(u256_is_equal(&drafted_at(&aloft, 50)->max_priority_fee_per_gas.value,
                            &aloft.state->settings.limits.priority_fee_per_gas.value));
}

static const struct flight *drafted_after(struct aloft *aloft, const char *history)
{
    aloft_make(aloft, 1);
    aloft->state->settings.limits.in_flight_max = 0; /* so that nothing flies yet */
    aloft_turn(aloft);
    cr_assert(eq(sz, aloft_asks(aloft, FEES), 1));
    aloft_answer(aloft, aloft_ask(aloft, FEES, 0), (const char *const[]){history, NULL});
    aloft->state->settings.limits.in_flight_max = 8;
    aloft_block(aloft);
    return aloft_flight(aloft, 0);
}

Test(bid, reach_what_the_last_blocks_took)
{
    ALOFT aloft;
    struct u256 two = u256_of(2000000000);
    const struct flight *flight =
        drafted_after(&aloft, HISTORY("0x0", "0x77359400", "0xba43b7400", "0x3b9aca00"));

    cr_assert(u256_is_equal(&flight->max_priority_fee_per_gas.value, &two));
}

Test(bid, do_not_follow_a_node_past_the_profit)
{
    ALOFT aloft;
    struct u256 net = net_without_a_bid();
    struct u256 cost;
    struct u256 gas;
    const struct flight *flight =
        drafted_after(&aloft, HISTORY("0xffffffffffffffffffff", "0xffffffffffffffffffff",
                                      "0xffffffffffffffffffff", "0xffffffffffffffffffff"));

    gas = u256_of(flight->gas_expected);
    cr_assert(u256_mul(&cost, &flight->max_priority_fee_per_gas.value, &gas));
    net = u256_sub_floor(&net, &cost);
    cr_assert(not(u256_is_zero(&cost)));
    cr_assert(not(u256_is_less(&net, &aloft.state->settings.limits.profit_min.value)));
    cr_assert(not(u256_is_less(&aloft.state->settings.limits.fee_per_gas_max.value,
                               &flight->max_fee_per_gas.value)));
}

Test(bid, keep_the_last_word_where_a_node_answers_nonsense)
{
    static const char *const answers[] = {
        "null", "[]", "{}", "{\"reward\":null}", "{\"reward\":[1,2]}", "{\"reward\":[[\"x\"]]}"};

    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        ALOFT aloft;
        const struct flight *flight = drafted_after(&aloft, answers[i]);

        cr_assert(u256_is_equal(&flight->max_priority_fee_per_gas.value,
                                &aloft.state->settings.limits.priority_fee_per_gas.value));
    }
}

Test(bid, are_asked_for_once_a_head_and_only_where_somebody_stands_under_water)
{
    ALOFT aloft;

    aloft_make(&aloft, 0);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, FEES), 0));
    (void)an_account(aloft.state, 1, 1000, 1750);
    aloft_block(&aloft);
    cr_assert(
        eq(sz, aloft_asks(&aloft, FEES), 0)); /* its signature is asked for: that goes first */
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, FEES), 1));
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, FEES), 0));
}

/* ---- races */

static void race_lost_at(struct aloft *aloft, uint64_t tip)
{
    struct flight lost = {.max_priority_fee_per_gas = {u256_of(tip)}};

    fees_race_lost(aloft->state, &lost);
}

#define GWEI 1000000000u

Test(race, that_was_lost_is_bid_for_by_an_eighth_more)
{
    ALOFT aloft;
    struct u256 bid = u256_of(2 * GWEI + GWEI / 4 + 1);

    aloft_make(&aloft, 1);
    race_lost_at(&aloft, 2 * GWEI);
    race_lost_at(&aloft, GWEI); /* what was offered for less says nothing more */
    cr_assert(u256_is_equal(&drafted_at(&aloft, 0)->max_priority_fee_per_gas.value, &bid));
}

Test(race, takes_no_more_of_the_profit_than_the_operator_gives)
{
    static const uint32_t shares[] = {0, 1, 50};
    struct u256 net = net_without_a_bid();

    for (size_t i = 0; i < ARRAY_LENGTH(shares); i++) {
        ALOFT aloft;
        const struct u256 percent = u256_of(shares[i]);
        const struct u256 hundred = u256_of(100);
        const struct flight *flight;
        struct u256 gas;
        struct u256 most;

        aloft_make(&aloft, 1);
        aloft.state->settings.race_profit_share = shares[i];
        for (int lost = 0; lost < 3; lost++)
            race_lost_at(&aloft, UINT64_MAX);
        flight = drafted_at(&aloft, 0);
        gas = u256_of(flight->gas_expected);
        cr_assert(u256_mul_div(&most, &net, &percent, &hundred));
        cr_assert(u256_div(&most, NULL, &most, &gas));
        cr_assert(u256_add(&most, &most, &aloft.state->settings.limits.priority_fee_per_gas.value));
        cr_assert(u256_is_equal(&flight->max_priority_fee_per_gas.value, &most), "%u", shares[i]);
    }
}

Test(race, is_forgotten_an_eighth_a_head_when_none_was_lost_for_a_while)
{
    ALOFT aloft;
    struct u256 bid = u256_of(2 * GWEI + GWEI / 4 + 1);

    aloft_make(&aloft, 0);
    race_lost_at(&aloft, 2 * GWEI);
    for (int i = 0; i < 31; i++)
        aloft_block(&aloft);
    cr_assert(u256_is_equal(&aloft.state->race_tip.value, &bid));
    aloft_block(&aloft);
    cr_assert(u256_is_less(&aloft.state->race_tip.value, &bid));
    for (int i = 0; i < 200; i++)
        aloft_block(&aloft);
    cr_assert(u256_is_zero(&aloft.state->race_tip.value));
}

/* ---- ceilings */

static struct u256 ceiling_with(uint64_t day, uint64_t balance, uint64_t fee_max)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    aloft.state->settings.limits.gas_per_day_max.value = u256_of(day);
    aloft.state->settings.limits.fee_per_gas_max.value = u256_of(fee_max);
    aloft.state->gas_balance.value = u256_of(balance);
    return drafted_at(&aloft, 0)->max_fee_per_gas.value;
}

#define ETHER 1000000000000000000u

/* A base fee that rises tenfold must not make it worthless while it still wins something. */
Test(ceiling, reaches_what_leaves_no_more_than_the_operator_asks_for)
{
    for (uint64_t least = 0; least < 3; least++) {
        ALOFT aloft;
        const struct u256 profit_min = u256_of(least * 1000000000000000u);
        const struct flight *flight;
        struct u256 worth;
        struct u256 gas;

        aloft_make(&aloft, 1);
        aloft.state->settings.limits.profit_min.value = profit_min;
        aloft.state->settings.limits.gas_per_day_max.value = u256_ten_to(21);
        aloft.state->settings.limits.fee_per_gas_max.value = u256_ten_to(15);
        aloft.state->gas_balance.value = u256_ten_to(21);
        flight = drafted_at(&aloft, 0);
        gas = u256_of(flight->gas_expected);
        worth = u256_sub_floor(&flight->gross.value, &profit_min);
        cr_assert(u256_div(&worth, NULL, &worth, &gas));
        cr_assert(u256_is_equal(&flight->max_fee_per_gas.value, &worth));
    }
}

Test(ceiling, leaves_room_for_two_raises_under_the_operators)
{
    struct u256 ceiling = ceiling_with(10 * ETHER, 10 * ETHER, 20000000000);
    struct u256 most = u256_of(20000000000ull * 64 / 81);

    cr_assert(u256_is_equal(&ceiling, &most));
}

Test(ceiling, takes_a_small_part_of_what_day_and_balance_leave)
{
    struct u256 two_base_fees = u256_of(2000000001);
    struct u256 by_day = ceiling_with(ETHER / 10, 10 * ETHER, 300000000000);
    struct u256 by_balance = ceiling_with(10 * ETHER, ETHER / 10, 300000000000);

    cr_assert(u256_is_equal(&by_day, &two_base_fees));
    cr_assert(u256_is_equal(&by_balance, &two_base_fees));
}
