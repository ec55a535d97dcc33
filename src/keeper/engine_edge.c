/*
 * Who is nearest the edge, and whom a fall in prices would push over it. Both want the health of
 * every position that owes something, so they share one pass. It is for eyes: the chart takes each
 * position's sums as linear in the prices, where decisions never do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/amount_text.h"
#include "keeper/engine.h"
#include "turn/state.h"

/* Above so many the pass would hold up the loop: then candidates only, and no chart. */
#define DEBTORS_MAX 20000u
#define DROP_STEP 5u
#define DROPS 12u
#define BPS_ONE 10000.0
/* What stands within so many per mille of one base unit is no volatile asset. */
#define STABLE_PER_MILLE 50u
#define VALUE_SHOWN 2
#define HEALTH_SHOWN 6

struct nearest {
    const struct tracked *tracked;
    uint32_t slot;
    struct health health;
};

struct sums {
    double weighted;
    double debt;
};

struct pass {
    uint32_t edge_count; /* nearest first */
    struct nearest edge[VIEW_EDGE_MAX];
    uint64_t accounts[DROPS];
    double debt[DROPS];
    struct market *calm; /* the market with its volatile prices at nothing */
};

static void edge_insert(struct pass *pass, const struct nearest *fresh)
{
    uint32_t at = pass->edge_count;

    while (at > 0 &&
           u256_is_less(&fresh->health.factor.value, &pass->edge[at - 1].health.factor.value))
        at--;
    if (at >= VIEW_EDGE_MAX)
        return;
    if (pass->edge_count < VIEW_EDGE_MAX)
        pass->edge_count++;
    memmove(&pass->edge[at + 1], &pass->edge[at],
            (pass->edge_count - 1 - at) * sizeof(pass->edge[0]));
    pass->edge[at] = *fresh;
}

static bool price_is_volatile(const struct price *price, const struct u256 *unit)
{
    struct u256 thousand = u256_of(1000);
    struct u256 band = u256_of(STABLE_PER_MILLE);
    struct u256 distance = u256_is_less(&price->value, unit) ? u256_sub_floor(unit, &price->value)
                                                             : u256_sub_floor(&price->value, unit);

    return price->status == PRICE_OK && u256_mul_div(&band, unit, &band, &thousand) &&
           u256_is_less(&band, &distance);
}

static void market_calm(struct market *calm, const struct market *market)
{
    *calm = *market;
    for (uint32_t i = 0; i < calm->reserve_count; i++)
        if (price_is_volatile(&calm->reserve[i].price, &market->price_unit))
            calm->reserve[i].price.value = U256_ZERO;
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++)
        if (price_is_volatile(&calm->category[i].price, &market->price_unit))
            calm->category[i].price.value = U256_ZERO;
}

static struct sums sums_of(const struct health *health, unsigned decimals)
{
    return (struct sums){.weighted = amount_real(&health->collateral_value, decimals) *
                                     health->threshold_bps / BPS_ONE,
                         .debt = amount_real(&health->debt_value, decimals)};
}

static void drops_count(struct pass *pass, const struct sums *now, const struct sums *calm)
{
    for (uint32_t i = 0; i < DROPS; i++) {
        double kept = 1 - (i + 1) * DROP_STEP / 100.0;
        double weighted = calm->weighted + (now->weighted - calm->weighted) * kept;
        double debt = calm->debt + (now->debt - calm->debt) * kept;

        if (weighted >= debt)
            continue;
        pass->accounts[i]++;
        pass->debt[i] += debt;
    }
}

static bool owes(const struct position *position)
{
    for (uint16_t i = 0; i < position->leg_count; i++)
        if ((position->legs[i].flags & LEG_DEBT) != 0)
            return true;
    return false;
}

/* Bad debt that is left over: nobody can do anything about it, and it would fill the list. */
static bool has_nothing(const struct health *health)
{
    return u256_is_zero(&health->collateral_value);
}

static void market_pass(struct pass *pass, const struct tracked *tracked)
{
    const struct market *market = &tracked->market;
    unsigned decimals = unit_decimals(&market->price_unit);

    market_calm(pass->calm, market);
    for (uint32_t slot = 0; slot < book_count(tracked->book); slot++) {
        struct position position = book_position(tracked->book, slot);
        struct nearest edge = {.tracked = tracked, .slot = slot};
        struct health calm;

        if (!owes(&position) ||
            tracked->protocol->health(&edge.health, market, &position) != HEALTH_OK ||
            has_nothing(&edge.health))
            continue;
        edge_insert(pass, &edge);
        if (tracked->protocol->health(&calm, pass->calm, &position) != HEALTH_OK)
            continue;
        struct sums now = sums_of(&edge.health, decimals);
        struct sums rest = sums_of(&calm, decimals);
        drops_count(pass, &now, &rest);
    }
}

/* What the last decision saw below the edge. */
static void market_candidates(struct pass *pass, const struct tracked *tracked)
{
    for (size_t i = 0; i < tracked->sweep.candidate_count; i++) {
        const struct risk_candidate *candidate = &tracked->sweep.candidate[i];
        struct nearest edge = {tracked, candidate->slot, candidate->health};

        if (candidate->slot < book_count(tracked->book) && !has_nothing(&candidate->health))
            edge_insert(pass, &edge);
    }
}

static void fixed_show(char out[80], const struct u256 *value, unsigned decimals, unsigned shown)
{
    TEXT text = {0};

    text_add_fixed(&text, value, decimals, shown < decimals ? shown : decimals);
    (void)snprintf(out, 80, "%s", text_string(&text));
}

static void edge_show(struct view_position *out, const struct nearest *edge)
{
    const struct market *market = &edge->tracked->market;
    struct position position = book_position(edge->tracked->book, edge->slot);
    unsigned decimals = unit_decimals(&market->price_unit);

    (void)snprintf(out->market, sizeof(out->market), "%s", market->name);
    address_format(out->account, &position.account);
    fixed_show(out->health, &edge->health.factor.value, 18, HEALTH_SHOWN);
    fixed_show(out->debt, &edge->health.debt_value, decimals, VALUE_SHOWN);
    fixed_show(out->collateral, &edge->health.collateral_value, decimals, VALUE_SHOWN);
}

static uint64_t debtors_of(const struct turn_state *state)
{
    uint64_t debtors = 0;

    for (uint32_t i = 0; i < state->tracked_count; i++)
        debtors += book_debtors(state->tracked[i].book);
    return debtors;
}

void engine_view_edge(struct view *out, const struct turn_state *state)
{
    bool is_bounded = debtors_of(state) <= DEBTORS_MAX;
    struct pass *pass = must_alloc(1, sizeof(*pass));

    pass->calm = must_alloc(1, sizeof(*pass->calm));
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct tracked *tracked = &state->tracked[i];

        if (!tracked->is_complete)
            continue;
        if (is_bounded)
            market_pass(pass, tracked);
        else
            market_candidates(pass, tracked);
    }
    out->edge_count = pass->edge_count;
    for (uint32_t i = 0; i < pass->edge_count; i++)
        edge_show(&out->edge[i], &pass->edge[i]);
    out->drop_count = is_bounded ? DROPS : 0;
    for (uint32_t i = 0; i < out->drop_count; i++) {
        out->drop[i].percent = (i + 1) * DROP_STEP;
        out->drop[i].accounts = pass->accounts[i];
        (void)snprintf(out->drop[i].debt, sizeof(out->drop[i].debt), "%.0f", pass->debt[i]);
    }
    free(pass->calm);
    free(pass);
}
