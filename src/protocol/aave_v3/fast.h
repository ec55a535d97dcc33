/*
 * The same arithmetic as math.c and health.c for numbers that are as small as they nearly always
 * are: factors below 96 bits, divisors of 64 whose inverse is known (base/divisor.h). Each function
 * says whether the numbers fit; if not, nothing was done and the slow way gives the answer. Tests
 * hold the two ways equal.
 */
#ifndef PROTOCOL_AAVE_V3_FAST_H
#define PROTOCOL_AAVE_V3_FAST_H

#include "base/divisor.h"
#include "protocol/aave_v3/inside.h"

/** a × b / c; false: a or b over 96 bits, or a quotient over 128. */
MUST_CHECK bool aave_fast_mul_div_by(struct u256 *out, const struct u256 *const factor[2],
                                     const struct divisor *divisor, enum aave_rounding rounding);
/** The same for a divisor that is met once; false besides: c over 64 bits or 0. */
MUST_CHECK bool aave_fast_mul_div(struct u256 *out, const struct u256 *const factor[2],
                                  const struct u256 *divisor, enum aave_rounding rounding);
/** a × b / 1e27; false: a or b over 96 bits. */
MUST_CHECK bool aave_fast_ray_mul(struct u256 *out, const struct u256 *a, const struct u256 *b,
                                  enum aave_rounding rounding);

/** What aave_health answers, for a position that can be judged by its flags. False: a part of it is
 *  not known or not modelled, or a number is over its bound: aave_health_slowly has the answer. */
MUST_CHECK bool aave_fast_health(struct health *out, const struct market *market,
                                 const struct position *position, const struct aave_rules *rules);

#endif
