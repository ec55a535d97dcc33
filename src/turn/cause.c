/*
 * From what is known of a revert to its cause. The words of the contract come first, what gas was
 * burnt next, and last who else was there: only what nothing else explains is laid at our own door.
 */
#include "eth/reaction.h"
#include "turn/inside.h"

const char *revert_cause_text(enum revert_cause cause)
{
    switch (cause) {
    case CAUSE_UNKNOWN:
        return "unknown";
    case CAUSE_OVERTAKEN:
        return "overtaken";
    case CAUSE_LOST_RACE:
        return "lost_race";
    case CAUSE_PAUSED:
        return "paused";
    case CAUSE_DUST:
        return "dust";
    case CAUSE_SHORTAGE:
        return "no_funds";
    case CAUSE_GAS:
        return "out_of_gas";
    case CAUSE_NO_LIQUIDITY:
        return "no_liquidity";
    case CAUSE_NO_PRICE:
        return "no_price";
    }
    return "unknown";
}

bool revert_cause_is_fate(enum revert_cause cause)
{
    return cause == CAUSE_OVERTAKEN || cause == CAUSE_LOST_RACE;
}

/* ---- what the calls said */

struct found found_of(const struct rpc_answer *answer, struct bytes original)
{
    struct found found = {FINDING_NONE, REVERT_UNKNOWN};
    enum rpc_reaction reaction = rpc_reaction_to(answer, original);
    BUFFER result = {0};

    if (reaction == REACTION_NONE) {
        found.finding = FINDING_PASSES;
    } else if (answer->fault == RPC_FAULT_GAS_CAP) {
        found.finding = FINDING_OUT_OF_GAS;
    } else if (reaction == REACTION_REVERT) {
        found.finding = FINDING_REVERTS;
        if (answer->fault != RPC_FAULT_NONE)
            found.meaning = revert_meaning_of(answer->revert);
        else if (json_bytes(&result, answer->result, original)) /* of a gateway */
            found.meaning = revert_meaning_of(buffer_bytes(&result));
    }
    return found;
}

static bool says_why(const struct found *found)
{
    return found->finding == FINDING_REVERTS && found->meaning != REVERT_UNKNOWN;
}

/* ---- from there to a cause */

static enum revert_cause cause_of(enum revert_meaning meaning, bool rival_was_first)
{
    switch (meaning) {
    case REVERT_HEALTHY:
        return rival_was_first ? CAUSE_LOST_RACE : CAUSE_OVERTAKEN;
    case REVERT_NO_DEBT:
        return CAUSE_LOST_RACE;
    case REVERT_DUST:
        return rival_was_first ? CAUSE_LOST_RACE : CAUSE_DUST;
    case REVERT_NO_LIQUIDITY:
        return rival_was_first ? CAUSE_LOST_RACE : CAUSE_NO_LIQUIDITY;
    case REVERT_PAUSED:
    case REVERT_GRACE:
        return CAUSE_PAUSED;
    case REVERT_NO_FUNDS:
        return CAUSE_SHORTAGE;
    case REVERT_NO_PRICE:
        return CAUSE_NO_PRICE;
    case REVERT_UNKNOWN:
        return CAUSE_UNKNOWN;
    }
    return CAUSE_UNKNOWN;
}

/* EIP-150: a call inside may take all but a 64th, so that its running out leaves no more. */
static bool burnt_all_gas(const struct flight *flight)
{
    return flight->gas_used >= flight->gas - flight->gas / 64;
}

/* The earlier call is the better witness: what stood in the way before the block stood in the way
 * within it. */
enum revert_cause cause_found(const struct turn_state *state, const struct flight *flight,
                              const struct evidence *evidence, const struct rival *rival)
{
    const struct found *before = &evidence->before;
    const struct found *at = &evidence->at;

    if (says_why(before) || says_why(at))
        return cause_of(says_why(before) ? before->meaning : at->meaning,
                        rival_came_first(rival, flight, false));
    if (before->finding == FINDING_OUT_OF_GAS || at->finding == FINDING_OUT_OF_GAS ||
        burnt_all_gas(flight))
        return CAUSE_GAS;
    if (before->finding == FINDING_REVERTS)
        return CAUSE_UNKNOWN; /* before anybody came first */
    if (rival_came_first(rival, flight, true))
        return CAUSE_LOST_RACE;
    if (at->finding == FINDING_REVERTS)
        return CAUSE_UNKNOWN;
    return flights_candidate_is_gone(state, flight) ? CAUSE_OVERTAKEN : CAUSE_UNKNOWN;
}
