/* Observations between two turns: kept in order, copied, lent to one turn only. */
#include "keeper/queue.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#define QUEUE CLEANUP(queue_release) struct queue

static void answer_add(struct queue *queue, uint64_t id, const char *body)
{
    struct observation observation = {
        .kind = OBSERVATION_ANSWER, .id = id, .body = bytes_of_text(body)};

    queue_add(queue, &observation);
}

Test(queue, gives_what_was_added_in_order)
{
    QUEUE queue = {0};
    struct observation *taken;
    char(*keys)[ASK_KEY_SIZE];

    answer_add(&queue, 3, "three");
    answer_add(&queue, 1, "one");
    cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 2));
    cr_assert(eq(u64, taken[0].id, 3));
    cr_assert(eq(u64, taken[1].id, 1));
    cr_assert(bytes_equal(taken[1].body, bytes_of_text("one")));
    cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 0));
}

Test(queue, copies_what_a_callback_hands_it)
{
    QUEUE queue = {0};
    struct observation *taken;
    char(*keys)[ASK_KEY_SIZE];
    char word[] = "stop";
    char body[] = "why";
    struct observation observation = {
        .kind = OBSERVATION_COMMAND, .key = bytes_of_text(word), .body = bytes_of_text(body)};

    queue_add(&queue, &observation);
    memset(word, 'x', 4);
    memset(body, 'x', 3);
    cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 1));
    cr_assert(bytes_equal(taken[0].key, bytes_of_text("stop")));
    cr_assert(bytes_equal(taken[0].body, bytes_of_text("why")));
}

Test(queue, lends_one_turn_s_observations_while_the_next_are_added)
{
    QUEUE queue = {0};
    struct observation *taken;
    char(*keys)[ASK_KEY_SIZE];
    char text[32];

    for (uint64_t turn = 0; turn < 50; turn++) {
        for (uint64_t i = 0; i < 20 * turn; i++) {
            snprintf(text, sizeof(text), "%lu of %lu", i, turn);
            answer_add(&queue, i, text);
        }
        cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 20 * turn));
        for (uint64_t i = 0; i < 300; i++)
            answer_add(&queue, i, "of the next turn, and long enough to need memory of its own");
        for (uint64_t i = 0; i < 20 * turn; i++) {
            snprintf(text, sizeof(text), "%lu of %lu", i, turn);
            cr_assert(bytes_equal(taken[i].body, bytes_of_text(text)));
        }
        cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 300));
    }
}

Test(queue, knows_which_question_an_answer_belongs_to)
{
    QUEUE queue = {0};
    struct observation *taken;
    char(*keys)[ASK_KEY_SIZE];

    queue_remember(&queue, 7, false, "aaaaaaaaaaaaaaaa");
    queue_remember(&queue, 8, false, "bbbbbbbbbbbbbbbb");
    answer_add(&queue, 8, "");
    answer_add(&queue, 9, "");
    answer_add(&queue, 7, "");
    cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 3));
    cr_assert_str_eq(keys[0], "bbbbbbbbbbbbbbbb");
    cr_assert_str_eq(keys[1], "");
    cr_assert_str_eq(keys[2], "aaaaaaaaaaaaaaaa");
}

Test(queue, forgets_a_question_once_it_is_answered)
{
    QUEUE queue = {0};
    struct observation *taken;
    char(*keys)[ASK_KEY_SIZE];

    queue_remember(&queue, 7, false, "aaaaaaaaaaaaaaaa");
    answer_add(&queue, 7, "");
    answer_add(&queue, 7, "");
    cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 2));
    cr_assert_str_eq(keys[0], "aaaaaaaaaaaaaaaa");
    cr_assert_str_eq(keys[1], "");
}

Test(queue, tells_a_signature_from_an_answer_of_the_same_number)
{
    QUEUE queue = {0};
    struct observation *taken;
    char(*keys)[ASK_KEY_SIZE];
    struct observation signature = {.kind = OBSERVATION_SIGNED, .id = 7};

    queue_remember(&queue, 7, false, "aaaaaaaaaaaaaaaa");
    queue_remember(&queue, 7, true, "bbbbbbbbbbbbbbbb");
    queue_add(&queue, &signature);
    answer_add(&queue, 7, "");
    cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 2));
    cr_assert_str_eq(keys[0], "bbbbbbbbbbbbbbbb");
    cr_assert_str_eq(keys[1], "aaaaaaaaaaaaaaaa");
}

/* What the loop itself says (restored, a command) answers nothing. */
Test(queue, finds_no_question_for_what_has_no_number)
{
    QUEUE queue = {0};
    struct observation *taken;
    char(*keys)[ASK_KEY_SIZE];
    struct observation command = {.kind = OBSERVATION_COMMAND, .key = bytes_of_text("stop")};

    queue_remember(&queue, 1, false, "aaaaaaaaaaaaaaaa");
    queue_add(&queue, &command);
    cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 1));
    cr_assert_str_eq(keys[0], "");
}

Test(queue, remembers_up_to_its_bound_and_no_further)
{
    QUEUE queue = {0};
    struct observation *taken;
    char(*keys)[ASK_KEY_SIZE];

    for (uint64_t id = 1; id <= ASK_KEYS_MAX + 1; id++)
        queue_remember(&queue, id, false, "aaaaaaaaaaaaaaaa");
    answer_add(&queue, ASK_KEYS_MAX + 1, "");
    answer_add(&queue, 1, "");
    queue_remember(&queue, ASK_KEYS_MAX + 2, false, "bbbbbbbbbbbbbbbb");
    answer_add(&queue, ASK_KEYS_MAX + 2, "");
    cr_assert(eq(sz, queue_take(&queue, &taken, &keys), 3));
    cr_assert_str_eq(keys[0], "");
    cr_assert_str_eq(keys[1], "aaaaaaaaaaaaaaaa");
    cr_assert_str_eq(keys[2], "bbbbbbbbbbbbbbbb", "the place of one that was answered is not free");
}
