/* Approvals that are missing, for `prepare` to name and to make. */
#ifndef TURN_PREPARE_H
#define TURN_PREPARE_H

#include "turn/state.h"

/** The pool may not take enough of it, and it can be borrowed. */
bool prepare_is_needed(const struct reserve *reserve);

#endif
