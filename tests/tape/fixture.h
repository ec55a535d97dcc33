/* Recordings in a file of their own, to write, to damage, and to read back. */
#ifndef TESTS_TAPE_FIXTURE_H
#define TESTS_TAPE_FIXTURE_H

#include "tape/tape.h"

/** A path in a fresh folder; both go with fixture_end. */
struct fixture {
    char folder[64];
    char path[128];
};

struct fixture fixture_begin(const char *name);
void fixture_end(struct fixture *fixture);
/** The whole file. Gives: buffer_release */
struct buffer fixture_bytes(const struct fixture *fixture);
/** The file becomes these bytes. */
void fixture_put(const struct fixture *fixture, struct bytes bytes);
void fixture_put_text(const struct fixture *fixture, const char *text);

struct tape_header a_header(void);
struct observation an_answer(uint64_t id, const char *body);
/** Opens, and fails the test where that fails. */
struct tape_writer *fixture_writer(const struct fixture *fixture);
/** One turn with one answer, flushed. */
void fixture_write(struct tape_writer *writer, int64_t now_ms, const char *body);
void fixture_close(struct tape_writer *writer);

/** What a reader found. */
struct found {
    enum tape_error end; /* what came after the last turn */
    size_t headers;
    size_t turns;
    size_t observations;
    int64_t last_now_ms;
    uint64_t last_number;
    char last_body[4096]; /* the last observation's, cut */
    char why[256];
};

struct found fixture_read(const struct fixture *fixture);

#endif
