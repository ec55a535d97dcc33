/*
 * A node that pushes its heads says when to ask, and nothing else: what is believed of a head is
 * what was asked for. So a hint that is late, doubled, out of order or a lie costs a question, and
 * one that is lost costs the wait for the next poll.
 */
#ifndef TURN_HINT_H
#define TURN_HINT_H

#include "eth/address.h"
#include "eth/observation.h"

/** While we stand at the head that was pushed last, polls are so many times rarer … */
#define HINT_STRETCH 8
/** … but come so often at least: the longest that a push which is lost can cost. */
#define HINT_POLL_MS_MAX 2000
/** A hint makes no poll sooner than this after the last one, so that a flood of heads is no flood
 * of questions; chain.poll_ms takes no less either. */
#define HINT_GAP_MS 10

struct hint {
    bool is_open;  /* not polled for yet */
    bool has_hash; /* of the head that was pushed last */
    struct hash32 hash;
};

/** A hint without a hash (a gap in the pushes, or several at once) is of no head that we know. */
void hint_take(struct hint *hint, const struct observation *push);

/** What the next poll depends on. */
struct hint_poll {
    const struct hash32 *stands; /* the block that we are at, or on the way to */
    int64_t polled_ms;           /* the last poll */
    int64_t poll_at_ms;          /* the next, if nobody pushed */
    int64_t poll_ms;
    bool is_well; /* that block was read whole */
};

/** When to poll next. */
int64_t hint_poll_at_ms(const struct hint *hint, const struct hint_poll *poll);

#endif
