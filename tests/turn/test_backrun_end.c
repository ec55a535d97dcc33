/* What flies behind an update: it waits with it, goes with it, and is counted by what came of it.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/behind.h"

#define SEND "eth_sendRawTransaction"
#define TAKEN "\"0x1111111111111111111111111111111111111111111111111111111111111111\""

static const struct waiting_update UPDATE = {0};

static uint64_t counted(const struct aloft *aloft, enum backrun_outcome outcome)
{
    return aloft->state->counters.backruns[outcome];
}

/* One is in the pool behind UPDATE, which waits too. */
static void fly(struct aloft *aloft)
{
    behind_make(aloft, 1);
    behind_next(aloft, &UPDATE);
    aloft_signed(aloft, false);
    aloft_turn(aloft);
    cr_assert(eq(sz, aloft_asks(aloft, SEND), 1));
    aloft_answer(aloft, aloft_ask(aloft, SEND, 0), (const char *const[]){TAKEN, NULL});
    aloft_turn(aloft);
}

/* What was asked at the head before is answered first. */
static void answer_at_head(struct aloft *aloft, const struct behind_word *word)
{
    behind_answer(aloft, &UPDATE, &(struct behind_word){0});
    behind_answer(aloft, &UPDATE, word);
}

static bool is_cancelling(const struct aloft *aloft)
{
    const struct flight *flight = aloft_flight(aloft, 0);

    return flight->next.is_asked && flight->next.is_cancel;
}

Test(backrun_end, waits_while_its_update_waits_and_is_never_raised)
{
    ALOFT aloft;

    fly(&aloft);
    aloft_missing(&aloft, "\"0x5\"", true);
    answer_at_head(&aloft, &(struct behind_word){0});
    aloft_turn(&aloft);
    cr_assert(not(aloft_flight(&aloft, 0)->next.is_asked));
    cr_assert(eq(u64, counted(&aloft, BACKRUN_FIRED), 1), "nor is it sent twice");
}

Test(backrun_end, is_cancelled_at_once_where_its_update_left_the_pool)
{
    ALOFT aloft;

    fly(&aloft);
    /* poll_ms later: is it still there? */
    cr_assert(eq(u32, behind_calls(&aloft), 2));
    behind_answer(&aloft, &UPDATE, &(struct behind_word){.is_gone = true});
    cr_assert(is_cancelling(&aloft));
    cr_assert(eq(u64, pool_counted(&aloft, POOL_GONE), 1));
    aloft_signed(&aloft, false);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1));
    aloft_answer(&aloft, aloft_ask(&aloft, SEND, 0), (const char *const[]){TAKEN, NULL});
    aloft_turn(&aloft);
    aloft_landed(&aloft, "\"0x6\"", 0, 1, true);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(eq(sz, aloft_said(&aloft, "cancelled"), 1));
    cr_assert(eq(u64, counted(&aloft, BACKRUN_MISSED), 1));
}

Test(backrun_end, is_cancelled_where_another_of_its_sender_took_the_updates_place)
{
    ALOFT aloft;

    fly(&aloft);
    aloft_missing(&aloft, "\"0x5\"", true);
    answer_at_head(&aloft, &(struct behind_word){.reverts = true});
    cr_assert(is_cancelling(&aloft), "its call would revert at this head");
}

Test(backrun_end, is_cancelled_where_its_update_waits_for_too_long)
{
    ALOFT aloft;

    fly(&aloft);
    for (int head = 0; head < 2; head++) {
        aloft_missing(&aloft, "\"0x5\"", true);
        answer_at_head(&aloft, &(struct behind_word){0});
    }
    aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(is_cancelling(&aloft));
}

Test(backrun_end, that_is_not_signed_yet_where_its_update_left_is_not_sent)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    behind_next(&aloft, &UPDATE);
    aloft_signed(&aloft, false);
    behind_update(&aloft)->state = UPDATE_GONE; /* heard in the same turn, before the signature */
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(eq(sz, aloft_said(&aloft, "dropped"), 1));
    cr_assert(eq(u64, counted(&aloft, BACKRUN_MISSED), 1));
}

static void update_lands(struct aloft *aloft, uint64_t block)
{
    TEXT receipt = {0};

    behind_receipt(&receipt, aloft, &UPDATE, block);
    answer_at_head(aloft, &(struct behind_word){.receipt = text_string(&receipt)});
}

Test(backrun_end, in_its_updates_block_landed_behind_it)
{
    ALOFT aloft;

    fly(&aloft);
    aloft_landed(&aloft, "\"0x6\"", 0, 0, true);
    cr_assert(eq(u64, counted(&aloft, BACKRUN_BEHIND), 0), "the update's block is not known yet");
    aloft_turn(&aloft);
    update_lands(&aloft, aloft.state->header.number);
    cr_assert(eq(u64, counted(&aloft, BACKRUN_BEHIND), 1));
    cr_assert(eq(u64, counted(&aloft, BACKRUN_LATER), 0));
}

Test(backrun_end, in_a_block_behind_its_updates_landed_later)
{
    ALOFT aloft;

    fly(&aloft);
    aloft_missing(&aloft, "\"0x5\"", true);
    update_lands(&aloft, aloft.state->header.number);
    aloft_landed(&aloft, "\"0x6\"", 0, 0, true);
    cr_assert(eq(u64, counted(&aloft, BACKRUN_LATER), 1));
    cr_assert(eq(u64, counted(&aloft, BACKRUN_BEHIND), 0));
}

Test(backrun_end, that_reverted_is_counted_so_and_asked_about_like_any_other)
{
    ALOFT aloft;

    fly(&aloft);
    aloft_landed(&aloft, "\"0x6\"", 0, 0, false);
    cr_assert(eq(u64, counted(&aloft, BACKRUN_REVERTED), 1));
    cr_assert(eq(sz, aloft_said(&aloft, "reverted"), 1));
}

Test(backrun_end, whose_update_has_landed_is_raised_like_any_other)
{
    ALOFT aloft;

    fly(&aloft);
    aloft_missing(&aloft, "\"0x5\"", true);
    update_lands(&aloft, aloft.state->header.number);
    armed_price(&aloft, 1996);
    aloft.state->judge_again = false;
    for (int head = 0; head < 3; head++)
        aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(aloft_flight(&aloft, 0)->next.is_asked);
    cr_assert(not(is_cancelling(&aloft)));
}

/* ---- a restart */

static void restore(struct aloft *aloft, struct turn_state *before)
{
    TEXT json = {0};
    struct observation kept = {.kind = OBSERVATION_RESTORED, .key = bytes_of_text("flight/1")};

    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        if (flight_is_live(&before->fleet.flight[i]))
            flight_encode(&json, &before->fleet.flight[i]);
    }
    kept.body = text_bytes(&json);
    aloft_tell(aloft, &kept);
    aloft_turn(aloft);
}

Test(backrun_end, of_an_earlier_life_asks_for_its_update_by_hash_and_is_cancelled_without_it)
{
    ALOFT aloft;
    ALOFT after;

    fly(&aloft);
    behind_make(&after, 1);
    arm_discard(after.state);
    restore(&after, aloft.state);
    cr_assert(eq(u32, fleet_live(&after.state->fleet), 1));
    cr_assert(hash32_is_equal(&aloft_flight(&after, 0)->behind, &aloft_flight(&aloft, 0)->behind));
    cr_assert(eq(u32, behind_calls(&after), 2), "its bytes are not known, only its hash");
    behind_answer(&after, &UPDATE, &(struct behind_word){.is_gone = true});
    cr_assert(is_cancelling(&after));
}

Test(backrun_end, of_an_earlier_life_waits_with_its_update)
{
    ALOFT aloft;
    ALOFT after;

    fly(&aloft);
    behind_make(&after, 1);
    arm_discard(after.state);
    restore(&after, aloft.state);
    behind_answer(&after, &UPDATE, &(struct behind_word){0});
    cr_assert(not(aloft_flight(&after, 0)->next.is_asked));
    cr_assert(eq(u64, after.state->counters.backruns[BACKRUN_FIRED], 0));
}

Test(backrun_end, outcome_has_a_word)
{
    for (int i = 0; i < BACKRUN_OUTCOME_COUNT; i++)
        cr_expect(gt(sz, strlen(backrun_outcome_text((enum backrun_outcome)i)), 1));
    for (int i = 0; i < POOL_COUNT_COUNT; i++)
        cr_expect(gt(sz, strlen(pool_count_text((enum pool_count)i)), 1));
}
