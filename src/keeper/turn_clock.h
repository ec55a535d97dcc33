/* The clock that turns go by: wall time which neither goes back nor stands still. */
#ifndef KEEPER_TURN_CLOCK_H
#define KEEPER_TURN_CLOCK_H

#include <stdint.h>

/** Zero-initialise. */
struct turn_clock {
    int64_t now_ms;
    int64_t boot_ms;
};

/** In: wall_ms  since 1970, as it is said now; boot_ms  since the machine started, sleep included.
 *  Out: now */
int64_t turn_clock_step(struct turn_clock *clock, int64_t wall_ms, int64_t boot_ms);
/** The same, of this machine. */
int64_t turn_clock_read(struct turn_clock *clock);

#endif
