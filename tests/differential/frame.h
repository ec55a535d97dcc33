/* One block of one market, positions and all, to a file and back: enough to judge it once more. */
#ifndef TESTS_DIFFERENTIAL_FRAME_H
#define TESTS_DIFFERENTIAL_FRAME_H

#include <stdio.h>

#include "turn/state.h"

/** Owned; zero-initialise, then frame_release. */
struct frame {
    struct market market;
    uint32_t count;
    struct position *position;
    struct leg *legs; /* NULL: lent by a book */
};

void frame_release(struct frame *frame);
/** Lends: the book's legs, until its next turn. */
void frame_take(struct frame *out, const struct tracked *tracked);
void frame_write(FILE *file, const struct frame *frame);
/** False: the end. A file of another build is none: both ends are of one tree. */
bool frame_read(struct frame *out, FILE *file);

#endif
