/*
 * Positions of several legs: cells that lie side by side, in which a tick that carries nobody over
 * the edge finds all that it asks for, and reads no position of the book.
 *
 * Values are ratios to their references here, between which and twice or half of it everything
 * holds. Shares of collateral are rounded down, of debt up, triggers towards the values of now.
 */
#include <stdlib.h>
#include <string.h>

#include "risk/inside.h"

/* Cells; more than the longest line. */
#define CHUNK 1024u
/* With less of a margin a line is moved to those near the edge, with more away from them. */
#define CLOSE 0x1p-6
#define FAR_OFF 0x1p-4
#define SHARE_ERROR 0x1p-23
#define SHARE_MIN 0x1p-100
#define SHARE_MAX 0x1p100 /* under water by far */
/* Steps of a walk over the fired. */
#define AHEAD_FAR 8u
#define AHEAD_NEAR 4u
/* In a line of the cache. */
#define AHEAD_CELLS (64u / sizeof(union cell))

double edge_slack(const struct watch *watch, const struct edge *edge)
{
    double factor = 1;

    for (uint32_t i = 0; i < edge->leg_count; i++) {
        const double ratio = watch->ratio[edge->leg[i].variable];
        const double away = ratio < 1 ? 1 / ratio : ratio;

        factor = away > factor ? away : factor;
    }
    return edge->slack * factor * factor;
}

static void pool_grow(struct watch *watch, struct cell_pool *pool)
{
    if (watch->cell_count + CHUNK > watch->cell_capacity) {
        watch->cell_capacity += watch->cell_capacity / 4 + CHUNK;
        watch->cell = must_realloc(watch->cell, watch->cell_capacity, sizeof(*watch->cell));
    }
    pool->count = watch->cell_count;
    watch->cell_count += CHUNK;
    pool->end = watch->cell_count;
}

static uint32_t line_take(struct watch *watch, uint32_t legs, enum cell_pool_of of)
{
    struct cell_pool *pool = &watch->pool[of];
    uint32_t first = pool->free[legs];

    if (first != WATCH_NONE) {
        pool->free[legs] = watch->cell[first].line.next;
        return first;
    }
    if (pool->count + legs + 1 > pool->end) {
        pool_grow(watch, pool);
    }
    first = pool->count;
    pool->count += legs + 1;
    return first;
}

static void line_give(struct watch *watch, uint32_t first)
{
    struct line *line = &watch->cell[first].line;
    uint32_t *free_line = &watch->pool[line->pool].free[line->leg_count];

    line->next = *free_line;
    *free_line = first;
}

uint32_t line_move(struct watch *watch, uint32_t first, double margin)
{
    const struct line line = watch->cell[first].line;
    const enum cell_pool_of to = margin < CLOSE     ? POOL_CLOSE
                                 : margin > FAR_OFF ? POOL_FAR
                                                    : (enum cell_pool_of)line.pool;
    uint32_t moved;

    if (to == (enum cell_pool_of)line.pool) {
        return first;
    }
    moved = line_take(watch, line.leg_count, to);
    memcpy(&watch->cell[moved], &watch->cell[first], (line.leg_count + 1u) * sizeof(union cell));
    watch->cell[moved].line.pool = to;
    line_give(watch, first);
    for (uint32_t i = 1; i <= line.leg_count; i++) {
        const struct line_leg *leg = &watch->cell[moved + i].leg;

        if (leg->at != WATCH_NONE) {
            watch->trigger[leg->variable].entry[leg->at].of = moved + i;
        }
    }
    watch->place[line.slot].index = moved;
    return moved;
}

void line_remove(struct watch *watch, uint32_t first)
{
    for (uint32_t i = 1; i <= watch->cell[first].line.leg_count; i++) {
        leg_unset(watch, &watch->cell[first + i].leg);
    }
    line_give(watch, first);
}

static bool has_trigger(const struct watch *watch, uint32_t first)
{
    bool has = false;

    for (uint32_t i = 1; i <= watch->cell[first].line.leg_count; i++) {
        has |= watch->cell[first + i].leg.at != WATCH_NONE;
    }
    return has;
}

/* A leg's share of all collateral, rounded against the position. */
static float share_of(const struct watch *watch, const struct edge *edge, uint32_t leg,
                      double collateral, double slack)
{
    const double share =
        edge->leg[leg].weight * watch->reference[edge->leg[leg].variable] / collateral;
    const double owed = share * (1 + slack) * (1 + SHARE_ERROR) + SHARE_MIN;

    return leg < edge->supplied_count ? (float)(share * (1 - SHARE_ERROR))
                                      : (float)(owed < SHARE_MAX ? owed : SHARE_MAX);
}

static uint32_t line_make(struct watch *watch, uint32_t slot, const struct edge *edge)
{
    const uint32_t first = line_take(watch, edge->leg_count, POOL_FAR);
    const double slack = edge_slack(watch, edge);
    double collateral = 0;

    for (uint32_t i = 0; i < edge->supplied_count; i++) {
        collateral += edge->leg[i].weight * watch->reference[edge->leg[i].variable];
    }
    watch->cell[first].line = (struct line){.slot = slot,
                                            .leg_count = (uint16_t)edge->leg_count,
                                            .supplied_count = (uint16_t)edge->supplied_count};
    for (uint32_t i = 0; i < edge->leg_count; i++) {
        watch->cell[first + 1 + i].leg =
            (struct line_leg){.share = share_of(watch, edge, i, collateral, slack),
                              .at = WATCH_NONE,
                              .variable = (uint16_t)edge->leg[i].variable,
                              .number = (uint16_t)(i + 1)};
    }
    return first;
}

bool line_set(struct watch *watch, uint32_t slot, const struct edge *edge)
{
    const uint32_t first = line_make(watch, slot, edge);

    watch->place[slot] = (struct place){.kind = WATCHED_LINE, .index = first};
    if (line_settle(watch, first) <= 0) {
        return false;
    }
    if (!has_trigger(watch, watch->place[slot].index)) {
        line_give(watch, watch->place[slot].index);
        watch->place[slot] = (struct place){.kind = WATCHED_NOT};
    }
    return true;
}

/* Of the cells behind `from` the lines, each once. */
static void fired_lines(struct watch *watch, uint32_t from)
{
    struct slot_list *fired = &watch->fired;
    uint32_t kept = from;

    for (uint32_t i = from; i < fired->count; i++) {
        const uint32_t first = fired->slot[i] - watch->cell[fired->slot[i]].leg.number;

        if (i + AHEAD_FAR < fired->count) {
            __builtin_prefetch(&watch->cell[fired->slot[i + AHEAD_FAR]]);
        }
        if (watch->cell[first].line.next != LINE_FIRED) {
            watch->cell[first].line.next = LINE_FIRED;
            fired->slot[kept++] = first;
        }
    }
    fired->count = kept;
}

void lines_fire(struct watch *watch)
{
    watch->fired.count = 0;
    for (uint32_t variable = 0; variable < EDGE_VARIABLES; variable++) {
        const struct heap *heap = &watch->trigger[variable];
        const double ratio = watch->ratio[variable];
        const double now = variable_is_supplied(variable) ? ratio : -ratio;
        const uint32_t before = watch->fired.count;

        if (heap->count > 0 && (double)heap->entry[0].key > now) {
            heap_walk(&watch->fired, watch, heap, now);
            fired_lines(watch, before);
        }
    }
}

static void legs_ahead(const struct watch *watch, uint32_t first)
{
    for (uint32_t i = 1; i <= watch->cell[first].line.leg_count; i++) {
        const struct line_leg *leg = &watch->cell[first + i].leg;

        if (leg->at != WATCH_NONE) {
            heap_ahead(&watch->trigger[leg->variable], leg->at);
        }
    }
}

void lines_ahead(const struct watch *watch, uint32_t at)
{
    const uint32_t *fired = watch->fired.slot;

    if (at >= AHEAD_FAR) {
        __builtin_prefetch(&watch->cell[fired[at - AHEAD_FAR]]);
        __builtin_prefetch(&watch->cell[fired[at - AHEAD_FAR] + AHEAD_CELLS]);
    }
    if (at >= AHEAD_NEAR) {
        legs_ahead(watch, fired[at - AHEAD_NEAR]);
    }
}

void lines_clear(struct watch *watch)
{
    watch->cell_count = 0;
    for (uint32_t i = 0; i < POOLS; i++) {
        watch->pool[i].count = watch->pool[i].end = 0;
        memset(watch->pool[i].free, 0xff, sizeof(watch->pool[i].free));
    }
    for (uint32_t variable = 0; variable < EDGE_VARIABLES; variable++) {
        watch->trigger[variable].is_of_legs = true;
        watch->trigger[variable].count = 0;
    }
}

void lines_release(struct watch *watch)
{
    for (uint32_t variable = 0; variable < EDGE_VARIABLES; variable++) {
        free(watch->trigger[variable].entry);
    }
    free(watch->cell);
}
