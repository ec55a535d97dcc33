/* A synchronised state without a node: one market of WETH at 2,000 and USDC at 1 (Aave 3.0, 80 %
 * and 85 % thresholds, no interest), and as many accounts as a test wants. */
#ifndef TESTS_KEEPER_STATE_FIXTURE_H
#define TESTS_KEEPER_STATE_FIXTURE_H

#include "turn/state.h"

#define WETH 0u
#define USDC 1u

/** At block 77. Gives: turn_free. */
struct turn_state *a_state(void);
/** One that supplied so much WETH (in thousandths) and owes so many USDC. Out: its slot. */
uint32_t an_account(struct turn_state *state, uint8_t name, uint64_t milli_weth, uint64_t usdc);
/** Of the account of that name. */
struct address address_named(uint8_t name);

#endif
