/*
 * Where a recording goes. Text goes in by whole turns and is written when there is enough of it; a
 * compressed file is a row of frames, so that what was flushed can be read whatever happens next.
 */
#ifndef TAPE_SINK_H
#define TAPE_SINK_H

#include <sys/types.h>
#include <zstd.h>

#include "base/text.h"

/** Text is held back up to here. */
#define SINK_PENDING_MAX ((size_t)1 << 20)
/** Memory that is kept for the next turns. */
#define SINK_KEEP_MAX ((size_t)8 << 20)
/** A frame is ended here even if nobody flushes: more could not be mended if it is torn. */
#define SINK_FRAME_MAX ((size_t)64 << 20)

/** Owned; sink_init, then sink_release. */
struct sink {
    int fd;
    bool is_regular; /* can be cut */
    bool is_full;    /* it took no more once: nothing more is written */
    ZSTD_CCtx *pack; /* NULL: plain text */
    struct text pending;
    struct buffer packed;
    size_t frame_size; /* text in the frame under way */
    off_t good;        /* bytes of the file that are whole turns, in whole frames */
};

void sink_init(struct sink *sink, int fd, bool is_compressed);
/** What was added to `pending` is a whole turn. False: the disk takes no more. */
MUST_CHECK bool sink_commit(struct sink *sink);
/** All of it is in the file, and its frame is ended. */
MUST_CHECK bool sink_flush(struct sink *sink);
/** Closes the file. What was not flushed is lost. */
void sink_release(struct sink *sink);

#endif
