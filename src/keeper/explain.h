/* Everything behind the verdict on one account: what health says, what each pair of a debt and a
 * collateral would bring, and what the daemon would make of it at this head. */
#ifndef KEEPER_EXPLAIN_H
#define KEEPER_EXPLAIN_H

#include <stdio.h>

#include "keeper/judged.h"

/** Pairs shown; of more, the rest is counted. */
#define EXPLAIN_PAIRS_MAX 64

struct explained_pair {
    uint32_t debt;       /* reserve */
    uint32_t collateral; /* reserve */
    enum liquidation_error error;
    bool is_funded; /* else sized as if we held enough */
    struct liquidation liquidation;
    bool has_worth; /* its tokens and the native one have prices */
    bool is_loss;
    struct wei gross;
    bool net_is_loss;
    struct wei net;
};

struct explanation {
    struct judged judged;
    struct plan_terms terms;
    uint64_t gas_expected;
    struct wei gas_cost;
    uint32_t pair_count;
    uint32_t pairs_left;
    struct explained_pair pair[EXPLAIN_PAIRS_MAX];
    struct plan plan;
};

/** With nothing reserved by flights, as of the state's head. */
void explain(struct explanation *out, const struct turn_state *state, const struct tracked *tracked,
             uint32_t slot);

/* ---- explain_json.c, explain_print.c */

/** One object, as `health --json` with pairs, verdict and reason. */
void explain_json(struct text *out, const struct explanation *explanation);
void explain_print(FILE *out, const struct explanation *explanation);

#endif
