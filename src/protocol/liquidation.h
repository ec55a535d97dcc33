/* What a pool would do for one pair of a debt and a collateral: what is asked, and what it answers.
 */
#ifndef PROTOCOL_LIQUIDATION_H
#define PROTOCOL_LIQUIDATION_H

#include "market/market.h"

enum liquidation_error {
    LIQUIDATION_OK,
    LIQUIDATION_HEALTHY,
    LIQUIDATION_NOT_SEIZABLE, /* not collateral, threshold 0 */
    LIQUIDATION_PAUSED,       /* reserve paused, inactive, or the sentinel says no */
    LIQUIDATION_GRACE,
    LIQUIDATION_NO_LIQUIDITY, /* too little of the collateral can leave the pool */
    LIQUIDATION_DUST,         /* what would be left breaks the dust rule at any amount */
    LIQUIDATION_TOO_SMALL,    /* the cap is below one unit */
    LIQUIDATION_OVERFLOW
};

/** When to take the collateral as the pool's own token instead, which needs no liquidity. */
enum receive_token { RECEIVE_NEVER, RECEIVE_WHEN_DRY, RECEIVE_ALWAYS };

/** What the pool would do for one pair at one timestamp. */
struct liquidation {
    uint32_t debt;                 /* reserve */
    uint32_t collateral;           /* reserve */
    struct token_amount repay;     /* what leaves our account at that timestamp */
    struct token_amount repay_max; /* the most that may leave it until the deadline: to reserve */
    struct token_amount repay_argument; /* what the call says: exact, or U256_MAX to close whole */
    struct token_amount seize;          /* what reaches us, after the protocol's fee */
    struct token_amount protocol_fee;
    bool is_whole;       /* closes the whole debt of this reserve */
    bool receives_token; /* seized as the pool's own token */
};

struct liquidation_request {
    uint32_t debt;
    uint32_t collateral;
    struct token_amount cap; /* the most that we can pay in the debt asset */
    uint64_t timestamp_s;    /* of the block that it is meant for */
    uint64_t deadline_s;     /* the last timestamp at which it may land */
    enum receive_token receive;
};

/** In doubles that err high, base currency: of `taken` at the most, that leaves the account, the
 *  part `seized` reaches us and the part `paid` at least is repaid. */
struct liquidation_bound {
    double taken;
    double taken_per_unit; /* by each unit of the debt that is repaid, at the most */
    double seized;
    double paid;
    double slack; /* what roundings may add to the difference */
};

#endif
