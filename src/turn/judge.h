/* What judge.c and decide.c share: all candidates of a head, and one of them. */
#ifndef TURN_JUDGE_H
#define TURN_JUDGE_H

#include "turn/inside.h"

/** Something of the last decision is left for this turn, which needs no new judgement. */
bool decide_is_open(const struct turn_state *state);
void decide_go_on(struct turn_state *state);
/** NULL: nothing was said of it yet. */
const struct memory *memory_find(const struct turn_state *state, uint32_t market,
                                 const struct address *account);

/** Lends: `position` and `health`. */
struct plan_candidate candidate_of(const struct turn_state *state, uint32_t market,
                                   const struct position *position, const struct health *health);
/** Accounts that cannot be judged are said once, and again when the reason changes. */
void skips_say(struct turn_state *state, uint32_t market);
/** Its verdict, said where it is new, and its flight. True: a flight was launched, so that what is
 *  left for the others has changed: they are planned again. */
bool item_decide(struct turn_state *state, struct item *item, bool plan_again);

#endif
