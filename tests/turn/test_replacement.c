/* What does not move: raised under its nonce, cancelled, or its hole filled; never given twice. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/aloft.h"
#include "turn/state.h"

#define SEND "eth_sendRawTransaction"

Test(replacement, of_what_is_stuck_keeps_the_nonce_and_raises_both_fees_and_is_included_once)
{
    ALOFT aloft;
    struct flight *flight;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    for (uint32_t attempts = 2; attempts <= 4; attempts++) {
        struct flight before = *aloft_flight(&aloft, 0);

        aloft_raised(&aloft, "\"0x5\"");
        flight = aloft_flight(&aloft, 0);
        cr_assert(eq(u32, flight->attempt_count, attempts));
        cr_assert(eq(u64, flight->nonce, 5));
        cr_assert(aloft_is_raised(&flight->max_fee_per_gas.value, &before.max_fee_per_gas.value));
        cr_assert(aloft_is_raised(&flight->max_priority_fee_per_gas.value,
                                  &before.max_priority_fee_per_gas.value));
        cr_assert(eq(int, memcmp(flight->data, before.data, before.data_size), 0));
        aloft_taken(&aloft);
    }
    cr_assert(eq(sz, aloft_said(&aloft, "replaced"), 3));
    aloft_heal(&aloft, 1);
    aloft_landed(&aloft, "\"0x6\"", 0, 3, true);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), 1));
}

/* The first may win after all: its own data, and one booking. */
Test(replacement, ends_with_the_receipt_of_any_attempt)
{
    ALOFT aloft;
    struct u256 gas = u256_of(400000ull * 1000000000ull);
    struct hash32 first;
    char hash[HASH32_TEXT_SIZE];

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    first = aloft_flight(&aloft, 0)->hash;
    aloft_raised(&aloft, "\"0x5\"");
    aloft_taken(&aloft);
    aloft_heal(&aloft, 1);
    aloft_landed(&aloft, "\"0x6\"", 0, 0, true);
    hash32_format(hash, &first);
    cr_assert(lines_with(&aloft.events, "\"status\":\"mined\"", hash) == 1);
    cr_assert(u256_is_equal(&aloft.state->gate.day.gas_spent.value, &gas));
}

Test(replacement, is_made_at_the_next_head_where_the_base_fee_outgrew_it)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    aloft.state->settings.limits.gas_per_day_max.value = u256_of(100000000000000000u);
    cr_assert(eq(sz, aloft_sent(&aloft), 1), "with a ceiling of two base fees");
    aloft.state->header.base_fee.value = u256_of(5000000000);
    aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1));
}

Test(replacement, waits_while_others_of_ours_land)
{
    ALOFT aloft;
    const char *const counts[] = {"\"0x6\"", "\"0x7\"", "\"0x8\"", "\"0x9\""};

    aloft_make(&aloft, 6);
    cr_assert(eq(sz, aloft_sent(&aloft), 6));
    for (uint8_t i = 0; i < 4; i++) {
        aloft_heal(&aloft, aloft_flight(&aloft, 0)->account.byte[0]);
        aloft_landed(&aloft, counts[i], 0, 0, true);
        cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "raised at step %u", i);
    }
}

Test(replacement, is_refused_over_the_fee_ceiling)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    aloft.state->settings.limits.fee_per_gas_max = aloft_flight(&aloft, 0)->max_fee_per_gas;
    for (int i = 0; i < 8; i++)
        aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(u32, aloft_flight(&aloft, 0)->attempt_count, 1));
    cr_assert(eq(sz, aloft_said(&aloft, "replaced"), 0));
}

Test(replacement, is_refused_where_it_would_eat_the_profit)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    aloft.state->settings.limits.profit_min = aloft_flight(&aloft, 0)->gross;
    for (int i = 0; i < 8; i++)
        aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(u32, aloft_flight(&aloft, 0)->attempt_count, 1));
}

Test(replacement, is_refused_by_the_kill_switch)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    aloft.state->gate.breakers.is_killed = true;
    for (int i = 0; i < 8; i++)
        aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(u32, aloft_flight(&aloft, 0)->attempt_count, 1));
}

Test(replacement, that_the_signer_refuses_leaves_what_is_under_way)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    for (int i = 0; i < ALOFT_STUCK_BLOCKS; i++)
        aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1));
    aloft_signed(&aloft, true);
    aloft_turn(&aloft);
    cr_assert(eq(u32, aloft_flight(&aloft, 0)->attempt_count, 1));
    cr_assert(eq(sz, aloft_said(&aloft, "dropped"), 0));
    aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "asked again at once");
    aloft_raised(&aloft, "\"0x5\"");
}

/* Without it, one whose candidate goes could not be cancelled. */
Test(replacement, leaves_the_last_attempt_to_a_cancel)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    for (uint32_t i = 1; i < ATTEMPTS_MAX - 1; i++) {
        aloft_raised(&aloft, "\"0x5\"");
        aloft_taken(&aloft);
    }
    for (int i = 0; i < 8; i++)
        aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(u32, aloft_flight(&aloft, 0)->attempt_count, ATTEMPTS_MAX - 1));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0));
    aloft_heal(&aloft, 1);
    aloft_raised(&aloft, "\"0x5\"");
    cr_assert(aloft_flight(&aloft, 0)->is_cancel);
    cr_assert(eq(u32, aloft_flight(&aloft, 0)->attempt_count, ATTEMPTS_MAX));
}

/* A wallet's own transaction holds the nonce in the node's pool. */
Test(replacement, that_a_node_calls_underpriced_is_doubled_at_once)
{
    ALOFT aloft;
    struct u256 twice;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    twice = aloft_flight(&aloft, 0)->max_fee_per_gas.value;
    cr_assert(u256_add(&twice, &twice, &twice));
    aloft_answer_error(&aloft, aloft_ask(&aloft, SEND, 0), -32000,
                       "replacement transaction underpriced");
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1));
    aloft_signed(&aloft, false);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1));
    cr_assert(not(u256_is_less(&aloft_flight(&aloft, 0)->max_fee_per_gas.value, &twice)));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
}

/* Twice its fee is over the ceiling, the ceiling is a step above it. */
Test(replacement, that_cannot_be_doubled_goes_up_to_the_ceiling)
{
    ALOFT aloft;
    struct wei *most;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    most = &aloft.state->settings.limits.fee_per_gas_max;
    *most = aloft_flight(&aloft, 0)->max_fee_per_gas;
    cr_assert(u256_mul_div(&most->value, &most->value, &(struct u256){{3}}, &(struct u256){{2}}));
    aloft_answer_error(&aloft, aloft_ask(&aloft, SEND, 0), -32000,
                       "replacement transaction underpriced");
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1), "not raised");
    aloft_signed(&aloft, false);
    aloft_turn(&aloft);
    cr_assert(u256_is_equal(&aloft_flight(&aloft, 0)->max_fee_per_gas.value, &most->value));
}

/* Posted again at each head it was refused at each, and never came to be raised. */
Test(replacement, raises_what_is_in_doubt_and_below_the_base_fee_instead_of_posting_it_again)
{
    ALOFT aloft;
    struct wei *base_fee;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    aloft_flight(&aloft, 0)->in_doubt = true;
    base_fee = &aloft.state->header.base_fee;
    base_fee->value = aloft_flight(&aloft, 0)->max_fee_per_gas.value;
    cr_assert(u256_add(&base_fee->value, &base_fee->value, &(struct u256){{1000000000}}));
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0), "posted though no block can take it");
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1), "not raised");
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
}

/* ---- holes */

static void third_of_five_is_dropped(struct aloft *aloft)
{
    aloft_make(aloft, 5);
    cr_assert(eq(sz, aloft_posted(aloft), 5));
    for (size_t i = 0; i < 5; i++) {
        if (i == 2)
            aloft_answer_error(aloft, aloft_ask(aloft, SEND, i), -32000, "transaction underpriced");
        else
            aloft_answer_error(aloft, aloft_ask(aloft, SEND, i), -32000, "already known");
    }
    aloft_heal(aloft, aloft_flight(aloft, 2)->account.byte[0]);
    aloft_turn(aloft);
    cr_assert(eq(u32, fleet_live(&aloft->state->fleet), 4));
}

Test(holes, of_one_dropped_among_five_are_filled_by_a_transaction_to_ourselves)
{
    ALOFT aloft;
    const struct flight *filler = NULL;

    third_of_five_is_dropped(&aloft);
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "too early");
        aloft_missing(&aloft, "\"0x5\"", true);
    }
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 3), "it, and the two before it");
    for (size_t i = 0; i < 5; i++) {
        const struct flight *flight = aloft_flight(&aloft, i);

        filler = flight->nonce == 7 ? flight : filler;
    }
    cr_assert_not_null(filler);
    cr_assert(filler->is_cancel);
    cr_assert(eq(u64, filler->gas, CANCEL_GAS));
    cr_assert(address_is_equal(&filler->to, &aloft.state->settings.account));
}

Test(holes, are_filled_though_as_many_are_under_way_as_may_be)
{
    ALOFT aloft;

    third_of_five_is_dropped(&aloft);
    aloft.state->settings.limits.in_flight_max = 4;
    for (int i = 0; i < 3; i++)
        aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 5));
}

Test(holes, keep_what_waits_behind_them_from_being_raised)
{
    ALOFT aloft;

    third_of_five_is_dropped(&aloft);
    aloft.state->gate.breakers.is_killed = true; /* nobody fills it */
    for (int i = 0; i < 5; i++)
        aloft_missing(&aloft, "\"0x5\"", true);
    aloft.state->gate.breakers.is_killed = false;
    aloft.state->hole_block = aloft.state->header.number + 1;
    aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 2), "only the two before the hole");
}
