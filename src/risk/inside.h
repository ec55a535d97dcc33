/* What the files of this room share. Nobody else includes it. */
#ifndef RISK_INSIDE_H
#define RISK_INSIDE_H

#include "risk/watch.h"

#define WATCH_NONE UINT32_MAX

/** Candidates and skips of a sweep. */
void sweep_clear(struct risk_sweep *sweep);
/** Judges one slot exactly, if it may owe anything. */
void sweep_judge(struct risk_sweep *sweep, const struct market *market, const struct book *book,
                 uint32_t slot, const struct wad *below);

/** A list of slots that grows. */
struct slot_list {
    uint32_t *slot;
    uint32_t count;
    uint32_t capacity;
};

void slot_list_add(struct slot_list *list, uint32_t slot);

/** Where a slot is watched. */
enum watch_kind { WATCHED_NOT, WATCHED_HOT, WATCHED_PAIR, WATCHED_TRIGGER, WATCHED_FIRED };

struct place {
    uint16_t kind;  /* of enum watch_kind */
    uint16_t pair;  /* which heap */
    uint32_t index; /* in the hot list or the heap; of TRIGGER: the first trigger */
};

/** Children of each place in such a heap. */
#define PAIR_FANOUT 4u
/** Places that watch_near looks at from; past the bound the farthest is not named. */
#define WATCH_AHEAD_MAX 256u

/** Positions of one collateral and one debt: a heap of 4, the first to cross on top. */
struct pair_heap {
    uint32_t supplied; /* variables */
    uint32_t owed;
    uint32_t count;
    uint32_t capacity;
    double *key; /* crosses where value(supplied) / value(owed) falls below */
    uint32_t *slot;
};

/** One leg's trigger, in the bucket of its variable. */
struct trigger {
    uint32_t next; /* in the bucket; of a free one: the next free one */
    uint32_t previous;
    uint32_t sibling; /* of the same slot */
    uint32_t slot;
    uint16_t variable;
    uint16_t bucket;
};

/** Buckets are as wide as 2^-13 of an octave's start, over EDGE_FACTOR both ways. */
#define BUCKET_BITS 13
#define BUCKETS ((2u << BUCKET_BITS) + 2) /* an octave each way */

struct watch {
    struct watch_counters counters;
    uint64_t terms;
    bool is_built;
    double value[EDGE_VARIABLES];
    double reference[EDGE_VARIABLES];
    uint64_t bucket_base[EDGE_VARIABLES];
    uint32_t bucket_now[EDGE_VARIABLES];
    uint32_t *bucket[EDGE_VARIABLES]; /* heads of lists; NULL: no trigger was ever set */
    struct trigger *trigger;
    uint32_t trigger_count;
    uint32_t trigger_capacity;
    uint32_t trigger_free;
    struct place *place;
    uint32_t place_count; /* slots known */
    uint32_t place_capacity;
    struct slot_list hot;
    struct slot_list due;   /* of this tick */
    struct slot_list fired; /* of this tick */
    struct slot_list stack; /* of a walk over a heap */
    uint32_t pair_count;
    uint32_t pair_capacity;
    struct pair_heap *pair;
    double *pair_top;                             /* key of each heap's top; 0 where it is empty */
    uint16_t pair_of[RESERVES_MAX][RESERVES_MAX]; /* number of the heap + 1 */
    struct edge edge;                             /* scratch */
};

/* watch_pair.c */
void pair_add(struct watch *watch, uint32_t slot, uint32_t supplied, uint32_t owed, double key);
void pair_remove(struct watch *watch, uint32_t slot);
/** Everybody whose ratio has been reached becomes due. */
void pairs_due(struct watch *watch);
void pairs_clear(struct watch *watch);
void pairs_release(struct watch *watch);

/* watch_trigger.c */
/** False: so near the edge that no bucket lies between; nothing was set. */
bool triggers_set(struct watch *watch, uint32_t slot, const struct edge *edge, double distance);
void triggers_remove(struct watch *watch, uint32_t slot);
/** Brings the buckets to the values of now; whose trigger was passed is in `fired`, without
 *  triggers. */
void triggers_pass(struct watch *watch);
void triggers_clear(struct watch *watch);
void triggers_release(struct watch *watch);

#endif
