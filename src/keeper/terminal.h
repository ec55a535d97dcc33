/* Asking a person at a terminal, whatever standard input and output are. */
#ifndef KEEPER_TERMINAL_H
#define KEEPER_TERMINAL_H

#include "base/bytes.h"

/** A line that is not shown while it is typed, without its newline; at most 4096 bytes. Wipe it
 *  after. False: there is no terminal, or its line ended early. */
MUST_CHECK bool terminal_ask_secret(struct buffer *out, const char *prompt);

#endif
