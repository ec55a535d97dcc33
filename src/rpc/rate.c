/*
 * A bucket that refills evenly lets two seconds' worth through in one second; a list of times has
 * no bound. Counting in slots of 50 ms has one, and errs by at most a slot, to the slow side.
 */
#include "rpc/rate.h"

/* Calls in the slots that a second which ends in slot `last` may touch. */
static uint64_t used_until(const struct rate *rate, int64_t last)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < RATE_SLOTS; i++) {
        if (rate->newest - i > last - RATE_SLOTS)
            sum += rate->used[i];
    }
    return sum;
}

int64_t rate_wait_us(const struct rate *rate, uint32_t calls, int64_t now_us)
{
    if (rate->per_second == 0)
        return 0;
    int64_t shut_us = rate->shut_until_us > now_us ? rate->shut_until_us - now_us : 0;
    int64_t slot = now_us / RATE_SLOT_US;
    for (int64_t ahead = 0; ahead < RATE_SLOTS; ahead++) {
        uint64_t used = used_until(rate, slot + ahead);
        if (used != 0 && used + calls > rate->per_second)
            continue;
        int64_t wait_us = ahead == 0 ? 0 : (slot + ahead) * RATE_SLOT_US - now_us;
        return wait_us > shut_us ? wait_us : shut_us;
    }
    int64_t whole_us = (slot + RATE_SLOTS) * RATE_SLOT_US - now_us;
    return whole_us > shut_us ? whole_us : shut_us;
}

void rate_take(struct rate *rate, uint32_t calls, int64_t now_us)
{
    if (rate->per_second == 0)
        return;
    int64_t slot = now_us / RATE_SLOT_US;
    int64_t moved = slot - rate->newest;
    for (int64_t i = RATE_SLOTS - 1; i >= 0 && moved > 0; i--)
        rate->used[i] = i >= moved ? rate->used[i - moved] : 0;
    if (moved > 0)
        rate->newest = slot;
    rate->used[0] += calls;
    if (calls > rate->per_second)
        rate->shut_until_us = now_us + (int64_t)calls * 1000000 / rate->per_second;
}
