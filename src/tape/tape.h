/*
 * tape: the recording. Every observation and each turn's clock, in order, to a file and back, as
 * NDJSON (through zstd where the name ends in .zst). It refuses to know what they mean.
 *
 *   {"plimsoll":1,"program":"…","chain":31337,"config":{…},"time":…}       header
 *   {"turn":17,"now":1700000000123,"count":2}                              then that many of
 *   {"kind":"answer","status":"ok","id":34,"endpoint":0,"http":200,"ask":"9f…","json":{…}}
 *
 * An answer is embedded as JSON ("json") where its bytes are JSON that prints back to the same
 * bytes, else as text ("text", JSON-escaped UTF-8) or, where it is neither, as "hex".
 * "ask" is the first 16 hex digits of the SHA-256 of what was asked, so that a replay under another
 * config can find the answer to the same question.
 */
#ifndef TAPE_TAPE_H
#define TAPE_TAPE_H

#include "base/arena.h"
#include "eth/observation.h"

#define TAPE_VERSION 1

enum tape_error {
    TAPE_OK,
    TAPE_END,
    TAPE_TORN,    /* the last line is cut off; what stands before it was given (warn, go on) */
    TAPE_FOREIGN, /* no recording */
    TAPE_NEWER,
    TAPE_WRONG_CHAIN,
    TAPE_CANNOT_OPEN,
    TAPE_FULL,
    TAPE_CORRUPT /* a line in the middle that is none of ours */
};

struct tape_header {
    uint64_t chain_id;
    int64_t now_ms;
    const char *program;
    const char *config; /* canonical JSON text, without secrets */
};

struct tape_writer;

/**
 * Makes the file (mode 0600), or continues one of the same chain with a new header; a torn tail of
 * an existing file is cut off first (*was_torn says so).
 * Gives: tape_writer_close
 */
MUST_CHECK enum tape_error tape_writer_open(struct tape_writer **out, bool *was_torn,
                                            const char *path, const struct tape_header *header);
/** One turn: its clock and its observations. `keys[i]` is the ask digest of observation i ("" where
 *  it answers none). Buffered. */
MUST_CHECK enum tape_error tape_write_turn(struct tape_writer *writer, int64_t now_ms,
                                           const struct observation *observations,
                                           const char (*keys)[17], size_t count);
/** Everything so far is readable by another process after this (a zstd frame is ended). */
MUST_CHECK enum tape_error tape_flush(struct tape_writer *writer);
/** Flushes. */
MUST_CHECK enum tape_error tape_writer_close(struct tape_writer *writer);

struct tape_reader;

/** One turn as it was, or a header that stands between turns (a continued recording). */
struct tape_turn {
    bool is_header;
    struct tape_header header;
    int64_t now_ms;
    uint64_t number;
    size_t count;
    struct observation *observations; /* in the arena */
    char (*keys)[17];                 /* in the arena */
};

/** Gives: tape_reader_close. The first tape_read gives the header. */
MUST_CHECK enum tape_error tape_reader_open(struct tape_reader **out, char why[256],
                                            const char *path);
/** Everything in *out is lent until the arena is cleared. `why` names the line. */
MUST_CHECK enum tape_error tape_read(struct tape_turn *out, char why[256],
                                     struct tape_reader *reader, struct arena *arena);
void tape_reader_close(struct tape_reader *reader);

/** The ask digest of a request's body: ids inside do not count, so it is taken over the body with
 *  every "id":N made "id":0. */
void tape_key(char out[17], struct bytes request_body);
const char *tape_error_text(enum tape_error error);

#endif
