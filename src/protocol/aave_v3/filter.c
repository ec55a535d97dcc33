/*
 * Which logs are followed. Accounts are named by events of the pool and of each aToken (a transfer
 * moves collateral with no event of the pool); shared terms change by events of whoever governs.
 */
#include "protocol/aave_v3/inside.h"

/* Whatever one of these says, all shared terms are read again: they are rare, and to guess which
 * term an event of a version to come touches is how a threshold goes stale. */
static const char *const governing[] = {
    /* PoolAddressesProvider */
    "PoolUpdated(address,address)",
    "PoolConfiguratorUpdated(address,address)",
    "PriceOracleUpdated(address,address)",
    "PriceOracleSentinelUpdated(address,address)",
    "PoolDataProviderUpdated(address,address)",
    "ProxyCreated(bytes32,address,address)",
    "AddressSet(bytes32,address,address)",
    "AddressSetAsProxy(bytes32,address,address,address)",
    /* PoolConfigurator */
    "ReserveInitialized(address,address,address,address,address)",
    "ReserveDropped(address)",
    "ReserveActive(address,bool)",
    "ReserveFrozen(address,bool)",
    "ReservePaused(address,bool)",
    "ReserveBorrowing(address,bool)",
    "ReserveStableRateBorrowing(address,bool)",
    "ReserveFactorChanged(address,uint256,uint256)",
    "ReserveInterestRateStrategyChanged(address,address,address)",
    "ReserveInterestRateDataChanged(address,address,bytes)",
    "CollateralConfigurationChanged(address,uint256,uint256,uint256)",
    "PendingLtvChanged(address,uint256)",
    "LiquidationProtocolFeeChanged(address,uint256,uint256)",
    "LiquidationGracePeriodChanged(address,uint40)",
    "LiquidationGracePeriodDisabled(address)",
    "EModeAssetCategoryChanged(address,uint8,uint8)",
    "EModeCategoryAdded(uint8,uint256,uint256,uint256,address,string)",
    "EModeCategoryIsolationChanged(uint8,bool)",
    "AssetCollateralInEModeChanged(address,uint8,bool)",
    "AssetLtvzeroInEModeChanged(address,uint8,bool)",
    "DebtCeilingChanged(address,uint256,uint256)",
    "ATokenUpgraded(address,address,address)",
    "StableDebtTokenUpgraded(address,address,address)",
    "VariableDebtTokenUpgraded(address,address,address)",
    /* AaveOracle */
    "BaseCurrencySet(address,uint256)",
    "AssetSourceUpdated(address,address)",
    "FallbackOracleUpdated(address)",
    /* PriceOracleSentinel */
    "SequencerOracleUpdated(address)",
    "GracePeriodUpdated(uint256)",
};

static void add_if_known(struct log_filter *out, const struct address *address)
{
    if (!address_is_zero(address)) {
        log_filter_add_address(out, address);
    }
}

void aave_filter(struct log_filter *out, const struct market *market)
{
    add_if_known(out, &market->root);
    add_if_known(out, &market->pool);
    add_if_known(out, &market->configurator);
    add_if_known(out, &market->oracle);
    add_if_known(out, &market->sentinel);
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        add_if_known(out, &market->reserve[i].collateral_token);
    }
    for (uint32_t i = 0; i < AAVE_EVENT_KINDS; i++) {
        log_filter_add_topic(out, aave_event_signature((enum aave_event)i));
    }
    for (uint32_t i = 0; i < ARRAY_LENGTH(governing); i++) {
        log_filter_add_topic(out, governing[i]);
    }
}

void aave_history_filter(struct log_filter *out, const struct market *market)
{
    add_if_known(out, &market->pool);
    log_filter_add_topic(out, aave_event_signature(AAVE_EVENT_BORROW));
}
