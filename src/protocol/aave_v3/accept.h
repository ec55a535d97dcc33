/* Answers by what they are about; accept.c tells them apart. */
#ifndef PROTOCOL_AAVE_V3_ACCEPT_H
#define PROTOCOL_AAVE_V3_ACCEPT_H

#include "protocol/aave_v3/inside.h"

/** One answer that did not revert. */
struct aave_answer {
    const struct read *read;
    enum aave_read kind;
    struct bytes data;
};

/** A price of the oracle: MISSING where it answers 0. It is an int256 where it comes from
 *  (AggregatorInterface.latestAnswer), so what has the top bit set is a negative one, and refused.
 */
enum read_error aave_price_decode(struct price *out, struct bytes data);
enum read_error aave_accept_shared(struct market *market, const struct aave_answer *answer);
enum read_error aave_accept_reserve(struct market *market, const struct aave_answer *answer);
/** A read about a reserve that reverted, or whose answer is none: unknown in a typed way. */
void aave_reject_reserve(struct market *market, const struct read *read, enum aave_read kind);
enum read_error aave_accept_category(struct market *market, const struct aave_answer *answer);
/** Some account or reserve names it: its terms are wanted from now on. */
void aave_use_category(struct market *market, uint32_t index);

#endif
