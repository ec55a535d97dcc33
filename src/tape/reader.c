/*
 * A replay must tell a recording that was cut off, which is usual, from one that was damaged, which
 * is not, and from a file that never was one. A turn is given whole or not at all: half of what was
 * known at a moment would lead to decisions that nobody took.
 */
#include "tape/reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tape/line.h"
#include "tape/scan.h"

struct tape_reader {
    struct source *source;
    enum tape_error ended; /* once it is not OK, it stays */
    struct tape_end end;
};

/* How the first line of every recording begins. */
#define BEGINNING "{\"plimsoll\":"

static enum tape_error fail(char why[256], const struct tape_reader *reader, enum tape_error error,
                            const char *what)
{
    (void)snprintf(why, 256, "line %llu: %s",
                   (unsigned long long)source_line_number(reader->source), what);
    return error;
}

/* A file that ends before its first line does: ours, or not? */
static enum tape_error judge_beginning(char why[256], const struct tape_reader *reader,
                                       struct bytes rest)
{
    size_t size = rest.size < strlen(BEGINNING) ? rest.size : strlen(BEGINNING);
    bool is_ours =
        size == 0 ? source_is_compressed(reader->source) : memcmp(rest.data, BEGINNING, size) == 0;
    return is_ours ? fail(why, reader, TAPE_TORN, "the header is cut off")
                   : fail(why, reader, TAPE_FOREIGN, "no header of a recording");
}

static bool is_blank(struct bytes text)
{
    struct scan scan = {text, 0};
    return scan_is_done(&scan);
}

/* The next line that is not blank; OK where it can be read. */
static enum tape_error next_line(struct line *line, char why[256], struct tape_reader *reader)
{
    bool is_first = !reader->end.has_header;
    struct bytes text;
    for (;;) {
        switch (source_line(&text, reader->source, is_first ? TAPE_HEADER_MAX : TAPE_LINE_MAX)) {
        case SOURCE_LINE:
            if (is_blank(text))
                continue;
            if (line_read(line, text))
                return TAPE_OK;
            return is_first ? fail(why, reader, TAPE_FOREIGN, "no header of a recording")
                            : fail(why, reader, TAPE_CORRUPT, "no JSON object");
        case SOURCE_CUT:
            if (is_blank(text))
                continue;
            reader->end.is_bare = line_read(line, text);
            if (reader->end.is_bare)
                return TAPE_OK;
            return is_first ? judge_beginning(why, reader, text)
                            : fail(why, reader, TAPE_TORN, "the last line is cut off");
        case SOURCE_TORN:
            return is_first ? judge_beginning(why, reader, text)
                            : fail(why, reader, TAPE_TORN, "the last frame is cut off");
        case SOURCE_END:
            if (is_first)
                return fail(why, reader, TAPE_FOREIGN, "an empty file");
            return TAPE_END;
        case SOURCE_BROKEN:
            return fail(why, reader, is_first ? TAPE_FOREIGN : TAPE_CORRUPT,
                        "what follows cannot be read or unpacked");
        case SOURCE_TOO_LONG:
            return fail(why, reader, is_first ? TAPE_FOREIGN : TAPE_CORRUPT, "too long a line");
        }
    }
}

static enum tape_error read_header(struct tape_turn *out, char why[256], struct tape_reader *reader,
                                   const struct line *line, struct arena *arena)
{
    bool is_first = !reader->end.has_header;
    if (!line_header(&out->header, line, arena))
        return fail(why, reader, is_first ? TAPE_FOREIGN : TAPE_CORRUPT,
                    "no header of a recording");
    if (out->header.version > TAPE_VERSION)
        return fail(why, reader, TAPE_NEWER, "written by a newer version");
    if (!is_first && out->header.chain_id != reader->end.chain_id)
        return fail(why, reader, TAPE_WRONG_CHAIN, "a header of another chain");
    out->is_header = true;
    reader->end.has_header = true;
    reader->end.chain_id = out->header.chain_id;
    return TAPE_OK;
}

static enum tape_error read_turn(struct tape_turn *out, char why[256], struct tape_reader *reader,
                                 const struct line *first, struct arena *arena)
{
    struct line line;
    if (!line_turn(out, first))
        return fail(why, reader, TAPE_CORRUPT, "a turn without number, time or count");
    out->observations = arena_take(arena, out->count * sizeof *out->observations);
    out->keys = arena_take(arena, out->count * sizeof *out->keys);
    for (size_t i = 0; i < out->count; i++) {
        enum tape_error error = next_line(&line, why, reader);
        if (error == TAPE_END)
            return fail(why, reader, TAPE_TORN, "the last turn is cut off");
        if (error != TAPE_OK)
            return error;
        if (!line_observation(&out->observations[i], out->keys[i], &line, arena))
            return fail(why, reader, TAPE_CORRUPT, "no observation, where the turn counts one");
    }
    reader->end.turn = out->number;
    return TAPE_OK;
}

static enum tape_error read_next(struct tape_turn *out, char why[256], struct tape_reader *reader,
                                 struct arena *arena)
{
    struct line line;
    *out = (struct tape_turn){0};
    enum tape_error error = next_line(&line, why, reader);
    if (error != TAPE_OK)
        return error;
    if (!reader->end.has_header || line.value[LINE_PLIMSOLL].size != 0)
        return read_header(out, why, reader, &line, arena);
    if (line.value[LINE_TURN].size == 0)
        return fail(why, reader, TAPE_CORRUPT, "neither header nor turn");
    return read_turn(out, why, reader, &line, arena);
}

enum tape_error tape_reader_open(struct tape_reader **out, char why[256], const char *path)
{
    struct source *source = source_open(path);
    why[0] = '\0';
    *out = NULL;
    if (source == NULL) {
        (void)snprintf(why, 256, "%s", strerror(errno));
        return TAPE_CANNOT_OPEN;
    }
    struct tape_reader *reader = must_alloc(1, sizeof *reader);
    reader->source = source;
    *out = reader;
    return TAPE_OK;
}

enum tape_error tape_read(struct tape_turn *out, char why[256], struct tape_reader *reader,
                          struct arena *arena)
{
    if (reader->ended != TAPE_OK)
        return reader->ended;
    enum tape_error error = read_next(out, why, reader, arena);
    if (error == TAPE_OK)
        reader->end.place = source_place(reader->source);
    else
        reader->ended = error;
    return error;
}

struct tape_end tape_reader_end(const struct tape_reader *reader)
{
    struct tape_end end = reader->end;
    end.is_compressed = source_is_compressed(reader->source);
    return end;
}

void tape_reader_close(struct tape_reader *reader)
{
    if (reader == NULL)
        return;
    source_close(reader->source);
    free(reader);
}
