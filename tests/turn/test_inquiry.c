/* A receipt that says reverted: the node is asked why, and what it says decides what follows. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "eth/abi.h"
#include "eth/keccak.h"
#include "tests/feed/node.h"
#include "tests/turn/aloft.h"
#include "turn/inside.h"

#define CALL "eth_call"
#define NOT_ASKED NULL
#define PASSES "\"result\":\"0x\""
#define REVERTS "\"error\":{\"code\":3,\"message\":\"execution reverted\",\"data\":\""
#define WORDLESS REVERTS "0x\"}"
#define HEALTHY REVERTS "0x930bb771\"}" /* HealthFactorNotBelowThreshold() */
#define NO_DEBT REVERTS "0x979b5ce8\"}" /* SpecifiedCurrencyNotBorrowedByUser() */
#define OUT_OF_GAS "\"error\":{\"code\":-32000,\"message\":\"out of gas: gas required exceeds\"}"
#define BROKEN "\"error\":{\"code\":-32603,\"message\":\"internal error\"}"

static struct memory *memory_named(struct aloft *aloft, uint8_t name)
{
    struct address account = address_named(name);

    return memory_of(aloft->state, 0, &account);
}

/* One flight; the blocks up to the one that it will land in are known by their hashes. */
static uint64_t flies(struct aloft *aloft)
{
    uint64_t lands;
    struct flight *flight;

    aloft_make(aloft, 1);
    cr_assert(eq(sz, aloft_sent(aloft), 1));
    flight = aloft_flight(aloft, 0);
    lands = aloft->state->header.number + 1;
    head_mark_put(&aloft->state->follow, &(struct block_ref){lands - 1, node_hash(lands - 1, 0)},
                  true);
    head_mark_put(&aloft->state->follow, &(struct block_ref){lands, flight->hash}, true);
    return lands;
}

static void reverts(struct aloft *aloft)
{
    aloft_landed(aloft, "\"0x6\"", 0, 0, false);
    cr_assert(eq(sz, aloft_said(aloft, "reverted"), 1));
}

/* What the call says at the block before, and at its own. */
static void node_says(struct aloft *aloft, const char *before, const char *at)
{
    const struct ask *ask = aloft_ask(aloft, CALL, 0);
    struct observation answer;
    TEXT body = {0};

    cr_assert_not_null(ask, "nobody asks why");
    cr_assert(eq(u32, ask->calls, 2));
    text_add(&body, "[{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_u64(&body, ask->id * RPC_BATCH_MAX);
    text_add(&body, ",");
    text_add(&body, before);
    text_add(&body, "},{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_u64(&body, ask->id * RPC_BATCH_MAX + 1);
    text_add(&body, ",");
    text_add(&body, at);
    text_add(&body, "}]");
    answer = node_answer(ask->id, &body);
    aloft_tell(aloft, &answer);
    aloft_turn(aloft);
}

static uint32_t reverts_counted(const struct aloft *aloft)
{
    return (uint32_t)(aloft->state->gate.breakers.reverts & 1);
}

Test(inquiry, asks_at_the_block_before_and_at_its_own_and_lets_the_account_wait)
{
    ALOFT aloft;
    const struct ask *ask;
    TEXT data = {0};
    TEXT before = {0};
    struct hash32 hash;

    hash = node_hash(flies(&aloft) - 1, 0);
    text_add_hex(&data,
                 bytes_of(aloft_flight(&aloft, 0)->data, aloft_flight(&aloft, 0)->data_size));
    text_add_hex(&before, bytes_of(hash.byte, 32));
    reverts(&aloft);
    ask = aloft_ask(&aloft, CALL, 0);
    cr_assert_not_null(ask);
    cr_assert(eq(u32, ask->calls, 2));
    cr_assert_not_null(
        memmem(ask->body.data, ask->body.size, text_string(&data), text_length(&data)));
    cr_assert_not_null(
        memmem(ask->body.data, ask->body.size, text_string(&before), text_length(&before)));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "sent again before it is known");
    cr_assert(lines_with(&aloft.events, "\"reason\":\"in_flight\"", "") > 0);
    cr_assert(eq(u32, aloft.state->gate.breakers.receipts, 0), "counted before it is known");
    cr_assert(lines_with(&aloft.notes, "status=reverted", "") == 1);
}

static const struct row {
    const char *before;
    const char *at;
    uint32_t rival; /* index of its transaction in the same block; INDEX_UNKNOWN: none */
    enum revert_cause cause;
} rows[] = {
    {PASSES, HEALTHY, INDEX_UNKNOWN, CAUSE_OVERTAKEN},
    {HEALTHY, HEALTHY, INDEX_UNKNOWN, CAUSE_OVERTAKEN},
    {PASSES, HEALTHY, 2, CAUSE_LOST_RACE},
    {PASSES, HEALTHY, 4, CAUSE_OVERTAKEN}, /* it came behind ours */
    {PASSES, NO_DEBT, INDEX_UNKNOWN, CAUSE_LOST_RACE},
    {PASSES, REVERTS "0xba9fd16b\"}", INDEX_UNKNOWN, CAUSE_UNKNOWN}, /* a stranger's error */
    {PASSES, WORDLESS, INDEX_UNKNOWN, CAUSE_UNKNOWN},
    {PASSES, WORDLESS, 2, CAUSE_LOST_RACE}, /* the logs say what the call does not */
    {PASSES, WORDLESS, 4, CAUSE_UNKNOWN},
    {WORDLESS, HEALTHY, 2, CAUSE_LOST_RACE},
    {WORDLESS, WORDLESS, 2, CAUSE_UNKNOWN}, /* nobody had come first yet */
    {PASSES, PASSES, INDEX_UNKNOWN, CAUSE_UNKNOWN},
    {PASSES, PASSES, 2, CAUSE_LOST_RACE},
    {OUT_OF_GAS, OUT_OF_GAS, INDEX_UNKNOWN, CAUSE_GAS},
    {BROKEN, BROKEN, INDEX_UNKNOWN, CAUSE_UNKNOWN},
    {BROKEN, BROKEN, 2, CAUSE_LOST_RACE},
};

Test(inquiry, tells_the_cause_by_what_the_call_says_and_by_the_logs_of_the_block)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct row *row = &rows[i];
        bool is_fate = revert_cause_is_fate(row->cause);
        TEXT why = {0};
        ALOFT aloft;
        uint64_t lands = flies(&aloft);

        if (row->rival != INDEX_UNKNOWN)
            aloft_rival(&aloft, lands, row->rival);
        reverts(&aloft);
        node_says(&aloft, row->before, row->at);
        text_add(&why, "\"why\":\"");
        text_add(&why, revert_cause_text(row->cause));
        text_add(&why, "\"");
        cr_expect(lines_with(&aloft.events, "\"event\":\"transaction\"", text_string(&why)) == 1,
                  "row %zu: %s", i, text_string(&aloft.events));
        cr_expect(eq(u64, aloft.state->counters.reverts[row->cause], 1), "row %zu", i);
        cr_expect(eq(u32, aloft.state->gate.breakers.receipts, is_fate ? 0 : 1), "row %zu", i);
        cr_expect(eq(u32, reverts_counted(&aloft), is_fate ? 0 : 1), "row %zu", i);
        cr_expect(eq(u32, memory_named(&aloft, 1)->failures, is_fate ? 0 : 1), "row %zu", i);
        cr_expect(not(u256_is_zero(&aloft.state->gate.day.loss.value)), "its gas is a loss");
    }
}

/* Each with an error of its own, as Aave V3.4 and later name them. */
Test(inquiry, tells_a_pause_dust_an_empty_purse_and_a_dry_pool_apart)
{
    static const struct {
        const char *error;
        enum revert_cause cause;
    } errors[] = {
        {"ReservePaused()", CAUSE_PAUSED},
        {"LiquidationGraceSentinelCheckFailed()", CAUSE_PAUSED},
        {"MustNotLeaveDust()", CAUSE_DUST},
        {"ERC20InsufficientBalance(address,uint256,uint256)", CAUSE_SHORTAGE},
        {"NotEnoughAvailableUserBalance()", CAUSE_NO_LIQUIDITY},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(errors); i++) {
        TEXT says = {0};
        BUFFER selector = {0};
        ALOFT aloft;

        (void)flies(&aloft);
        reverts(&aloft);
        abi_add_selector(&selector, errors[i].error);
        text_add(&says, REVERTS);
        text_add_hex(&says, buffer_bytes(&selector));
        text_add(&says, "\"}");
        node_says(&aloft, PASSES, text_string(&says));
        cr_expect(eq(u64, aloft.state->counters.reverts[errors[i].cause], 1), "%s",
                  errors[i].error);
        cr_expect(eq(u32, reverts_counted(&aloft), 1));
        cr_expect(eq(sz, aloft_said(&aloft, "explained"), 1));
    }
}

Test(inquiry, lets_the_account_go_at_once_where_somebody_else_was_first)
{
    ALOFT aloft;
    uint64_t lands = flies(&aloft);

    aloft_rival(&aloft, lands, 1);
    reverts(&aloft);
    node_says(&aloft, PASSES, HEALTHY);
    cr_assert(eq(sz, aloft_said(&aloft, "lost_race"), 1));
    cr_assert(not(u256_is_zero(&aloft.state->race_tip.value)), "the next bid is dearer");
    cr_assert(lines_with(&aloft.events, "\"status\":\"lost_race\"", "\"by\":\"0x") == 1);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1), "still under water: again");
    cr_assert(lines_with(&aloft.notes, "status=lost_race", "") == 1);
}

Test(inquiry, waits_longer_each_time_where_nobody_knows_why)
{
    ALOFT aloft;
    uint64_t waits[4];
    char count[8];

    aloft_make(&aloft, 1);
    aloft_turn(&aloft);
    for (size_t i = 0; i < 4; i++) {
        uint64_t failed;

        aloft_signed(&aloft, false);
        aloft_turn(&aloft);
        aloft_answer_error(&aloft, aloft_ask(&aloft, "eth_sendRawTransaction", 0), -32000,
                           "already known");
        aloft_turn(&aloft);
        snprintf(count, sizeof(count), "\"0x%zx\"", 6 + i);
        aloft_landed(&aloft, count, 0, 0, false);
        failed = aloft.state->header.number;
        while (fleet_live(&aloft.state->fleet) == 0)
            aloft_block(&aloft);
        waits[i] = aloft.state->header.number - failed;
    }
    for (size_t i = 1; i < 4; i++)
        cr_assert(eq(u64, waits[i], 2 * waits[i - 1]));
}

Test(inquiry, that_ran_out_of_gas_gives_the_next_one_more)
{
    ALOFT aloft;
    uint64_t gas;

    (void)flies(&aloft);
    gas = aloft_flight(&aloft, 0)->gas;
    aloft_flight(&aloft, 0)->gas = 400000; /* all of it was burnt */
    reverts(&aloft);
    node_says(&aloft, PASSES, PASSES);
    cr_assert(eq(u64, aloft.state->counters.reverts[CAUSE_GAS], 1));
    while (fleet_live(&aloft.state->fleet) == 0)
        aloft_block(&aloft);
    cr_assert(gt(u64, aloft_flight(&aloft, 0)->gas, gas));
}

/* ---- nobody answers */

Test(inquiry, that_is_not_answered_counts_as_a_plain_revert)
{
    ALOFT aloft;

    (void)flies(&aloft);
    reverts(&aloft);
    aloft_answer_nothing(&aloft, aloft_ask(&aloft, CALL, 0), OBSERVED_TIMED_OUT);
    aloft_turn(&aloft);
    cr_assert(eq(u64, aloft.state->counters.reverts[CAUSE_UNKNOWN], 1));
    cr_assert(eq(u32, reverts_counted(&aloft), 1));
    cr_assert(gt(u64, memory_named(&aloft, 1)->retry_block, aloft.state->header.number));
}

Test(inquiry, that_is_not_answered_is_overtaken_where_the_mirror_says_so)
{
    ALOFT aloft;

    (void)flies(&aloft);
    reverts(&aloft);
    aloft_heal(&aloft, 1);
    aloft_answer_nothing(&aloft, aloft_ask(&aloft, CALL, 0), OBSERVED_TIMED_OUT);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_said(&aloft, "overtaken"), 1));
    cr_assert(eq(u32, aloft.state->gate.breakers.receipts, 0));
}

Test(inquiry, holds_nobody_up_for_longer_than_two_heads)
{
    ALOFT aloft;
    const struct ask *ask;
    struct observation late = {.kind = OBSERVATION_ANSWER, .status = OBSERVED_TIMED_OUT};

    (void)flies(&aloft);
    reverts(&aloft);
    ask = aloft_ask(&aloft, CALL, 0);
    cr_assert_not_null(ask);
    late.id = ask->id;
    for (int i = 0; i < 2; i++)
        aloft_block(&aloft);
    cr_assert(eq(u64, aloft.state->counters.reverts[CAUSE_UNKNOWN], 0));
    aloft_block(&aloft);
    cr_assert(eq(u64, aloft.state->counters.reverts[CAUSE_UNKNOWN], 1));
    aloft_tell(&aloft, &late); /* nobody's any more */
    aloft_turn(&aloft);
    cr_assert(eq(u64, aloft.state->counters.reverts[CAUSE_UNKNOWN], 1));
    cr_assert(eq(u32, aloft.state->gate.breakers.receipts, 1));
}

/* ---- what may happen meanwhile */

Test(inquiry, of_a_block_that_vanished_is_nobodys)
{
    ALOFT aloft;
    const struct ask *ask;
    struct observation late = {.kind = OBSERVATION_ANSWER, .status = OBSERVED_TIMED_OUT};

    (void)flies(&aloft);
    reverts(&aloft);
    ask = aloft_ask(&aloft, CALL, 0);
    late.id = ask->id;
    flights_reorg(aloft.state, aloft.state->header.number - 1);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(not(aloft_flight(&aloft, 0)->is_unexplained));
    aloft_tell(&aloft, &late);
    aloft_turn(&aloft);
    for (int cause = 0; cause < REVERT_CAUSE_COUNT; cause++)
        cr_assert(eq(u64, aloft.state->counters.reverts[cause], 0));
    cr_assert(eq(u32, aloft.state->gate.breakers.receipts, 0));
}

/* Killed between the receipt and the answer: the rate of reverts must not forget it. */
Test(inquiry, goes_on_in_the_next_life)
{
    ALOFT before;
    ALOFT aloft;
    struct observation restored = {.kind = OBSERVATION_RESTORED, .key = bytes_of_text("landed/1")};
    TEXT line = {0};
    TEXT receipt = {0};

    (void)flies(&before);
    reverts(&before);
    cr_assert(before.state->fleet.landed[0].is_unexplained);
    flight_encode(&line, &before.state->fleet.landed[0]);
    aloft_make(&aloft, 0);
    aloft.state->fleet.nonce_is_known = false;
    restored.body = text_bytes(&line);
    aloft_tell(&aloft, &restored);
    aloft_turn(&aloft);
    cr_assert(aloft_ask(&aloft, CALL, 0) == NULL, "asked before its block is known to stand");
    receipt_text(&receipt, &before.state->fleet.landed[0], aloft.state->header.number, false);
    aloft_answer(&aloft, aloft_ask(&aloft, "eth_getTransactionReceipt", 0),
                 (const char *const[]){"\"0x6\"", text_string(&receipt), "null", NULL});
    aloft_turn(&aloft);
    for (int i = 0; i < 4; i++)
        aloft_block(&aloft);
    cr_assert(eq(u64, aloft.state->counters.reverts[CAUSE_UNKNOWN], 1));
    cr_assert(eq(u32, reverts_counted(&aloft), 1));
    cr_assert(not(aloft.state->fleet.landed[0].is_unexplained));
}

Test(inquiry, has_a_bound_and_judges_what_is_over_it_by_what_is_known)
{
    ALOFT aloft;
    uint64_t lands = flies(&aloft);
    struct inquiries *inquiries = &aloft.state->inquiries;

    for (uint64_t i = 0; i < INQUIRIES_MAX; i++) {
        (void)fleet_land(
            &aloft.state->fleet,
            &(struct flight){.state = FLIGHT_REVERTED, .id = 1000 + i, .mined_block = lands});
        inquiries->open[inquiries->count++] =
            (struct inquiry){.flight = 1000 + i, .since_block = lands};
    }
    aloft_landed(&aloft, "\"0x6\"", 0, 0, false);
    cr_assert(eq(u64, aloft.state->counters.reverts[CAUSE_UNKNOWN], 1));
    cr_assert(eq(u32, reverts_counted(&aloft), 1));
}
