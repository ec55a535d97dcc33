/*
 * Sizing a pair to the last unit costs a hundred times what it costs to say how much it can come to
 * at the most. So pairs are sized in order of that bound, and those whose bound lies below what is
 * won already not at all; and so are candidates (turn/order.c). Bounds are doubles that err high:
 * they only ever save work, and a test holds the outcome equal to sizing everything.
 */
#include "plan/inside.h"

/* Positions of more pairs are rare, and sized whole. */
#define PAIRS_MAX 64u
/* With so few legs there is one pair, or nearly: a bound chooses nothing. */
#define LEGS_PLAIN 2u
/* Conversions between doubles and integers, some ten roundings of 2^-53. */
#define MORE (1 + 1e-12)
#define LESS (1 - 1e-12)
#define BPS_ONE 10000u

struct bounded {
    uint32_t debt;
    uint32_t collateral;
    double capped; /* gross in wei, at the most, with what we hold */
    double most;   /* and whatever we held */
    bool is_tried;
};

struct bounds {
    uint32_t count;
    bool is_whole; /* every pair has a bound, but for those that nothing can be done with */
    struct bounded pair[PAIRS_MAX];
};

/* Wei at the native reserve's price, for one of the base currency. */
static double wei_per_base(const struct market *market)
{
    const struct reserve *native = &market->reserve[market->native];

    if (u256_fits_u64(&native->price.value) &&
        divisor_is_of(&native->by_price, native->price.value.limb[0]))
        return MORE / native->unit_value; /* both are prepared together */
    const struct u256 unit = u256_ten_to(native->decimals);
    return u256_to_double(&unit) / u256_to_double(&native->price.value) * MORE;
}

static double gross_of(const struct liquidation_bound *bound, double taken, uint32_t haircut_bps)
{
    const double haircut = haircut_bps < BPS_ONE ? (double)haircut_bps / BPS_ONE : 1;
    const double gain = haircut * bound->seized - bound->paid;

    return (gain > 0 ? taken * gain : 0) + bound->slack;
}

/* What is the same for each collateral of one debt. */
struct debt_side {
    struct liquidation_request request;
    bool can_pay;
    double cap;
    double wei_per_base;
};

static void bounds_add(struct bounds *bounds, const struct search *search,
                       const struct debt_side *side)
{
    const struct plan_candidate *candidate = search->candidate;
    const uint32_t haircut_bps = search->terms->haircut_bps;
    struct liquidation_bound bound;

    if (bounds->count == PAIRS_MAX ||
        !search->protocol->liquidation_bound(&bound, candidate->market, candidate->position,
                                             candidate->health, &side->request)) {
        bounds->is_whole = false;
        return;
    }
    const double affordable = side->cap * bound.taken_per_unit;
    const double taken = affordable < bound.taken ? affordable : bound.taken;
    bounds->pair[bounds->count++] = (struct bounded){
        .debt = side->request.debt,
        .collateral = side->request.collateral,
        .capped = side->can_pay ? gross_of(&bound, taken, haircut_bps) * side->wei_per_base : -1,
        .most = gross_of(&bound, bound.taken, haircut_bps) * side->wei_per_base};
}

static void bounds_of_debt(struct bounds *out, const struct search *search, struct debt_side *side)
{
    const struct market *market = search->candidate->market;
    const struct position *position = search->candidate->position;
    const struct u256 *cap = &side->request.cap.value;

    side->can_pay = !u256_is_zero(cap);
    side->cap = u256_to_double(cap);
    for (uint16_t j = 0; j < position->leg_count && out->is_whole; j++) {
        side->request.collateral = position->legs[j].reserve;
        if (leg_is(&position->legs[j], market, LEG_COLLATERAL) &&
            pair_obstacle(market, side->request.debt, side->request.collateral) ==
                REASON_PROFITABLE)
            bounds_add(out, search, side);
    }
}

static void bounds_make(struct bounds *out, const struct search *search)
{
    const struct market *market = search->candidate->market;
    const struct position *position = search->candidate->position;
    struct debt_side side = {.wei_per_base = wei_per_base(market)};

    out->count = 0;
    out->is_whole = search->protocol->liquidation_bound != NULL;
    for (uint16_t i = 0; i < position->leg_count && out->is_whole; i++) {
        if (!leg_is(&position->legs[i], market, LEG_DEBT))
            continue;
        side.request = pair_request(search, position->legs[i].reserve, RESERVE_NONE);
        bounds_of_debt(out, search, &side);
    }
}

/* What a pair must gross to pay: gas, and the operator's floor. */
static double gross_min(const struct search *search)
{
    return (u256_to_double(&search->gas_cost.value) +
            u256_to_double(&search->terms->profit_min.value)) *
           LESS;
}

static double bound_of(const struct bounded *pair, bool is_capped)
{
    return is_capped ? pair->capped : pair->most;
}

/* The highest that was not tried and may still be the best; NULL: none may. */
static struct bounded *bounds_next(struct bounds *bounds, bool is_capped, double least)
{
    struct bounded *next = NULL;

    for (uint32_t i = 0; i < bounds->count; i++) {
        struct bounded *pair = &bounds->pair[i];
        const double bound = bound_of(pair, is_capped);

        if (!pair->is_tried && bound >= least &&
            (next == NULL || bound > bound_of(next, is_capped)))
            next = pair;
    }
    return next;
}

/* The best pair that pays, into *kept. */
static void bounds_search(struct pair *kept, struct bounds *bounds, const struct search *search,
                          bool is_capped)
{
    double least = gross_min(search);
    struct bounded *next;

    for (uint32_t i = 0; i < bounds->count; i++)
        bounds->pair[i].is_tried = false;
    while ((next = bounds_next(bounds, is_capped, least)) != NULL) {
        struct liquidation_request request = pair_request(search, next->debt, next->collateral);
        struct pair pair;

        pair_begin(&pair, (uint32_t)(next - bounds->pair));
        next->is_tried = true;
        if (!is_capped)
            request.cap.value = U256_MAX;
        if (pair_try(&pair, search, &request) != REASON_PROFITABLE)
            continue;
        pair_keep(kept, &pair);
        const double won = u256_to_double(&kept->gross.value) * LESS;
        least = won > least ? won : least;
    }
}

bool search_by_bounds(struct search *search)
{
    struct bounds bounds;

    if (search->candidate->position->leg_count <= LEGS_PLAIN)
        return false;
    bounds_make(&bounds, search);
    if (!bounds.is_whole)
        return false;
    bounds_search(&search->best, &bounds, search, true);
    if (!search->best.is_known)
        bounds_search(&search->wanted, &bounds, search, false);
    return search->best.is_known || search->wanted.is_known;
}

double plan_bound(const struct plan_candidate *candidate, const struct plan_reserved *reserved,
                  const struct plan_terms *terms)
{
    struct search search;
    struct plan_gas planned;
    struct bounds bounds;
    double most = -1;

    search_begin(&search, candidate, reserved, terms);
    if (candidate_obstacle(candidate) != REASON_PROFITABLE)
        return -1;
    bounds_make(&bounds, &search);
    if (!bounds.is_whole)
        return PLAN_BOUND_UNKNOWN;
    for (uint32_t i = 0; i < bounds.count; i++)
        most = bounds.pair[i].capped > most ? bounds.pair[i].capped : most;
    plan_gas(&planned, candidate);
    const struct u256 gas = u256_of(planned.expected);
    return most * MORE - u256_to_double(&gas) * u256_to_double(&terms->gas_price.value) * LESS;
}
