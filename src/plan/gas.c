/*
 * A limit that is too low burns all of it and wins nothing; one that is too high costs nothing but
 * room in the day's budget. A node's estimate is exact for the block that it was made at, and the
 * way through the contract changes with every second: interest, a price that falls on, bad debt
 * that is burnt. So as much again is allowed, as in the protocol's own table, and the table bounds
 * what a node may make us believe.
 */
#include "plan/plan.h"

static uint64_t clamped(uint64_t gas, uint64_t least, uint64_t most)
{
    return gas < least ? least : gas > most ? most : gas;
}

void plan_gas(struct plan_gas *out, const struct plan_candidate *candidate)
{
    const struct protocol *protocol = candidate->protocol != NULL
                                          ? candidate->protocol
                                          : protocol_at(candidate->market->protocol);
    const uint64_t usual = protocol->gas_expected(candidate->market, candidate->position);
    const uint64_t limit = protocol->gas_limit(candidate->market, candidate->position);
    const uint64_t most = limit + limit / 2;

    *out = (struct plan_gas){usual, candidate->wants_gas ? most : limit};
    if (candidate->gas_estimate == 0)
        return;
    out->expected = clamped(candidate->gas_estimate, usual / 2, most);
    if (!candidate->wants_gas)
        out->limit = clamped(2 * out->expected, usual, most);
}
