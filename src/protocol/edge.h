/*
 * The straight line behind a health factor. Up to rounding, a position stands at
 *
 *     sum of weight × value over its collateral  /  sum of weight × value over its debts
 *
 * where a value is what one stored unit of an asset is worth now. A line is not the protocol's
 * number: it is there to know whom a change can NOT have carried over the edge, so that only the
 * others need be judged exactly.
 */
#ifndef PROTOCOL_EDGE_H
#define PROTOCOL_EDGE_H

#include <stdint.h>

#include "market/market.h"

/** A line's slack holds while each value stays within this factor of what it was, up and down; for
 *  a factor of f as much, f² as much slack does. */
#define EDGE_FACTOR 2.0
/** A value each for what is supplied and what is owed of a reserve. */
#define EDGE_VARIABLES (2 * RESERVES_MAX)
#define EDGE_SUPPLIED(reserve) (2u * (reserve))
#define EDGE_OWED(reserve) (2u * (reserve) + 1u)

enum edge_kind {
    EDGE_NONE,   /* owes nothing: cannot be under water */
    EDGE_LINE,   /* both sides have a leg */
    EDGE_UNKNOWN /* no line is known to hold: to be judged every time */
};

struct edge_leg {
    uint32_t variable;
    double weight; /* above 0 */
};

struct edge {
    enum edge_kind kind;
    uint32_t supplied_count; /* legs of collateral come first */
    uint32_t leg_count;
    struct edge_leg leg[2 * LEGS_MAX];
    double slack; /* relative: the exact health is no lower than line / (1 + slack) */
};

#endif
