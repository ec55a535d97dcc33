/* The world moves on: what was signed ahead is thrown away. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/armed.h"

#define SEND "eth_sendRawTransaction"

Test(arm_discard, is_thrown_away_where_the_nonce_is_given)
{
    ALOFT aloft;

    armed_make(&aloft, 2, 1); /* the first is armed */
    armed_signed(&aloft);
    cr_assert(eq(sz, armed_ready(&aloft), 1));
    (void)an_account(aloft.state, 50, 1000, 1700); /* came from nowhere */
    aloft_block(&aloft);
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
    cr_assert(eq(sz, armed_ready(&aloft), 0));
}

Test(arm_discard, is_thrown_away_where_its_account_is_gone_from_the_edge)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    armed_signed(&aloft);
    (void)an_account(aloft.state, 1, 1000, 100);
    aloft_block(&aloft);
    cr_assert(eq(sz, armed_ready(&aloft), 0));
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_FORGET, KEY_ARMED), 1));
    cr_assert(eq(u32, aloft.state->arming.void_count, 0));
}

Test(arm_discard, is_thrown_away_and_signed_again_where_fees_outgrow_it)
{
    struct flight before;
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    armed_signed(&aloft);
    before = *armed_for(&aloft, 1);
    aloft.state->header.base_fee.value = u256_of(1900000000);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1));
    armed_signed(&aloft);
    cr_assert(
        u256_is_less(&before.max_fee_per_gas.value, &armed_for(&aloft, 1)->max_fee_per_gas.value));
}

Test(arm_discard, is_thrown_away_and_nothing_anew_is_signed_under_a_kill)
{
    struct observation kill = {.kind = OBSERVATION_COMMAND, .key = bytes_of_text("kill")};
    ALOFT aloft;

    armed_make(&aloft, 2, 4);
    armed_signed(&aloft);
    aloft_tell(&aloft, &kill);
    aloft_turn(&aloft);
    cr_assert(eq(u32, arsenal_count(&aloft.state->arsenal), 0));
    armed_price(&aloft, 1980);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0));
}

Test(arm_discard, is_thrown_away_while_a_limit_stands_open)
{
    ALOFT aloft;

    armed_make(&aloft, 2, 4);
    armed_signed(&aloft);
    aloft.state->settings.limits.fee_per_gas_max.value = u256_of(1000);
    aloft_block(&aloft);
    cr_assert(eq(u32, arsenal_count(&aloft.state->arsenal), 0));
}

Test(arm_discard, is_thrown_away_with_its_market_paused)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    armed_signed(&aloft);
    aloft.state->tracked[0].market.reserve[USDC].flags |= RESERVE_PAUSED;
    aloft_block(&aloft);
    cr_assert(eq(sz, armed_ready(&aloft), 0));
}

Test(arm_discard, is_thrown_away_by_a_reorg)
{
    ALOFT aloft;

    armed_make(&aloft, 2, 4);
    armed_signed(&aloft);
    flights_reorg(aloft.state, 70);
    cr_assert(eq(u32, arsenal_count(&aloft.state->arsenal), 0));
    cr_assert(eq(u32, aloft.state->arming.void_count, 2));
}

Test(arm_discard, is_thrown_away_where_the_operator_switches_it_off)
{
    static struct settings fresh;
    ALOFT aloft;

    armed_make(&aloft, 2, 4);
    armed_signed(&aloft);
    fresh = aloft.state->settings;
    fresh.armed = 0;
    turn_reload(aloft.state, &fresh);
    aloft_turn(&aloft);
    cr_assert(eq(u32, arsenal_count(&aloft.state->arsenal), 0));
}
