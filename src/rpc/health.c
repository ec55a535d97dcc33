/*
 * Eight asks may fail in the same moment: the rest must not double eight times for it. Only a probe
 * doubles it; what was under way before the rest began says nothing new.
 */
#include "rpc/health.h"

bool health_wants_probe(const struct health *health, int64_t now_us)
{
    return health->is_resting && !health->is_probed && health->wake_us <= now_us;
}

void health_begin_probe(struct health *health)
{
    health->is_probed = true;
}

void health_succeed(struct health *health, bool was_probe, int64_t now_us)
{
    health->answered_us = now_us;
    health->failures = 0;
    if (!was_probe)
        return;
    health->is_probed = false;
    health->is_resting = false;
    health->rest_us = 0;
}

static void begin_rest(struct health *health, bool was_probe, int64_t most_us, int64_t now_us)
{
    int64_t longer_us = health->rest_us * 2;
    if (longer_us > most_us)
        longer_us = most_us;
    health->rest_us = was_probe ? longer_us : HEALTH_REST_MIN_US;
    health->wake_us = now_us + health->rest_us;
    health->is_resting = true;
}

void health_fail(struct health *health, bool was_probe, int64_t now_us)
{
    if (health->failures < HEALTH_FAILURES_MAX)
        health->failures++;
    if (was_probe)
        health->is_probed = false;
    if (was_probe || (!health->is_resting && health->failures == HEALTH_FAILURES_MAX))
        begin_rest(health, was_probe, HEALTH_REST_MAX_US, now_us);
}

static int64_t limit_rest_max_us(const struct health *health, int64_t now_us)
{
    bool has_answered = health->answered_us != 0 && now_us - health->answered_us < HEALTH_SHARE_US;

    return has_answered ? HEALTH_SHARE_REST_MAX_US : HEALTH_REST_MAX_US;
}

void health_limit(struct health *health, bool was_probe, int64_t pause_us, int64_t now_us)
{
    if (health->failures < HEALTH_FAILURES_MAX)
        health->failures++;
    if (was_probe)
        health->is_probed = false;
    if (was_probe || !health->is_resting)
        begin_rest(health, was_probe, limit_rest_max_us(health, now_us), now_us);
    if (pause_us > HEALTH_PAUSE_MAX_US)
        pause_us = HEALTH_PAUSE_MAX_US;
    if (health->wake_us < now_us + pause_us)
        health->wake_us = now_us + pause_us;
}
