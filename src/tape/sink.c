/*
 * A disk that is full takes half of what it is given. The half is cut off again, so that a
 * recording ends with a whole turn; and nothing is written behind a gap.
 */
#include "tape/sink.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* Recording goes on in the daemon's own thread: quick is worth more than small. */
#define COMPRESSION_LEVEL 1

void sink_init(struct sink *sink, int fd, bool is_compressed)
{
    struct stat status;
    *sink = (struct sink){.fd = fd};
    sink->is_regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    sink->good = sink->is_regular ? status.st_size : 0;
    if (!is_compressed)
        return;
    sink->pack = ZSTD_createCCtx();
    MUST(sink->pack != NULL);
    MUST(!ZSTD_isError(
        ZSTD_CCtx_setParameter(sink->pack, ZSTD_c_compressionLevel, COMPRESSION_LEVEL)));
    MUST(!ZSTD_isError(ZSTD_CCtx_setParameter(sink->pack, ZSTD_c_checksumFlag, 1)));
}

static bool write_all(struct sink *sink, struct bytes bytes)
{
    for (size_t at = 0; at < bytes.size;) {
        ssize_t wrote = write(sink->fd, bytes.data + at, bytes.size - at);
        if (wrote > 0)
            at += (size_t)wrote;
        else if (wrote == 0 || errno != EINTR)
            return false;
    }
    return true;
}

static void pack_pending(struct sink *sink, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {sink->pending.buffer.data, sink->pending.buffer.size, 0};
    size_t left;
    do {
        buffer_reserve(&sink->packed, ZSTD_CStreamOutSize());
        ZSTD_outBuffer out = {sink->packed.data + sink->packed.size,
                              sink->packed.capacity - sink->packed.size, 0};
        left = ZSTD_compressStream2(sink->pack, &out, &in, how);
        MUST(!ZSTD_isError(left));
        sink->packed.size += out.pos;
    } while (how == ZSTD_e_end ? left != 0 : in.pos < in.size);
}

/* Without the half that did not fit. */
static bool fill_up(struct sink *sink)
{
    sink->is_full = true;
    if (sink->is_regular)
        (void)!ftruncate(sink->fd, sink->good);
    return false;
}

/* One large answer must not hold its memory for ever. */
static void empty(struct buffer *buffer)
{
    if (buffer->capacity > SINK_KEEP_MAX)
        buffer_release(buffer);
    buffer_clear(buffer);
}

static bool push(struct sink *sink, bool ends_frame)
{
    struct bytes bytes = text_bytes(&sink->pending);
    off_t before = 0;
    if (sink->pack != NULL) {
        sink->frame_size += bytes.size;
        ends_frame = ends_frame || sink->frame_size > SINK_FRAME_MAX;
        pack_pending(sink, ends_frame ? ZSTD_e_end : ZSTD_e_continue);
        bytes = buffer_bytes(&sink->packed);
    }
    if (sink->is_regular)
        before = lseek(sink->fd, 0, SEEK_END);
    if (!write_all(sink, bytes))
        return fill_up(sink);
    if (sink->pack == NULL || ends_frame) {
        sink->good = before + (off_t)bytes.size;
        sink->frame_size = 0;
    }
    empty(&sink->packed);
    empty(&sink->pending.buffer);
    return true;
}

bool sink_commit(struct sink *sink)
{
    if (sink->is_full)
        return false;
    return text_length(&sink->pending) < SINK_PENDING_MAX || push(sink, false);
}

bool sink_flush(struct sink *sink)
{
    if (sink->is_full)
        return false;
    return (text_length(&sink->pending) == 0 && sink->frame_size == 0) || push(sink, true);
}

void sink_release(struct sink *sink)
{
    (void)close(sink->fd);
    (void)ZSTD_freeCCtx(sink->pack);
    text_release(&sink->pending);
    buffer_release(&sink->packed);
}
