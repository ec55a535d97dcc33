/* A mirror that follows a chain head by head, held against one that is made afresh. */
#ifndef TESTS_TURN_WALK_H
#define TESTS_TURN_WALK_H

#include "tests/keeper/stage.h"

/** The chain's own config, in dry run and without simulations. */
struct settings dry_settings(const struct chain *chain);
bool stands_at_the_head(const struct stage *stage);
/** Head by head to that block. */
void walk_to(struct stage *stage, uint32_t index);
/** A chain long enough, walked head by head to its end. Gives: chain_free. */
struct chain *a_long_walk(struct stage *stage, struct settings *settings);
/** The head is another block of the same number, behind a fork of that depth. */
void fork_at_once(struct stage *stage, uint32_t depth);
/** Whoever owes something in either is the same in both, and so is what all share. */
void mirror_equals(const struct turn_state *ours, const struct turn_state *fresh);
/** Ours and one made afresh, as the bytes that a snapshot would hold. */
void bytes_equal_afresh(struct stage *stage);

#endif
