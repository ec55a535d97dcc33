/*
 * turn: `turn(state, now, observations) → actions`. All deciding happens here, and nothing else
 * does: live, dry run, replay, backtest and stress are this one path.
 * It refuses to know the loop.
 */
#ifndef TURN_TURN_H
#define TURN_TURN_H

#include "eth/observation.h"
#include "mirror/mirror.h"
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

/**
 * Offers the mirror of one market that an earlier life kept (turn_keep); only before the first
 * turn. It is used where the node's chain still has its block: then only what happened since is
 * read. A recording must stand on its own: nothing is offered while one is made.
 *
 * Fails: as mirror_decode; MIRROR_OF_MARKET: of none that is not restored already;
 *        MIRROR_OF_BLOCK: of another block than the one that was offered before
 */
MUST_CHECK enum mirror_error turn_restore(struct turn_state *state, struct bytes bytes);

/** Takes what SIGHUP may change (keeper/config.h says what that is). */
void turn_reload(struct turn_state *state, const struct settings *settings);

#endif
