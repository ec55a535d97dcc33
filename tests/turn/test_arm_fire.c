/* The shot: what was signed ahead leaves in the turn that sees it under water, or not at all. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/armed.h"

#define SEND "eth_sendRawTransaction"

static void posted_is(const struct aloft *aloft, const struct flight *flight)
{
    TEXT hex = {0};

    text_add_hex(&hex, bytes_of(flight->raw, flight->raw_size));
    cr_assert(eq(sz, aloft_asks(aloft, SEND), 1));
    cr_assert_not_null(
        strstr((const char *)aloft_ask(aloft, SEND, 0)->body.data, text_string(&hex)));
}

Test(arm_fire, fires_in_the_turn_that_sees_it_under_water_and_signs_nothing_first)
{
    struct flight before;
    ALOFT aloft;

    armed_make(&aloft, 2, 4);
    armed_signed(&aloft);
    before = *armed_for(&aloft, 1);
    armed_price(&aloft, 1996); /* only the first: 1596.8 */
    aloft_block(&aloft);
    posted_is(&aloft, &before);
    cr_assert(aloft_ask(&aloft, SEND, 0)->is_kept);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_KEEP, "flight/"), 1));
    cr_assert(eq(sz, aloft_said(&aloft, "drafted"), 1));
    cr_assert(eq(sz, aloft_said(&aloft, "signed"), 1));
    cr_assert(lines_with(&aloft.events, "\"verdict\":\"liquidate\"", "\"nonce\":5") == 1);
    cr_assert(eq(sz, armed_ready(&aloft), 0), "the others' nonce is given");
    cr_assert(eq(u64, aloft.state->counters.armed_fired, 1));
}

Test(arm_fire, others_are_signed_again_under_the_nonce_behind_it)
{
    ALOFT aloft;

    armed_make(&aloft, 2, 4);
    armed_signed(&aloft);
    armed_price(&aloft, 1996);
    aloft_block(&aloft);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_FORGET, KEY_ARMED), 2));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1));
    armed_signed(&aloft);
    cr_assert(eq(sz, armed_ready(&aloft), 1));
    cr_assert(eq(u64, armed_for(&aloft, 2)->nonce, 6));
}

Test(arm_fire, of_several_under_water_at_once_one_is_fired_and_the_others_go_the_normal_way)
{
    ALOFT aloft;

    armed_make(&aloft, 3, 4);
    armed_signed(&aloft);
    armed_price(&aloft, 1980);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 2));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 3));
    for (size_t i = 0; i < 3; i++)
        cr_assert(eq(u64, aloft_flight(&aloft, i)->nonce, 5 + i));
}

static void goes_the_normal_way(struct aloft *aloft)
{
    cr_assert(eq(sz, aloft_asks(aloft, SEND), 0));
    cr_assert(ge(sz, aloft_actions(aloft, ACTION_SIGN, NULL), 1));
    cr_assert(eq(u32, fleet_live(&aloft->state->fleet), 1));
    cr_assert(eq(u64, aloft->state->counters.armed_fired, 0));
}

Test(arm_fire, does_not_fire_bytes_whose_fee_the_next_block_would_not_take)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    armed_signed(&aloft);
    aloft.state->header.base_fee.value = u256_of(3000000000);
    armed_price(&aloft, 1996);
    aloft_block(&aloft);
    goes_the_normal_way(&aloft);
}

Test(arm_fire, does_not_fire_bytes_that_tip_less_than_would_be_tipped_now)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    armed_signed(&aloft);
    aloft.state->settings.limits.priority_fee_per_gas.value = u256_of(2);
    armed_price(&aloft, 1996);
    aloft_block(&aloft);
    goes_the_normal_way(&aloft);
}

Test(arm_fire, does_not_fire_an_amount_that_is_no_longer_what_would_be_repaid)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    armed_signed(&aloft);
    (void)an_account(aloft.state, 1, 2000, 3196); /* twice as large since */
    armed_price(&aloft, 1996);
    aloft_block(&aloft);
    goes_the_normal_way(&aloft);
}

Test(arm_fire, does_not_fire_what_another_nonce_was_signed_for)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    armed_signed(&aloft);
    fleet_set_nonce(&aloft.state->fleet, 6); /* another transaction of the account */
    armed_price(&aloft, 1996);
    aloft_block(&aloft);
    goes_the_normal_way(&aloft);
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 6));
}

Test(arm_fire, passes_the_gate_like_any_other)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    armed_signed(&aloft);
    aloft.state->settings.limits.in_flight_max = 0;
    armed_price(&aloft, 1996);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(lines_with(&aloft.events, "\"reason\":\"limit\"", "") == 1);
}

Test(arm_fire, does_not_fire_below_the_profit_floor)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    armed_signed(&aloft);
    aloft.state->settings.limits.profit_min.value = u256_ten_to(18);
    armed_price(&aloft, 1996);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    cr_assert(lines_with(&aloft.events, "\"reason\":\"unprofitable\"", "") == 1);
}
