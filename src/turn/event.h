/* events.c: the NDJSON of the surface. Nobody outside this room includes it. */
#ifndef TURN_EVENT_H
#define TURN_EVENT_H

#include "turn/state.h"

void event_decision(struct turn_state *state, uint32_t market, const struct position *position,
                    const struct plan *plan, const struct flight *flight);
/** A head at which somebody stands under water; once a block. */
void event_head(struct turn_state *state, uint64_t candidates);
void event_transaction(struct turn_state *state, const struct flight *flight, const char *status,
                       const char *profit);
/** A liquidation drafted to land behind an update that is not on the chain; *plan and its health
 * are of what that would make of it. */
void event_backrun(struct turn_state *state, const struct pending_update *update,
                   const struct plan *plan, const struct flight *flight);
/** Another's liquidation. */
struct missed {
    struct block_ref block;
    uint64_t first_block; /* since which it stood under water here; its own: it was not seen to */
    const char *stage;    /* what ours had come to */
};
void event_missed(struct turn_state *state, uint32_t market, const struct touched *touched,
                  const struct missed *missed);
void event_reorg(struct turn_state *state, uint64_t fork, const struct header *header);
/** No block in common is within reach: how deep the fork is nobody knows. */
void event_resync(struct turn_state *state, const struct header *header, const char *why);
void event_drift(struct turn_state *state, uint32_t market, const struct address *account,
                 const struct wad *ours, const struct wad *theirs);
void event_breaker(struct turn_state *state, const struct breaker_turned *turned);

#endif
