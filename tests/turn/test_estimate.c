/* What gas a liquidation takes is asked beside its trial, and is a help, never a hindrance. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/feed/node.h"
#include "tests/turn/aloft.h"
#include "turn/inside.h"

#define CALL "eth_call"
#define ESTIMATE "eth_estimateGas"
#define RESULTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define TABLE_EXPECTED 440000u /* protocol/aave_v3/call.c, two assets */
#define TABLE_LIMIT 880000u

static void tried(struct aloft *aloft, uint8_t accounts)
{
    aloft_make(aloft, accounts);
    aloft->state->settings.simulate = SIMULATE_ALWAYS;
    aloft_turn(aloft);
    cr_assert_not_null(aloft_ask(aloft, CALL, 0));
    cr_assert_not_null(aloft_ask(aloft, ESTIMATE, 0), "not asked at the same time");
}

static size_t signatures(const struct aloft *aloft)
{
    return aloft_actions(aloft, ACTION_SIGN, NULL);
}

Test(estimate, is_asked_with_the_trial_at_the_same_block_and_bounded)
{
    ALOFT aloft;
    const struct ask *ask;
    TEXT hash = {0};
    TEXT gas = {0};

    tried(&aloft, 1);
    ask = aloft_ask(&aloft, ESTIMATE, 0);
    text_add_hex(&hash, bytes_of(aloft.state->header.hash.byte, 32));
    cr_assert_not_null(
        memmem(ask->body.data, ask->body.size, text_string(&hash), text_length(&hash)));
    text_add(&gas, "\"gas\":\"");
    text_add_quantity(&gas, TABLE_LIMIT * 3 / 2);
    cr_assert_not_null(
        memmem(ask->body.data, ask->body.size, text_string(&gas), text_length(&gas)));
    cr_assert(eq(u64, aloft.state->counters.simulation_calls, 2));
}

Test(estimate, decides_the_gas_limit_and_what_profit_pays)
{
    static const bool trial_first[] = {true, false};

    for (size_t i = 0; i < ARRAY_LENGTH(trial_first); i++) {
        ALOFT aloft;
        const struct ask *asks[2];

        tried(&aloft, 1);
        asks[0] = aloft_ask(&aloft, trial_first[i] ? CALL : ESTIMATE, 0);
        asks[1] = aloft_ask(&aloft, trial_first[i] ? ESTIMATE : CALL, 0);
        const struct ask first = *asks[0];
        const struct ask second = *asks[1];

        aloft_answer(&aloft, &first, trial_first[i] ? RESULTS("\"0x\"") : RESULTS("\"0x55730\""));
        aloft_turn(&aloft);
        cr_expect(eq(sz, signatures(&aloft), 0), "row %zu: signed on half of it", i);
        aloft_answer(&aloft, &second, trial_first[i] ? RESULTS("\"0x55730\"") : RESULTS("\"0x\""));
        aloft_turn(&aloft);
        cr_expect(eq(sz, signatures(&aloft), 1), "row %zu", i);
        cr_expect(eq(u64, aloft_flight(&aloft, 0)->gas_expected, 350000), "row %zu", i);
        cr_expect(eq(u64, aloft_flight(&aloft, 0)->gas, 700000), "row %zu", i);
    }
}

Test(estimate, that_eats_the_profit_leaves_nothing_to_send)
{
    ALOFT aloft;

    tried(&aloft, 1);
    aloft.state->header.base_fee.value = u256_of(80000000000u); /* 0.035 ether at the table's gas */
    aloft_answer(&aloft, aloft_ask(&aloft, CALL, 0), RESULTS("\"0x\""));
    aloft_answer(&aloft, aloft_ask(&aloft, ESTIMATE, 0), RESULTS("\"0xf4240\""));
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 0));
    cr_assert(lines_with(&aloft.events, "\"reason\":\"unprofitable\"", "") == 1);
}

Test(estimate, that_a_node_cannot_give_falls_back_to_the_table_and_is_not_asked_for_a_while)
{
    ALOFT aloft;

    tried(&aloft, 1);
    aloft_answer(&aloft, aloft_ask(&aloft, CALL, 0), RESULTS("\"0x\""));
    aloft_answer_error(&aloft, aloft_ask(&aloft, ESTIMATE, 0), -32602, "invalid argument 1");
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 1));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->gas, TABLE_LIMIT));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->gas_expected, TABLE_EXPECTED));
    (void)an_account(aloft.state, 2, 1000, 1750);
    aloft_block(&aloft);
    cr_assert_not_null(aloft_ask(&aloft, CALL, 0));
    cr_assert(aloft_ask(&aloft, ESTIMATE, 0) == NULL, "asked again at once");
    aloft_answer(&aloft, aloft_ask(&aloft, CALL, 0), RESULTS("\"0x\""));
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 1), "the second waits for nobody");
    (void)an_account(aloft.state, 3, 1000, 1750);
    aloft.state->header.number += ESTIMATE_REST_BLOCKS;
    aloft_block(&aloft);
    cr_assert_not_null(aloft_ask(&aloft, ESTIMATE, 0), "never again");
}

Test(estimate, that_nobody_answers_falls_back_to_the_table)
{
    ALOFT aloft;

    tried(&aloft, 1);
    aloft_answer(&aloft, aloft_ask(&aloft, CALL, 0), RESULTS("\"0x\""));
    aloft_answer_nothing(&aloft, aloft_ask(&aloft, ESTIMATE, 0), OBSERVED_TIMED_OUT);
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 1));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->gas, TABLE_LIMIT));
}

Test(estimate, that_takes_longer_than_a_head_holds_up_one_head_only)
{
    ALOFT aloft;

    tried(&aloft, 1);
    aloft_answer(&aloft, aloft_ask(&aloft, CALL, 0), RESULTS("\"0x\""));
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 0));
    aloft_block(&aloft);
    cr_assert_not_null(aloft_ask(&aloft, CALL, 0));
    cr_assert(aloft_ask(&aloft, ESTIMATE, 0) == NULL);
    aloft_answer(&aloft, aloft_ask(&aloft, CALL, 0), RESULTS("\"0x\""));
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 1));
}

/* The table is a guess: a token that takes more than it allows is no reason to leave it alone. */
Test(estimate, saves_a_trial_that_ran_out_of_the_table_s_gas)
{
    ALOFT aloft;

    tried(&aloft, 1);
    const struct ask estimate = *aloft_ask(&aloft, ESTIMATE, 0);

    aloft_answer_error(&aloft, aloft_ask(&aloft, CALL, 0), -32000, "out of gas");
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 0));
    aloft_answer(&aloft, &estimate, RESULTS("\"0xe7ef0\"")); /* 950,000 */
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 1));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->gas, TABLE_LIMIT * 3 / 2));
}

Test(estimate, does_not_pass_what_the_trial_says_would_revert)
{
    ALOFT aloft;

    tried(&aloft, 1);
    aloft_answer_error(&aloft, aloft_ask(&aloft, CALL, 0), 3, "execution reverted");
    aloft_answer(&aloft, aloft_ask(&aloft, ESTIMATE, 0), RESULTS("\"0x55730\""));
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 0));
    cr_assert(lines_with(&aloft.events, "\"reason\":\"simulation_failed\"", "") == 1);
}

/* One of a batch that would revert has none; the others keep theirs. */
Test(estimate, of_one_that_reverts_says_nothing_of_the_node)
{
    ALOFT aloft;
    struct observation answer;
    const struct ask *ask;
    TEXT body = {0};

    tried(&aloft, 2);
    aloft_answer(&aloft, aloft_ask(&aloft, CALL, 0), RESULTS("\"0x\"", "\"0x\""));
    ask = aloft_ask(&aloft, ESTIMATE, 0);
    text_add(&body, "[");
    node_error(&body, ask->id, 0, 3, "execution reverted");
    text_add(&body, ",");
    node_result(&body, ask->id, 1, "\"0x55730\"");
    text_add(&body, "]");
    answer = node_answer(ask->id, &body);
    aloft_tell(&aloft, &answer);
    aloft_turn(&aloft);
    cr_assert(eq(sz, signatures(&aloft), 2));
    cr_assert(
        eq(u64, aloft_flight(&aloft, 0)->gas + aloft_flight(&aloft, 1)->gas, TABLE_LIMIT + 700000));
    cr_assert(eq(u64, aloft.state->estimate_block, 0));
}
