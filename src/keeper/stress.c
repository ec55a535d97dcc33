/*
 * Whoever holds the money wants to know before the crash what the crash would ask of it. Nothing is
 * estimated: the positions are the mirror's, the integers are the protocol's, only prices are not.
 */
#include "keeper/stress.h"

#include <stdlib.h>
#include <string.h>

#define BPS_ONE 10000

void stress_release(struct stress *stress)
{
    free(stress->row);
    free(stress->market);
    memset(stress, 0, sizeof(*stress));
}

/* An oracle that says 0 is one that says nothing. */
void stress_price(struct price *price, int32_t bps)
{
    struct u256 factor = u256_of((uint64_t)(BPS_ONE + bps));
    struct u256 one = u256_of(BPS_ONE);

    if (price->status != PRICE_OK)
        return;
    if (!u256_mul_div(&price->value, &price->value, &factor, &one) || u256_is_zero(&price->value))
        price->status = PRICE_MISSING;
}

/* A category with a price of its own moves with the asset whose price that is. */
static void market_shock(struct market *market, const struct stress_shock *shock)
{
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if (address_is_equal(&market->reserve[i].asset, &shock->asset))
            stress_price(&market->reserve[i].price, shock->bps);
    }
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        if (address_is_equal(&market->category[i].price_source, &shock->asset))
            stress_price(&market->category[i].price, shock->bps);
    }
}

static void purse_open(struct market *market)
{
    for (uint32_t i = 0; i < market->reserve_count; i++)
        market->reserve[i].held.value = market->reserve[i].allowed.value = U256_MAX;
}

static void sum_add(struct u256 *sum, const struct u256 *amount)
{
    if (!u256_add(sum, sum, amount))
        *sum = U256_MAX;
}

/* In base currency, cut toward zero. */
static void value_add(struct u256 *sum, const struct reserve *reserve,
                      const struct token_amount *amount)
{
    struct u256 value;

    if (u256_mul_div(&value, &amount->value, &reserve->price.value, &reserve->unit))
        sum_add(sum, &value);
    else
        *sum = U256_MAX;
}

static void row_count_in(struct stress_sum *sum, const struct stress_row *row,
                         const struct market *market)
{
    const struct plan *plan = &row->plan;
    const struct liquidation *liquidation = &plan->liquidation;

    sum->below++;
    sum->with_bad_debt += !u256_is_zero(&row->bad_debt);
    sum_add(&sum->debt, &plan->health.debt_value);
    sum_add(&sum->collateral, &plan->health.collateral_value);
    sum_add(&sum->bad_debt, &row->bad_debt);
    if (plan->verdict != VERDICT_LIQUIDATE) {
        sum->skipped[plan->reason]++;
        return;
    }
    sum->liquidations++;
    sum_add(&sum->net.value, &plan->net.value);
    value_add(&sum->repaid, &market->reserve[liquidation->debt], &liquidation->repay);
    value_add(&sum->seized, &market->reserve[liquidation->collateral], &liquidation->seize);
}

static struct stress_row *row_new(struct stress *stress)
{
    if (stress->row_count == stress->row_capacity) {
        stress->row_capacity = stress->row_capacity * 2 + 64;
        stress->row = must_realloc(stress->row, stress->row_capacity, sizeof(*stress->row));
    }
    return &stress->row[stress->row_count++];
}

static void candidates_plan(struct stress *out, const struct turn_state *state, uint32_t index,
                            const struct risk_sweep *sweep)
{
    const struct tracked *tracked = &state->tracked[index];
    struct plan_reserved *none = must_alloc(1, sizeof(*none));
    struct plan_terms terms;

    decide_terms(state, &terms);
    terms.gas_balance.value = U256_MAX;
    for (size_t i = 0; i < sweep->candidate_count; i++) {
        const struct risk_candidate *candidate = &sweep->candidate[i];
        const struct health *health = &candidate->health;
        struct position position = book_position(tracked->book, candidate->slot);
        struct stress_row *row = row_new(out);

        row->market = index;
        row->slot = candidate->slot;
        row->bad_debt = u256_sub_floor(&health->debt_value, &health->collateral_value);
        plan_choose(
            &row->plan,
            &(struct plan_candidate){tracked->protocol, out->market, &position, health, false, 0},
            none, &terms);
        row_count_in(&out->sum[index], row, out->market);
    }
    free(none);
}

static int row_compare(const void *left, const void *right)
{
    const struct stress_row *a = left;
    const struct stress_row *b = right;
    int order = (int)a->market - (int)b->market;

    if (order == 0)
        order = u256_compare(&b->plan.health.debt_value, &a->plan.health.debt_value);
    if (order == 0)
        order = a->slot < b->slot ? -1 : 1;
    return order;
}

static void market_run(struct stress *out, const struct turn_state *state, uint32_t index,
                       const struct stress_shock *shocks, size_t count)
{
    const struct tracked *tracked = &state->tracked[index];
    const struct wad one = {u256_of(WAD_ONE_U64)};
    struct risk_sweep sweep = {0};

    *out->market = tracked->market;
    for (size_t i = 0; i < count; i++)
        market_shock(out->market, &shocks[i]);
    purse_open(out->market);
    if (!tracked->is_complete)
        return;
    /* an overflow concerns only who holds that reserve */
    (void)tracked->protocol->prepare(out->market, tracked->market.timestamp_s);
    out->sum[index].is_judged = true;
    risk_sweep(&sweep, out->market, tracked->book, &one);
    out->sum[index].unjudged = sweep.skip_count;
    candidates_plan(out, state, index, &sweep);
    risk_sweep_release(&sweep);
}

void stress_run(struct stress *out, const struct turn_state *state,
                const struct stress_shock *shocks, size_t count)
{
    memset(out->sum, 0, sizeof(out->sum));
    out->row_count = 0;
    if (out->market == NULL)
        out->market = must_alloc(1, sizeof(*out->market));
    for (uint32_t i = 0; i < state->tracked_count; i++)
        market_run(out, state, i, shocks, count);
    if (out->row_count > 0)
        qsort(out->row, out->row_count, sizeof(*out->row), row_compare);
}
