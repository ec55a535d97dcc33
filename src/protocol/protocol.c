/* The one table of what this program can speak to; a protocol more is a line more. */
#include "protocol/protocol.h"

#include <string.h>

#include "protocol/aave_v3/aave_v3.h"

static const struct protocol *const protocols[] = {&aave_v3};

uint32_t protocol_count(void)
{
    return ARRAY_LENGTH(protocols);
}

const struct protocol *protocol_at(uint32_t index)
{
    MUST(index < ARRAY_LENGTH(protocols));
    return protocols[index];
}

uint32_t protocol_find(const char *name)
{
    for (uint32_t i = 0; i < ARRAY_LENGTH(protocols); i++) {
        if (strcmp(protocols[i]->name, name) == 0) {
            return i;
        }
    }
    return UINT32_MAX;
}

const char *health_error_text(enum health_error error)
{
    switch (error) {
    case HEALTH_OK:
        return "ok";
    case HEALTH_NO_PRICE:
        return "an asset that it holds has no price";
    case HEALTH_STALE:
        return "a part of it is not known at this block";
    case HEALTH_OVERFLOW:
        return "a product left 256 bits";
    case HEALTH_UNSUPPORTED:
        return "it holds what is not modelled";
    case HEALTH_DRIFTED:
        return "an audit found it different from the chain";
    }
    return "unknown";
}

const char *liquidation_error_text(enum liquidation_error error)
{
    switch (error) {
    case LIQUIDATION_OK:
        return "ok";
    case LIQUIDATION_HEALTHY:
        return "healthy";
    case LIQUIDATION_NOT_SEIZABLE:
        return "nothing to repay, or this collateral cannot be seized";
    case LIQUIDATION_PAUSED:
        return "paused, inactive, or stopped by the sentinel";
    case LIQUIDATION_GRACE:
        return "in a grace period";
    case LIQUIDATION_NO_LIQUIDITY:
        return "the collateral cannot leave the pool";
    case LIQUIDATION_DUST:
        return "any amount would leave dust";
    case LIQUIDATION_TOO_SMALL:
        return "the amount is below one unit";
    case LIQUIDATION_OVERFLOW:
        return "a product left 256 bits";
    }
    return "unknown";
}
