/* What opens each breaker, at its edge, and what closes it. */
#include "turn/breaker.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "turn/gate.h"

#define NOW_MS 1800000000000ll

static struct breakers breakers;
static struct limit_settings limits;

static void begin(void)
{
    memset(&breakers, 0, sizeof(breakers));
    limits = (struct limit_settings){.stale_head_max_ms = 1000,
                                     .latency_max_ms = 100,
                                     .revert_rate_max = 50,
                                     .revert_window = 4,
                                     .revert_pause_ms = 5000,
                                     .drift_max = 3};
}

TestSuite(breaker, .init = begin);

static bool open_at(enum breaker which, int64_t now_ms)
{
    return breaker_is_open(&breakers, which, &limits, now_ms);
}

static void answer_after(int64_t took_ms, bool is_head)
{
    breakers_asked(&breakers, NOW_MS);
    breakers_answered(&breakers, &limits, is_head, NOW_MS + took_ms);
}

static void receipts(const char *outcomes)
{
    for (; *outcomes != '\0'; outcomes++)
        breakers_receipt(&breakers, &limits, *outcomes == 'r', NOW_MS);
}

Test(breaker, stands_closed_before_anything_has_happened)
{
    for (int which = 0; which < BREAKER_COUNT; which++)
        cr_expect(not(open_at((enum breaker)which, NOW_MS)), "%s",
                  breaker_text((enum breaker)which));
}

Test(breaker, of_a_stale_head_opens_past_its_time_and_closes_with_the_next_head)
{
    breakers_head(&breakers, NOW_MS);
    cr_assert(not(open_at(BREAKER_STALE_HEAD, NOW_MS + 1000)));
    cr_assert(open_at(BREAKER_STALE_HEAD, NOW_MS + 1001));
    breakers_head(&breakers, NOW_MS + 1001);
    cr_assert(not(open_at(BREAKER_STALE_HEAD, NOW_MS + 1001)));
}

Test(breaker, of_latency_opens_only_where_answers_in_a_row_are_slow)
{
    for (int i = 0; i < LATENCY_ANSWERS - 1; i++)
        answer_after(101, true);
    answer_after(100, true);
    for (int i = 0; i < LATENCY_ANSWERS - 1; i++)
        answer_after(101, true);
    cr_assert(not(open_at(BREAKER_LATENCY, NOW_MS)));
    answer_after(101, true);
    cr_assert(open_at(BREAKER_LATENCY, NOW_MS));
    answer_after(100, true);
    cr_assert(not(open_at(BREAKER_LATENCY, NOW_MS)));
}

Test(breaker, of_latency_counts_a_slow_failure_and_is_not_closed_by_a_quick_one)
{
    for (int i = 0; i < LATENCY_ANSWERS; i++)
        answer_after(20000, false);
    cr_assert(open_at(BREAKER_LATENCY, NOW_MS));
    answer_after(1, false);
    cr_assert(open_at(BREAKER_LATENCY, NOW_MS));
}

Test(breaker, of_latency_measures_a_head_once_however_many_questions_it_takes)
{
    for (int i = 0; i < LATENCY_ANSWERS; i++) {
        answer_after(101, true);
        breakers_answered(&breakers, &limits, true, NOW_MS + 101);
    }
    cr_assert(open_at(BREAKER_LATENCY, NOW_MS));
}

Test(breaker, of_reverts_opens_past_its_share_of_the_window)
{
    receipts("rr");
    cr_assert(not(open_at(BREAKER_REVERT_RATE, NOW_MS)));
    receipts("r");
    cr_assert(open_at(BREAKER_REVERT_RATE, NOW_MS));
}

Test(breaker, of_reverts_forgets_what_left_the_window)
{
    receipts("rr...r.r");
    cr_assert(not(open_at(BREAKER_REVERT_RATE, NOW_MS)));
}

Test(breaker, of_reverts_closes_after_its_pause_with_an_empty_window)
{
    receipts("rrr");
    breakers_tick(&breakers, &limits, NOW_MS + 4999);
    cr_assert(open_at(BREAKER_REVERT_RATE, NOW_MS + 4999));
    breakers_tick(&breakers, &limits, NOW_MS + 5000);
    cr_assert(not(open_at(BREAKER_REVERT_RATE, NOW_MS + 5000)));
    receipts("rr");
    cr_assert(not(open_at(BREAKER_REVERT_RATE, NOW_MS + 5000)));
}

Test(breaker, of_reverts_without_a_pause_waits_for_an_operator)
{
    limits.revert_pause_ms = 0;
    receipts("rrr");
    breakers_tick(&breakers, &limits, NOW_MS + 1000000000);
    cr_assert(open_at(BREAKER_REVERT_RATE, NOW_MS));
    breakers_command(&breakers, false, true);
    cr_assert(open_at(BREAKER_REVERT_RATE, NOW_MS), "the kill file is no operator's word");
    breakers_command(&breakers, false, false);
    cr_assert(not(open_at(BREAKER_REVERT_RATE, NOW_MS)));
}

Test(breaker, of_reverts_outlives_a_restart)
{
    struct breakers after = {0};
    TEXT json = {0};

    receipts(".r");
    breakers_encode(&json, &breakers);
    cr_assert(breakers_restore(&after, text_bytes(&json)));
    breakers = after;
    receipts("rr");
    cr_assert(open_at(BREAKER_REVERT_RATE, NOW_MS));
    text_clear(&json);
    breakers_encode(&json, &breakers);
    memset(&after, 0, sizeof(after));
    cr_assert(breakers_restore(&after, text_bytes(&json)));
    cr_assert(breaker_is_open(&after, BREAKER_REVERT_RATE, &limits, NOW_MS));
    cr_assert(eq(u64, after.reverts, breakers.reverts));
}

Test(breaker, refuses_a_kept_line_that_is_none)
{
    static const char *const lines[] = {
        "", "{}", "{\"reverts_new\":1,\"reverts_old\":0,\"receipts\":65,\"reverts_ms\":0}",
        "{\"reverts_new\":1,\"reverts_old\":0,\"receipts\":1,\"reverts_ms\":-1}",
        "{\"reverts_new\":4294967296,\"reverts_old\":0,\"receipts\":1,\"reverts_ms\":0}"};

    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
        cr_expect(not(breakers_restore(&breakers, bytes_of_text(lines[i]))), "%s", lines[i]);
    cr_assert(eq(uint, breakers.receipts, 0));
}

Test(breaker, of_drift_adds_markets_up_and_closes_with_an_audit_without_a_difference)
{
    breakers_audit(&breakers, 0, 30, 1);
    breakers_audit(&breakers, 1, 30, 1);
    cr_assert(not(open_at(BREAKER_DRIFT, NOW_MS)));
    breakers_audit(&breakers, 0, 30, 1);
    cr_assert(open_at(BREAKER_DRIFT, NOW_MS));
    breakers_audit(&breakers, 0, 0, 0);
    cr_assert(open_at(BREAKER_DRIFT, NOW_MS), "an audit of nobody proves nothing");
    breakers_audit(&breakers, 0, 30, 0);
    cr_assert(not(open_at(BREAKER_DRIFT, NOW_MS)));
}

Test(breaker, of_funds_closes_with_another_balance_at_a_later_head)
{
    struct wei known = {u256_of(7)};
    struct wei less = {u256_of(6)};

    struct wei needed = {u256_of(8)};

    breakers_unfunded(&breakers, 100, &known, &needed);
    breakers_balance(&breakers, 100, &less);
    cr_assert(open_at(BREAKER_FUNDS, NOW_MS), "a balance that was already there");
    breakers_balance(&breakers, 101, &known);
    cr_assert(open_at(BREAKER_FUNDS, NOW_MS));
    breakers_balance(&breakers, 102, &less);
    cr_assert(not(open_at(BREAKER_FUNDS, NOW_MS)), "gas that flights held is free again");
}

Test(breaker, of_funds_stays_where_the_balance_does_not_cover_it)
{
    struct wei known = {u256_of(7)};
    struct wei needed = {u256_of(8)};

    breakers_unfunded(&breakers, 100, &known, &needed);
    breakers_balance(&breakers, 100000, &known);
    cr_assert(open_at(BREAKER_FUNDS, NOW_MS));
}

/* A node that errs once must not stop a keeper for ever: nothing that it sends moves its balance.
 */
Test(breaker, of_funds_that_the_balance_contradicts_is_tried_again_ever_more_seldom)
{
    struct wei known = {u256_of(8)};
    uint64_t block = 100;
    uint64_t heads = FUNDS_BLOCKS;

    for (int i = 0; i < 10; i++) {
        breakers_unfunded(&breakers, block, &known, &known);
        breakers_balance(&breakers, block + heads - 1, &known);
        cr_assert(open_at(BREAKER_FUNDS, NOW_MS), "%d", i);
        block += heads;
        breakers_balance(&breakers, block, &known);
        cr_assert(not(open_at(BREAKER_FUNDS, NOW_MS)), "%d", i);
        heads = heads < FUNDS_BLOCKS_MAX ? 2 * heads : heads;
    }
    breakers_funded(&breakers);
    breakers_unfunded(&breakers, block, &known, &known);
    breakers_balance(&breakers, block + FUNDS_BLOCKS, &known);
    cr_assert(not(open_at(BREAKER_FUNDS, NOW_MS)), "taken meanwhile: it begins anew");
}

Test(breaker, of_a_kill_opens_by_signal_or_file_and_a_file_lifts_no_signal)
{
    breakers_command(&breakers, true, false);
    breakers_command(&breakers, true, true);
    breakers_command(&breakers, false, true);
    cr_assert(open_at(BREAKER_KILL, NOW_MS));
    breakers_command(&breakers, true, true);
    breakers_command(&breakers, false, false);
    cr_assert(open_at(BREAKER_KILL, NOW_MS), "nor does a signal remove a file");
    breakers_command(&breakers, false, true);
    cr_assert(not(open_at(BREAKER_KILL, NOW_MS)));
}

Test(breaker, that_is_switched_off_never_opens)
{
    receipts("rrr");
    limits = (struct limit_settings){.revert_window = 4};
    breakers_head(&breakers, NOW_MS);
    breakers_audit(&breakers, 0, 30, 30);
    for (int i = 0; i < LATENCY_ANSWERS; i++)
        answer_after(1000000, true);
    for (int which = 0; which < BREAKER_COUNT; which++)
        cr_expect(not(open_at((enum breaker)which, INT64_MAX)), "%s",
                  breaker_text((enum breaker)which));
}

Test(breaker, has_a_name_a_reason_and_a_way_out_each)
{
    for (int which = 0; which < BREAKER_COUNT; which++) {
        TEXT why = {0};

        breakers.is_killed = true;
        breaker_why(&why, &breakers, (enum breaker)which, &limits, NOW_MS);
        cr_expect(gt(sz, text_length(&why), 5));
        cr_expect(gt(sz, strlen(breaker_text((enum breaker)which)), 3));
        cr_expect(gt(sz, strlen(breaker_closes(&breakers, (enum breaker)which, &limits)), 10));
        cr_expect(lt(sz, strlen(breaker_closes(&breakers, (enum breaker)which, &limits)), 96));
    }
}
