/*
 * turn: `turn(state, now, observations) → actions`. All deciding happens here, and nothing else
 * does: live, dry run, replay, backtest and stress are this one path.
 * It refuses to know the loop.
 */
#ifndef TURN_TURN_H
#define TURN_TURN_H

#include "eth/observation.h"
#include "turn/action.h"
#include "turn/settings.h"

enum purpose {
    PURPOSE_RUN,    /* follow the head and liquidate */
    PURPOSE_LOOK,   /* synchronise once, then stop asking */
    PURPOSE_PREPARE /* synchronise, approve what is missing, wait for the receipts */
};

/** Where synchronisation stands. */
enum phase {
    PHASE_GREET,    /* chain id, head, nonce */
    PHASE_TERMS,    /* what the markets are */
    PHASE_HISTORY,  /* who ever borrowed */
    PHASE_ACCOUNTS, /* what they hold */
    PHASE_PARITY,   /* a sample against the chain */
    PHASE_FOLLOW,
    PHASE_STOPPED
};

struct turn_state;

/** Gives: turn_free. Keeps: a copy of the settings. */
struct turn_state *turn_new(const struct settings *settings, enum purpose purpose);
void turn_free(struct turn_state *state);

/**
 * In:  now_ms        read once for the turn; never goes back between turns
 *      observations  in the order in which they came
 * Out: lends, until the next turn
 */
const struct actions *turn(struct turn_state *state, int64_t now_ms,
                           const struct observation *observations, size_t count);

/** Takes what SIGHUP may change (keeper/config.h says what that is). */
void turn_reload(struct turn_state *state, const struct settings *settings);

#endif
