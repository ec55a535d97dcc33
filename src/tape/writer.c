/*
 * A recording outlives the process that makes it: it is continued after a restart, and after a kill
 * in the middle of a line. What stands there is only cut where it is certain to be ours and torn.
 */
#include "tape/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tape/line.h"
#include "tape/reader.h"
#include "tape/sink.h"

struct tape_writer {
    struct sink sink;
    uint64_t turn; /* the last one's number */
};

static bool has_ending(const char *path, const char *ending)
{
    size_t length = strlen(path);
    size_t size = strlen(ending);
    return length > size && strcmp(path + length - size, ending) == 0;
}

/* To its end, or to where it is torn. */
static enum tape_error read_through(struct tape_end *end, bool *was_torn, const char *path,
                                    const struct tape_header *header)
{
    struct tape_reader *reader;
    struct arena arena = {0};
    struct tape_turn turn;
    char why[256];
    enum tape_error error = tape_reader_open(&reader, why, path);
    if (error != TAPE_OK)
        return error;
    do {
        arena_clear(&arena);
        error = tape_read(&turn, why, reader, &arena);
    } while (error == TAPE_OK);
    *end = tape_reader_end(reader);
    *was_torn = error == TAPE_TORN;
    arena_release(&arena);
    tape_reader_close(reader);
    if (error != TAPE_END && error != TAPE_TORN)
        return error;
    if (end->has_header && end->chain_id != header->chain_id)
        return TAPE_WRONG_CHAIN;
    /* Under its old name it could be read on; half of it packed, it could not. */
    return end->is_compressed == has_ending(path, ".zst") ? TAPE_OK : TAPE_FOREIGN;
}

/* The whole turns of a torn frame, to be written again in a whole one. */
static enum tape_error read_behind(struct text *out, int fd, const struct source_place *place)
{
    enum { CHUNK = 65536 };
    if (place->behind == 0)
        return TAPE_OK;
    if (place->behind > TAPE_MEND_MAX)
        return TAPE_TORN;
    ZSTD_DCtx *unpack = ZSTD_createDCtx();
    MUST(unpack != NULL);
    struct buffer packed = {0};
    buffer_reserve(&packed, CHUNK);
    off_t at = (off_t)place->frame_at;
    ssize_t got = 1;
    buffer_reserve(&out->buffer, (size_t)place->behind);
    ZSTD_outBuffer unpacked = {out->buffer.data, (size_t)place->behind, 0};
    while (unpacked.pos < unpacked.size && got > 0) {
        got = pread(fd, packed.data, CHUNK, at);
        ZSTD_inBuffer in = {packed.data, got > 0 ? (size_t)got : 0, 0};
        if (ZSTD_isError(ZSTD_decompressStream(unpack, &unpacked, &in)))
            break;
        at += (off_t)in.pos;
    }
    out->buffer.size = unpacked.pos;
    buffer_release(&packed);
    (void)ZSTD_freeDCtx(unpack);
    return out->buffer.size == place->behind ? TAPE_OK : TAPE_TORN;
}

/* What stands there is read, and cut to its last whole turn. */
static enum tape_error go_on(struct tape_writer *writer, bool *was_torn, const char *path,
                             const struct tape_header *header)
{
    struct tape_end end;
    TEXT behind = {0};
    enum tape_error error = read_through(&end, was_torn, path, header);
    if (error == TAPE_OK && end.is_compressed)
        error = read_behind(&behind, writer->sink.fd, &end.place);
    if (error != TAPE_OK)
        return error;
    if (ftruncate(writer->sink.fd, (off_t)end.place.frame_at) != 0)
        return TAPE_CANNOT_OPEN;
    writer->sink.good = (off_t)end.place.frame_at;
    writer->turn = end.turn;
    text_add_bytes(&writer->sink.pending, text_bytes(&behind));
    if (end.is_bare && !*was_torn)
        text_add_char(&writer->sink.pending, '\n');
    return TAPE_OK;
}

/* One writer at a time: two would write into each other's lines. */
static bool lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

enum tape_error tape_writer_open(struct tape_writer **out, bool *was_torn, const char *path,
                                 const struct tape_header *header)
{
    *out = NULL;
    *was_torn = false;
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return TAPE_CANNOT_OPEN;
    struct tape_writer *writer = must_alloc(1, sizeof *writer);
    sink_init(&writer->sink, fd, has_ending(path, ".zst"));
    enum tape_error error = TAPE_OK;
    if (writer->sink.is_regular && !lock(fd))
        error = TAPE_CANNOT_OPEN;
    else if (writer->sink.is_regular && writer->sink.good > 0)
        error = go_on(writer, was_torn, path, header);
    if (error == TAPE_OK) {
        line_add_header(&writer->sink.pending, header);
        error = tape_flush(writer);
    }
    if (error != TAPE_OK) {
        int reason = errno;
        sink_release(&writer->sink);
        free(writer);
        errno = reason;
        return error;
    }
    *out = writer;
    return TAPE_OK;
}

enum tape_error tape_write_turn(struct tape_writer *writer, int64_t now_ms,
                                const struct observation *observations, const char (*keys)[17],
                                size_t count)
{
    struct text *pending = &writer->sink.pending;
    MUST(count <= TAPE_OBSERVATIONS_MAX);
    if (writer->sink.is_full)
        return TAPE_FULL;
    line_add_turn(pending, ++writer->turn, now_ms, count);
    for (size_t i = 0; i < count; i++)
        line_add_observation(pending, &observations[i], keys == NULL ? NULL : keys[i]);
    return sink_commit(&writer->sink) ? TAPE_OK : TAPE_FULL;
}

enum tape_error tape_flush(struct tape_writer *writer)
{
    return sink_flush(&writer->sink) ? TAPE_OK : TAPE_FULL;
}

enum tape_error tape_writer_close(struct tape_writer *writer)
{
    if (writer == NULL)
        return TAPE_OK;
    enum tape_error error = tape_flush(writer);
    sink_release(&writer->sink);
    free(writer);
    return error;
}
