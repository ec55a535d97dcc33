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

/* slots.c */
void slot_list_grow(struct slot_list *list, uint32_t count);

static inline void slot_list_reserve(struct slot_list *list, uint32_t count)
{
    if (count > list->capacity) {
        slot_list_grow(list, count);
    }
}

static inline void slot_list_add(struct slot_list *list, uint32_t slot)
{
    slot_list_reserve(list, list->count + 1);
    list->slot[list->count++] = slot;
}

/** In order. In: scratch  an empty list, whose memory is used */
void slot_list_sort(struct slot_list *list, struct slot_list *scratch);

/** Where a slot is watched. */
enum watch_kind { WATCHED_NOT, WATCHED_HOT, WATCHED_PAIR, WATCHED_LINE };

struct place {
    uint16_t kind;  /* of enum watch_kind */
    uint16_t pair;  /* which */
    uint32_t index; /* in the hot list or the pair's heap; of LINE: its first cell */
};

/** Children of each place in a heap. */
#define HEAP_FANOUT 4u
/** Places that watch_near looks at from; past the bound the farthest is not named. */
#define WATCH_AHEAD_MAX 256u

/* Keys are floats: a relative error of at most 2^-24, which they are moved by twice over to the
 * side on which somebody is looked at early. */
#define KEY_ERROR 0x1p-23

struct heap_entry {
    float key;   /* is passed by what is below it */
    uint32_t of; /* of a pair's heap: a slot; of a variable's: the cell of a leg */
};

/** The first to be passed on top. Each member knows its place, by `of`. */
struct heap {
    bool is_of_legs;
    uint32_t count;
    uint32_t capacity;
    struct heap_entry *entry;
};

/** Positions of one collateral and one debt. Key: what part of its health at the reference values
 *  is the edge; passed where ratio(supplied) / ratio(owed) falls below. */
struct pair {
    uint32_t supplied; /* variables */
    uint32_t owed;
    struct heap heap;
};

/** A line of several legs: a cell that says whose, and one for each leg, collateral first. */
union cell {
    struct line {
        uint32_t slot;
        uint16_t leg_count;
        uint16_t supplied_count;
        uint32_t next; /* of a free one: the next of as many legs; else LINE_FIRED or 0 */
        uint32_t pool; /* in which it lies */
    } line;
    struct line_leg {
        float share; /* of the collateral at the reference values; errs against the position */
        float key;   /* as in the heap */
        uint32_t at; /* in the heap of its variable; WATCH_NONE: it needs no trigger */
        uint16_t variable;
        uint16_t number; /* cells behind the line's first */
    } leg;
};

#define LINE_FIRED 1u

/** With less of a margin than this a position is judged each time: a float tells too little. */
#define WATCH_NEAR 0x1p-20

/** Those near the edge, whom most ticks ask for, lie together. */
enum cell_pool_of { POOL_FAR, POOL_CLOSE, POOLS };

/** Takes cells a chunk at a time. */
struct cell_pool {
    uint32_t count; /* cells taken, of the last chunk up to `end` */
    uint32_t end;
    uint32_t free[2 * LEGS_MAX + 1]; /* lines, by legs */
};

struct watch {
    struct watch_counters counters;
    uint64_t terms;
    bool is_built;
    double value[EDGE_VARIABLES];
    double reference[EDGE_VARIABLES];
    double ratio[EDGE_VARIABLES]; /* value over reference; 0 where there is none */
    struct heap trigger[EDGE_VARIABLES];
    union cell *cell;
    uint32_t cell_count;
    uint32_t cell_capacity;
    struct cell_pool pool[POOLS];
    struct place *place;
    uint32_t place_count; /* slots known */
    uint32_t place_capacity;
    struct slot_list hot;
    struct slot_list due;   /* of this tick */
    struct slot_list fired; /* of this tick: lines */
    struct slot_list stack; /* of a walk over a heap */
    uint32_t pair_count;
    uint32_t pair_capacity;
    struct pair *pair;
    float *pair_top;                              /* key of each heap's top; 0 where it is empty */
    uint16_t pair_of[RESERVES_MAX][RESERVES_MAX]; /* number of the pair + 1 */
    struct edge edge;                             /* scratch */
};

/* watch_heap.c */
void heap_add(struct watch *watch, struct heap *heap, float key, uint32_t of);
void heap_remove(struct watch *watch, struct heap *heap, uint32_t index);
void heap_rekey(struct watch *watch, struct heap *heap, uint32_t index, float key);
/** That place is about to be given another key. */
void heap_ahead(const struct heap *heap, uint32_t index);
/** Appends whose key lies above `now`, those farther from the top behind those above them. */
void heap_walk(struct slot_list *out, struct watch *watch, const struct heap *heap, double now);

/* watch_pair.c */
/** In: edge  of two legs, drawn at the values of now */
void pair_add(struct watch *watch, uint32_t slot, const struct edge *edge);
void pair_remove(struct watch *watch, uint32_t slot);
/** Everybody whose ratio has been reached becomes due. */
void pairs_due(struct watch *watch);
void pairs_clear(struct watch *watch);
void pairs_release(struct watch *watch);

/* watch_line.c */
/** A line's slack, drawn at the values of now, while values stay within EDGE_FACTOR of their
 *  references. */
double edge_slack(const struct watch *watch, const struct edge *edge);
/** Where a line with that part of its collateral as margin should lie; it may be moved. Out: its
 *  first cell. */
uint32_t line_move(struct watch *watch, uint32_t first, double margin);
/** False: so near the edge that it is to be judged each time; nothing was set. */
bool line_set(struct watch *watch, uint32_t slot, const struct edge *edge);
void line_remove(struct watch *watch, uint32_t first);
/** Whose trigger was passed is in `fired`. */
void lines_fire(struct watch *watch);
/** For step `at` of a walk over `fired`, backwards: what it will read, as far ahead as it should.
 */
void lines_ahead(const struct watch *watch, uint32_t at);
void lines_clear(struct watch *watch);
void lines_release(struct watch *watch);

/* watch_share.c */
static inline bool variable_is_supplied(uint32_t variable)
{
    return variable % 2 == 0;
}

/** Collateral less debt, over collateral. */
double line_margin(const struct watch *watch, uint32_t first);
/** Triggers where they belong at the values of now. Out: its margin; 0: as near the edge as above,
 *  it is removed. */
double line_settle(struct watch *watch, uint32_t first);
void leg_unset(struct watch *watch, struct line_leg *leg);

#endif
