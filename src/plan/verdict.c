/*
 * Every candidate ends in one of two verdicts and one reason of a closed list. Programs read these
 * words, so they stand in one place.
 */
#include "plan/verdict.h"

const char *verdict_text(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_SKIP:
        return "skip";
    case VERDICT_LIQUIDATE:
        return "liquidate";
    }
    return "skip";
}

const char *reason_text(enum reason reason)
{
    switch (reason) {
    case REASON_PROFITABLE:
        return "profitable";
    case REASON_HEALTHY:
        return "healthy";
    case REASON_UNPROFITABLE:
        return "unprofitable";
    case REASON_NO_PRICE:
        return "no_price";
    case REASON_STALE_PRICE:
        return "stale_price";
    case REASON_PAUSED:
        return "paused";
    case REASON_GRACE_PERIOD:
        return "grace_period";
    case REASON_NO_LIQUIDITY:
        return "no_liquidity";
    case REASON_NO_ROUTE:
        return "no_route";
    case REASON_NO_FUNDS:
        return "no_funds";
    case REASON_DUST:
        return "dust";
    case REASON_LIMIT:
        return "limit";
    case REASON_IN_FLIGHT:
        return "in_flight";
    case REASON_LOST_RACE:
        return "lost_race";
    case REASON_OVERTAKEN:
        return "overtaken";
    case REASON_BACKOFF:
        return "backoff";
    case REASON_SIMULATION_FAILED:
        return "simulation_failed";
    case REASON_UNTRUSTED:
        return "untrusted";
    case REASON_UNSUPPORTED:
        return "unsupported";
    case REASON_STALE:
        return "stale";
    }
    return "unsupported";
}
