/*
 * Whether an endpoint is spoken to. One that failed three times in a row, or said "too many
 * requests", rests; then one ask at a time finds out whether it is back. So an outage lowers the
 * rate of requests, and a recovery does not begin with a stampede. Time is an argument: no clock
 * here.
 */
#ifndef RPC_HEALTH_H
#define RPC_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#define HEALTH_FAILURES_MAX 3
#define HEALTH_REST_MIN_US 250000
#define HEALTH_REST_MAX_US 15000000
/** Where it answered lately it limits a share of what it is asked, and no rest that grows is called
 *  for: how lately, and how long it rests at most. */
#define HEALTH_SHARE_US 10000000
#define HEALTH_SHARE_REST_MAX_US 1000000
/** A node may ask for a longer pause (Retry-After); it is believed up to here. */
#define HEALTH_PAUSE_MAX_US 30000000

struct health {
    unsigned failures; /* in a row */
    bool is_resting;
    bool is_probed; /* the one ask that finds out is under way */
    int64_t rest_us;
    int64_t wake_us;     /* when the next probe may go */
    int64_t answered_us; /* last; 0: never */
};

/** May an ask go there to find out? */
bool health_wants_probe(const struct health *health, int64_t now_us);
/** The next ask is the probe. */
void health_begin_probe(struct health *health);
/** An attempt was answered. `was_probe`: it was the one that finds out. */
void health_succeed(struct health *health, bool was_probe, int64_t now_us);
/** An attempt failed. Rests from the third in a row, and twice as long after each probe. */
void health_fail(struct health *health, bool was_probe, int64_t now_us);
/** "Too many requests": rests at once, shortly where it answered a moment ago. `pause_us`: what the
 * node asked for, 0 where it did not. */
void health_limit(struct health *health, bool was_probe, int64_t pause_us, int64_t now_us);

#endif
