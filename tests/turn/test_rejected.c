/* What a rejection is a reason for beside the end of its transaction: more gas money, more gas. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/turn/aloft.h"
#include "turn/state.h"

#define SEND "eth_sendRawTransaction"
/* node-errors: geth's words */
#define UNCOVERED "insufficient funds for gas * price + value: balance 1, tx cost 2, overshot 1"
#define GAS_SHORT "insufficient gas for floor data gas cost: gas 21000, minimum needed 40000"
#define GUARDED "tx fee (1.20 ether) exceeds the configured cap (1.00 ether)"

static void rejected(struct aloft *aloft, const char *message)
{
    const struct ask *ask = aloft_ask(aloft, SEND, 0);

    cr_assert(ask != NULL);
    aloft_answer_error(aloft, ask, -32000, message);
    aloft_turn(aloft);
}

/* At the newest head the account holds so many wei. */
static void balance_is(struct aloft *aloft, uint64_t wei)
{
    aloft->state->gas_balance.value = u256_of(wei);
    breakers_balance(&aloft->state->gate.breakers, aloft->state->header.number,
                     &aloft->state->gas_balance);
}

#define TEN_ETHER 10000000000000000000u

Test(rejected, for_want_of_funds_holds_fire_until_a_later_head_shows_another_balance)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    balance_is(&aloft, TEN_ETHER);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    rejected(&aloft, UNCOVERED);
    cr_assert(eq(sz, aloft_said(&aloft, "dropped"), 1));
    cr_assert(breakers_open(aloft.state, BREAKER_FUNDS));
    balance_is(&aloft, TEN_ETHER + 1);
    cr_assert(breakers_open(aloft.state, BREAKER_FUNDS), "of the head that was refused");
    for (int i = 0; i < 5; i++) {
        aloft_block(&aloft);
        balance_is(&aloft, TEN_ETHER);
        cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0));
    }
    cr_assert(ge(u64, aloft.state->gate.refused[GATE_FUNDS], 5));
    cr_assert(eq(sz, lines_with(&aloft.notes, "breaker open", "breaker=funds"), 1), "said once");
    balance_is(&aloft, TEN_ETHER + 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1), "its account waits, though it was not at fault");
    cr_assert(eq(sz, lines_with(&aloft.events, "\"breaker\":\"funds\"", "\"closed\""), 1));
}

/* The chain says that there is plenty. */
Test(rejected, for_want_of_funds_that_the_balance_covers_is_tried_after_some_heads)
{
    ALOFT aloft;
    size_t heads = 0;

    aloft_make(&aloft, 1);
    balance_is(&aloft, TEN_ETHER);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    rejected(&aloft, UNCOVERED);
    while (aloft_posted(&aloft) == 0) {
        cr_assert(lt(sz, ++heads, 20), "it never is");
        aloft_block(&aloft);
        balance_is(&aloft, TEN_ETHER);
    }
    cr_assert(eq(sz, heads, FUNDS_BLOCKS));
    cr_assert(not(breakers_open(aloft.state, BREAKER_FUNDS)));
}

/* It may be right: one and all that is under way cost more at their ceilings than there is. */
Test(rejected, for_want_of_funds_that_the_balance_does_not_cover_stays)
{
    ALOFT aloft;

    aloft_make(&aloft, 2);
    balance_is(&aloft, TEN_ETHER);
    cr_assert(eq(sz, aloft_posted(&aloft), 2));
    const struct flight *other = aloft_flight(&aloft, 1);
    struct u256 both = u256_of(2 * other->gas);
    cr_assert(u256_mul(&both, &both, &other->max_fee_per_gas.value));
    const uint64_t less = both.limb[0] - 1;
    balance_is(&aloft, less); /* enough for one of them, as far as the first goes */
    rejected(&aloft, UNCOVERED);
    for (int i = 0; i < 3 * FUNDS_BLOCKS; i++) {
        aloft_block(&aloft);
        balance_is(&aloft, less);
        cr_assert(breakers_open(aloft.state, BREAKER_FUNDS), "after %d heads", i + 1);
    }
}

Test(rejected, for_want_of_funds_is_not_posted_again_until_the_balance_changed)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    aloft_answer_nothing(&aloft, aloft_ask(&aloft, SEND, 0), OBSERVED_TIMED_OUT);
    aloft_turn(&aloft);
    gate_unfunded(&aloft.state->gate, &aloft.state->fleet, aloft_flight(&aloft, 0),
                  aloft.state->header.number, &aloft.state->gas_balance);
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    balance_is(&aloft, TEN_ETHER + 1);
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1));
}

Test(rejected, for_want_of_funds_is_tried_where_an_operator_says_so)
{
    ALOFT aloft;
    struct observation resume = {.kind = OBSERVATION_COMMAND, .key = bytes_of_text("resume")};

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    rejected(&aloft, UNCOVERED);
    aloft_tell(&aloft, &resume);
    aloft_turn(&aloft);
    cr_assert(not(breakers_open(aloft.state, BREAKER_FUNDS)));
}

Test(rejected, for_want_of_gas_is_tried_at_once_with_half_as_much_again_and_once)
{
    ALOFT aloft;
    uint64_t gas;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    gas = aloft_flight(&aloft, 0)->gas;
    rejected(&aloft, GAS_SHORT);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1), "it waits");
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->gas, gas + gas / 2));
    aloft_signed(&aloft, false);
    aloft_turn(&aloft);
    rejected(&aloft, GAS_SHORT);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "asked without end");
    aloft_block(&aloft);
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->gas, gas + gas / 2), "raised without end");
}

Test(rejected, by_a_guard_of_the_node_is_said_as_an_error_and_backs_off)
{
    ALOFT aloft;
    size_t errors = 0;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    rejected(&aloft, GUARDED);
    for (uint32_t i = 0; i < aloft.actions->count; i++)
        errors += aloft.actions->action[i].kind == ACTION_NOTE &&
                  aloft.actions->action[i].level == NOTE_ERROR;
    cr_assert(eq(sz, errors, 1));
    cr_assert(not(breakers_open(aloft.state, BREAKER_FUNDS)), "our balance is not the matter");
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "no back-off");
}
