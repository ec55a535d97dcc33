/* Which recorded answer belongs to which question of this run. */
#include "keeper/replay_match.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "base/must.h"

#define MATCH CLEANUP(match_release) struct match

static const char one[] = "1111111111111111";
static const char two[] = "2222222222222222";

Test(match, gives_answers_in_the_order_of_the_questions)
{
    MATCH match;
    uint64_t id;

    match_init(&match);
    for (int i = 0; i < 3; i++)
        match_count(&match, one);
    for (uint64_t asked = 10; asked < 13; asked++)
        cr_assert(match_ask(&match, one, asked));
    for (uint64_t asked = 10; asked < 13; asked++) {
        cr_assert(match_answer(&match, one, &id));
        cr_assert(eq(u64, id, asked));
    }
}

Test(match, keeps_questions_of_another_kind_apart)
{
    MATCH match;
    uint64_t id;

    match_init(&match);
    match_count(&match, one);
    match_count(&match, two);
    cr_assert(match_ask(&match, one, 1));
    cr_assert(match_ask(&match, two, 2));
    cr_assert(match_answer(&match, two, &id));
    cr_assert(eq(u64, id, 2));
    cr_assert(match_answer(&match, one, &id));
    cr_assert(eq(u64, id, 1));
}

Test(match, refuses_a_question_that_the_recording_does_not_answer)
{
    MATCH match;

    match_init(&match);
    cr_assert(not(match_ask(&match, one, 1)));
}

/* As many questions as there are answers left: one more would wait for ever. */
Test(match, refuses_the_question_for_which_no_answer_is_left)
{
    MATCH match;
    uint64_t id;

    match_init(&match);
    match_count(&match, one);
    cr_assert(match_ask(&match, one, 1));
    cr_assert(not(match_ask(&match, one, 2)));
    cr_assert(match_answer(&match, one, &id));
    cr_assert(not(match_ask(&match, one, 3)));
}

Test(match, leaves_out_an_answer_that_nobody_asked_for)
{
    MATCH match;
    uint64_t id;

    match_init(&match);
    match_count(&match, one);
    match_count(&match, one);
    cr_assert(not(match_answer(&match, one, &id)));
    cr_assert(match_ask(&match, one, 4));
    cr_assert(match_answer(&match, one, &id));
    cr_assert(eq(u64, id, 4));
}

Test(match, forgets_who_waited_when_the_recorder_begins_anew)
{
    MATCH match;
    uint64_t id;

    match_init(&match);
    match_count(&match, one);
    match_count(&match, one);
    cr_assert(match_ask(&match, one, 1));
    match_forget(&match);
    cr_assert(match_ask(&match, one, 2));
    cr_assert(match_answer(&match, one, &id));
    cr_assert(eq(u64, id, 2), "an answer went to an earlier life");
}

Test(match, holds_many_kinds_and_many_waiting)
{
    MATCH match;
    char key[17];
    uint64_t id;

    match_init(&match);
    for (uint64_t round = 0; round < 3; round++) {
        for (unsigned kind = 0; kind < 1000; kind++) {
            snprintf(key, sizeof(key), "%016x", kind);
            match_count(&match, key);
            match_count(&match, key);
            cr_assert(match_ask(&match, key, round * 10000 + kind));
            cr_assert(match_ask(&match, key, round * 10000 + kind + 5000));
        }
        for (unsigned kind = 0; kind < 1000; kind++) {
            snprintf(key, sizeof(key), "%016x", kind);
            cr_assert(match_answer(&match, key, &id));
            cr_assert(eq(u64, id, round * 10000 + kind));
            cr_assert(match_answer(&match, key, &id));
            cr_assert(eq(u64, id, round * 10000 + kind + 5000));
        }
    }
}
