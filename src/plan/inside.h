/* What the files of this room share. Nobody else includes it but tests. */
#ifndef PLAN_INSIDE_H
#define PLAN_INSIDE_H

#include "plan/plan.h"

/** One pair at one size. */
struct pair {
    bool is_known;
    uint32_t ordinal; /* among the pairs of the position */
    struct liquidation liquidation;
    bool is_loss;
    struct wei gross;
    bool net_is_loss;
    struct wei net;
};

struct search {
    const struct plan_candidate *candidate;
    const struct plan_reserved *reserved;
    const struct plan_terms *terms;
    const struct protocol *protocol;
    struct wei gas_cost;
    uint32_t ordinal;   /* of the next pair */
    struct pair best;   /* pays, and we can */
    struct pair wanted; /* would pay, if we held more */
    struct pair poor;   /* does not pay */
    enum reason failure;
};

/** Whether that side of the leg holds something. */
bool leg_is(const struct leg *leg, const struct market *market, enum leg_flag flag);
/** Ours to pay with: held and allowed, less what flights already hold. */
struct token_amount pair_cap(const struct search *search, uint32_t debt);
struct liquidation_request pair_request(const struct search *search, uint32_t debt,
                                        uint32_t collateral);
/** What the pair lacks before it can even be sized; PROFITABLE: nothing. */
enum reason pair_obstacle(const struct market *market, uint32_t debt, uint32_t collateral);
/** PROFITABLE; UNPROFITABLE, with *out known where it could be valued; or what stands against it.
 */
enum reason pair_try(struct pair *out, const struct search *search,
                     const struct liquidation_request *request);
/** Nothing is known of it yet. */
void pair_begin(struct pair *pair, uint32_t ordinal);
void search_begin(struct search *search, const struct plan_candidate *candidate,
                  const struct plan_reserved *reserved, const struct plan_terms *terms);
/** The better one stays. */
void pair_keep(struct pair *kept, const struct pair *pair);
/** Why nothing may be decided about it at all; PROFITABLE: it may. */
enum reason candidate_obstacle(const struct plan_candidate *candidate);

/* bound.c */
/** Fills best, or wanted, where some pair pays, sizing only those that may be it. False: none pays,
 *  or not all pairs have a bound; search is then as it was. */
bool search_by_bounds(struct search *search);

/** plan_choose, sizing every pair: the same plan. */
void plan_choose_plainly(struct plan *out, const struct plan_candidate *candidate,
                         const struct plan_reserved *reserved, const struct plan_terms *terms);

#endif
