/* One candidate → the best plan for it, or the reason why there is none. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "plan/verdict.h"
#include "risk/risk.h"

/** Capital that flights already hold, by reserve; and gas money. */
struct plan_reserved {
    struct token_amount token[RESERVES_MAX];
    struct wei gas;
};

struct plan_terms {
    uint32_t haircut_bps;     /* of what is seized */
    struct wei profit_min;    /* net, in wei */
    struct wei gas_price;     /* next base fee + tip: what profit pays */
    struct wei gas_price_max; /* the ceiling: what the balance must cover */
    struct wei fee_max;       /* per gas, tip included; 0: no bid is made over gas_price */
    struct wei tip_needed;    /* over the tip in gas_price: what blocks took lately; 0: nothing */
    uint32_t tip_share;       /* percent of the net profit that is bid for a place in the block */
    struct wei
        race_needed;     /* over the tip in gas_price: more than lost a race lately; 0: none did */
    uint32_t race_share; /* percent of the net profit that it may take at most */
    struct wei gas_balance;
    uint64_t timestamp_s; /* of the block that it is meant for */
    uint64_t deadline_s;
    enum receive_token receive;
};

struct plan {
    enum verdict verdict;
    enum reason reason;
    bool has_liquidation; /* the best pair found, also where the verdict is skip */
    struct liquidation liquidation;
    struct health health;
    uint64_t gas_expected;
    uint64_t gas_limit;
    /* in wei; gross may be below zero, then `loss` is set and gross holds the amount */
    bool is_loss;
    struct wei gross;
    struct wei gas_cost;
    bool net_is_loss;
    struct wei net;
    struct wei bid; /* per gas, over terms.gas_price: in gas_cost and net already */
};

/** Who is judged: lent for the call. */
struct plan_candidate {
    const struct protocol *protocol; /* NULL: the market's own */
    const struct market *market;     /* prepared at the timestamp to judge at */
    const struct position *position;
    const struct health *health;
    bool wants_gas;        /* its gas limit was too low once: the most that plan_gas allows */
    uint64_t gas_estimate; /* a node's, for this liquidation at this block; 0: none */
};

/** Of one liquidation. */
struct plan_gas {
    uint64_t expected; /* what profit pays */
    uint64_t limit;    /* what the transaction may take */
};

/**
 * By the node's estimate where there is one, else by the protocol's table. An estimate is believed
 * from half of what the table expects up to one and a half times its limit; allowed is twice what
 * is expected, and no less than what the table expects.
 */
void plan_gas(struct plan_gas *out, const struct plan_candidate *candidate);

/**
 * Tries every pair of a debt and a collateral, sized by the pool's own rules and by what we hold
 * and have not reserved; takes the one with the highest net profit (ties: lower debt reserve, then
 * lower collateral reserve).
 *
 * Gross: seized × price × haircut − repaid × price, in base currency, seized rounded down and
 * repaid up, then into wei at the native reserve's price, against us. The verdict is
 * `liquidate`/`profitable` only where net ≥ profit_min, and net ≥ 0. Otherwise:
 *  - a position that cannot be judged, or a stale market: the reason of that
 *  - a price on which the position stands is older than the market allows, or of unknown age:
 *    stale_price
 *  - no price of the native token: no_price
 *  - a pair would pay, were we to hold more of the debt: no_funds, and that pair as it would be
 *  - the gas money does not cover the ceiling: no_funds
 *  - no pair pays, or an amount leaves 256 bits: unprofitable
 *  - no pair can be liquidated: what the pool says to the first that has anything to seize
 *  - a market that was not proved equal to the chain: untrusted, and the pair all the same
 */
void plan_choose(struct plan *out, const struct plan_candidate *candidate,
                 const struct plan_reserved *reserved, const struct plan_terms *terms);
/**
 * Net of the plan that plan_choose would have liquidated, in wei, at the most: for the order in
 * which candidates are planned. Below 0: none; PLAN_BOUND_UNKNOWN: it must be planned to know.
 */
double plan_bound(const struct plan_candidate *candidate, const struct plan_reserved *reserved,
                  const struct plan_terms *terms);
#define PLAN_BOUND_UNKNOWN 1e300
/**
 * A part of the profit for a place in the block: terms.tip_share percent of net, what is needed, or
 * what would have won (up to race_share percent of net), whichever is most, as far as profit_min,
 * fee_max and `gas_free` (what the balance may still cover at the ceiling) allow. plan_choose does
 * so with every plan to liquidate.
 */
void plan_bid(struct plan *plan, const struct plan_terms *terms, const struct wei *gas_free);
/** Takes the bid back, where a limit does not admit it. */
void plan_bid_drop(struct plan *plan);
enum reason reason_of_health(enum health_error error);
enum reason reason_of_liquidation(enum liquidation_error error);

/** What changed hands. */
struct plan_exchange {
    uint32_t debt;       /* reserve */
    uint32_t collateral; /* reserve */
    struct token_amount repaid;
    struct token_amount seized;
};

/**
 * What a liquidation earned or cost before gas, as plan_choose's gross; `haircut_bps` 10000 takes
 * the receipt's own amounts at full price. False: a price is missing, or an amount left 256 bits.
 */
MUST_CHECK bool plan_value(struct wei *out, bool *is_loss, const struct market *market,
                           const struct plan_exchange *exchange, uint32_t haircut_bps);

#endif
