/*
 * In which order candidates are planned and decided on: by expected profit, as if all were planned
 * first, though only those are that can come next. One that is not planned stands by a bound of its
 * profit that errs high; what is planned is decided on once no bound is above it.
 */
#ifndef TURN_ORDER_H
#define TURN_ORDER_H

#include "plan/plan.h"

/** Plans that one turn makes; the rest in the turns that follow at once. */
#define PLANS_PER_TURN 2048u
/** Of more candidates than that a skip is said when it is planned, and not kept for its place. */
#define ORDER_KEPT_MAX 16384u
/** And so many at each judgement are planned first whatever their bound is, in turn, so that none
 *  waits for ever where heads come faster than all can be planned. */
#define ORDER_FAIR 256u

/** A candidate with its plan. */
struct item {
    struct plan plan;
    uint32_t market;
    uint32_t slot;
};

/** One that is not planned yet. */
struct item_open {
    double bound;
    uint32_t market;
    uint32_t candidate; /* index in its market's sweep */
};

/** Owned; zero-initialise, then order_release; reused, so a steady state allocates nothing. */
struct order {
    struct item_open *open; /* heap, the highest bound on top */
    uint32_t open_count;
    uint32_t open_capacity;
    struct item *item; /* that were planned; begun anew when none of them is left */
    uint32_t item_count;
    uint32_t item_capacity;
    uint32_t *planned; /* heap of items, whoever comes first on top */
    uint32_t planned_count;
    uint32_t planned_capacity;
};

enum order_step {
    ORDER_PLAN,   /* the highest bound may hide the best */
    ORDER_DECIDE, /* the best of all is planned */
    ORDER_DONE
};

/** What the planned best may fall short of the highest bound and be decided on nonetheless, once a
 *  turn has made all of its plans: else of a hundred thousand that are alike none would leave
 * before the last is planned. */
#define ORDER_NEAR 0.999

void order_release(struct order *order);
void order_clear(struct order *order);
void order_open(struct order *order, const struct item_open *item);
enum order_step order_next(const struct order *order);
/** The planned best is a liquidation, and no bound is above it by more than ORDER_NEAR allows. */
bool order_is_near(const struct order *order);
/** The highest bound. MUST have one. */
struct item_open order_take_open(struct order *order);
void order_add(struct order *order, const struct item *item);
/** The first of those that are planned. MUST have one. */
void order_take(struct order *order, struct item *out);
/** Liquidations before skips, then by net profit, then by market and slot. Below 0: a is first. */
int item_compare(const struct item *a, const struct item *b);

#endif
