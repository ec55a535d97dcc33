/*
 * Among several who see the same position the one who pays the block's builder more comes first,
 * and all that the others get is the gas of a revert. What a place is worth follows from what is
 * won: so a share of the profit is bid, never more than leaves the operator his floor.
 */
#include "plan/plan.h"

static void bid_bound(struct u256 *bid, const struct u256 *bound)
{
    *bid = u256_min(bid, bound);
}

/* total / gas, rounded down: against the bid. */
static struct u256 per_gas(const struct u256 *total, uint64_t gas)
{
    struct u256 divisor = u256_of(gas);
    struct u256 quotient;

    return u256_div(&quotient, NULL, total, &divisor) ? quotient : U256_ZERO;
}

static struct u256 share_of(const struct plan *plan, uint32_t share)
{
    const struct u256 percent = u256_of(share);
    const struct u256 hundred = u256_of(100);
    struct u256 out;

    return u256_mul_div(&out, &plan->net.value, &percent, &hundred) ? out : U256_ZERO;
}

/* What would have won the last race, as far as this profit is worth it. */
static struct u256 race_of(const struct plan *plan, const struct plan_terms *terms)
{
    struct u256 share = share_of(plan, terms->race_share);
    struct u256 most = per_gas(&share, plan->gas_expected);

    return u256_min(&terms->race_needed.value, &most);
}

void plan_bid(struct plan *plan, const struct plan_terms *terms, const struct wei *gas_free)
{
    if (terms->tip_share == 0 && u256_is_zero(&terms->tip_needed.value) &&
        u256_is_zero(&terms->race_needed.value))
        return; /* nothing is bid */
    struct u256 share = share_of(plan, terms->tip_share);
    struct u256 race = race_of(plan, terms);
    struct u256 bid = per_gas(&share, plan->gas_expected);
    struct u256 spare = u256_sub_floor(&plan->net.value, &terms->profit_min.value);
    struct u256 covered = per_gas(&gas_free->value, plan->gas_limit);
    struct u256 bound;
    struct u256 cost;
    struct u256 gas = u256_of(plan->gas_expected);

    if (u256_is_less(&bid, &terms->tip_needed.value))
        bid = terms->tip_needed.value;
    if (u256_is_less(&bid, &race))
        bid = race;
    bound = per_gas(&spare, plan->gas_expected);
    bid_bound(&bid, &bound);
    bound = u256_sub_floor(&terms->fee_max.value, &terms->gas_price.value);
    bid_bound(&bid, &bound);
    bound = u256_sub_floor(&covered, &terms->gas_price_max.value);
    bid_bound(&bid, &bound);
    if (!u256_mul(&cost, &bid, &gas))
        return;
    plan->bid.value = bid;
    plan->net.value = u256_sub_floor(&plan->net.value, &cost);
    if (!u256_add(&plan->gas_cost.value, &plan->gas_cost.value, &cost))
        plan->gas_cost.value = U256_MAX;
}

void plan_bid_drop(struct plan *plan)
{
    struct u256 gas = u256_of(plan->gas_expected);
    struct u256 cost;

    if (!u256_mul(&cost, &plan->bid.value, &gas) ||
        !u256_add(&plan->net.value, &plan->net.value, &cost))
        return;
    plan->gas_cost.value = u256_sub_floor(&plan->gas_cost.value, &cost);
    plan->bid.value = U256_ZERO;
}
