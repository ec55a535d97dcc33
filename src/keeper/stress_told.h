/* What a stress said, ready to be shown: to a person, to programs, as a page. */
#ifndef KEEPER_STRESS_TOLD_H
#define KEEPER_STRESS_TOLD_H

#include <stdio.h>

#include "keeper/stress.h"

/** One row of a sweep; by market, as in struct stress. */
struct stress_step {
    int32_t bps;
    struct stress_sum sum[SETTINGS_MARKETS_MAX];
};

/** Zero-initialise, then stress_told_release. */
struct stress_told {
    const struct turn_state *state; /* lent */
    struct stress_shock shock[STRESS_SHOCKS_MAX];
    size_t shock_count;
    bool has_sweep;
    struct stress_sweep sweep;
    struct stress now;  /* with prices as they are */
    struct stress then; /* with the shocks */
    uint32_t step_count;
    struct stress_step step[STRESS_STEPS]; /* with the shocks, and the swept asset on its way */
};

/** Runs all of it. In: state, and shocks and sweep, whose assets are found. */
void stress_told_fill(struct stress_told *told);
void stress_told_release(struct stress_told *told);

/** "WETH -20%, DAI +1%" */
void stress_told_shocks(struct text *out, const struct stress_told *told);
/** In base currency, two places. */
void stress_told_value(struct text *out, const struct market *market, const struct u256 *value);
/** "1,600.00": the swept asset's price at a step; nothing where the market does not have it. */
void stress_told_price(struct text *out, const struct stress_told *told,
                       const struct market *market, int32_t bps);
/** "12.5000 WETH" */
void stress_told_amount(struct text *out, const struct reserve *reserve,
                        const struct token_amount *amount);

/* stress_print.c, stress_json.c, stress_report.c */
void stress_print(FILE *out, const struct stress_told *told);
/** One object a line: candidates, then a sum for each market, then one for each step of it. */
void stress_json(FILE *out, const struct stress_told *told);
/** False: errno says why the file cannot be written. */
MUST_CHECK bool stress_report(const struct stress_told *told, const char *path);

#endif
