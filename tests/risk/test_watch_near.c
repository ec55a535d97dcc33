/* Who would go under next: named without asking everybody, the nearest first. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/keeper/state_fixture.h"

#define MOST 16u

static uint32_t near(uint32_t *slots, uint32_t most, struct turn_state *state, double reach)
{
    struct tracked *tracked = &state->tracked[0];
    uint32_t count;

    watch_tick(&tracked->sweep, tracked->watch, &tracked->market, tracked->book);
    count = watch_near(slots, most, tracked->watch, reach);
    cr_assert(le(u32, count, most));
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < i; k++)
            cr_assert(ne(u32, slots[i], slots[k]), "named twice");
    }
    return count;
}

Test(watch_near, names_the_nearest_first_and_nobody_beyond_the_reach)
{
    struct turn_state *state = a_state();
    uint32_t slots[MOST];
    uint32_t nearest = an_account(state, 1, 1000, 1599);
    uint32_t next = an_account(state, 2, 2000, 3180);

    (void)an_account(state, 3, 1000, 1500);
    (void)an_account(state, 4, 1000, 0);
    cr_assert(eq(u32, near(slots, MOST, state, 0.02), 2));
    cr_assert(eq(u32, slots[0], nearest));
    cr_assert(eq(u32, slots[1], next));
    cr_assert(eq(u32, near(slots, MOST, state, 0.1), 3));
    turn_free(state);
}

Test(watch_near, names_the_nearest_of_more_than_there_is_room_for)
{
    struct turn_state *state = a_state();
    uint32_t slots[4];
    uint32_t expected[2] = {0};

    for (uint8_t name = 1; name <= 200; name++) {
        /* in no order; the nearest owes 1599.9 */
        uint32_t slot = an_account(state, name, 10000, 15999 - (name * 89u + 3) % 200);

        if ((name * 89u + 3) % 200 < 2)
            expected[(name * 89u + 3) % 200] = slot;
    }
    cr_assert(eq(u32, near(slots, 4, state, 0.02), 2));
    cr_assert(eq(u32, slots[0], expected[0]));
    cr_assert(eq(u32, slots[1], expected[1]));
    turn_free(state);
}

Test(watch_near, names_nobody_before_the_first_tick)
{
    struct turn_state *state = a_state();
    uint32_t slots[MOST];

    (void)an_account(state, 1, 1000, 1599);
    cr_assert(eq(u32, watch_near(slots, MOST, state->tracked[0].watch, 0.02), 0));
    turn_free(state);
}
