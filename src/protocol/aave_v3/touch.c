/*
 * A log says who changed, never by how much: the pool's rounding need not be guessed, and one read
 * at the same block says what is true now. What is easy to miss is who is meant: the account of a
 * Supply or a Borrow is `onBehalfOf`, and a liquidator that takes aTokens gains collateral.
 */
#include "eth/abi.h"
#include "protocol/aave_v3/inside.h"

static void touch_account(struct touched *out, const struct address *account, uint32_t reserve)
{
    MUST(out->count < TOUCHED_PER_LOG_MAX);
    out->account[out->count++] = (struct touched_account){.account = *account, .reserve = reserve};
}

/* The address in topic `index`. */
static bool log_address(struct address *out, const struct log *log, uint32_t index)
{
    return index < log->topic_count && address_of_word(out, log->topic[index].byte);
}

/* Events that name an asset in one topic and the account in another. */
static enum touch_error touch_pair(struct touched *out, const struct market *market,
                                   const struct log *log, uint32_t asset_at, uint32_t account_at)
{
    struct address asset;
    struct address account;

    if (!log_address(&asset, log, asset_at) || !log_address(&account, log, account_at)) {
        return TOUCH_UNDECODABLE;
    }
    touch_account(out, &account, market_reserve(market, &asset));
    return TOUCH_OK;
}

static enum touch_error touch_borrow(struct touched *out, const struct market *market,
                                     const struct log *log)
{
    enum touch_error error = touch_pair(out, market, log, 1, 2);

    if (error == TOUCH_OK) {
        out->account[0].is_borrower = true;
    }
    return error;
}

static enum touch_error touch_emode(struct touched *out, const struct log *log)
{
    struct address account;

    if (!log_address(&account, log, 1)) {
        return TOUCH_UNDECODABLE;
    }
    touch_account(out, &account, RESERVE_NONE);
    return TOUCH_OK;
}

/* Its indexes, rates and liquidity are old; one that is not known is a new one. */
static void touch_state(struct market *market, uint32_t reserve)
{
    if (reserve == RESERVE_NONE) {
        market->stale |= MARKET_STALE_RESERVES;
        return;
    }
    market->reserve[reserve].stale |= RESERVE_STALE_STATE | RESERVE_STALE_EXTRA;
}

static enum touch_error touch_reserve_data(struct market *market, const struct log *log)
{
    struct address asset;

    if (!log_address(&asset, log, 1)) {
        return TOUCH_UNDECODABLE;
    }
    touch_state(market, market_reserve(market, &asset));
    return TOUCH_OK;
}

/* LiquidationCall(collateral, debt, user | debtToCover, liquidatedCollateral, liquidator, receives)
 */
static enum touch_error touch_liquidation(struct touched *out, struct market *market,
                                          const struct log *log)
{
    struct address collateral;
    struct address debt;
    bool receives;

    if (!log_address(&collateral, log, 1) || !log_address(&debt, log, 2) ||
        !log_address(&out->liquidation.account, log, 3) ||
        !abi_u256(&out->liquidation.repaid.value, log->data, 0) ||
        !abi_u256(&out->liquidation.seized.value, log->data, 1) ||
        !abi_address(&out->liquidation.liquidator, log->data, 2) ||
        !abi_bool(&receives, log->data, 3)) {
        return TOUCH_UNDECODABLE;
    }
    out->is_liquidation = true;
    out->liquidation.collateral = market_reserve(market, &collateral);
    out->liquidation.debt = market_reserve(market, &debt);
    /* who takes aTokens moves the collateral's index on, and no ReserveDataUpdated says so
     * (LiquidationLogic.executeLiquidationCall, 3.6: updateState of both, rates of one) */
    touch_state(market, out->liquidation.collateral);
    touch_account(out, &out->liquidation.account, out->liquidation.debt);
    touch_account(out, &out->liquidation.account, out->liquidation.collateral);
    if (receives) {
        touch_account(out, &out->liquidation.liquidator, out->liquidation.collateral);
    }
    return TOUCH_OK;
}

static enum touch_error touch_pool(struct touched *out, struct market *market,
                                   const struct log *log)
{
    switch (aave_event_of(&log->topic[0])) {
    case AAVE_EVENT_SUPPLY:
    case AAVE_EVENT_MINT_UNBACKED:
    case AAVE_EVENT_WITHDRAW:
    case AAVE_EVENT_REPAY:
    case AAVE_EVENT_COLLATERAL_ENABLED:
    case AAVE_EVENT_COLLATERAL_DISABLED:
    case AAVE_EVENT_SWAP_RATE:
    case AAVE_EVENT_REBALANCE_RATE:
        return touch_pair(out, market, log, 1, 2);
    case AAVE_EVENT_BORROW:
        return touch_borrow(out, market, log);
    case AAVE_EVENT_LIQUIDATION:
        return touch_liquidation(out, market, log);
    case AAVE_EVENT_DEFICIT: /* (user, asset): burns other debts with no Repay */
        return touch_pair(out, market, log, 2, 1);
    case AAVE_EVENT_EMODE:
        return touch_emode(out, log);
    case AAVE_EVENT_RESERVE_DATA:
        return touch_reserve_data(market, log);
    case AAVE_EVENT_TRANSFER:
    case AAVE_EVENT_KINDS:
        return TOUCH_IGNORED;
    }
    return TOUCH_IGNORED;
}

/* Collateral moves from one account to another with no event of the pool. */
static enum touch_error touch_token(struct touched *out, const struct log *log, uint32_t reserve)
{
    struct address from;
    struct address to;

    if (aave_event_of(&log->topic[0]) != AAVE_EVENT_TRANSFER) {
        return TOUCH_IGNORED;
    }
    if (!log_address(&from, log, 1) || !log_address(&to, log, 2)) {
        return TOUCH_UNDECODABLE;
    }
    touch_account(out, &from, reserve);
    touch_account(out, &to, reserve);
    return TOUCH_OK;
}

static bool market_is_governed_by(const struct market *market, const struct address *address)
{
    return address_is_equal(address, &market->root) ||
           address_is_equal(address, &market->configurator) ||
           address_is_equal(address, &market->oracle) ||
           address_is_equal(address, &market->sentinel);
}

enum touch_error aave_touch(struct touched *out, struct market *market, const struct log *log)
{
    *out = (struct touched){0};
    if (log->topic_count == 0 || address_is_zero(&log->address)) {
        return TOUCH_IGNORED;
    }
    if (address_is_equal(&log->address, &market->pool)) {
        return touch_pool(out, market, log);
    }
    if (market_is_governed_by(market, &log->address)) {
        market_touch_all(market);
        return TOUCH_OK;
    }
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if (address_is_equal(&log->address, &market->reserve[i].collateral_token)) {
            return touch_token(out, log, i);
        }
    }
    return TOUCH_IGNORED;
}
