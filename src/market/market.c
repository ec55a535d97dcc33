/*
 * A market is read piece by piece, from answers that arrive in any order, and each block makes some
 * of it old again. The bits that say what is not known live here, so that "complete" means one
 * thing.
 */
#include "market/market.h"

#include <string.h>

#define MARKET_STALE_ALL                                                                           \
    (MARKET_STALE_ADDRESSES | MARKET_STALE_VERSION | MARKET_STALE_RESERVES | MARKET_STALE_ORACLE | \
     MARKET_STALE_SENTINEL | MARKET_STALE_ORACLE_ADDRESS | MARKET_STALE_SENTINEL_ADDRESS |         \
     MARKET_STALE_CONFIGURATOR_ADDRESS | MARKET_STALE_DATA_PROVIDER_ADDRESS)
#define RESERVE_STALE_TERMS                                                                        \
    (RESERVE_STALE_STATE | RESERVE_STALE_PRICE | RESERVE_STALE_EXTRA | RESERVE_STALE_GRACE)
#define RESERVE_STALE_OURS (RESERVE_STALE_HELD | RESERVE_STALE_ALLOWED)
#define RESERVE_STALE_ALL                                                                          \
    (RESERVE_STALE_ASSET | RESERVE_STALE_TERMS | RESERVE_STALE_TOKEN | RESERVE_STALE_OURS)
#define CATEGORY_STALE_ALL (CATEGORY_STALE | CATEGORY_STALE_PRICE | CATEGORY_STALE_BITMAP)

void market_init(struct market *market, const char *name, uint32_t protocol,
                 const struct address *root)
{
    *market = (struct market){
        .protocol = protocol, .stale = MARKET_STALE_ALL, .root = *root, .native = RESERVE_NONE};
    memcpy(market->name, name, strnlen(name, sizeof(market->name) - 1));
}

uint32_t market_reserve(const struct market *market, const struct address *asset)
{
    if (address_is_zero(asset)) {
        return RESERVE_NONE;
    }
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if (address_is_equal(&market->reserve[i].asset, asset)) {
            return i;
        }
    }
    return RESERVE_NONE;
}

static void market_reach(struct market *market, uint32_t index)
{
    MUST(index < RESERVES_MAX);
    while (market->reserve_count <= index) {
        market->reserve[market->reserve_count++] = (struct reserve){.flags = RESERVE_DROPPED};
    }
}

void market_set_asset(struct market *market, uint32_t index, const struct address *asset)
{
    bool is_dropped = address_is_zero(asset);

    market_reach(market, index);
    market->reserve[index] = (struct reserve){.asset = *asset,
                                              .stale = is_dropped ? 0 : RESERVE_STALE_ALL,
                                              .flags = is_dropped ? RESERVE_DROPPED : 0};
    market->native = market_reserve(market, &market->native_asset);
}

void market_swap_reserves(struct market *market, uint32_t a, uint32_t b)
{
    market_reach(market, a > b ? a : b);
    struct reserve kept = market->reserve[a];
    market->reserve[a] = market->reserve[b];
    market->reserve[b] = kept;
    market->native = market_reserve(market, &market->native_asset);
}

static bool reserve_is_dropped(const struct reserve *reserve)
{
    return (reserve->flags & RESERVE_DROPPED) != 0;
}

void market_touch_all(struct market *market)
{
    market->stale = MARKET_STALE_ALL;
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if (!reserve_is_dropped(&market->reserve[i])) {
            market->reserve[i].stale |= RESERVE_STALE_TERMS;
        }
    }
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        if (market->category[i].is_used) {
            market->category[i].stale = CATEGORY_STALE_ALL;
        }
    }
}

/* Our own balances are part of it only where there is somebody to hold them. */
static uint32_t market_needs(const struct market *market)
{
    uint32_t ours = address_is_zero(&market->keeper) ? RESERVE_STALE_OURS : 0;

    return ~ours;
}

bool market_is_complete(const struct market *market)
{
    uint32_t stale = market->stale;
    uint32_t needs = market_needs(market);

    for (uint32_t i = 0; i < market->reserve_count; i++) {
        stale |= market->reserve[i].stale & needs;
    }
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        stale |= market->category[i].stale;
    }
    return stale == 0;
}

void market_begin_block(struct market *market, const struct header *header)
{
    market->block = (struct block_ref){.number = header->number, .hash = header->hash};
    market->timestamp_s = header->timestamp_s;
    if (!address_is_zero(&market->sentinel)) {
        market->stale |= MARKET_STALE_SENTINEL;
    }
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if (!reserve_is_dropped(&market->reserve[i])) {
            market->reserve[i].stale |= RESERVE_STALE_PRICE | RESERVE_STALE_OURS;
        }
    }
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        if (market->category[i].is_used && !address_is_zero(&market->category[i].price_source)) {
            market->category[i].stale |= CATEGORY_STALE_PRICE;
        }
    }
}
