/* What a transaction offers per gas, first and again. */
#ifndef SUBMIT_FEES_H
#define SUBMIT_FEES_H

#include "submit/submit.h"

/** Parts of a thousand by which nodes want both caps raised: geth and reth 10 %, others 12.5 %. */
#define RAISE_PER_MILLE 125
/** Where a node refused the step as too small. */
#define RAISE_PER_MILLE_REFUSED 1000

/**
 * Fees for a block behind one whose next base fee is `base_fee`: tip as asked, ceiling
 * 2 × base fee + tip so that it stays valid for a while, never over `fee_max`.
 * False: not even base fee + tip fits under fee_max.
 */
MUST_CHECK bool fees_choose(struct wei *max_fee, struct wei *tip, const struct wei *base_fee,
                            const struct wei *tip_wanted, const struct wei *fee_max);

/**
 * In:  bid  what is wanted now, as fees_choose has it
 * Out: bid  at least so, and both caps over the newest attempt's by `per_mille` and a wei
 * False: that is over fee_max; *bid is then unspecified.
 */
MUST_CHECK bool fees_raise(struct flight_bid *bid, const struct flight *flight, uint32_t per_mille,
                           const struct wei *fee_max);

#endif
