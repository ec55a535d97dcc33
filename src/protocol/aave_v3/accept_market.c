/*
 * Answers about what all accounts share. An address or a version that changed makes old whatever
 * was read through it.
 */
#include "eth/abi.h"
#include "protocol/aave_v3/accept.h"

static void prices_touch(struct market *market)
{
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if ((market->reserve[i].flags & RESERVE_DROPPED) == 0) {
            market->reserve[i].stale |= RESERVE_STALE_PRICE;
        }
    }
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

static enum read_error accept_unit(struct market *market, const struct aave_answer *answer)
{
    if (!abi_u256(&market->price_unit, answer->data, 0)) {
        return READ_MALFORMED;
    }
    market->stale &= ~(uint32_t)MARKET_STALE_ORACLE;
    return u256_is_zero(&market->price_unit) ? READ_OUT_OF_RANGE : READ_OK;
}

static enum read_error accept_allows(struct market *market, const struct aave_answer *answer)
{
    if (!abi_bool(&market->sentinel_allows, answer->data, 0)) {
        return READ_MALFORMED;
    }
    market->stale &= ~(uint32_t)MARKET_STALE_SENTINEL;
    return READ_OK;
}

enum read_error aave_accept_shared(struct market *market, const struct aave_answer *answer)
{
    bool changed;

    switch ((int)answer->kind) {
    case AAVE_READ_POOL:
        return accept_pool(market, answer);
    case AAVE_READ_ORACLE:
        return accept_oracle(market, answer);
    case AAVE_READ_SENTINEL:
        return accept_sentinel(market, answer);
    case AAVE_READ_CONFIGURATOR:
        return accept_address(&market->configurator, &changed, &market->stale, answer,
                              MARKET_STALE_CONFIGURATOR_ADDRESS);
    case AAVE_READ_DATA_PROVIDER:
        return accept_address(&market->data_provider, &changed, &market->stale, answer,
                              MARKET_STALE_DATA_PROVIDER_ADDRESS);
    case AAVE_READ_REVISION:
        return accept_revision(market, answer);
    case AAVE_READ_RESERVES:
        return accept_list(market, answer);
    case AAVE_READ_UNIT:
        return accept_unit(market, answer);
    case AAVE_READ_ALLOWS:
        return accept_allows(market, answer);
    }
    return READ_MALFORMED;
}

void aave_use_category(struct market *market, uint32_t index)
{
    struct category *category = &market->category[index];

    if (!category->is_used) {
        *category =
            (struct category){.is_used = true, .stale = CATEGORY_STALE | CATEGORY_STALE_BITMAP};
    }
}

static enum read_error category_accept_terms(struct category *category, struct bytes data,
                                             size_t first)
{
    uint64_t ltv;
    uint64_t threshold;
    uint64_t bonus;

    if (!abi_u64(&ltv, data, first) || !abi_u64(&threshold, data, first + 1) ||
        !abi_u64(&bonus, data, first + 2)) {
        return READ_MALFORMED;
    }
    if (ltv > UINT16_MAX || threshold > UINT16_MAX || bonus > UINT16_MAX) {
        return READ_OUT_OF_RANGE;
    }
    category->ltv_bps = (uint32_t)ltv;
    category->threshold_bps = (uint32_t)threshold;
    category->bonus_bps = (uint32_t)bonus;
    return READ_OK;
}

/* To 3.1 a struct behind an offset: ltv, threshold, bonus, price source, label. */
static enum read_error category_accept_legacy(struct category *category, struct bytes data)
{
    struct address source;
    enum read_error error = category_accept_terms(category, data, 1);

    if (error != READ_OK) {
        return error;
    }
    if (!abi_address(&source, data, 4)) {
        return READ_MALFORMED;
    }
    if (!address_is_equal(&source, &category->price_source)) {
        category->price = (struct price){0};
    }
    category->price_source = source;
    category->stale = address_is_zero(&source) ? 0 : CATEGORY_STALE_PRICE;
    return READ_OK;
}

static enum read_error category_accept_price(struct category *category, struct bytes data)
{
    if (!abi_u256(&category->price.value, data, 0)) {
        return READ_MALFORMED;
    }
    category->price.status = u256_is_zero(&category->price.value) ? PRICE_MISSING : PRICE_OK;
    category->stale &= ~(uint32_t)CATEGORY_STALE_PRICE;
    return READ_OK;
}

enum read_error aave_accept_category(struct market *market, const struct aave_answer *answer)
{
    struct category *category = &market->category[answer->read->index];

    switch ((int)answer->kind) {
    case AAVE_READ_CATEGORY_LEGACY:
        return category_accept_legacy(category, answer->data);
    case AAVE_READ_CATEGORY:
        category->price_source = (struct address){0};
        category->stale &= ~(uint32_t)(CATEGORY_STALE | CATEGORY_STALE_PRICE);
        return category_accept_terms(category, answer->data, 0);
    case AAVE_READ_BITMAP:
        if (!abi_u256(&category->collateral_bitmap, answer->data, 0)) {
            return READ_MALFORMED;
        }
        category->stale &= ~(uint32_t)CATEGORY_STALE_BITMAP;
        return READ_OK;
    case AAVE_READ_CATEGORY_PRICE:
        return category_accept_price(category, answer->data);
    }
    return READ_MALFORMED;
}
