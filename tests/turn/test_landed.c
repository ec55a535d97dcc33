/* What landed may vanish with its block: live again, and booked once however often it lands. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/aloft.h"
#include "turn/inside.h"

#define SEND "eth_sendRawTransaction"
#define RECEIPTS "eth_getTransactionReceipt"

static struct u256 gas_of_one(void)
{
    return u256_of(400000ull * 1000000000ull);
}

/* One flight, mined at the head. */
static void landed(struct aloft *aloft)
{
    aloft_make(aloft, 1);
    cr_assert(eq(sz, aloft_sent(aloft), 1));
    aloft_heal(aloft, 1);
    aloft_landed(aloft, "\"0x6\"", 0, 0, true);
    cr_assert(eq(sz, aloft_said(aloft, "mined"), 1));
    cr_assert(eq(sz, aloft_actions(aloft, ACTION_KEEP, "landed/"), 1));
}

Test(landed, is_live_again_when_its_block_vanishes_and_is_posted_byte_for_byte)
{
    ALOFT aloft;
    TEXT raw = {0};
    const struct ask *ask;

    landed(&aloft);
    text_add_hex(&raw,
                 bytes_of(aloft.state->fleet.landed[0].raw, aloft.state->fleet.landed[0].raw_size));
    (void)an_account(aloft.state, 1, 1000, 1750);
    flights_reorg(aloft.state, aloft.state->header.number - 1);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
    aloft_missing(&aloft, "\"0x5\"", false);
    ask = aloft_ask(&aloft, SEND, 0);
    cr_assert_not_null(ask, "not posted again");
    cr_assert_not_null(
        memmem(ask->body.data, ask->body.size, text_string(&raw), text_length(&raw)));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "a second one for the account");
}

/* On the new branch it would revert: its nonce is spent on ourselves, at once. */
Test(landed, is_cancelled_and_not_posted_again_where_its_candidate_is_gone)
{
    ALOFT aloft;

    landed(&aloft);
    flights_reorg(aloft.state, aloft.state->header.number - 1);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(aloft_ask(&aloft, SEND, 0) == NULL, "posted again");
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1), "not cancelled");
    aloft_signed(&aloft, false);
    aloft_turn(&aloft);
    cr_assert_not_null(aloft_ask(&aloft, SEND, 0));
    cr_assert(aloft_flight(&aloft, 0)->is_cancel);
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
}

/* A head whose reads failed says nothing of the candidate: posted on a guess it reverted. */
Test(landed, is_not_posted_again_at_a_head_that_could_not_be_read)
{
    ALOFT aloft;

    landed(&aloft);
    (void)an_account(aloft.state, 1, 1000, 1750);
    flights_reorg(aloft.state, aloft.state->header.number - 1);
    aloft.state->is_ready = aloft.state->tracked[0].is_complete = false;
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(aloft_ask(&aloft, SEND, 0) == NULL, "posted on a guess");
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1), "given up");
    aloft.state->is_ready = aloft.state->tracked[0].is_complete = true;
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert_not_null(aloft_ask(&aloft, SEND, 0), "not posted again once it is known");
}

Test(landed, is_booked_once_though_it_lands_twice)
{
    ALOFT aloft;
    struct u256 gas = gas_of_one();

    landed(&aloft);
    cr_assert(u256_is_equal(&aloft.state->gate.day.gas_spent.value, &gas));
    flights_reorg(aloft.state, aloft.state->header.number - 1);
    cr_assert(u256_is_zero(&aloft.state->gate.day.gas_spent.value));
    cr_assert(u256_is_zero(&aloft.state->gate.day.loss.value));
    aloft_landed(&aloft, "\"0x6\"", 0, 0, true);
    cr_assert(u256_is_equal(&aloft.state->gate.day.gas_spent.value, &gas));
    cr_assert(u256_is_equal(&aloft.state->counters.gas_spent.value, &gas));
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), 2));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
}

Test(landed, is_left_alone_by_a_reorg_above_it)
{
    ALOFT aloft;

    landed(&aloft);
    flights_reorg(aloft.state, aloft.state->header.number);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(not(u256_is_zero(&aloft.state->gate.day.gas_spent.value)));
}

Test(landed, whose_candidate_is_gone_is_cancelled_when_its_block_vanishes)
{
    ALOFT aloft;

    landed(&aloft);
    flights_reorg(aloft.state, aloft.state->header.number - 1);
    for (int i = 0; i < 3; i++)
        aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1));
    cr_assert(aloft_flight(&aloft, 0)->next.is_cancel);
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
}

Test(landed, is_forgotten_once_no_reorg_reaches_it)
{
    ALOFT aloft;

    landed(&aloft);
    aloft.state->header.number += LANDED_BLOCKS - 1;
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_FORGET, "landed/"), 0));
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_FORGET, "landed/"), 1));
    cr_assert(eq(int, aloft.state->fleet.landed[0].state, FLIGHT_FREE));
}

/* ---- over a restart */

static void another_life(struct aloft *out, const struct aloft *before)
{
    struct observation observation = {.kind = OBSERVATION_RESTORED};
    TEXT line = {0};
    TEXT day = {0};

    aloft_make(out, 0);
    out->state->fleet.nonce_is_known = false;
    gate_encode(&day, &before->state->gate);
    flight_encode(&line, &before->state->fleet.landed[0]);
    observation.key = bytes_of_text("landed/1");
    observation.body = text_bytes(&line);
    aloft_tell(out, &observation);
    observation.key = bytes_of_text("day");
    observation.body = text_bytes(&day);
    aloft_tell(out, &observation);
    aloft_turn(out);
    cr_assert(eq(u32, fleet_live(&out->state->fleet), 0));
    cr_assert_not_null(aloft_ask(out, RECEIPTS, 0), "nobody asks whether it still stands");
}

Test(landed, that_vanished_while_nobody_watched_is_live_again_after_a_restart)
{
    ALOFT before;
    ALOFT aloft;

    landed(&before);
    another_life(&aloft, &before);
    aloft_answer(&aloft, aloft_ask(&aloft, RECEIPTS, 0),
                 (const char *const[]){"\"0x5\"", "null", "null", NULL});
    aloft_turn(&aloft);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
    cr_assert(u256_is_zero(&aloft.state->gate.day.gas_spent.value), "booked in no block");
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_FORGET, "landed/"), 1));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_KEEP, "flight/"), 1));
}

Test(landed, that_still_stands_after_a_restart_is_not_told_again)
{
    ALOFT before;
    ALOFT aloft;
    TEXT receipt = {0};
    struct u256 gas = gas_of_one();

    landed(&before);
    another_life(&aloft, &before);
    receipt_text(&receipt, &before.state->fleet.landed[0], aloft.state->header.number, true);
    aloft_answer(&aloft, aloft_ask(&aloft, RECEIPTS, 0),
                 (const char *const[]){"\"0x6\"", text_string(&receipt), "null", NULL});
    aloft_turn(&aloft);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), 0));
    cr_assert(u256_is_equal(&aloft.state->gate.day.gas_spent.value, &gas));
    cr_assert(aloft.state->fleet.nonce_is_known);
}

Test(landed, is_told_to_have_vanished_though_its_nonce_is_anothers_by_now)
{
    ALOFT before;
    ALOFT aloft;

    landed(&before);
    another_life(&aloft, &before);
    fleet_set_nonce(&aloft.state->fleet, 5);
    cr_assert_not_null(fleet_draft(&aloft.state->fleet, &aloft.state->settings.account,
                                   (struct bytes){0}, aloft.now_ms));
    aloft_answer(&aloft, aloft_ask(&aloft, RECEIPTS, 0),
                 (const char *const[]){"\"0x5\"", "null", "null", NULL});
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_said(&aloft, "vanished"), 1));
}

/* One flight under way; its receipt names that block, of which another hash is known or none. */
static void receipt_of_block(struct aloft *aloft, uint64_t ahead, bool is_contradicted)
{
    const struct flight *flight;
    TEXT receipt = {0};
    struct block_ref block;

    aloft_make(aloft, 1);
    cr_assert(eq(sz, aloft_sent(aloft), 1));
    aloft_heal(aloft, 1);
    aloft_block(aloft);
    flight = aloft_flight(aloft, 0);
    block = (struct block_ref){aloft->state->header.number + ahead, flight->hash};
    block.hash.byte[0] ^= is_contradicted;
    head_mark_put(&aloft->state->follow, &block, true);
    receipt_text(&receipt, flight, block.number, true);
    aloft_answer(aloft, aloft_ask(aloft, RECEIPTS, 0),
                 (const char *const[]){"\"0x5\"", text_string(&receipt), NULL});
    aloft_turn(aloft);
}

Test(landed, counts_where_the_receipt_s_block_is_ours)
{
    ALOFT aloft;

    receipt_of_block(&aloft, 0, false);
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), 1));
}

Test(landed, counts_nothing_of_a_receipt_whose_block_is_of_another_branch)
{
    ALOFT aloft;

    receipt_of_block(&aloft, 0, true);
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), 0));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(u256_is_zero(&aloft.state->counters.gas_spent.value));
    cr_assert(u256_is_zero(&aloft.state->gate.day.gas_spent.value));
    aloft_landed(&aloft, "\"0x6\"", 0, 0, true); /* at the next head it is in one of ours */
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), 1));
}

Test(landed, counts_nothing_of_a_receipt_whose_block_is_not_read_yet)
{
    ALOFT aloft;

    receipt_of_block(&aloft, 1, false);
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), 0));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(u256_is_zero(&aloft.state->counters.gas_spent.value));
}
