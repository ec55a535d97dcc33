/*
 * Whom can a change have carried under water? A full sweep asks everybody at every head; a watch
 * knows for each position how far values may move before it has to be asked again.
 *
 * - One collateral, one debt: it crosses at one ratio of two values, whatever moves them. All such
 *   positions of a pair lie in a heap by that ratio: nobody crossing costs one comparison a pair.
 * - Several legs: what stands between it and the edge is shared out among its legs, more to those
 *   with the larger exposure. Each has a trigger where it has used up its room; while none is
 *   passed, all rooms together pay for whatever moved. The triggers of a variable lie in a heap;
 *   a move touches those whose triggers it passes, who get room from their other legs.
 * - Whose line is not known (no price, stale, a category with a price of its own), and who stands
 *   at the edge or under water, is judged at every tick; who cannot get there while values stay
 *   within EDGE_FACTOR of where they were is in no list.
 *
 * Interest moves values at every head, and so passes triggers without a log. A change of terms, or
 * a value that leaves EDGE_FACTOR, makes all of it anew.
 */
#ifndef RISK_WATCH_H
#define RISK_WATCH_H

#include "risk/risk.h"

struct watch;

/** What it cost, ever. */
struct watch_counters {
    uint64_t ticks;
    uint64_t touched;  /* positions looked at: judged, or given new triggers */
    uint64_t rebuilds; /* everything at once */
};

/** Gives: watch_free. */
struct watch *watch_new(void);
void watch_free(struct watch *watch);
/**
 * The candidates and skips that risk_sweep finds with `below` at one, in the same order.
 *
 * In:  market  prepared at the timestamp to judge at
 *      book    always the same one; takes its changed slots
 * Out: out->judged counts exact judgements only
 */
void watch_tick(struct risk_sweep *out, struct watch *watch, const struct market *market,
                struct book *book);
/**
 * Who would stand under water if values moved by a part of `reach`, or nearly: the nearest of each
 * kind first. An approximation that errs either way; nobody is named twice.
 * In:  most  that `slots` holds, at least two
 * Out: how many
 */
uint32_t watch_near(uint32_t *slots, uint32_t most, const struct watch *watch, double reach);
/** Another book from now on: the next tick begins with everybody. */
void watch_forget(struct watch *watch);
struct watch_counters watch_counters(const struct watch *watch);
/** Bytes that it holds. */
size_t watch_memory(const struct watch *watch);

#endif
