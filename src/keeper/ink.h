/* Colour on a terminal, and none anywhere else. */
#ifndef KEEPER_INK_H
#define KEEPER_INK_H

#include <stdbool.h>
#include <stdio.h>

enum ink { INK_PLAIN, INK_FAINT, INK_STRONG, INK_GOOD, INK_WARN, INK_BAD };

/** A terminal that shows colour, and nobody asked for none (NO_COLOR, TERM=dumb). */
bool ink_is_wanted(FILE *out);
/** What switches the ink on; "" where no colour is wanted, and for INK_PLAIN. */
const char *ink_on(bool is_wanted, enum ink ink);
const char *ink_off(bool is_wanted, enum ink ink);

#endif
