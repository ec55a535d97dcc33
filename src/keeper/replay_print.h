/* A replay for a person: what would be sent, when, why, for how much; a summary; an HTML report. */
#ifndef KEEPER_REPLAY_PRINT_H
#define KEEPER_REPLAY_PRINT_H

#include <stdio.h>

#include "keeper/replay.h"

struct replay_print;

/** In: out  NULL: nothing is printed, only the report can be written
 *  Gives: ended and freed by replay_print_end. Colours on a terminal unless NO_COLOR. */
struct replay_print *replay_print_new(FILE *out);
/** `context` is the replay_print. */
void replay_print_turn(void *context, const struct turn_state *state,
                       const struct actions *actions);
/** The summary; `report`: path of an HTML page, or NULL. */
void replay_print_end(struct replay_print *print, const struct replay_result *result,
                      const char *report);

#endif
