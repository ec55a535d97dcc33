/* Accounts above the edge, of which some are signed ahead. */
#ifndef TESTS_TURN_ARMED_H
#define TESTS_TURN_ARMED_H

#include "tests/turn/aloft.h"
#include "turn/inside.h"

/** `near` accounts just above the edge of 1600 USDC, the first the nearest, and one far from it;
 *  keeper.armed is `most`. Then a head. */
void armed_make(struct aloft *aloft, uint8_t near, uint32_t most);
/** The price of WETH from here on; the first goes under at 1996, all of them at 1980. */
void armed_price(struct aloft *aloft, uint64_t usd);
/** The signer's answers to the last turn, and a turn that takes them. */
void armed_signed(struct aloft *aloft);
/** How many may be fired. */
size_t armed_ready(const struct aloft *aloft);
/** Of the account of that name; NULL: none. */
const struct flight *armed_for(const struct aloft *aloft, uint8_t name);

#endif
