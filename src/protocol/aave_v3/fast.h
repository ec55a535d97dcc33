/*
 * The same arithmetic as math.c for numbers that are as small as they nearly always are: products
 * below 192 bits, divided by 64. Each function says whether the numbers fit; if not, nothing was
 * done and the slow way gives the answer. A test holds the two ways equal.
 */
#ifndef PROTOCOL_AAVE_V3_FAST_H
#define PROTOCOL_AAVE_V3_FAST_H

#include "protocol/aave_v3/inside.h"

/** a × b / c; false: a or b over 96 bits, c over 64 or 0, or a quotient over 128. */
MUST_CHECK bool aave_fast_mul_div(struct u256 *out, const struct u256 *const factor[2],
                                  const struct u256 *divisor, enum aave_rounding rounding);
/** a × b / 1e27; false: a or b over 96 bits. */
MUST_CHECK bool aave_fast_ray_mul(struct u256 *out, const struct u256 *a, const struct u256 *b,
                                  enum aave_rounding rounding);

#endif
