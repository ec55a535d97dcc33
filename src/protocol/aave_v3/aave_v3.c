/* Aave V3 as the rest of the house sees it: one table of functions. */
#include "protocol/aave_v3/aave_v3.h"

#include "protocol/aave_v3/inside.h"

const struct protocol aave_v3 = {
    .name = "aave-v3",
    .filter = aave_filter,
    .history_filter = aave_history_filter,
    .touch = aave_touch,
    .want_market = aave_want_market,
    .want_account = aave_want_account,
    .want_audit = aave_want_audit,
    .accept = aave_accept,
    .prepare = aave_prepare,
    .reach = aave_reach,
    .health = aave_health,
    .edge = aave_edge,
    .edge_value = aave_edge_value,
    .edge_terms = aave_edge_terms,
    .leg_amounts = aave_leg_amounts,
    .liquidation = aave_liquidation,
    .liquidation_bound = aave_liquidation_bound,
    .liquidation_call = aave_liquidation_call,
    .gas_expected = aave_gas_expected,
    .gas_limit = aave_gas_limit,
    .call_target = aave_call_target,
};
