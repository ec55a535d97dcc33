/* Two clocks: one that runs whatever is pushed, and one that a push starts. */
#include "turn/hint.h"

void hint_take(struct hint *hint, const struct observation *push)
{
    hint->is_open = true;
    hint->has_hash = hash32_parse(&hint->hash, (const char *)push->body.data, push->body.size);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t hint_poll_at_ms(const struct hint *hint, const struct hint_poll *poll)
{
    bool is_known = hint->has_hash && hash32_is_equal(&hint->hash, poll->stands);
    int64_t rare_ms =
        larger(poll->poll_ms, smaller(poll->poll_ms * HINT_STRETCH, HINT_POLL_MS_MAX));

    if (is_known && poll->is_well)
        return larger(poll->poll_at_ms, poll->polled_ms + rare_ms);
    if (hint->is_open && !is_known)
        return smaller(poll->poll_at_ms, poll->polled_ms + HINT_GAP_MS);
    return poll->poll_at_ms;
}
