/* Wall time as turns see it, whatever is done to the wall clock. */
#include "keeper/turn_clock.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define NOON 1700000000000
#define HOUR 3600000

Test(turn_clock, is_the_wall_s)
{
    struct turn_clock clock = {0};

    cr_assert(eq(i64, turn_clock_step(&clock, NOON, 5000), NOON));
    cr_assert(eq(i64, turn_clock_step(&clock, NOON + 250, 5250), NOON + 250));
}

Test(turn_clock, leaps_ahead_with_the_wall)
{
    struct turn_clock clock = {0};

    (void)turn_clock_step(&clock, NOON, 5000);
    cr_assert(eq(i64, turn_clock_step(&clock, NOON + HOUR, 5010), NOON + HOUR));
}

/* Else nothing would be polled for that hour. */
Test(turn_clock, goes_on_where_the_wall_is_set_back)
{
    struct turn_clock clock = {0};

    (void)turn_clock_step(&clock, NOON, 5000);
    cr_assert(eq(i64, turn_clock_step(&clock, NOON - HOUR, 5000), NOON));
    cr_assert(eq(i64, turn_clock_step(&clock, NOON - HOUR + 250, 5250), NOON + 250));
    cr_assert(
        eq(i64, turn_clock_step(&clock, NOON - HOUR + 2 * HOUR, 5000 + 2 * HOUR), NOON + 2 * HOUR));
}

Test(turn_clock, never_goes_back)
{
    struct turn_clock clock = {0};
    int64_t last = 0;

    for (int64_t i = 0; i < 1000; i++) {
        int64_t now = turn_clock_step(&clock, NOON + (i * 7919) % 5000, i);

        cr_assert(ge(i64, now, last));
        last = now;
    }
}

Test(turn_clock, of_this_machine_goes)
{
    struct turn_clock clock = {0};
    int64_t first = turn_clock_read(&clock);

    cr_assert(gt(i64, first, NOON));
    while (turn_clock_read(&clock) == first) {
    }
    cr_assert(gt(i64, clock.now_ms, first));
}
