/* What the files of this folder share; nobody else includes it but tests. */
#ifndef PROTOCOL_AAVE_V3_INSIDE_H
#define PROTOCOL_AAVE_V3_INSIDE_H

#include "protocol/protocol.h"

/* ---- rules.c: what differs from version to version */

/** Sources: aave/aave-v3-core (3.0.2), aave-dao/aave-v3-origin v3.1.0 to v3.7.0. */
struct aave_rules {
    uint32_t revision_max;    /* POOL_REVISION */
    bool has_stable_debt;     /* to 3.1 */
    bool has_category_price;  /* to 3.1: an asset is in one category, which may have a price */
    bool has_virtual_balance; /* from 3.1, and grace periods */
    bool has_mintable;        /* 3.1 to 3.3: assets without virtual accounting (GHO) */
    bool has_size_rule;       /* from 3.3: close factor by size, no dust, deficits */
    bool has_taylor;          /* from 3.4: compounding by Taylor, not by binomial */
    bool rounds_against;      /* from 3.5: each rounding favours the pool */
    bool counts_unweighted;   /* from 3.6: collateral with threshold 0 counts and can be seized */
    bool has_sentinel;        /* to 3.6 */
    bool splits_against;      /* from 3.7: the seized amount is floored, the fee ceiled */
};

/** NULL: a revision that nobody has read for us. */
const struct aave_rules *aave_rules_of(uint32_t revision);
/** As aave_rules_of; of an unknown revision those of the newest, good for following only. */
const struct aave_rules *aave_rules_to_follow(uint32_t revision);

/* ---- words.c: selectors and topics */

enum aave_read {
    AAVE_READ_POOL,
    AAVE_READ_ORACLE,
    AAVE_READ_SENTINEL,
    AAVE_READ_CONFIGURATOR,
    AAVE_READ_DATA_PROVIDER,
    AAVE_READ_REVISION,
    AAVE_READ_RESERVES,
    AAVE_READ_UNIT,
    AAVE_READ_ALLOWS,
    AAVE_READ_RESERVE,
    AAVE_READ_SYMBOL,
    AAVE_READ_PRICE,
    AAVE_READ_HELD,
    AAVE_READ_ALLOWED,
    AAVE_READ_BALANCE, /* liquidity to 3.0: what the aToken holds */
    AAVE_READ_VIRTUAL, /* liquidity from 3.1 */
    AAVE_READ_GRACE,
    AAVE_READ_SOURCE, /* who gives the price, and since when: where an age is asked for */
    AAVE_READ_AGE,
    AAVE_READ_CATEGORY_LEGACY,
    AAVE_READ_CATEGORY,
    AAVE_READ_BITMAP,
    AAVE_READ_CATEGORY_PRICE,
    AAVE_READ_CONFIG,
    AAVE_READ_EMODE,
    AAVE_READ_SUPPLIED,
    AAVE_READ_OWED,
    AAVE_READ_STABLE,
    AAVE_READ_AUDIT,
    AAVE_READ_KINDS
};

const char *aave_read_signature(enum aave_read kind);
const uint8_t *aave_read_selector(enum aave_read kind);

enum aave_event {
    AAVE_EVENT_SUPPLY,
    AAVE_EVENT_MINT_UNBACKED,
    AAVE_EVENT_WITHDRAW,
    AAVE_EVENT_BORROW,
    AAVE_EVENT_REPAY,
    AAVE_EVENT_LIQUIDATION,
    AAVE_EVENT_DEFICIT,
    AAVE_EVENT_COLLATERAL_ENABLED,
    AAVE_EVENT_COLLATERAL_DISABLED,
    AAVE_EVENT_SWAP_RATE,
    AAVE_EVENT_REBALANCE_RATE,
    AAVE_EVENT_EMODE,
    AAVE_EVENT_RESERVE_DATA,
    AAVE_EVENT_TRANSFER,
    AAVE_EVENT_KINDS
};

const char *aave_event_signature(enum aave_event event);
/** AAVE_EVENT_KINDS: none of these. */
enum aave_event aave_event_of(const struct hash32 *topic);

/* ---- math.c: PercentageMath, WadRayMath and MathUtils, refusing what they would revert on */

enum aave_rounding { AAVE_FLOOR, AAVE_HALF_UP, AAVE_CEIL };

/** a × b / c where the product must stay in 256 bits, as in a contract. */
MUST_CHECK bool aave_mul_div(struct u256 *out, const struct u256 *a, const struct u256 *b,
                             const struct u256 *c, enum aave_rounding rounding);
/** The same with 256-bit division only. */
MUST_CHECK bool aave_mul_div_slowly(struct u256 *out, const struct u256 *const factor[2],
                                    const struct u256 *divisor, enum aave_rounding rounding);
MUST_CHECK bool aave_ray_mul(struct u256 *out, const struct u256 *a, const struct u256 *b,
                             enum aave_rounding rounding);
MUST_CHECK bool aave_ray_div(struct u256 *out, const struct u256 *a, const struct u256 *b,
                             enum aave_rounding rounding);
MUST_CHECK bool aave_wad_div(struct u256 *out, const struct u256 *a, const struct u256 *b);
MUST_CHECK bool aave_percent_mul(struct u256 *out, const struct u256 *value, uint32_t bps,
                                 enum aave_rounding rounding);
MUST_CHECK bool aave_percent_div(struct u256 *out, const struct u256 *value, uint32_t bps,
                                 enum aave_rounding rounding);

/* ---- accrue.c: indexes at a timestamp */

/** False: a revert (a product that leaves 256 bits, an index over 128, a timestamp in the past). */
MUST_CHECK bool aave_collateral_index_at(struct ray *out, const struct reserve *reserve,
                                         uint64_t timestamp_s);
MUST_CHECK bool aave_debt_index_at(struct ray *out, const struct reserve *reserve,
                                   const struct aave_rules *rules, uint64_t timestamp_s);

/** The same, where aave_reach has prepared them: as they stand there. */
MUST_CHECK bool aave_collateral_index_known(struct ray *out, const struct reserve *reserve,
                                            uint64_t timestamp_s);
MUST_CHECK bool aave_debt_index_known(struct ray *out, const struct reserve *reserve,
                                      const struct aave_rules *rules, uint64_t timestamp_s);

/* ---- health.c */

/** aave_health, leg by leg in 256 bits; it has the words for what stands against a position. */
enum health_error aave_health_slowly(struct health *out, const struct market *market,
                                     const struct position *position);
/** How the version rounds what is supplied and what is owed. */
enum aave_rounding aave_rounds_supplied(const struct aave_rules *rules);
enum aave_rounding aave_rounds_owed(const struct aave_rules *rules);
/** Whether the collateral has the category's threshold and bonus rather than its own. */
bool aave_is_in_category(const struct market *market, uint8_t category, uint32_t reserve);

/* ---- the functions of struct protocol */

void aave_filter(struct log_filter *out, const struct market *market);
void aave_history_filter(struct log_filter *out, const struct market *market);
enum touch_error aave_touch(struct touched *out, struct market *market, const struct log *log);
void aave_want_market(struct read_list *out, const struct market *market);
void aave_want_account(struct read_list *out, const struct market *market,
                       const struct position *position, uint32_t slot);
void aave_want_audit(struct read_list *out, const struct market *market,
                     const struct address *account, uint32_t slot);
enum read_error aave_accept(struct account_fact *fact, struct market *market,
                            const struct read *read, bool succeeded, struct bytes data);
bool aave_prepare(struct market *market, uint64_t timestamp_s);
void aave_reach(struct market *market, const struct position *position, uint64_t first_s,
                uint64_t last_s);
enum health_error aave_health(struct health *out, const struct market *market,
                              const struct position *position);
void aave_edge(struct edge *out, const struct market *market, const struct position *position,
               const double *value);
double aave_edge_value(const struct market *market, uint32_t variable);
uint64_t aave_edge_terms(const struct market *market);
bool aave_leg_amounts(struct token_amount *supplied, struct token_amount *owed,
                      const struct market *market, const struct leg *leg);
enum liquidation_error aave_liquidation(struct liquidation *out, const struct market *market,
                                        const struct position *position,
                                        const struct health *health,
                                        const struct liquidation_request *request);
bool aave_liquidation_bound(struct liquidation_bound *out, const struct market *market,
                            const struct position *position, const struct health *health,
                            const struct liquidation_request *request);
void aave_liquidation_call(struct buffer *out, struct address *target, const struct market *market,
                           const struct address *account, const struct liquidation *liquidation);
uint64_t aave_gas_expected(const struct market *market, const struct position *position);
uint64_t aave_gas_limit(const struct market *market, const struct position *position);
void aave_call_target(struct address *target, uint8_t selector[4], const struct market *market);

#endif
