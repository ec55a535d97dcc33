/*
 * How many calls an endpoint is sent in any second. Providers count over windows, and whoever sends
 * one more is shut out for longer than it gained: so no second, wherever it begins, holds more than
 * the limit. The whole limit may go at once, because a new head asks everything at once.
 */
#ifndef RPC_RATE_H
#define RPC_RATE_H

#include <stdint.h>

#define RATE_SLOT_US 50000
/** A second, and the slots that it cuts at both ends. */
#define RATE_SLOTS 21

struct rate {
    uint32_t per_second; /* 0: no limit */
    int64_t newest;      /* the slot that used[0] counts */
    uint32_t used[RATE_SLOTS];
    int64_t shut_until_us; /* pays back a batch that is larger than a second's worth */
};

/** Microseconds until `calls` may go; 0: now. A batch over the limit waits for an empty second. */
int64_t rate_wait_us(const struct rate *rate, uint32_t calls, int64_t now_us);
/** Counts them. */
void rate_take(struct rate *rate, uint32_t calls, int64_t now_us);

#endif
