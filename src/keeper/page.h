/* What a report written to a file begins with, and how it says what strangers have named. */
#ifndef KEEPER_PAGE_H
#define KEEPER_PAGE_H

#include <stdio.h>

/** Everything up to the heading's end; one page, no request to anywhere. */
void page_begin(FILE *out, const char *title);
/** Escaped for text and for attributes in quotes. */
void page_add(FILE *out, const char *text);
/** One figure under <div class="cards">. */
void page_card(FILE *out, const char *value, const char *label);

#endif
