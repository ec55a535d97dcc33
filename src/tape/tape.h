/*
 * tape: the recording. Every observation and each turn's clock, in order, to a file and back, as
 * NDJSON (through zstd where the name ends in .zst). It refuses to know what they mean.
 *
 *   {"plimsoll":2,"program":"…","chain":31337,"config":{…},"time":…}       header
 *   {"turn":17,"now":1700000000123,"count":2}                              then that many of
 *   {"kind":"answer","status":"ok","id":34,"endpoint":0,"http":200,"ask":"9f…","json":{…}}
 *
 * An answer is embedded byte for byte ("json") where it is JSON on one line, white space behind it
 * apart ("tail"); else as text ("text", JSON-escaped UTF-8) or, where it is neither, as "hex". So
 * what is read is what was written, and what an editor changes is what is read.
 * "key" (or "key_hex") is the observation's key. "ask" is the XXH3 of what was asked, in 16 hex
 * digits, so that a replay under another config can find the answer to the same question; in
 * version 1 it was the beginning of the Keccak-256. Both versions are read, version 2 is written.
 */
#ifndef TAPE_TAPE_H
#define TAPE_TAPE_H

#include "base/arena.h"
#include "eth/observation.h"

#define TAPE_VERSION 2
/** More in one turn is no recording of ours. */
#define TAPE_OBSERVATIONS_MAX (1u << 20)
/** A longer line is refused; a header is far shorter, so that a foreign file is not read for long.
 */
#define TAPE_LINE_MAX ((size_t)512 << 20)
#define TAPE_HEADER_MAX ((size_t)4 << 20)
/** A torn frame of .zst that holds more than this in whole turns is not mended. */
#define TAPE_MEND_MAX ((size_t)256 << 20)

enum tape_error {
    TAPE_OK,
    TAPE_END,
    TAPE_TORN,    /* the last turn is cut off; what stands before it was given (warn, go on) */
    TAPE_FOREIGN, /* no recording */
    TAPE_NEWER,
    TAPE_WRONG_CHAIN,
    TAPE_CANNOT_OPEN, /* errno says why; also another writer's */
    TAPE_FULL,        /* the disk takes no more; the file ends with the last whole turn, for good */
    TAPE_CORRUPT      /* a line in the middle that is none of ours, or a disk that cannot be read */
};

struct tape_header {
    uint64_t version; /* of its digests; 0, to be written: TAPE_VERSION */
    uint64_t chain_id;
    int64_t now_ms;
    const char *program;
    const char *config; /* canonical JSON text, without secrets */
};

struct tape_writer;

/**
 * Makes the file (mode 0600), or continues one of the same chain with a new header; a torn tail of
 * an existing file is cut off first (*was_torn says so). It compresses where the name says ".zst".
 * Gives: tape_writer_close
 * Fails: TAPE_FOREIGN TAPE_NEWER TAPE_WRONG_CHAIN TAPE_CORRUPT TAPE_TORN (past mending): what is
 *        there is left as it is
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
/** Flushes. NULL: nothing. */
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

/**
 * The ask digest of a request's body, 16 hex digits and the NUL. Ids inside do not count: it is
 * taken over the body with every "id":N made "id":0.
 * In:  version  of the recording: 1 to TAPE_VERSION
 *      plain    the caller's, for that body; used again from call to call, then buffer_release
 */
void tape_key(char out[17], struct buffer *plain, uint64_t version, struct bytes request_body);
const char *tape_error_text(enum tape_error error);

#endif
