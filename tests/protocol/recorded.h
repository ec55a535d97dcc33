/* Facts that a real pool gave, as tables; amounts as decimal digits. */
#ifndef TESTS_PROTOCOL_RECORDED_H
#define TESTS_PROTOCOL_RECORDED_H

#include "protocol/protocol.h"

struct recorded_reserve {
    const char *symbol;
    uint32_t decimals;
    uint32_t ltv_bps;
    uint32_t threshold_bps;
    uint32_t bonus_bps;
    uint32_t protocol_fee_bps;
    uint32_t category;
    uint32_t flags;
    uint64_t updated_at_s;
    const char *collateral_index;
    const char *debt_index;
    const char *collateral_rate;
    const char *debt_rate;
    const char *price;
    const char *liquidity;
};

struct recorded_category {
    uint32_t index;
    uint32_t threshold_bps;
    uint32_t bonus_bps;
    uint64_t collateral_bitmap;
};

#define RECORDED_LEGS_MAX 5

struct recorded_leg {
    uint16_t reserve;
    uint16_t flags;
    const char *supplied;
    const char *owed;
};

struct recorded_account {
    uint8_t category;
    uint16_t leg_count;
    struct recorded_leg leg[RECORDED_LEGS_MAX];
    /* getUserAccountData */
    const char *collateral_value;
    const char *debt_value;
    uint32_t threshold_bps;
    const char *factor;
};

struct recorded_liquidation {
    uint32_t account;
    uint32_t debt;
    uint32_t collateral;
    const char *cap; /* empty: none */
    const char *repaid;
    const char *seized;
};

struct recorded {
    uint32_t revision;
    uint64_t at_s;
    uint64_t lands_s;
    const struct recorded_reserve *reserves;
    size_t reserve_count;
    const struct recorded_category *categories;
    size_t category_count;
    const struct recorded_account *accounts;
    size_t account_count;
    const struct recorded_liquidation *liquidations;
    size_t liquidation_count;
};

/** Decimal digits, or a failed test. */
struct u256 number(const char *digits);
/** A market in which nothing is stale. Gives: free. */
struct market *recorded_market(const struct recorded *recorded);
/** Out: the legs, which the position lends. */
struct position recorded_position(struct leg legs[RECORDED_LEGS_MAX],
                                  const struct recorded_account *account);

#endif
