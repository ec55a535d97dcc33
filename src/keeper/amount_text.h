/* Amounts for people and for gauges. Nothing is decided from what is made here. */
#ifndef KEEPER_AMOUNT_TEXT_H
#define KEEPER_AMOUNT_TEXT_H

#include "base/text.h"
#include "base/units.h"

/** 8 for 1e8; 0 where it is no power of ten. */
unsigned unit_decimals(const struct u256 *unit);
/** "1,234.56": amount / 10^decimals, cut toward zero, thousands apart. */
void amount_add(struct text *out, const struct u256 *amount, unsigned decimals, unsigned shown);
/** "0.012345 ETH", with the sign in front. */
void amount_add_wei(struct text *out, const struct wei *amount, bool is_negative);
/** Health with four digits: "1.0523"; "∞" where nothing is owed. */
void amount_add_health(struct text *out, const struct wad *health);
/** The nearest double or one beside it. */
double amount_real(const struct u256 *amount, unsigned decimals);

#endif
