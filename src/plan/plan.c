/*
 * An account under water may be liquidated in several pairs of a debt and a collateral, each sized
 * by the pool's rules and by what we hold. This picks the one that earns most after gas, or says
 * why none is worth it; an empty purse is told apart, since there an operator can help.
 */
#include "plan/inside.h"

/* What of a reserve must be known before money is put on it; its symbol need not. */
#define STALE_FOR_BOTH                                                                             \
    (RESERVE_STALE_ASSET | RESERVE_STALE_STATE | RESERVE_STALE_PRICE | RESERVE_STALE_GRACE)
#define STALE_FOR_SEIZE (STALE_FOR_BOTH | RESERVE_STALE_EXTRA)
#define STALE_FOR_REPAY (STALE_FOR_BOTH | RESERVE_STALE_HELD | RESERVE_STALE_ALLOWED)

/* Signed comparison of net profits; of equals the one that comes first in the position. */
static bool pair_is_better(const struct pair *a, const struct pair *b)
{
    if (!b->is_known)
        return true;
    if (a->net_is_loss != b->net_is_loss)
        return b->net_is_loss;
    int order = u256_compare(&a->net.value, &b->net.value);
    if (order == 0)
        return a->ordinal < b->ordinal;
    return a->net_is_loss ? order < 0 : order > 0;
}

/* Not zeroed: what is not known is never looked at, and there are ten thousand in a crash. */
void pair_begin(struct pair *pair, uint32_t ordinal)
{
    pair->is_known = false;
    pair->ordinal = ordinal;
}

void pair_keep(struct pair *kept, const struct pair *pair)
{
    if (pair_is_better(pair, kept))
        *kept = *pair;
}

/* net = gross − gas, both signed by a flag. */
static bool pair_price(struct pair *pair, const struct search *search)
{
    const struct plan_exchange exchange = {.debt = pair->liquidation.debt,
                                           .collateral = pair->liquidation.collateral,
                                           .repaid = pair->liquidation.repay,
                                           .seized = pair->liquidation.seize};
    const struct u256 *gas = &search->gas_cost.value;

    if (!plan_value(&pair->gross, &pair->is_loss, search->candidate->market, &exchange,
                    search->terms->haircut_bps))
        return false;
    if (pair->is_loss) {
        pair->net_is_loss = true;
        return u256_add(&pair->net.value, &pair->gross.value, gas);
    }
    pair->net_is_loss = u256_is_less(&pair->gross.value, gas);
    pair->net.value = pair->net_is_loss ? u256_sub_floor(gas, &pair->gross.value)
                                        : u256_sub_floor(&pair->gross.value, gas);
    return true;
}

/* What the protocol answers must hold together before it is believed with money. */
static bool pair_is_sound(const struct liquidation *liquidation,
                          const struct liquidation_request *request)
{
    const struct u256 whole = U256_MAX;
    const struct u256 *argument = &liquidation->repay_argument.value;

    return liquidation->debt == request->debt && liquidation->collateral == request->collateral &&
           !u256_is_zero(&liquidation->repay.value) && !u256_is_zero(&liquidation->seize.value) &&
           !u256_is_less(&liquidation->repay_max.value, &liquidation->repay.value) &&
           (u256_is_equal(argument, &whole) ||
            !u256_is_less(&liquidation->repay_max.value, argument)) &&
           !u256_is_less(&request->cap.value, &liquidation->repay_max.value);
}

enum reason pair_try(struct pair *out, const struct search *search,
                     const struct liquidation_request *request)
{
    const struct plan_candidate *candidate = search->candidate;
    enum liquidation_error error = search->protocol->liquidation(
        &out->liquidation, candidate->market, candidate->position, candidate->health, request);

    if (error != LIQUIDATION_OK)
        return reason_of_liquidation(error);
    if (!pair_is_sound(&out->liquidation, request))
        return REASON_UNTRUSTED;
    if (!pair_price(out, search))
        return REASON_UNPROFITABLE;
    out->is_known = true;
    return out->net_is_loss || u256_is_less(&out->net.value, &search->terms->profit_min.value)
               ? REASON_UNPROFITABLE
               : REASON_PROFITABLE;
}

struct token_amount pair_cap(const struct search *search, uint32_t debt)
{
    const struct reserve *reserve = &search->candidate->market->reserve[debt];
    struct u256 ours = u256_min(&reserve->held.value, &reserve->allowed.value);
    struct token_amount cap = {u256_sub_floor(&ours, &search->reserved->token[debt].value)};

    return cap;
}

enum reason pair_obstacle(const struct market *market, uint32_t debt, uint32_t collateral)
{
    const struct reserve *owed = &market->reserve[debt];
    const struct reserve *seized = &market->reserve[collateral];

    if ((owed->stale & STALE_FOR_REPAY) != 0 || (seized->stale & STALE_FOR_SEIZE) != 0)
        return REASON_STALE;
    if (owed->price.status != PRICE_OK || u256_is_zero(&owed->price.value) ||
        seized->price.status != PRICE_OK || u256_is_zero(&seized->price.value))
        return REASON_NO_PRICE;
    return REASON_PROFITABLE;
}

/* The first obstacle is the one that is told; that nothing is to be had gives way to any other. */
static void search_fail(struct search *search, enum reason reason)
{
    if (search->failure == REASON_UNPROFITABLE)
        search->failure = reason;
}

struct liquidation_request pair_request(const struct search *search, uint32_t debt,
                                        uint32_t collateral)
{
    return (struct liquidation_request){.debt = debt,
                                        .collateral = collateral,
                                        .cap = pair_cap(search, debt),
                                        .timestamp_s = search->terms->timestamp_s,
                                        .deadline_s = search->terms->deadline_s,
                                        .receive = search->terms->receive};
}

static void search_pair(struct search *search, uint32_t debt, uint32_t collateral)
{
    struct liquidation_request request = pair_request(search, debt, collateral);
    const uint32_t ordinal = search->ordinal++;
    struct pair pair;
    struct pair uncapped;
    enum reason obstacle = pair_obstacle(search->candidate->market, debt, collateral);

    if (obstacle != REASON_PROFITABLE) {
        search_fail(search, obstacle);
        return;
    }
    pair_begin(&pair, ordinal);
    pair_begin(&uncapped, ordinal);
    if (!u256_is_zero(&request.cap.value) &&
        pair_try(&pair, search, &request) == REASON_PROFITABLE) {
        pair_keep(&search->best, &pair);
        return;
    }
    request.cap.value = U256_MAX;
    enum reason reason = pair_try(&uncapped, search, &request);
    if (reason == REASON_PROFITABLE) {
        pair_keep(&search->wanted, &uncapped);
    } else if (pair.is_known || uncapped.is_known) {
        pair_keep(&search->poor, pair.is_known ? &pair : &uncapped);
    } else {
        /* too small without a cap: next to nothing is owed */
        search_fail(search, reason == REASON_NO_FUNDS ? REASON_UNPROFITABLE : reason);
    }
}

bool leg_is(const struct leg *leg, const struct market *market, enum leg_flag flag)
{
    return (leg->flags & flag) != 0 && leg->reserve < market->reserve_count &&
           (flag == LEG_DEBT ? leg->owed : leg->supplied) != 0;
}

static void search_pairs_all(struct search *search)
{
    const struct market *market = search->candidate->market;
    const struct position *position = search->candidate->position;

    for (uint16_t i = 0; i < position->leg_count; i++) {
        if (!leg_is(&position->legs[i], market, LEG_DEBT))
            continue;
        for (uint16_t j = 0; j < position->leg_count; j++)
            if (leg_is(&position->legs[j], market, LEG_COLLATERAL))
                search_pair(search, position->legs[i].reserve, position->legs[j].reserve);
    }
}

/* Of a category's own price nobody says the age. */
static bool prices_are_old(const struct market *market, const struct position *position)
{
    if (market->price_age_max_s == 0)
        return false;
    if (position->category != 0 &&
        !address_is_zero(&market->category[position->category].price_source))
        return true;
    for (uint16_t i = 0; i < position->leg_count; i++) {
        const struct leg *leg = &position->legs[i];

        if ((leg_is(leg, market, LEG_COLLATERAL) || leg_is(leg, market, LEG_DEBT)) &&
            market_price_is_old(market, leg->reserve))
            return true;
    }
    return false;
}

enum reason candidate_obstacle(const struct plan_candidate *candidate)
{
    const struct market *market = candidate->market;
    const struct position *position = candidate->position;

    if ((position->flags & POSITION_UNSUPPORTED) != 0)
        return REASON_UNSUPPORTED;
    if ((position->flags & POSITION_DRIFTED) != 0)
        return REASON_UNTRUSTED;
    if ((position->flags & POSITION_STALE) != 0 || market->stale != 0)
        return REASON_STALE;
    for (uint16_t i = 0; i < position->leg_count; i++)
        if ((position->legs[i].flags & LEG_STALE) != 0)
            return REASON_STALE;
    if (prices_are_old(market, position))
        return REASON_STALE_PRICE;
    if (market->native >= market->reserve_count)
        return REASON_NO_PRICE;
    const struct reserve *native = &market->reserve[market->native];
    if ((native->stale & RESERVE_STALE_PRICE) != 0)
        return REASON_STALE;
    return native->price.status == PRICE_OK && !u256_is_zero(&native->price.value)
               ? REASON_PROFITABLE
               : REASON_NO_PRICE;
}

static struct wei gas_free(const struct search *search)
{
    const struct plan_terms *terms = search->terms;

    return (struct wei){u256_sub_floor(&terms->gas_balance.value, &search->reserved->gas.value)};
}

/* Gas money that no flight holds covers the ceiling of one more. */
static bool gas_is_covered(const struct plan *plan, const struct search *search)
{
    struct u256 limit = u256_of(plan->gas_limit);
    struct u256 ceiling;
    struct wei free_gas = gas_free(search);

    return u256_mul(&ceiling, &limit, &search->terms->gas_price_max.value) &&
           !u256_is_less(&free_gas.value, &ceiling);
}

static void plan_show(struct plan *out, const struct pair *pair, enum reason reason)
{
    out->reason = reason;
    out->has_liquidation = true;
    out->liquidation = pair->liquidation;
    out->is_loss = pair->is_loss;
    out->gross = pair->gross;
    out->net_is_loss = pair->net_is_loss;
    out->net = pair->net;
}

static void plan_fly(struct plan *out, const struct search *search)
{
    struct wei free_gas = gas_free(search);

    out->verdict = VERDICT_LIQUIDATE;
    plan_bid(out, search->terms, &free_gas);
}

static void plan_conclude(struct plan *out, const struct search *search)
{
    if (search->best.is_known) {
        plan_show(out, &search->best, REASON_PROFITABLE);
        if (search->candidate->market->trust != MARKET_TRUSTED)
            out->reason = REASON_UNTRUSTED;
        else if (!gas_is_covered(out, search))
            out->reason = REASON_NO_FUNDS;
        else
            plan_fly(out, search);
    } else if (search->wanted.is_known) {
        plan_show(out, &search->wanted, REASON_NO_FUNDS);
    } else if (search->poor.is_known) {
        plan_show(out, &search->poor, REASON_UNPROFITABLE);
    } else {
        out->reason = search->failure;
    }
}

void search_begin(struct search *search, const struct plan_candidate *candidate,
                  const struct plan_reserved *reserved, const struct plan_terms *terms)
{
    search->candidate = candidate;
    search->reserved = reserved;
    search->terms = terms;
    search->protocol = candidate->protocol != NULL ? candidate->protocol
                                                   : protocol_at(candidate->market->protocol);
    search->ordinal = 0;
    search->failure = REASON_UNPROFITABLE;
    pair_begin(&search->best, 0);
    pair_begin(&search->wanted, 0);
    pair_begin(&search->poor, 0);
}

static void choose(struct plan *out, const struct plan_candidate *candidate,
                   const struct plan_reserved *reserved, const struct plan_terms *terms,
                   bool by_bounds)
{
    struct search search;
    struct plan_gas planned;

    search_begin(&search, candidate, reserved, terms);
    *out = (struct plan){.verdict = VERDICT_SKIP, .health = *candidate->health};
    out->reason = candidate_obstacle(candidate);
    if (out->reason != REASON_PROFITABLE)
        return;
    plan_gas(&planned, candidate);
    out->gas_expected = planned.expected;
    out->gas_limit = planned.limit;
    struct u256 gas = u256_of(out->gas_expected);
    if (!u256_mul(&search.gas_cost.value, &gas, &terms->gas_price.value)) {
        out->reason = REASON_UNPROFITABLE;
        return;
    }
    out->gas_cost = search.gas_cost;
    if (!by_bounds || !search_by_bounds(&search))
        search_pairs_all(&search);
    plan_conclude(out, &search);
}

void plan_choose(struct plan *out, const struct plan_candidate *candidate,
                 const struct plan_reserved *reserved, const struct plan_terms *terms)
{
    choose(out, candidate, reserved, terms, true);
}

void plan_choose_plainly(struct plan *out, const struct plan_candidate *candidate,
                         const struct plan_reserved *reserved, const struct plan_terms *terms)
{
    choose(out, candidate, reserved, terms, false);
}
