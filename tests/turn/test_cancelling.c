/* A transaction whose candidate is gone: its nonce is spent on ourselves, or it goes as it is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/turn/aloft.h"
#include "turn/state.h"

#define SEND "eth_sendRawTransaction"

static void gone_and_cancelled(struct aloft *aloft)
{
    aloft_make(aloft, 1);
    cr_assert(eq(sz, aloft_sent(aloft), 1));
    aloft_heal(aloft, 1);
    aloft_missing(aloft, "\"0x5\"", true);
    aloft_missing(aloft, "\"0x5\"", true);
    cr_assert(eq(sz, aloft_actions(aloft, ACTION_SIGN, NULL), 0), "prices come and go");
    aloft_raised(aloft, "\"0x5\"");
    aloft_taken(aloft);
}

Test(cancelling, spends_the_nonce_of_a_candidate_that_is_gone_on_ourselves)
{
    ALOFT aloft;
    const struct flight *flight;
    struct wei before;

    gone_and_cancelled(&aloft);
    flight = aloft_flight(&aloft, 0);
    before = flight->attempt[0].max_fee_per_gas;
    cr_assert(flight->is_cancel);
    cr_assert(address_is_equal(&flight->to, &aloft.state->settings.account));
    cr_assert(eq(u32, flight->data_size, 0));
    cr_assert(eq(u64, flight->gas, CANCEL_GAS));
    cr_assert(eq(u64, flight->nonce, 5));
    cr_assert(aloft_is_raised(&flight->max_fee_per_gas.value, &before.value));
    aloft_landed(&aloft, "\"0x6\"", 0, 1, true);
    cr_assert(eq(sz, aloft_said(&aloft, "cancelled"), 1));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(not(u256_is_zero(&aloft.state->gate.day.loss.value)), "its gas is a loss");
}

/* Left in the pool it would land as a revert, as it did on the real chain. */
Test(cancelling, spends_the_nonce_of_a_candidate_whose_reserve_was_paused)
{
    ALOFT aloft;
    struct reserve *collateral;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    collateral = &aloft.state->tracked[0].market.reserve[aloft_flight(&aloft, 0)->collateral];
    collateral->flags |= RESERVE_PAUSED;
    aloft_missing(&aloft, "\"0x5\"", true);
    aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "a pause may be lifted");
    aloft_raised(&aloft, "\"0x5\"");
    cr_assert(aloft_flight(&aloft, 0)->is_cancel);
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
}

Test(cancelling, may_come_too_late)
{
    ALOFT aloft;

    gone_and_cancelled(&aloft);
    aloft_landed(&aloft, "\"0x6\"", 0, 0, true);
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), 1));
    cr_assert(eq(sz, aloft_said(&aloft, "cancelled"), 0));
}

Test(cancelling, is_not_done_where_the_account_goes_under_water_again)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    aloft_heal(&aloft, 1);
    aloft_missing(&aloft, "\"0x5\"", true);
    aloft_missing(&aloft, "\"0x5\"", true);
    (void)an_account(aloft.state, 1, 1000, 1750);
    aloft_raised(&aloft, "\"0x5\"");
    cr_assert(not(aloft_flight(&aloft, 0)->is_cancel));
}

/* It costs less than what it takes away. */
Test(cancelling, is_done_though_the_days_losses_are_used_up)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    aloft_heal(&aloft, 1);
    aloft.state->gate.day.loss = aloft.state->settings.limits.loss_per_day_max;
    aloft_raised(&aloft, "\"0x5\"");
    cr_assert(aloft_flight(&aloft, 0)->is_cancel);
}

/* Gone, at a fee that no step above fits under the ceiling; the node's word on it was lost. */
static void gone_and_unheld(struct aloft *aloft)
{
    struct limit_settings *limits;

    aloft_make(aloft, 1);
    limits = &aloft->state->settings.limits;
    cr_assert(eq(sz, aloft_posted(aloft), 1));
    limits->fee_per_gas_max = aloft_flight(aloft, 0)->max_fee_per_gas;
    aloft_answer_nothing(aloft, aloft_ask(aloft, SEND, 0), OBSERVED_TIMED_OUT);
    aloft_turn(aloft);
    aloft_heal(aloft, 1);
}

/* Found by reorgs under refusals: nobody had it, nothing was done, and all behind it stood. */
Test(cancelling, that_no_fee_allows_lets_out_what_no_node_has_once_a_head)
{
    ALOFT aloft;

    gone_and_unheld(&aloft);
    for (int i = 0; i < 3; i++) {
        aloft_missing(&aloft, "\"0x5\"", false);
        cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0));
        cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1), "not posted at head %d", i);
        cr_assert(eq(sz, lines_with(&aloft.notes, "transaction posted again", "nonce=5"), i + 1));
        aloft_answer_error(&aloft, aloft_ask(&aloft, SEND, 0), -32000,
                           "replacement transaction underpriced");
        aloft_turn(&aloft);
        cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0), "posted twice at head %d", i);
    }
    aloft_missing(&aloft, "\"0x5\"", false);
    aloft_taken(&aloft);
    for (int i = 0; i < 3; i++) {
        aloft_missing(&aloft, "\"0x5\"", true);
        cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0), "posted though a node has it");
    }
    aloft_landed(&aloft, "\"0x6\"", 0, 0, false);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
}

Test(cancelling, that_no_fee_allows_lets_out_nothing_while_killed_or_below_the_base_fee)
{
    ALOFT aloft;
    struct wei *base_fee;

    gone_and_unheld(&aloft);
    aloft.state->gate.breakers.is_killed = true;
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    aloft.state->gate.breakers.is_killed = false;
    base_fee = &aloft.state->header.base_fee;
    base_fee->value = aloft_flight(&aloft, 0)->max_fee_per_gas.value;
    cr_assert(u256_add(&base_fee->value, &base_fee->value, &(struct u256){{1000000000}}));
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    base_fee->value = u256_of(1000000000);
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1));
}
