/* The same run is shown in three ways, which must not differ in what they say. */
#include "keeper/stress_told.h"

#include <string.h>

#include "keeper/amount_text.h"

#define VALUE_SHOWN 2
#define AMOUNT_SHOWN 4

/* Step i of equal ones, exact at both ends. */
static int32_t step_bps(const struct stress_sweep *sweep, uint32_t i)
{
    int64_t width = (int64_t)sweep->to_bps - sweep->from_bps;

    return (int32_t)(sweep->from_bps + width * (int64_t)i / (STRESS_STEPS - 1));
}

static void steps_fill(struct stress_told *told)
{
    struct stress_shock shocks[STRESS_SHOCKS_MAX + 1];
    STRESS stress = {0};

    memcpy(shocks, told->shock, told->shock_count * sizeof(shocks[0]));
    shocks[told->shock_count] = told->sweep.asset;
    for (uint32_t i = 0; i < STRESS_STEPS; i++) {
        struct stress_step *step = &told->step[told->step_count];

        step->bps = step_bps(&told->sweep, i);
        if (i > 0 && step->bps == step[-1].bps)
            continue;
        shocks[told->shock_count].bps = step->bps;
        stress_run(&stress, told->state, shocks, told->shock_count + 1);
        memcpy(step->sum, stress.sum, sizeof(step->sum));
        told->step_count++;
    }
}

void stress_told_fill(struct stress_told *told)
{
    stress_run(&told->now, told->state, NULL, 0);
    stress_run(&told->then, told->state, told->shock, told->shock_count);
    if (told->has_sweep)
        steps_fill(told);
}

void stress_told_release(struct stress_told *told)
{
    stress_release(&told->now);
    stress_release(&told->then);
}

void stress_told_shocks(struct text *out, const struct stress_told *told)
{
    for (size_t i = 0; i < told->shock_count; i++) {
        text_add(out, i > 0 ? ", " : "");
        text_add(out, told->shock[i].name);
        text_add_char(out, ' ');
        stress_percent(out, told->shock[i].bps);
    }
}

void stress_told_value(struct text *out, const struct market *market, const struct u256 *value)
{
    amount_add(out, value, unit_decimals(&market->price_unit), VALUE_SHOWN);
}

void stress_told_price(struct text *out, const struct stress_told *told,
                       const struct market *market, int32_t bps)
{
    uint32_t index = market_reserve(market, &told->sweep.asset.asset);
    struct price price;

    if (index == RESERVE_NONE)
        return;
    price = market->reserve[index].price;
    stress_price(&price, bps);
    if (price.status == PRICE_OK)
        stress_told_value(out, market, &price.value);
}

void stress_told_amount(struct text *out, const struct reserve *reserve,
                        const struct token_amount *amount)
{
    amount_add(out, &amount->value, reserve->decimals, AMOUNT_SHOWN);
    text_add_char(out, ' ');
    text_add(out, reserve->symbol);
}
