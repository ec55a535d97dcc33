/* When a head is asked for, by what was pushed and by the clock. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "turn/hint.h"

#define STANDS "0x1111111111111111111111111111111111111111111111111111111111111111"
#define OTHER "0x2222222222222222222222222222222222222222222222222222222222222222"

static struct hash32 hash_of(const char *text)
{
    struct hash32 hash;
    cr_assert(hash32_parse(&hash, text, strlen(text)));
    return hash;
}

static void push(struct hint *hint, const char *body)
{
    struct observation observation = {.kind = OBSERVATION_PUSH, .body = bytes_of_text(body)};
    hint_take(hint, &observation);
}

/* Polled at 1000, and every 250 ms. */
static int64_t poll_at(const struct hint *hint, bool is_well)
{
    struct hash32 stands = hash_of(STANDS);
    struct hint_poll poll = {.stands = &stands,
                             .polled_ms = 1000,
                             .poll_at_ms = 1250,
                             .poll_ms = 250,
                             .is_well = is_well};
    return hint_poll_at_ms(hint, &poll);
}

Test(hint, changes_nothing_where_nobody_pushes)
{
    struct hint hint = {0};
    cr_assert(eq(i64, poll_at(&hint, true), 1250));
}

Test(hint, of_another_head_makes_a_poll_at_once)
{
    struct hint hint = {0};
    push(&hint, OTHER);
    cr_assert(eq(i64, poll_at(&hint, true), 1000 + HINT_GAP_MS));
    hint.is_open = false; /* polled: and if that found nothing, by the clock again */
    cr_assert(eq(i64, poll_at(&hint, true), 1250));
}

Test(hint, of_the_head_at_which_we_stand_spares_polls_but_not_for_long)
{
    struct hint hint = {0};
    push(&hint, STANDS);
    cr_assert(eq(i64, poll_at(&hint, true), 1000 + HINT_POLL_MS_MAX));
    struct hash32 stands = hash_of(STANDS);
    struct hint_poll poll = {&stands, 1000, 1020, 20, true};
    cr_assert(eq(i64, hint_poll_at_ms(&hint, &poll), 1000 + HINT_STRETCH * 20));
    poll.poll_ms = 10000;
    poll.poll_at_ms = 11000;
    cr_assert(eq(i64, hint_poll_at_ms(&hint, &poll), 11000), "never more often than without");
}

Test(hint, spares_no_poll_while_something_is_wrong)
{
    struct hint hint = {0};
    push(&hint, STANDS);
    cr_assert(eq(i64, poll_at(&hint, false), 1250));
}

Test(hint, without_a_head_or_of_garbage_makes_a_poll_and_spares_none)
{
    static const char *const bodies[] = {"",
                                         "0x",
                                         "0x1",
                                         STANDS "1",
                                         "{}",
                                         "0xzz11111111111111111111111111111111111111111111111111"
                                         "111111111111"};
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++) {
        struct hint hint = {0};
        push(&hint, STANDS);
        push(&hint, bodies[i]);
        cr_assert(eq(i64, poll_at(&hint, true), 1000 + HINT_GAP_MS));
        hint.is_open = false;
        cr_assert(eq(i64, poll_at(&hint, true), 1250), "%s", bodies[i]);
    }
}

/* Out of order: the newer head was pushed first, and the one at which we stand again behind it. The
 * hint is then lost, and the longest that costs is one rare poll. */
Test(hint, that_an_old_one_hides_costs_one_rare_poll)
{
    struct hint hint = {0};
    push(&hint, OTHER);
    push(&hint, STANDS);
    cr_assert(le(i64, poll_at(&hint, true), 1000 + HINT_POLL_MS_MAX));
}
