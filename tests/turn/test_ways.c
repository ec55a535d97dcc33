/* By which way the bytes leave: one way at a time, the same bytes to everybody on it, and never a
 * second transaction. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/relayed.h"
#include "turn/state.h"

Test(ways, private_bytes_go_to_every_relay_and_builder_and_to_no_pool)
{
    ALOFT aloft;
    TEXT params = {0};
    uint64_t head;

    private_make(&aloft, 1, 5);
    signed_and_posted(&aloft);
    head = aloft.state->header.number;
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 0));
    cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE), 2 * BUNDLE_BLOCKS));
    for (size_t i = 0; i < 2 * BUNDLE_BLOCKS; i++)
        bundle_is(&aloft, i, head + 1 + i / 2, 1 + (int)(i % 2));
    cr_assert(eq(sz, aloft_asks(&aloft, PRIVATE), 1));
    params_of(&params, aloft_flight(&aloft, 0), "[{\"tx\":\"", "\",\"maxBlockNumber\":\"",
              head + 25, "\",\"preferences\":{\"fast\":true}}]");
    is_exactly(aloft_ask(&aloft, PRIVATE, 0), PRIVATE, text_string(&params), 3);
}

Test(ways, public_bytes_go_to_no_relay)
{
    ALOFT aloft;
    TEXT params = {0};

    private_make(&aloft, 1, 5);
    aloft.state->settings.way_out = WAY_PUBLIC;
    signed_and_posted(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 1));
    cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE) + aloft_asks(&aloft, PRIVATE), 0));
    params_of(&params, aloft_flight(&aloft, 0), "[\"", "\"", 0, "]");
    is_exactly(aloft_ask(&aloft, PUBLIC, 0), PUBLIC, text_string(&params), ENDPOINT_ANY);
}

Test(ways, a_builder_is_offered_each_block_once_and_none_that_is_there)
{
    ALOFT aloft;
    uint64_t next;

    private_make(&aloft, 1, 0);
    signed_and_posted(&aloft);
    next = aloft.state->header.number + BUNDLE_BLOCKS + 1;
    all_take(&aloft);
    cr_assert(eq(sz, aloft_said(&aloft, "sent"), 1));
    for (int i = 0; i < 2; i++, next++) {
        aloft_missing(&aloft, "\"0x5\"", false);
        cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE), 2), "one more block, of each builder");
        bundle_is(&aloft, 0, next, 1);
        bundle_is(&aloft, 1, next, 2);
        cr_assert(eq(sz, aloft_asks(&aloft, PRIVATE), 0), "the relay was told how long");
        all_take(&aloft);
    }
    /* heads that were missed */
    aloft.state->header.number += BUNDLE_BLOCKS + 4;
    aloft.state->moved_block = aloft.state->header.number; /* not stuck */
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE), 2 * BUNDLE_BLOCKS));
    bundle_is(&aloft, 0, aloft.state->header.number + 1, 1);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 0));
}

Test(ways, a_relay_is_asked_again_when_its_time_is_over)
{
    ALOFT aloft;

    private_make(&aloft, 1, 0);
    signed_and_posted(&aloft);
    all_take(&aloft);
    aloft.state->header.number += 25;
    aloft.state->moved_block = aloft.state->header.number;
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, PRIVATE), 1));
}

Test(ways, one_that_takes_it_is_enough_whatever_the_others_say)
{
    ALOFT aloft;

    private_make(&aloft, 1, 0);
    signed_and_posted(&aloft);
    all_refuse(&aloft, BUNDLE);
    all_answer(&aloft, PRIVATE, HASH);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_said(&aloft, "sent"), 1));
    cr_assert(eq(sz, aloft_said(&aloft, "dropped"), 0));
    cr_assert_not(aloft_flight(&aloft, 0)->in_doubt);
    cr_assert_not_null(strstr(text_string(&aloft.notes), "endpoint="), "who refused is told");
}

Test(ways, what_nobody_takes_is_dropped_only_when_the_last_has_said_so)
{
    ALOFT aloft;

    private_make(&aloft, 1, 0);
    signed_and_posted(&aloft);
    struct ask relay = *aloft_ask(&aloft, PRIVATE, 0);
    all_refuse(&aloft, BUNDLE);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_said(&aloft, "dropped"), 0), "the relay may still have it");
    aloft_answer_error(&aloft, &relay, -32000, "insufficient funds for gas * price + value");
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_said(&aloft, "dropped"), 1));
}

Test(ways, one_that_does_not_answer_leaves_it_in_doubt_and_it_goes_the_same_way_again)
{
    ALOFT aloft;

    private_make(&aloft, 1, 0);
    signed_and_posted(&aloft);
    aloft_answer_nothing(&aloft, aloft_ask(&aloft, PRIVATE, 0), OBSERVED_TIMED_OUT);
    all_refuse(&aloft, BUNDLE);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_said(&aloft, "dropped"), 0));
    cr_assert(aloft_flight(&aloft, 0)->in_doubt);
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 0));
    cr_assert(eq(sz, aloft_asks(&aloft, PRIVATE), 1));
    cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE), 2 * BUNDLE_BLOCKS));
}

Test(ways, a_relay_that_says_nothing_holds_up_no_receipt)
{
    ALOFT aloft;

    private_make(&aloft, 1, 0);
    signed_and_posted(&aloft);
    aloft_landed(&aloft, "\"0x6\"", 0, 0, true);
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), 1));
}

/* The first posting is not answered, the second is refused by all: the first may have arrived. */
static void unanswered_then_refused(struct aloft *aloft)
{
    private_make(aloft, 1, 0);
    signed_and_posted(aloft);
    aloft_missing(aloft, "\"0x5\"", false); /* one more block is offered meanwhile */
    cr_assert(eq(sz, aloft_asks(aloft, BUNDLE), 2));
    all_refuse(aloft, BUNDLE);
    aloft_turn(aloft);
}

Test(ways, what_may_have_arrived_before_is_not_dropped_by_a_later_refusal)
{
    ALOFT aloft;

    unanswered_then_refused(&aloft);
    cr_assert(eq(sz, aloft_said(&aloft, "dropped"), 0));
    cr_assert(aloft_flight(&aloft, 0)->in_doubt);
}

Test(ways, after_the_named_blocks_the_same_bytes_go_public_once)
{
    ALOFT aloft;
    TEXT params = {0};
    struct flight *flight;

    private_make(&aloft, 1, 2);
    signed_and_posted(&aloft);
    flight = aloft_flight(&aloft, 0);
    params_of(&params, flight, "[\"", "\"", 0, "]");
    all_take(&aloft);
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 0));
    all_take(&aloft);
    aloft_missing(&aloft, "\"0x5\"", false);
    is_exactly(aloft_ask(&aloft, PUBLIC, 0), PUBLIC, text_string(&params), ENDPOINT_ANY);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 1));
    cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE) + aloft_asks(&aloft, PRIVATE), 0));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0), "no second transaction");
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_KEEP, "flight/"), 1), "on disk before it");
    cr_assert(eq(sz, aloft_said(&aloft, "published"), 1));
    all_answer(&aloft, PUBLIC, HASH);
    aloft_turn(&aloft);
    aloft_missing(&aloft, "\"0x5\"", true);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC) + aloft_asks(&aloft, BUNDLE), 0));
}

Test(ways, never_public_where_the_blocks_are_0)
{
    ALOFT aloft;

    private_make(&aloft, 1, 0);
    signed_and_posted(&aloft);
    for (int i = 0; i < 40; i++) {
        all_take(&aloft);
        aloft_missing(&aloft, "\"0x5\"", false);
        cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 0), "block %d", i);
        aloft_signed(&aloft, false); /* raised meanwhile */
        aloft_turn(&aloft);
        cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 0), "block %d", i);
    }
    cr_assert(aloft_flight(&aloft, 0)->attempt_count > 1, "raised, on the same way");
}

Test(ways, what_has_no_candidate_any_more_is_cancelled_on_its_own_way_and_never_published)
{
    ALOFT aloft;
    struct flight *flight;

    private_make(&aloft, 1, 3);
    signed_and_posted(&aloft);
    flight = aloft_flight(&aloft, 0);
    all_take(&aloft);
    aloft_heal(&aloft, 1);
    for (int i = 0; i < 6 && aloft_actions(&aloft, ACTION_SIGN, NULL) == 0; i++) {
        aloft_missing(&aloft, "\"0x5\"", false);
        cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 0));
        cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE), 0), "no more blocks are offered what reverts");
    }
    aloft_signed(&aloft, false);
    aloft_turn(&aloft);
    cr_assert(flight->is_cancel && flight->is_private);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 0));
    cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE), 2 * BUNDLE_BLOCKS));
}

Test(ways, a_cancel_of_what_went_public_goes_public)
{
    ALOFT aloft;

    private_make(&aloft, 1, 1);
    signed_and_posted(&aloft);
    all_take(&aloft);
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 1));
    all_answer(&aloft, PUBLIC, HASH);
    aloft_turn(&aloft);
    aloft_heal(&aloft, 1);
    for (int i = 0; i < 6 && aloft_actions(&aloft, ACTION_SIGN, NULL) == 0; i++)
        aloft_missing(&aloft, "\"0x5\"", true);
    aloft_signed(&aloft, false);
    aloft_turn(&aloft);
    cr_assert(aloft_flight(&aloft, 0)->is_cancel);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 1));
    cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE) + aloft_asks(&aloft, PRIVATE), 0));
}

Test(ways, an_operator_who_writes_public_means_what_is_under_way_too)
{
    ALOFT aloft;
    struct settings fresh;

    private_make(&aloft, 1, 0);
    signed_and_posted(&aloft);
    all_take(&aloft);
    fresh = aloft.state->settings;
    fresh.way_out = WAY_PUBLIC;
    turn_reload(aloft.state, &fresh);
    aloft_missing(&aloft, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&aloft, PUBLIC), 1));
}

Test(ways, while_killed_no_builder_is_offered_anything)
{
    struct observation kill = {.kind = OBSERVATION_COMMAND, .key = bytes_of_text("kill")};
    ALOFT aloft;

    private_make(&aloft, 1, 2);
    signed_and_posted(&aloft);
    all_take(&aloft);
    aloft_tell(&aloft, &kill);
    for (int i = 0; i < 4; i++) {
        aloft_missing(&aloft, "\"0x5\"", false);
        cr_assert(eq(sz, aloft_asks(&aloft, BUNDLE) + aloft_asks(&aloft, PUBLIC), 0));
    }
}

Test(ways, a_restart_goes_on_where_it_was)
{
    ALOFT first;
    ALOFT second;
    TEXT kept = {0};

    private_make(&first, 1, 0);
    signed_and_posted(&first);
    flight_encode(&kept, aloft_flight(&first, 0));
    private_make(&second, 0, 0);
    aloft_tell(&second, &(struct observation){.kind = OBSERVATION_RESTORED,
                                              .key = bytes_of_text("flight/1"),
                                              .body = text_bytes(&kept)});
    aloft_turn(&second);
    aloft_missing(&second, "\"0x5\"", false);
    cr_assert(eq(sz, aloft_asks(&second, PUBLIC), 0));
    cr_assert(eq(sz, aloft_asks(&second, PRIVATE), 1));
    cr_assert(eq(sz, aloft_asks(&second, BUNDLE), 2 * BUNDLE_BLOCKS));
    bundle_is(&second, 0, second.state->header.number + 1, 1);
}

Test(ways, a_dry_run_posts_nothing_by_any_of_them)
{
    for (int way = WAY_PUBLIC; way <= WAY_PRIVATE; way++) {
        ALOFT aloft;

        private_make(&aloft, 1, 1);
        aloft.state->settings.way_out = (enum keeper_way_out)way;
        aloft.state->settings.mode = KEEPER_DRY_RUN;
        aloft_turn(&aloft);
        cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1));
        for (uint32_t i = 0; i < aloft.actions->count; i++) {
            const struct action *action = &aloft.actions->action[i];

            if (action->kind == ACTION_SIGN)
                aloft_tell(&aloft, &(struct observation){.kind = OBSERVATION_SIGNED,
                                                         .status = OBSERVED_WITHHELD,
                                                         .id = action->id});
        }
        aloft_turn(&aloft);
        cr_assert(eq(sz,
                     aloft_asks(&aloft, PUBLIC) + aloft_asks(&aloft, PRIVATE) +
                         aloft_asks(&aloft, BUNDLE),
                     0));
    }
}
