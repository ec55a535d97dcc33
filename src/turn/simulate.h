/* Tried before it is signed: what the files of this room ask of simulate.c. Nobody else includes
 * it. */
#ifndef TURN_SIMULATE_H
#define TURN_SIMULATE_H

#include "turn/state.h"

/** Params of an eth_call from the keeper's account, at that block. */
void simulation_params(struct text *out, const struct turn_state *state,
                       const struct simulated_call *call, const struct hash32 *block);
bool simulate_is_wanted(const struct turn_state *state, uint32_t market, uint32_t slot);
/** Some of a batch is not answered yet. */
bool simulation_is_pending(const struct simulation *simulation);
/** All that was asked at this head is answered: judge again, once, lest each batch costs a sweep.
 */
void simulation_judge(struct turn_state *state);
/** Calls asked, or about to be, and not answered. */
uint32_t simulate_pending(const struct turn_state *state);
void simulate_want(struct turn_state *state, const struct simulated_call *call);
/** Posts what is wanted, in order; what finds no batch is asked for at the next decision. */
void simulate_ask(struct turn_state *state);
bool simulate_answer(struct turn_state *state, const struct observation *observation);
/** Answers of blocks behind that one are nobody's. */
void simulate_rewind(struct turn_state *state, uint64_t fork_number);

#endif
