/* What a watch relies on, looked at from inside: a random walk meets the one corner at which a
 * bound is used up to the last too seldom to prove it. */
#ifndef TESTS_RISK_SOUND_H
#define TESTS_RISK_SOUND_H

#include "risk/watch.h"

/**
 * After a tick:
 * - at its triggers, all passed at once, each line still stands above the edge;
 * - whoever is in no list cannot cross while values stay within EDGE_FACTOR;
 * - each heap is in order, and each member knows its place.
 */
void watch_is_sound(const struct watch *watch, const struct market *market,
                    const struct book *book);

#endif
