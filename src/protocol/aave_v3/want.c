/*
 * What to ask, from what is not known: addresses first, then what stands behind them. The list is
 * made for each head, so what cannot have changed is not in it.
 */
#include <string.h>

#include "protocol/aave_v3/inside.h"

#define WORD 32u
#define SELECTOR 4u

static struct read *want(struct read_list *out, const struct address *target, enum aave_read kind,
                         uint32_t index)
{
    struct read *read = read_list_add(out);

    read->target = *target;
    read->kind = (uint8_t)kind;
    read->index = (uint16_t)index;
    memcpy(read->data, aave_read_selector(kind), SELECTOR);
    read->data_size = SELECTOR;
    return read;
}

static void read_add_address(struct read *read, const struct address *address)
{
    MUST(read->data_size + WORD <= READ_DATA_MAX);
    memcpy(read->data + read->data_size + WORD - sizeof(*address), address, sizeof(*address));
    read->data_size = (uint8_t)(read->data_size + WORD);
}

static void read_add_u8(struct read *read, uint8_t value)
{
    MUST(read->data_size + WORD <= READ_DATA_MAX);
    read->data_size = (uint8_t)(read->data_size + WORD);
    read->data[read->data_size - 1] = value;
}

static void want_of(struct read_list *out, const struct address *target, enum aave_read kind,
                    uint32_t index, const struct address *of)
{
    read_add_address(want(out, target, kind, index), of);
}

static void want_addresses(struct read_list *out, const struct market *market)
{
    static const struct {
        uint32_t stale;
        enum aave_read kind;
    } addresses[] = {
        {MARKET_STALE_ADDRESSES, AAVE_READ_POOL},
        {MARKET_STALE_ORACLE_ADDRESS, AAVE_READ_ORACLE},
        {MARKET_STALE_SENTINEL_ADDRESS, AAVE_READ_SENTINEL},
        {MARKET_STALE_CONFIGURATOR_ADDRESS, AAVE_READ_CONFIGURATOR},
        {MARKET_STALE_DATA_PROVIDER_ADDRESS, AAVE_READ_DATA_PROVIDER},
    };

    for (uint32_t i = 0; i < ARRAY_LENGTH(addresses); i++) {
        if ((market->stale & addresses[i].stale) != 0) {
            want(out, &market->root, addresses[i].kind, 0);
        }
    }
}

static void want_pool(struct read_list *out, const struct market *market)
{
    if ((market->stale & MARKET_STALE_VERSION) != 0) {
        want(out, &market->pool, AAVE_READ_REVISION, 0);
    }
    if ((market->stale & MARKET_STALE_RESERVES) != 0) {
        want(out, &market->pool, AAVE_READ_RESERVES, 0);
    }
}

/* Ours: what we could repay with. */
static void want_purse(struct read_list *out, const struct market *market, uint32_t index)
{
    const struct reserve *reserve = &market->reserve[index];

    if (address_is_zero(&market->keeper)) {
        return;
    }
    if ((reserve->stale & RESERVE_STALE_HELD) != 0) {
        want_of(out, &reserve->asset, AAVE_READ_HELD, index, &market->keeper);
    }
    if ((reserve->stale & RESERVE_STALE_ALLOWED) != 0) {
        struct read *read = want(out, &reserve->asset, AAVE_READ_ALLOWED, index);
        read_add_address(read, &market->keeper);
        read_add_address(read, &market->pool);
    }
}

static void want_liquidity(struct read_list *out, const struct market *market, uint32_t index)
{
    const struct reserve *reserve = &market->reserve[index];
    const bool is_virtual = aave_rules_to_follow(market->revision)->has_virtual_balance;

    if ((reserve->stale & RESERVE_STALE_EXTRA) != 0 && is_virtual) {
        want_of(out, &market->pool, AAVE_READ_VIRTUAL, index, &reserve->asset);
    }
    if ((reserve->stale & RESERVE_STALE_EXTRA) != 0 && !is_virtual &&
        !address_is_zero(&reserve->collateral_token)) {
        want_of(out, &reserve->asset, AAVE_READ_BALANCE, index, &reserve->collateral_token);
    }
    if ((reserve->stale & RESERVE_STALE_GRACE) != 0 && is_virtual) {
        want_of(out, &market->pool, AAVE_READ_GRACE, index, &reserve->asset);
    }
}

/* Since when the price stands: not the oracle says that, but whom it asks itself. */
static void want_age(struct read_list *out, const struct market *market, uint32_t index)
{
    const struct reserve *reserve = &market->reserve[index];

    if ((reserve->stale & RESERVE_STALE_SOURCE) != 0 && !address_is_zero(&market->oracle)) {
        want_of(out, &market->oracle, AAVE_READ_SOURCE, index, &reserve->asset);
    }
    if ((reserve->stale & RESERVE_STALE_AGE) != 0 && market->price_age_max_s != 0 &&
        !address_is_zero(&reserve->price_source)) {
        want(out, &reserve->price_source, AAVE_READ_AGE, index);
    }
}

static void want_reserve(struct read_list *out, const struct market *market, uint32_t index)
{
    const struct reserve *reserve = &market->reserve[index];

    if ((reserve->stale & (RESERVE_STALE_STATE | RESERVE_STALE_ASSET)) != 0) {
        want_of(out, &market->pool, AAVE_READ_RESERVE, index, &reserve->asset);
    }
    /* until the pool has said that it stands at this index, the rest can wait */
    if ((reserve->stale & RESERVE_STALE_ASSET) != 0) {
        return;
    }
    if ((reserve->stale & RESERVE_STALE_TOKEN) != 0) {
        want(out, &reserve->asset, AAVE_READ_SYMBOL, index);
    }
    if ((reserve->stale & RESERVE_STALE_PRICE) != 0 && !address_is_zero(&market->oracle)) {
        want_of(out, &market->oracle, AAVE_READ_PRICE, index, &reserve->asset);
    }
    want_age(out, market, index);
    want_liquidity(out, market, index);
    want_purse(out, market, index);
}

static void want_category(struct read_list *out, const struct market *market, uint32_t index)
{
    const struct category *category = &market->category[index];
    const bool is_legacy = aave_rules_to_follow(market->revision)->has_category_price;

    if ((category->stale & CATEGORY_STALE) != 0) {
        enum aave_read kind = is_legacy ? AAVE_READ_CATEGORY_LEGACY : AAVE_READ_CATEGORY;
        read_add_u8(want(out, &market->pool, kind, index), (uint8_t)index);
    }
    if ((category->stale & CATEGORY_STALE_BITMAP) != 0 && !is_legacy) {
        read_add_u8(want(out, &market->pool, AAVE_READ_BITMAP, index), (uint8_t)index);
    }
    if ((category->stale & CATEGORY_STALE_PRICE) != 0 &&
        !address_is_zero(&category->price_source) && !address_is_zero(&market->oracle)) {
        want_of(out, &market->oracle, AAVE_READ_CATEGORY_PRICE, index, &category->price_source);
    }
}

void aave_want_market(struct read_list *out, const struct market *market)
{
    want_addresses(out, market);
    if ((market->stale & MARKET_STALE_ORACLE) != 0 && !address_is_zero(&market->oracle)) {
        want(out, &market->oracle, AAVE_READ_UNIT, 0);
    }
    if ((market->stale & MARKET_STALE_SENTINEL) != 0 && !address_is_zero(&market->sentinel)) {
        want(out, &market->sentinel, AAVE_READ_ALLOWS, 0);
    }
    if (address_is_zero(&market->pool)) {
        return;
    }
    want_pool(out, market);
    if ((market->stale & MARKET_STALE_VERSION) != 0) {
        return; /* the version says how to ask for the rest */
    }
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if (!address_is_zero(&market->reserve[i].asset)) {
            want_reserve(out, market, i);
        }
    }
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        want_category(out, market, i);
    }
}

/* What matters of a leg that is stale: both amounts where a log has just named it, because its
 * flags may be old as well. */
static void want_leg(struct read_list *out, const struct market *market,
                     const struct position *position, const struct leg *leg)
{
    const struct reserve *reserve = &market->reserve[leg->reserve];
    const bool both = (leg->flags & LEG_TOUCHED) != 0 && (position->flags & POSITION_STALE) != 0;

    if ((both || (leg->flags & LEG_COLLATERAL) != 0) && (leg->flags & LEG_KNOWS_SUPPLIED) == 0) {
        want_of(out, &reserve->collateral_token, AAVE_READ_SUPPLIED, leg->reserve,
                &position->account);
    }
    if ((both || (leg->flags & LEG_DEBT) != 0) && (leg->flags & LEG_KNOWS_OWED) == 0) {
        want_of(out, &reserve->debt_token, AAVE_READ_OWED, leg->reserve, &position->account);
        if (aave_rules_to_follow(market->revision)->has_stable_debt) {
            want_of(out, &reserve->stable_debt_token, AAVE_READ_STABLE, leg->reserve,
                    &position->account);
        }
    }
}

void aave_want_account(struct read_list *out, const struct market *market,
                       const struct position *position, uint32_t slot)
{
    size_t first = out->count;

    if (address_is_zero(&market->pool)) {
        return;
    }
    if ((position->flags & POSITION_STALE) != 0) {
        want_of(out, &market->pool, AAVE_READ_CONFIG, RESERVES_MAX, &position->account);
        want_of(out, &market->pool, AAVE_READ_EMODE, RESERVES_MAX, &position->account);
    }
    for (uint32_t i = 0; i < position->leg_count; i++) {
        const struct leg *leg = &position->legs[i];
        if ((leg->flags & LEG_STALE) != 0 && leg->reserve < market->reserve_count &&
            !address_is_zero(&market->reserve[leg->reserve].debt_token)) {
            want_leg(out, market, position, leg);
        }
    }
    for (size_t i = first; i < out->count; i++) {
        out->read[i].account = slot;
    }
}

void aave_want_audit(struct read_list *out, const struct market *market,
                     const struct address *account, uint32_t slot)
{
    if (address_is_zero(&market->pool)) {
        return;
    }
    want_of(out, &market->pool, AAVE_READ_AUDIT, RESERVES_MAX, account);
    out->read[out->count - 1].account = slot;
}
