/* When the mirror is kept, and by whom: a child, so that the loop stands still for no longer than a
 * fork takes. */
#ifndef KEEPER_SNAPSHOT_H
#define KEEPER_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct engine;

/** How long a daemon that is asked to stop tries to keep its mirror; half of the unit's
 *  TimeoutStopSec. Then the write is abandoned, and the file of before stays whole. */
#define SNAPSHOT_STOP_MS 10000

/** Zero-initialise. */
struct snapshot {
    bool is_on;
    bool is_failing; /* the last one failed, and that was said */
    pid_t child;     /* 0: none is under way; never two */
    int64_t due_ms;
    uint64_t child_block;
    uint64_t kept_block; /* of the file that is there; 0: not of this life */
};

/** Before the first turn, with the journal's lock held: takes back what an earlier life kept. */
void snapshot_start(struct engine *engine);
/** After each turn: keeps the mirror where it is time and the moment is calm. */
void snapshot_turned(struct engine *engine);
/** The daemon was asked to stop: keeps the mirror now, within SNAPSHOT_STOP_MS. */
void snapshot_stopped(struct engine *engine);
/** Ends the child; one that the disk holds is left to it. */
void snapshot_end(struct snapshot *snapshot);

#endif
