/*
 * plan: is it worth it. Size, cost, profit, choice, and a verdict with its reason for every
 * candidate. It refuses to know nonces and keys.
 */
#ifndef PLAN_VERDICT_H
#define PLAN_VERDICT_H

enum verdict { VERDICT_SKIP, VERDICT_LIQUIDATE };

/** A closed list; `plimsoll help reasons` explains each. */
enum reason {
    REASON_PROFITABLE,
    REASON_HEALTHY,
    REASON_UNPROFITABLE,
    REASON_NO_PRICE,
    REASON_STALE_PRICE,
    REASON_PAUSED,
    REASON_GRACE_PERIOD,
    REASON_NO_LIQUIDITY,
    REASON_NO_ROUTE,
    REASON_NO_FUNDS,
    REASON_DUST,
    REASON_LIMIT,
    REASON_IN_FLIGHT,
    REASON_LOST_RACE,
    REASON_OVERTAKEN,
    REASON_BACKOFF,
    REASON_SIMULATION_FAILED,
    REASON_UNTRUSTED,
    REASON_UNSUPPORTED,
    REASON_STALE
};

#define REASON_COUNT 20

const char *verdict_text(enum verdict verdict);
/** The word of the surface: "no_funds". */
const char *reason_text(enum reason reason);

#endif
