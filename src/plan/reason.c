/*
 * Why a position cannot be judged, and why the pool would refuse a pair, in the words in which a
 * verdict is given.
 */
#include "plan/plan.h"

enum reason reason_of_health(enum health_error error)
{
    switch (error) {
    case HEALTH_OK:
        return REASON_HEALTHY;
    case HEALTH_NO_PRICE:
        return REASON_NO_PRICE;
    case HEALTH_STALE:
        return REASON_STALE;
    case HEALTH_UNSUPPORTED:
        return REASON_UNSUPPORTED;
    case HEALTH_OVERFLOW:
    case HEALTH_DRIFTED:
        return REASON_UNTRUSTED;
    }
    return REASON_UNTRUSTED;
}

enum reason reason_of_liquidation(enum liquidation_error error)
{
    switch (error) {
    case LIQUIDATION_OK:
        return REASON_PROFITABLE;
    case LIQUIDATION_HEALTHY:
        return REASON_HEALTHY;
    case LIQUIDATION_NOT_SEIZABLE: /* nothing to be had, whatever is paid */
        return REASON_UNPROFITABLE;
    case LIQUIDATION_PAUSED:
        return REASON_PAUSED;
    case LIQUIDATION_GRACE:
        return REASON_GRACE_PERIOD;
    case LIQUIDATION_NO_LIQUIDITY:
        return REASON_NO_LIQUIDITY;
    case LIQUIDATION_DUST:
        return REASON_DUST;
    case LIQUIDATION_TOO_SMALL:
        return REASON_NO_FUNDS;
    case LIQUIDATION_OVERFLOW:
        return REASON_UNTRUSTED;
    }
    return REASON_UNTRUSTED;
}
