/* Signed ahead: who is, and what the signer says to it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/armed.h"

#define SEND "eth_sendRawTransaction"

/* ---- who */

Test(arm, takes_those_nearest_the_edge_under_the_next_nonce_and_journals_them)
{
    ALOFT aloft;

    armed_make(&aloft, 5, 3);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 3));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_KEEP, NULL), 0), "nothing of it can leave yet");
    armed_signed(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_KEEP, KEY_ARMED), 3));
    cr_assert(eq(sz, armed_ready(&aloft), 3));
    for (uint8_t name = 1; name <= 3; name++) {
        cr_assert_not_null(armed_for(&aloft, name));
        cr_assert(eq(u64, armed_for(&aloft, name)->nonce, 5));
    }
    cr_assert_null(armed_for(&aloft, 4));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
}

Test(arm, is_off_unless_the_config_says_how_many)
{
    ALOFT aloft;

    armed_make(&aloft, 3, 0);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0));
}

Test(arm, signs_nothing_in_dry_run)
{
    ALOFT aloft;

    aloft_make(&aloft, 0);
    aloft.state->settings.armed = 3;
    aloft.state->settings.mode = KEEPER_DRY_RUN;
    (void)an_account(aloft.state, 1, 1000, 1597);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0));
}

Test(arm, signs_nothing_anew_while_nothing_moves)
{
    ALOFT aloft;

    armed_make(&aloft, 3, 3);
    armed_signed(&aloft);
    for (int i = 0; i < 5; i++) {
        aloft_block(&aloft);
        cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0));
        cr_assert(eq(sz, aloft_actions(&aloft, ACTION_FORGET, NULL), 0));
    }
    cr_assert(eq(sz, armed_ready(&aloft), 3));
}

Test(arm, leaves_what_would_not_pay_alone)
{
    ALOFT aloft;

    aloft_make(&aloft, 0);
    aloft.state->settings.armed = 3;
    aloft.state->settings.limits.profit_min.value = u256_ten_to(18);
    (void)an_account(aloft.state, 1, 1000, 1597);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0));
}

/* ---- the signer */

Test(arm, does_no_harm_where_the_signer_refuses)
{
    ALOFT aloft;

    armed_make(&aloft, 2, 4);
    aloft_signed(&aloft, true);
    aloft_turn(&aloft);
    cr_assert(eq(u32, arsenal_count(&aloft.state->arsenal), 0));
    cr_assert(lines_with(&aloft.notes, "signer refused", "the policy says no") == 2);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "asked again at each head");
    armed_price(&aloft, 1996);
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1), "the normal way stays open");
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
}

Test(arm, takes_no_signature_of_another_transaction)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    aloft.state->arsenal.armed[0].flight.nonce++;
    aloft_signed(&aloft, false);
    aloft.state->arsenal.armed[0].flight.nonce--;
    aloft_turn(&aloft);
    cr_assert(eq(u32, arsenal_count(&aloft.state->arsenal), 0));
    cr_assert(lines_with(&aloft.notes, "signer refused", "another transaction") == 1);
}

Test(arm, a_signature_that_comes_when_it_is_too_late_is_nobodys)
{
    ALOFT aloft;

    armed_make(&aloft, 1, 4);
    aloft_signed(&aloft, false); /* on its way */
    armed_price(&aloft, 1996);
    aloft.state->header.number++;
    aloft.state->judge_again = true;
    {
        struct observation late = aloft.waiting[0];

        aloft.count = 0;
        aloft_turn(&aloft); /* goes the normal way: the nonce is given */
        cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
        cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
        aloft_signed(&aloft, false);
        aloft.waiting[aloft.count++] = late;
        aloft_turn(&aloft);
    }
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1));
    cr_assert(eq(sz, armed_ready(&aloft), 0));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
}
