/*
 * Answers about what all accounts share. An address or a version that changed makes old whatever
 * was read through it.
 */
#include "eth/abi.h"
#include "protocol/aave_v3/accept.h"

static void prices_touch(struct market *market)
{
    market_touch_prices(market);
    market->stale |= MARKET_STALE_ORACLE;
}

/* Zero is a place where nothing answers, good for the sentinel only. */
static enum read_error accept_address(struct address *place, bool *changed, uint32_t *stale,
                                      const struct aave_answer *answer, uint32_t bit)
{
    struct address address;

    if (!abi_address(&address, answer->data, 0)) {
        return READ_MALFORMED;
    }
    if (address_is_zero(&address) && answer->kind != AAVE_READ_SENTINEL) {
        return READ_OUT_OF_RANGE;
    }
    *changed = !address_is_equal(place, &address);
    *place = address;
    *stale &= ~bit;
    return READ_OK;
}

static enum read_error accept_pool(struct market *market, const struct aave_answer *answer)
{
    bool changed = false;
    enum read_error error =
        accept_address(&market->pool, &changed, &market->stale, answer, MARKET_STALE_ADDRESSES);

    if (changed) {
        market_touch_all(market);
        market->stale &= ~(uint32_t)MARKET_STALE_ADDRESSES;
    }
    return error;
}

static enum read_error accept_oracle(struct market *market, const struct aave_answer *answer)
{
    bool changed = false;
    enum read_error error = accept_address(&market->oracle, &changed, &market->stale, answer,
                                           MARKET_STALE_ORACLE_ADDRESS);

    if (changed) {
        prices_touch(market);
    }
    return error;
}

static enum read_error accept_sentinel(struct market *market, const struct aave_answer *answer)
{
    bool changed = false;
    enum read_error error = accept_address(&market->sentinel, &changed, &market->stale, answer,
                                           MARKET_STALE_SENTINEL_ADDRESS);

    if (error == READ_OK && address_is_zero(&market->sentinel)) {
        market->stale &= ~(uint32_t)MARKET_STALE_SENTINEL;
    } else if (changed) {
        market->stale |= MARKET_STALE_SENTINEL;
    }
    return error;
}

/* A new version is another contract: nothing that was proved or read of the old one holds. */
static enum read_error accept_revision(struct market *market, const struct aave_answer *answer)
{
    uint64_t revision;

    if (!abi_u64(&revision, answer->data, 0) || revision > UINT32_MAX) {
        return READ_MALFORMED;
    }
    if (market->revision != (uint32_t)revision) {
        uint32_t kept = market->stale;
        market_touch_all(market);
        market->stale = kept | MARKET_STALE_RESERVES;
        market->revision = (uint32_t)revision;
        market->trust =
            aave_rules_of(market->revision) != NULL ? MARKET_UNPROVED : MARKET_UNKNOWN_REVISION;
    }
    market->stale &= ~(uint32_t)MARKET_STALE_VERSION;
    return READ_OK;
}

/* Does the list name what stands here already, in order? */
static bool list_is_known(const struct market *market, struct bytes list, size_t count)
{
    size_t matched = 0;

    for (uint32_t i = 0; i < market->reserve_count; i++) {
        struct address asset;
        if (address_is_zero(&market->reserve[i].asset)) {
            continue;
        }
        if (matched == count || !abi_address(&asset, list, matched) ||
            !address_is_equal(&asset, &market->reserve[i].asset)) {
            return false;
        }
        matched++;
    }
    return matched == count;
}

/*
 * The pool leaves dropped reserves out of its list, so an asset's place in it is its index only as
 * long as none was dropped. Each gets the place for now, and the index that getReserveData names
 * when that has been read.
 */
static enum read_error accept_list(struct market *market, const struct aave_answer *answer)
{
    struct bytes list;
    size_t count;
    struct address asset;

    if (!abi_array(&list, &count, answer->data, 0)) {
        return READ_MALFORMED;
    }
    for (size_t i = 0; i < count; i++) {
        if (!abi_address(&asset, list, i) || address_is_zero(&asset)) {
            return READ_MALFORMED;
        }
    }
    market->stale &= ~(uint32_t)MARKET_STALE_RESERVES;
    if (count > RESERVES_MAX) {
        market->trust = MARKET_TOO_LARGE;
        return READ_OUT_OF_RANGE;
    }
    if (market->trust == MARKET_TOO_LARGE) {
        market->trust =
            aave_rules_of(market->revision) != NULL ? MARKET_UNPROVED : MARKET_UNKNOWN_REVISION;
    }
    if (list_is_known(market, list, count)) {
        return READ_OK;
    }
    for (uint32_t i = 0; i < count || i < market->reserve_count; i++) {
        asset = (struct address){0};
        if (i < count && !abi_address(&asset, list, i)) {
            return READ_MALFORMED;
        }
        market_set_asset(market, i, &asset);
    }
    return READ_OK;
}

/* A unit of nothing is none: it stays unknown, and is asked for again. */
static enum read_error accept_unit(struct market *market, const struct aave_answer *answer)
{
    struct u256 unit;

    if (!abi_u256(&unit, answer->data, 0)) {
        return READ_MALFORMED;
    }
    if (u256_is_zero(&unit)) {
        return READ_OUT_OF_RANGE;
    }
    market->price_unit = unit;
    market->stale &= ~(uint32_t)MARKET_STALE_ORACLE;
    return READ_OK;
}

static enum read_error accept_allows(struct market *market, const struct aave_answer *answer)
{
    if (!abi_bool(&market->sentinel_allows, answer->data, 0)) {
        return READ_MALFORMED;
    }
    market->stale &= ~(uint32_t)MARKET_STALE_SENTINEL;
    return READ_OK;
}

static enum read_error accept_configurator(struct market *market, const struct aave_answer *answer)
{
    bool changed;

    return accept_address(&market->configurator, &changed, &market->stale, answer,
                          MARKET_STALE_CONFIGURATOR_ADDRESS);
}

static enum read_error accept_data_provider(struct market *market, const struct aave_answer *answer)
{
    bool changed;

    return accept_address(&market->data_provider, &changed, &market->stale, answer,
                          MARKET_STALE_DATA_PROVIDER_ADDRESS);
}

static enum read_error (*const shared_accepts[])(struct market *, const struct aave_answer *) = {
    [AAVE_READ_POOL] = accept_pool,
    [AAVE_READ_ORACLE] = accept_oracle,
    [AAVE_READ_SENTINEL] = accept_sentinel,
    [AAVE_READ_CONFIGURATOR] = accept_configurator,
    [AAVE_READ_DATA_PROVIDER] = accept_data_provider,
    [AAVE_READ_REVISION] = accept_revision,
    [AAVE_READ_RESERVES] = accept_list,
    [AAVE_READ_UNIT] = accept_unit,
    [AAVE_READ_ALLOWS] = accept_allows,
};

_Static_assert(ARRAY_LENGTH(shared_accepts) == AAVE_READ_RESERVE, "every kind");

enum read_error aave_accept_shared(struct market *market, const struct aave_answer *answer)
{
    return shared_accepts[answer->kind](market, answer);
}
