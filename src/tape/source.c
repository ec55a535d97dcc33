/*
 * A process that was killed leaves half a line, or half a frame. Everything before it is good and
 * must be had; so the end of the stream is a state to be told, not an error.
 */
#include "tape/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define CHUNK ((size_t)256 << 10)

/* Where one frame ends and the next begins, in the file and in the text. */
struct boundary {
    uint64_t file_at;
    uint64_t text_at;
};

struct source {
    int fd;
    bool is_open_frame; /* the frame under way has begun and not ended */
    bool is_at_end;     /* the file has no more bytes */
    bool is_broken;
    ZSTD_DCtx *unpack; /* NULL: plain text */
    uint64_t line_number;
    uint64_t text_base;   /* text before text.data[0] */
    size_t at;            /* up to here it was given */
    size_t searched;      /* up to here there is no newline */
    struct buffer text;   /* unpacked, not yet given */
    uint64_t packed_base; /* file before packed[0] */
    size_t packed_at;
    size_t packed_size;
    uint8_t packed[CHUNK];
    size_t boundary_count;
    size_t boundary_capacity;
    struct boundary *boundaries; /* the last one before `at`, and those behind it */
};

static void add_boundary(struct source *source, uint64_t file_at, uint64_t text_at)
{
    /* Frames without text need no place of their own. */
    if (source->boundary_count > 0 &&
        source->boundaries[source->boundary_count - 1].text_at == text_at) {
        source->boundaries[source->boundary_count - 1].file_at = file_at;
        return;
    }
    if (source->boundary_count == source->boundary_capacity) {
        source->boundary_capacity = source->boundary_capacity * 2 + 8;
        source->boundaries =
            must_realloc(source->boundaries, source->boundary_capacity, sizeof *source->boundaries);
    }
    source->boundaries[source->boundary_count++] = (struct boundary){file_at, text_at};
}

/* The next bytes of the file. */
static void fill_packed(struct source *source)
{
    ssize_t got;
    source->packed_base += source->packed_size;
    source->packed_at = 0;
    source->packed_size = 0;
    do
        got = read(source->fd, source->packed, CHUNK);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        source->packed_size = (size_t)got;
    source->is_at_end = got <= 0;
    source->is_broken = got < 0;
}

struct source *source_open(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        (void)close(fd);
        errno = EISDIR;
        return NULL;
    }
    struct source *source = must_alloc(1, sizeof *source);
    source->fd = fd;
    fill_packed(source);
    static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    size_t known = source->packed_size < sizeof magic ? source->packed_size : sizeof magic;
    if (known > 0 && memcmp(source->packed, magic, known) == 0) {
        source->unpack = ZSTD_createDCtx();
        MUST(source->unpack != NULL);
        add_boundary(source, 0, 0);
    }
    return source;
}

void source_close(struct source *source)
{
    if (source == NULL)
        return;
    (void)close(source->fd);
    (void)ZSTD_freeDCtx(source->unpack);
    buffer_release(&source->text);
    free(source->boundaries);
    free(source);
}

bool source_is_compressed(const struct source *source)
{
    return source->unpack != NULL;
}

/* Text that was given makes room. */
static void move_text(struct source *source)
{
    size_t left = source->text.size - source->at;
    if (source->at == 0)
        return;
    memmove(source->text.data, source->text.data + source->at, left);
    source->text.size = left;
    source->text_base += source->at;
    source->searched -= source->at;
    source->at = 0;
}

static void unpack_some(struct source *source)
{
    buffer_reserve(&source->text, CHUNK);
    ZSTD_inBuffer in = {source->packed, source->packed_size, source->packed_at};
    ZSTD_outBuffer out = {source->text.data + source->text.size, CHUNK, 0};
    size_t code = ZSTD_decompressStream(source->unpack, &out, &in);
    source->is_broken = ZSTD_isError(code) != 0;
    if (source->is_broken)
        return;
    source->packed_at = in.pos;
    source->text.size += out.pos;
    source->is_open_frame = code != 0;
    if (code == 0)
        add_boundary(source, source->packed_base + in.pos, source->text_base + source->text.size);
}

/* More text, unless the file has no more or is broken. */
static void fill_text(struct source *source)
{
    size_t before = source->text.size;
    while (source->text.size == before && !source->is_broken) {
        if (source->packed_at == source->packed_size && !source->is_at_end)
            fill_packed(source);
        if (source->is_broken)
            return;
        if (source->unpack == NULL) {
            buffer_add(&source->text, source->packed + source->packed_at,
                       source->packed_size - source->packed_at);
            source->packed_at = source->packed_size;
        } else if (source->is_open_frame || source->packed_at < source->packed_size) {
            unpack_some(source); /* what the decoder still holds comes without more bytes */
        }
        if (source->is_at_end && source->packed_at == source->packed_size)
            return;
    }
}

static enum source_state give_rest(struct bytes *line, struct source *source)
{
    *line = (struct bytes){source->text.data + source->at, source->text.size - source->at};
    if (source->is_broken)
        return SOURCE_BROKEN;
    source->at = source->searched = source->text.size;
    if (source->is_open_frame)
        return SOURCE_TORN;
    source->line_number += line->size != 0;
    return line->size == 0 ? SOURCE_END : SOURCE_CUT;
}

enum source_state source_line(struct bytes *line, struct source *source, size_t size_max)
{
    *line = (struct bytes){0};
    for (;;) {
        size_t unseen = source->text.size - source->searched;
        const uint8_t *end =
            unseen == 0 ? NULL : memchr(source->text.data + source->searched, '\n', unseen);
        if (end != NULL) {
            size_t size = (size_t)(end - source->text.data) - source->at;
            *line = (struct bytes){source->text.data + source->at, size};
            source->at = source->searched = source->at + size + 1;
            source->line_number++;
            return SOURCE_LINE;
        }
        source->searched = source->text.size;
        if (source->text.size - source->at > size_max)
            return SOURCE_TOO_LONG;
        move_text(source);
        size_t before = source->text.size;
        fill_text(source);
        if (source->text.size == before)
            return give_rest(line, source);
    }
}

uint64_t source_line_number(const struct source *source)
{
    return source->line_number;
}

struct source_place source_place(struct source *source)
{
    uint64_t text_at = source->text_base + source->at;
    if (source->unpack == NULL)
        return (struct source_place){text_at, 0};
    size_t last = 0;
    while (last + 1 < source->boundary_count && source->boundaries[last + 1].text_at <= text_at)
        last++;
    source->boundary_count -= last;
    memmove(source->boundaries, source->boundaries + last,
            source->boundary_count * sizeof *source->boundaries);
    return (struct source_place){source->boundaries[0].file_at,
                                 text_at - source->boundaries[0].text_at};
}
