/* One debt and one collateral of one account, as the pool would exchange them. */
#ifndef PROTOCOL_AAVE_V3_PAIR_H
#define PROTOCOL_AAVE_V3_PAIR_H

#include "protocol/aave_v3/fast.h"

/** What stands in the pool at one timestamp. */
struct aave_amounts {
    struct ray debt_index;
    struct ray collateral_index;
    struct u256 owed; /* of the debt asset */
    struct u256 owed_value;
    struct u256 supplied; /* of the collateral */
    struct u256 supplied_value;
};

struct aave_pair {
    const struct market *market;
    const struct aave_rules *rules;
    const struct reserve *debt;
    const struct reserve *collateral;
    const struct leg *debt_leg;
    const struct leg *collateral_leg;
    struct u256 debt_price;
    struct u256 collateral_price;
    struct u256 debt_unit; /* both by aave_pair_amounts */
    struct u256 collateral_unit;
    uint32_t bonus_bps;
    bool is_small; /* so that what divides is known: */
    struct divisor by_debt_price;
    struct divisor by_collateral_price;
    struct divisor by_bonus;
    const struct divisor *by_known_bonus; /* prepared, of this bonus or another */
    struct aave_amounts now;              /* at the first timestamp at which it may land */
    struct aave_amounts late;             /* at the last */
};

/** What one amount paid buys. */
struct aave_exchange {
    struct u256 paid;  /* less than offered where the collateral does not reach */
    struct u256 taken; /* collateral that leaves the account */
    struct u256 seize; /* of it, to us */
    struct u256 fee;   /* of it, to the protocol */
    bool takes_all;    /* the whole collateral */
};

/** Legs, reserves and terms of a pair; NOT_SEIZABLE: the account has no such pair. */
enum liquidation_error aave_pair_begin(struct aave_pair *out, const struct market *market,
                                       const struct position *position,
                                       const struct liquidation_request *request);
/** Fills the amounts for two timestamps; false: a product left 256 bits. */
MUST_CHECK bool aave_pair_amounts(struct aave_pair *pair, uint64_t timestamp_s,
                                  uint64_t deadline_s);
/** _calculateAvailableCollateralToLiquidate for an offer that passed the close factor. */
MUST_CHECK bool aave_pair_exchange(struct aave_exchange *out, const struct aave_pair *pair,
                                   const struct aave_amounts *amounts, const struct u256 *offer);
/** Something of both tokens is burned, which ScaledBalanceTokenBase._burnScaled insists on: an
 * amount that is divided by its index may round to nothing. */
bool aave_pair_burns(const struct aave_pair *pair, const struct aave_amounts *amounts,
                     const struct aave_exchange *exchange);
/** The same in 256 bits only. */
MUST_CHECK bool aave_pair_exchange_slowly(struct aave_exchange *out, const struct aave_pair *pair,
                                          const struct aave_amounts *amounts,
                                          const struct u256 *offer);
/** The most of the debt whose price in collateral stays within `taken`. */
MUST_CHECK bool aave_pair_offer_for(struct u256 *out, const struct aave_pair *pair,
                                    const struct u256 *taken);

/* ---- pair_quick.c, size_quick.c: the same for numbers below 96 bits; false: nothing was done */

/** Prepares what divides, once prices, bonus and reserves stand in it. */
void aave_pair_divisors(struct aave_pair *pair);
/** From the indexes that stand in *out. */
MUST_CHECK bool aave_quick_amounts(struct aave_amounts *out, const struct aave_pair *pair);
MUST_CHECK bool aave_quick_exchange(struct aave_exchange *out, const struct aave_pair *pair,
                                    const struct aave_amounts *amounts, const struct u256 *offer);
/** The pool can give out all that is supplied when it lands, and an exchange of that offer leaves
 * no 256 bits: so that it need not be made to know that there is enough. */
bool aave_quick_is_liquid(const struct aave_pair *pair, const struct u256 *offer);
/**
 * What aave_liquidation answers for a pair that nothing stands against, where the pool has rules of
 * size (3.3 on) and can give out all of the collateral.
 * Out: *error, and *out where that is LIQUIDATION_OK
 */
MUST_CHECK bool aave_quick_liquidation(struct liquidation *out, enum liquidation_error *error,
                                       const struct aave_pair *pair, const struct health *health,
                                       const struct liquidation_request *request);

/* ---- size.c */

/** LiquidationLogic, 3.3 on, in units of a base currency of eight decimals, whatever the market's
 * is: MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD, MIN_LEFTOVER_BASE. */
#define SIZE_THRESHOLD 200000000000u
#define LEFTOVER_MIN 100000000000u

/** ValidationLogic and LiquidationLogic: 0.95e18, above it the sentinel and the close factor bite.
 */
#define FACTOR_LOW 950000000000000000u
#define FACTOR_ONE 1000000000000000000u

/** A health this near to 0.95 (1e-5 of it) may stand on its other side when the transaction lands.
 */
#define FACTOR_LOW_SAFE (FACTOR_LOW - FACTOR_LOW / 100000u)
/** So may a value that is this near to the threshold of size: a thousandth. */
#define SIZE_THRESHOLD_SAFE (SIZE_THRESHOLD - SIZE_THRESHOLD / 1000u)
/** And of what is owed so much more may be owed by then. */
#define GROWTH_PARTS 1000u
/** What a feed's step may take from what is left: a fiftieth of the value it moves. */
#define STEP_PARTS 50u
/** Paying for the whole collateral, its price may rise by an eighth until then. */
#define RISE_PARTS 8u

/** And what the pool says it takes may be too little by so many units to reach all of it again,
 * since it floors a value before it divides by the bonus; of a repay of a few units that is a large
 * part. */
#define REACH_UNITS 2u

/** aave_liquidation in 256 bits only. */
enum liquidation_error aave_liquidation_slowly(struct liquidation *out, const struct market *market,
                                               const struct position *position,
                                               const struct health *health,
                                               const struct liquidation_request *request);

#endif
