/* A small pool in which nothing is stale and no interest runs: WETH at 2000 with 18 decimals, USDC
 * at 1 with 6, WBTC at 40000 with 8; thresholds 80 %, 75 % and 70 %, bonus 5 %, no protocol fee. */
#ifndef TESTS_PROTOCOL_A_POOL_H
#define TESTS_PROTOCOL_A_POOL_H

#include "protocol/protocol.h"

#define WETH 0u
#define USDC 1u
#define WBTC 2u

#define POOL_AT_S 1700000000u

/** Gives: free. */
struct market *a_pool(uint32_t revision);
/** Whole tokens with up to six digits behind the point are amounts × 1e6: 1500000 is 1.5. */
unsigned __int128 micro(const struct market *market, uint32_t reserve, uint64_t millionths);

struct held {
    struct leg leg[4];
    struct position position;
};

/** One collateral and one debt, in millionths of a token. Its position lends its own legs. */
void a_loan(struct held *out, const struct market *market, uint32_t collateral, uint64_t supplied,
            uint32_t debt, uint64_t owed);
/** Adds a leg, in order of reserve. */
void held_add(struct held *held, const struct leg *leg);
/** Its health, which must be known. */
struct health health_of(const struct market *market, const struct position *position);
/** The answer to a request for one pair with that cap, landing now or within a minute. */
enum liquidation_error size_of(struct liquidation *out, const struct market *market,
                               const struct held *held, const struct u256 *cap);

#endif
