/* Accounts of which one answer of the chain differs from the mirror, until a second one was heard.
 */
#ifndef TURN_DOUBT_H
#define TURN_DOUBT_H

#include "feed/round.h"

/** Doubts open at the same time; a difference past that is believed at once, as drift. */
#define DOUBTS_MAX 64

struct turn_state;

struct doubt {
    uint32_t market;
    uint32_t slot;
    uint64_t block;   /* since */
    bool was_drifted; /* before it */
    bool is_answered; /* a second time */
    struct wad theirs;
};

struct doubts {
    uint32_t count;
    struct doubt account[DOUBTS_MAX];
    struct round round; /* asks again */
};

/** Nothing is decided on that account (POSITION_DRIFTED) until doubt_end. False: at the bound, or
 *  in doubt already. */
MUST_CHECK bool doubt_add(struct turn_state *state, uint32_t market, uint32_t slot);
/** The account is again what it was before. False: it was in no doubt. */
bool doubt_end(struct turn_state *state, uint32_t market, uint32_t slot);
/** NULL: it is in no doubt. Lends: until a doubt is added or ended. */
const struct doubt *doubt_find(const struct turn_state *state, uint32_t market, uint32_t slot);
/** Asks for all of them once more, at the same block; nothing else waits for that. */
void doubts_ask(struct turn_state *state);
/** What was asked is of a block that is left: late answers are nobody's, the doubts stay open for
 *  the audits of the next head. */
void doubts_carry(struct turn_state *state);
bool doubts_answer(struct turn_state *state, const struct observation *observation);
/** Where the second answers are in, doubts end: equal, as if nothing had been; or as drift. */
void doubts_settle(struct turn_state *state);

#endif
