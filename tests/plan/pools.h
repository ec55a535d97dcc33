/*
 * A pool whose every answer a test chooses: it pays a bonus on what is repaid, has a largest and a
 * smallest repay for each pair, and refuses where it is told to.
 */
#ifndef TESTS_PLAN_POOLS_H
#define TESTS_PLAN_POOLS_H

#include "plan/plan.h"

#define WETH 0u /* 18 decimals, 2000 USD, the native token */
#define USDC 1u /* 6 decimals, 1 USD */
#define WBTC 2u /* 8 decimals, 60000 USD */
#define LONG 3u /* 27 decimals, 1 USD */
#define POOL_RESERVES 4u

#define GAS_EXPECTED 500000u
#define GAS_LIMIT 900000u

/** What the pool says to one pair. */
struct pool_pair {
    enum liquidation_error error;
    uint64_t repay_max_whole; /* of the debt asset, in whole tokens; 0: 1000 USD worth is owed */
    struct u256 least;        /* below it: dust */
    uint32_t bonus_bps;       /* 10500 */
    void (*spoil)(struct liquidation *liquidation);
};

struct pool {
    struct market market;
    struct leg legs[POOL_RESERVES];
    struct position position;
    struct health health;
    struct plan_reserved reserved;
    struct plan_terms terms;
};

/** The answers of the pool, by debt and collateral. One pool a test: a callback has no context. */
extern struct pool_pair pool_pairs[POOL_RESERVES][POOL_RESERVES];
extern const struct protocol pool_protocol;

/** A trusted market of four reserves, an account that owes USDC and holds WETH, a full purse. */
struct pool *pool_new(void);
/** The account's leg of that reserve. */
void pool_set_leg(struct pool *pool, uint32_t reserve, bool is_collateral, bool is_debt);
struct plan pool_plan(const struct pool *pool);
/** `whole` tokens of that reserve. */
struct u256 pool_amount(const struct pool *pool, uint32_t reserve, uint64_t whole);

#endif
