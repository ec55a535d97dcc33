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
#define RESERVE_STALE_AGES (RESERVE_STALE_SOURCE | RESERVE_STALE_AGE)
#define CATEGORY_STALE_ALL (CATEGORY_STALE | CATEGORY_STALE_PRICE | CATEGORY_STALE_BITMAP)

void market_init(struct market *market, const char *name, uint32_t protocol,
                 const struct address *root)
{
    *market = (struct market){
        .protocol = protocol, .stale = MARKET_STALE_ALL, .root = *root, .native = RESERVE_NONE};
    memcpy(market->name, name, strnlen(name, sizeof(market->name) - 1));
}

/* Behind the last reserve, and where no category is used, all is zero: neither ever goes back. */
void market_become(struct market *to, const struct market *from)
{
    uint32_t reserves =
        to->reserve_count > from->reserve_count ? to->reserve_count : from->reserve_count;

    memcpy(to, from, offsetof(struct market, reserve));
    memcpy(to->reserve, from->reserve, reserves * sizeof(*to->reserve));
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        if (from->category[i].is_used || to->category[i].is_used)
            to->category[i] = from->category[i];
    }
}

/* Nobody asks for what nobody minds. */
static uint32_t market_ages(const struct market *market)
{
    uint32_t source = market->follows_sources ? RESERVE_STALE_SOURCE : 0;

    return market->price_age_max_s != 0 ? RESERVE_STALE_AGES : source;
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
    market->reserve[index] =
        (struct reserve){.asset = *asset,
                         .stale = is_dropped ? 0 : RESERVE_STALE_ALL | market_ages(market),
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
            market->reserve[i].stale |= RESERVE_STALE_TERMS | market_ages(market);
        }
    }
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        if (market->category[i].is_used) {
            market->category[i].stale = CATEGORY_STALE_ALL;
        }
    }
}

void market_touch_prices(struct market *market)
{
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if (!reserve_is_dropped(&market->reserve[i])) {
            market->reserve[i].stale |= RESERVE_STALE_PRICE | market_ages(market);
        }
    }
}

/* Our own balances are part of it only where there is somebody to hold them. */
static uint32_t market_needs(const struct market *market)
{
    uint32_t ours = address_is_zero(&market->keeper) ? RESERVE_STALE_OURS : 0;

    return ~(ours | RESERVE_STALE_AGES);
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

bool market_can_judge(const struct market *market)
{
    uint32_t stale = 0;

    for (uint32_t i = 0; i < market->reserve_count; i++) {
        stale |= market->reserve[i].stale & RESERVE_STALE_ASSET;
    }
    return market->stale == 0 && stale == 0;
}

uint32_t market_unread(const struct market *market)
{
    uint32_t unread = 0;

    for (uint32_t i = 0; i < market->reserve_count; i++) {
        unread += (market->reserve[i].stale & (RESERVE_STALE_ASSET | RESERVE_STALE_STATE)) != 0;
    }
    return unread;
}

bool market_price_is_old(const struct market *market, uint32_t reserve)
{
    MUST(reserve < market->reserve_count);
    const struct reserve *of = &market->reserve[reserve];
    const uint64_t now_s = market->timestamp_s;

    if (market->price_age_max_s == 0) {
        return false;
    }
    if ((of->stale & RESERVE_STALE_AGES) != 0 || of->price_at_s == 0) {
        return true;
    }
    /* a time in milliseconds lies far ahead: it would never be old */
    uint64_t distance_s = of->price_at_s < now_s ? now_s - of->price_at_s : of->price_at_s - now_s;
    return distance_s > market->price_age_max_s;
}

/* Who could not be named is asked for again: an oracle that failed once may answer now. */
static uint32_t reserve_ages_at_block(const struct market *market, const struct reserve *reserve)
{
    uint32_t source = address_is_zero(&reserve->price_source) ? RESERVE_STALE_SOURCE : 0;

    return market_ages(market) & (RESERVE_STALE_AGE | source);
}

void market_begin_block(struct market *market, const struct header *header)
{
    market->block = (struct block_ref){.number = header->number, .hash = header->hash};
    market->timestamp_s = header->timestamp_s;
    if (!address_is_zero(&market->sentinel)) {
        market->stale |= MARKET_STALE_SENTINEL;
    }
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        struct reserve *reserve = &market->reserve[i];
        if (!reserve_is_dropped(reserve)) {
            reserve->stale |= RESERVE_STALE_PRICE | RESERVE_STALE_OURS;
            reserve->stale |= reserve_ages_at_block(market, reserve);
        }
    }
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        if (market->category[i].is_used && !address_is_zero(&market->category[i].price_source)) {
            market->category[i].stale |= CATEGORY_STALE_PRICE;
        }
    }
}
