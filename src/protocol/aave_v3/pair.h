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
    struct u256 debt_unit;
    struct u256 collateral_unit;
    uint32_t bonus_bps;
    bool is_small; /* so that what divides is known: */
    struct divisor by_debt_price;
    struct divisor by_collateral_price;
    struct divisor by_bonus;
    struct aave_amounts now;  /* at the first timestamp at which it may land */
    struct aave_amounts late; /* at the last */
};

/** What one amount paid buys. */
struct aave_exchange {
    struct u256 paid;  /* less than offered where the collateral does not reach */
    struct u256 taken; /* collateral that leaves the account */
    struct u256 seize; /* of it, to us */
    struct u256 fee;   /* of it, to the protocol */
    bool takes_all;    /* the whole collateral */
};

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

/* ---- pair_quick.c: the same for numbers below 96 bits; false: nothing was done */

/** Prepares what divides, once prices, bonus and reserves stand in it. */
void aave_pair_divisors(struct aave_pair *pair);
/** From the indexes that stand in *out. */
MUST_CHECK bool aave_quick_amounts(struct aave_amounts *out, const struct aave_pair *pair);
MUST_CHECK bool aave_quick_exchange(struct aave_exchange *out, const struct aave_pair *pair,
                                    const struct aave_amounts *amounts, const struct u256 *offer);
/** The pool can give out all that is supplied when it lands, and an exchange of that offer leaves
 * no 256 bits: so that it need not be made to know that there is enough. */
bool aave_quick_is_liquid(const struct aave_pair *pair, const struct u256 *offer);

#endif
