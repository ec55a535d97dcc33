/*
 * Somebody sets the wall clock back an hour. A turn must not see time go back, but were time to
 * stand still until the wall has caught up, nothing would be polled and nothing tried again for
 * that hour. So it goes on from where it was, at the pace of a clock that nobody sets.
 */
#include "keeper/turn_clock.h"

#include <time.h>

int64_t turn_clock_step(struct turn_clock *clock, int64_t wall_ms, int64_t boot_ms)
{
    int64_t passed_ms = boot_ms > clock->boot_ms ? boot_ms - clock->boot_ms : 0;

    clock->now_ms += passed_ms;
    if (wall_ms > clock->now_ms)
        clock->now_ms = wall_ms;
    clock->boot_ms = boot_ms;
    return clock->now_ms;
}

static int64_t milliseconds(clockid_t which)
{
    struct timespec now;

    (void)clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t turn_clock_read(struct turn_clock *clock)
{
    return turn_clock_step(clock, milliseconds(CLOCK_REALTIME), milliseconds(CLOCK_BOOTTIME));
}
