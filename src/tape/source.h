/*
 * The lines of a file, as a stream: a recording may be larger than memory. Whether it is
 * compressed, its first bytes say, not its name. It also knows where the file could be cut so that
 * a given line is the last: in a compressed one, only between frames.
 */
#ifndef TAPE_SOURCE_H
#define TAPE_SOURCE_H

#include "base/bytes.h"

enum source_state {
    SOURCE_LINE,
    SOURCE_CUT, /* the file ends, and not with a newline: what is there is given */
    SOURCE_END,
    SOURCE_TORN,   /* the file ends inside of a frame; what could be had of it was given */
    SOURCE_BROKEN, /* a frame that does not decode, or a disk that does not read */
    SOURCE_TOO_LONG
};

struct source;

/** A place in the file, between two lines. */
struct source_place {
    uint64_t frame_at; /* bytes of the file up to here can stay as they are */
    uint64_t behind;   /* that many bytes of text follow, which are inside of the next frame */
};

/** NULL: it cannot be opened (errno). Gives: source_close */
struct source *source_open(const char *path);
void source_close(struct source *source);
bool source_is_compressed(const struct source *source);
/** The next line without its newline. Lends: until the next call. */
MUST_CHECK enum source_state source_line(struct bytes *line, struct source *source,
                                         size_t size_max);
/** Of the line that was given last, from 1. */
uint64_t source_line_number(const struct source *source);
/** Behind the line that was given last. */
struct source_place source_place(struct source *source);

#endif
