/* What a transaction offers per gas, first and again. */
#ifndef SUBMIT_FEES_H
#define SUBMIT_FEES_H

#include "submit/submit.h"

/** Parts of a thousand by which nodes want both caps raised: geth and reth 10 %, others 12.5 %. */
#define RAISE_PER_MILLE 125
/** Where no more fits under the ceiling. */
#define RAISE_PER_MILLE_LEAST 100
/** Where a node refused the step as too small. */
#define RAISE_PER_MILLE_REFUSED 1000

/**
 * Fees for a block behind one whose next base fee is `base_fee`: tip as asked, ceiling
 * 2 × base fee + tip so that it stays valid for a while, never over `fee_max`.
 * False: not even base fee + tip fits under fee_max.
 */
MUST_CHECK bool fees_choose(struct wei *max_fee, struct wei *tip, const struct wei *base_fee,
                            const struct wei *tip_wanted, const struct wei *fee_max);

/** What bounds a ceiling that is let out as far as it is worth it. */
struct fees_worth {
    struct wei most;    /* that all of its gas may cost: what is won, less what must be left */
    uint64_t gas;       /* that it is expected to take, */
    uint64_t gas_limit; /* and may take */
    struct wei left;    /* of budget and balance */
    struct wei fee_max; /* the operator's */
};
/** It takes no more than one part of what is left, since each holds its ceiling until it has
 * landed. */
#define FEES_LEFT_PARTS 128

/**
 * Base fees rise tenfold within minutes when all want to sell: one that stays worth it stays valid.
 * What is paid is the block's base fee and the tip all the same.
 * Out: *max_fee raised to what it is worth at most; room for two raises stays under fee_max, else
 *      it could be neither raised nor cancelled. Never lowered.
 */
void fees_stretch(struct wei *max_fee, const struct fees_worth *worth);

/**
 * In:  bid  what is wanted now, as fees_choose has it
 * Out: bid  at least so, and both caps over the newest attempt's by `per_mille` and a wei, or,
 *           where fee_max is less, by what is left to it: RAISE_PER_MILLE_LEAST at least
 * False: even that is over fee_max; *bid is then unspecified.
 */
MUST_CHECK bool fees_raise(struct flight_bid *bid, const struct flight *flight, uint32_t per_mille,
                           const struct wei *fee_max);

/** What a transaction that waits in the pool offers. */
struct fees_offered {
    struct wei max_fee_per_gas;
    struct wei max_priority_fee_per_gas; /* of types without it: the gas price */
};

enum fees_behind {
    FEES_BEHIND_OK,
    FEES_BEHIND_LOW,     /* it offers less than the next base fee: it cannot land next */
    FEES_BEHIND_NO_STEP, /* it tips nothing: there is no step below that */
    FEES_BEHIND_CEILING  /* one step below it is over fee_max */
};

/**
 * One step, a wei per gas, below what another transaction tips the block whose base fee is
 * `base_fee`: builders order by that, and of one wei less nothing fits between.
 *
 * Out: *max_fee, *tip  both below the other's own, so that in a block of any other base fee too it
 *                      tips less, and comes behind it
 */
MUST_CHECK enum fees_behind fees_step_below(struct wei *max_fee, struct wei *tip,
                                            const struct fees_offered *other,
                                            const struct wei *base_fee, const struct wei *fee_max);

#endif
