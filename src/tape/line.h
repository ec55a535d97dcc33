/* The three lines of a recording: header, turn, observation. To text and back. */
#ifndef TAPE_LINE_H
#define TAPE_LINE_H

#include "base/text.h"
#include "tape/tape.h"

enum line_field {
    LINE_PLIMSOLL,
    LINE_PROGRAM,
    LINE_CHAIN,
    LINE_CONFIG,
    LINE_TIME,
    LINE_TURN,
    LINE_NOW,
    LINE_COUNT,
    LINE_KIND,
    LINE_STATUS,
    LINE_ID,
    LINE_ENDPOINT,
    LINE_HTTP,
    LINE_ASK,
    LINE_KEY,
    LINE_KEY_HEX,
    LINE_TAIL,
    LINE_JSON,
    LINE_TEXT,
    LINE_HEX,
    LINE_FIELDS /* how many */
};

/** The values as they stand in the line; size 0: not there. Names that we do not know are passed
 *  over, so that a later version may say more. */
struct line {
    struct bytes value[LINE_FIELDS];
};

void line_add_header(struct text *out, const struct tape_header *header);
void line_add_turn(struct text *out, uint64_t number, int64_t now_ms, size_t count);
/** `key`: its ask digest, or NULL. */
void line_add_observation(struct text *out, const struct observation *observation, const char *key);

/** False: no JSON object. Lends: from `text`. */
MUST_CHECK bool line_read(struct line *out, struct bytes text);
/** Out: version  whatever it is; the rest is read only where it is ours. */
MUST_CHECK bool line_header(struct tape_header *out, const struct line *line, struct arena *arena);
MUST_CHECK bool line_turn(struct tape_turn *out, const struct line *line);
MUST_CHECK bool line_observation(struct observation *out, char key[17], const struct line *line,
                                 struct arena *arena);

#endif
