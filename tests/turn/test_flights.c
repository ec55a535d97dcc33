/* From the signer to the receipt: what each answer on the way does to a transaction. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/aloft.h"
#include "turn/state.h"

#define SEND "eth_sendRawTransaction"
#define RECEIPTS "eth_getTransactionReceipt"
#define RESULTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static uint32_t live(const struct aloft *aloft)
{
    return fleet_live(&aloft->state->fleet);
}

static size_t said(const struct aloft *aloft, const char *status)
{
    TEXT piece = {0};

    text_add(&piece, "\"status\":\"");
    text_add(&piece, status);
    text_add(&piece, "\"");
    return lines_with(&aloft->events, "\"event\":\"transaction\"", text_string(&piece));
}

static size_t forgotten(const struct aloft *aloft)
{
    size_t count = 0;

    for (uint32_t i = 0; i < aloft->actions->count; i++)
        count += aloft->actions->action[i].kind == ACTION_FORGET;
    return count;
}

static struct memory *memory_named(struct aloft *aloft, uint8_t name)
{
    uint8_t key[21];
    uint32_t slot;

    key[0] = 0;
    memset(key + 1, name, 20);
    slot = table_find(&aloft->state->memory_table, key);
    cr_assert(slot != TABLE_NONE);
    return &aloft->state->memory[slot];
}

/* ---- the signer */

Test(flights, are_kept_before_they_are_signed_and_again_before_they_are_posted)
{
    ALOFT aloft;
    size_t kept = 0;

    aloft_make(&aloft, 1);
    aloft_turn(&aloft);
    for (uint32_t i = 0; i < aloft.actions->count; i++) {
        kept += aloft.actions->action[i].kind == ACTION_KEEP;
        cr_assert(aloft.actions->action[i].kind != ACTION_SIGN || kept == 1);
    }
    cr_assert(eq(sz, kept, 1));
    aloft_signed(&aloft, false);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1));
    kept = 0;
    for (uint32_t i = 0; i < aloft.actions->count; i++)
        kept += aloft.actions->action[i].kind == ACTION_KEEP;
    cr_assert(eq(sz, kept, 1), "posted without its bytes on disk");
}

Test(flights, that_the_signer_refuses_are_dropped_and_back_off)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    aloft_turn(&aloft);
    aloft_signed(&aloft, true);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    cr_assert(eq(u32, live(&aloft), 0));
    cr_assert(eq(sz, forgotten(&aloft), 1));
    cr_assert(eq(sz, said(&aloft, "dropped"), 1));
    cr_assert(lines_with(&aloft.notes, "signer refused", "the policy says no") == 1);
    cr_assert(eq(u64, memory_named(&aloft, 1)->retry_block, aloft.state->header.number + 1));
    cr_assert(lines_with(&aloft.events, "\"reason\":\"backoff\"", "") == 1);
}

Test(flights, that_are_refused_again_and_again_wait_longer_each_time)
{
    ALOFT aloft;
    uint64_t waits[6];

    aloft_make(&aloft, 1);
    aloft_turn(&aloft);
    for (size_t i = 0; i < 6; i++) {
        uint64_t began = aloft.state->header.number;

        aloft_signed(&aloft, true);
        aloft_turn(&aloft);
        while (live(&aloft) == 0)
            aloft_block(&aloft);
        waits[i] = aloft.state->header.number - began;
    }
    for (size_t i = 1; i < 6; i++)
        cr_assert(eq(u64, waits[i], 2 * waits[i - 1]));
}

Test(flights, that_come_back_as_another_transaction_are_not_posted)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    aloft_turn(&aloft);
    aloft_flight(&aloft, 0)->nonce++; /* the signer signed another nonce than we know of */
    aloft_signed(&aloft, false);
    aloft_flight(&aloft, 0)->nonce--;
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    cr_assert(eq(u32, live(&aloft), 0));
    cr_assert(lines_with(&aloft.notes, "signer refused", "another transaction") == 1);
}

Test(flights, of_others_leave_though_one_hangs_at_the_signer)
{
    ALOFT aloft;

    aloft_make(&aloft, 10);
    aloft_turn(&aloft);
    cr_assert(eq(u32, live(&aloft), 10));
    aloft_signed(&aloft, false);
    aloft.count--; /* the last never comes */
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 9));
}

/* ---- the posting */

Test(flights, that_the_node_takes_are_sent)
{
    ALOFT aloft;

    aloft_make(&aloft, 3);
    cr_assert(eq(sz, aloft_sent(&aloft), 3));
    cr_assert(eq(sz, said(&aloft, "sent"), 3));
    for (size_t i = 0; i < 3; i++) {
        cr_assert(eq(int, aloft_flight(&aloft, i)->state, FLIGHT_SENT));
        cr_assert(not(aloft_flight(&aloft, i)->in_doubt));
    }
}

Test(flights, that_the_node_knows_already_are_sent)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    aloft_answer_error(&aloft, aloft_ask(&aloft, SEND, 0), -32000, "already known");
    aloft_turn(&aloft);
    cr_assert(eq(int, aloft_flight(&aloft, 0)->state, FLIGHT_SENT));
}

Test(flights, that_the_node_will_never_take_are_dropped_and_their_nonce_is_free)
{
    ALOFT aloft;
    uint64_t nonce;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    nonce = aloft_flight(&aloft, 0)->nonce;
    aloft_answer_error(&aloft, aloft_ask(&aloft, SEND, 0), -32000, "intrinsic gas too low");
    aloft_turn(&aloft);
    cr_assert(eq(u32, live(&aloft), 0));
    cr_assert(eq(sz, said(&aloft, "dropped"), 1));
    aloft_block(&aloft);
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, nonce));
}

/* A time-out says nothing of whether it arrived: asked for by hash, then the same bytes again. */
Test(flights, in_doubt_keep_their_nonce_and_are_posted_again_byte_for_byte)
{
    ALOFT aloft;
    TEXT first = {0};
    const struct ask *ask;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    text_add_bytes(&first,
                   bytes_of(aloft_flight(&aloft, 0)->raw, aloft_flight(&aloft, 0)->raw_size));
    aloft_answer_nothing(&aloft, aloft_ask(&aloft, SEND, 0), OBSERVED_TIMED_OUT);
    aloft_turn(&aloft);
    cr_assert(aloft_flight(&aloft, 0)->in_doubt);
    (void)an_account(aloft.state, 2, 1000, 1750); /* somebody else goes under water meanwhile */
    aloft_block(&aloft);
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
    cr_assert(eq(u64, aloft_flight(&aloft, 1)->nonce, 6), "the nonce went to another call");
    ask = aloft_ask(&aloft, RECEIPTS, 0);
    cr_assert_not_null(ask);
    cr_assert(eq(u32, ask->calls, 3), "count, receipt, and the hash");
    aloft_answer(&aloft, ask, RESULTS("\"0x5\"", "null", "null"));
    aloft_turn(&aloft);
    ask = aloft_ask(&aloft, SEND, 0);
    cr_assert_not_null(ask, "not posted again");
    TEXT params = {0};
    text_add_hex(&params, text_bytes(&first));
    cr_assert_not_null(
        memmem(ask->body.data, ask->body.size, text_string(&params), text_length(&params)));
}

Test(flights, in_doubt_that_the_node_has_are_sent_and_not_posted_again)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    aloft_answer_nothing(&aloft, aloft_ask(&aloft, SEND, 0), OBSERVED_UNREACHABLE);
    aloft_turn(&aloft);
    aloft_block(&aloft);
    aloft_answer(&aloft, aloft_ask(&aloft, RECEIPTS, 0),
                 RESULTS("\"0x5\"", "null", "{\"hash\":\"0x1\"}"));
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    cr_assert(eq(int, aloft_flight(&aloft, 0)->state, FLIGHT_SEEN));
    cr_assert(not(aloft_flight(&aloft, 0)->in_doubt));
    cr_assert(eq(sz, said(&aloft, "sent"), 1), "a program that follows them never hears of it");
    cr_assert(eq(sz, said(&aloft, "seen"), 1));
}

Test(flights, whose_nonce_is_too_low_wait_for_the_chain_to_say_whose_it_was)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_posted(&aloft), 1));
    aloft_answer_error(&aloft, aloft_ask(&aloft, SEND, 0), -32000, "nonce too low");
    aloft_turn(&aloft);
    cr_assert(eq(u32, live(&aloft), 1));
    cr_assert(aloft_flight(&aloft, 0)->in_doubt);
}

/* One of five is rejected: the hole goes to the next, so that nothing behind it waits for ever. */
Test(flights, fill_the_hole_that_a_dropped_one_leaves)
{
    ALOFT aloft;
    size_t holes = 0;

    aloft_make(&aloft, 5);
    cr_assert(eq(sz, aloft_posted(&aloft), 5));
    aloft_answer_error(&aloft, aloft_ask(&aloft, SEND, 2), -32000, "transaction underpriced");
    aloft_turn(&aloft);
    cr_assert(eq(u32, live(&aloft), 4));
    (void)an_account(aloft.state, 9, 1000, 1750);
    aloft_block(&aloft);
    for (size_t i = 0; i < live(&aloft); i++)
        holes += aloft_flight(&aloft, i)->nonce == 7;
    cr_assert(eq(sz, holes, 1));
}

/* ---- the receipt */

static void receipt_told(struct aloft *aloft, bool succeeded)
{
    TEXT receipt = {0};

    cr_assert(eq(sz, aloft_sent(aloft), 1));
    aloft_block(aloft);
    receipt_text(&receipt, aloft_flight(aloft, 0), aloft->state->header.number, succeeded);
    aloft_answer(aloft, aloft_ask(aloft, RECEIPTS, 0), RESULTS("\"0x6\"", text_string(&receipt)));
}

Test(flights, that_are_mined_end_and_their_gas_is_counted)
{
    ALOFT aloft;
    struct u256 gas = u256_of(400000ull * 1000000000ull);

    aloft_make(&aloft, 1);
    receipt_told(&aloft, true);
    aloft_heal(&aloft, 1);
    aloft_turn(&aloft);
    cr_assert(eq(u32, live(&aloft), 0));
    cr_assert(eq(sz, said(&aloft, "mined"), 1));
    cr_assert(eq(sz, forgotten(&aloft), 1));
    cr_assert(u256_is_equal(&aloft.state->gate.day.gas_spent.value, &gas));
    cr_assert(eq(u64, aloft.state->fleet.transaction_count, 6));
}

Test(flights, that_reverted_though_the_account_is_under_water_back_off)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    receipt_told(&aloft, false);
    aloft_turn(&aloft);
    cr_assert(eq(sz, said(&aloft, "reverted"), 1));
    cr_assert(eq(u32, live(&aloft), 0));
    cr_assert(gt(u64, memory_named(&aloft, 1)->retry_block, aloft.state->header.number));
    cr_assert(not(u256_is_zero(&aloft.state->gate.day.loss.value)), "its gas is a loss");
    cr_assert(eq(u64, aloft.state->counters.reverts[CAUSE_OVERTAKEN], 0));
}

Test(flights, that_reverted_since_the_price_came_back_do_not_back_off)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    receipt_told(&aloft, false);
    aloft_heal(&aloft, 1);
    aloft_turn(&aloft);
    cr_assert(eq(u64, aloft.state->counters.reverts[CAUSE_OVERTAKEN], 1));
    cr_assert(eq(u64, memory_named(&aloft, 1)->retry_block, 0));
    cr_assert(not(u256_is_zero(&aloft.state->gate.day.loss.value)),
              "its gas is a loss all the same");
}

Test(flights, of_one_account_do_not_meet)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    for (int i = 0; i < 5; i++)
        aloft_block(&aloft);
    cr_assert(eq(u32, live(&aloft), 1));
    cr_assert(lines_with(&aloft.events, "\"reason\":\"in_flight\"", "") > 0);
}

Test(flights, are_asked_for_once_a_block_and_again_where_the_answer_is_nonsense)
{
    ALOFT aloft;
    struct observation answer = {.kind = OBSERVATION_ANSWER, .body = bytes_of_text("<html>")};

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    aloft_block(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, RECEIPTS), 1));
    answer.id = aloft_ask(&aloft, RECEIPTS, 0)->id;
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, RECEIPTS), 0), "asked while it is asked");
    aloft_tell(&aloft, &answer);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, RECEIPTS), 1), "not asked again");
    aloft_answer(&aloft, aloft_ask(&aloft, RECEIPTS, 0), RESULTS("\"0x5\"", "null"));
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, RECEIPTS), 0), "asked twice at one block");
    cr_assert(eq(u32, live(&aloft), 1));
}

/* ---- another's transaction on the same nonce */

static void nonce_passes(struct aloft *aloft, const char *count)
{
    aloft_block(aloft);
    aloft_answer(aloft, aloft_ask(aloft, RECEIPTS, 0),
                 aloft_ask(aloft, RECEIPTS, 0)->calls == 2 ? RESULTS(count, "null")
                                                           : RESULTS(count, "null", "null"));
    aloft_turn(aloft);
}

Test(flights, whose_nonce_another_used_are_given_up_once_that_is_sure)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    nonce_passes(&aloft, "\"0x6\"");
    cr_assert(eq(u32, live(&aloft), 1), "given up at the first sight");
    for (int i = 0; i < 3; i++)
        nonce_passes(&aloft, "\"0x6\"");
    cr_assert(eq(sz, said(&aloft, "dropped"), 1));
    cr_assert(eq(u64, aloft.state->fleet.transaction_count, 6));
}

/* A reorg took the other's transaction back: ours may land after all. */
Test(flights, whose_nonce_is_free_again_are_not_given_up)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    nonce_passes(&aloft, "\"0x6\"");
    for (int i = 0; i < 4; i++)
        nonce_passes(&aloft, "\"0x5\"");
    cr_assert(eq(u32, live(&aloft), 1));
    cr_assert(eq(sz, said(&aloft, "dropped"), 0));
}
