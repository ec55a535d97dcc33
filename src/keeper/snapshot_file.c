/*
 * A process may be killed, or a disk be full, in the midst of a write: so a new file is made beside
 * the old one, brought to the disk, and only then takes its name. And whoever reads must notice
 * what a disk did to it: the frame has a checksum over its content.
 *
 * The content: for each market the size of its mirror, eight bytes, low first, and the mirror.
 */
#include "keeper/snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "turn/state.h"

#define LEVEL 1
#define TEMPORARY ".new"
#define COUNT_SIZE 8

void snapshot_path(char out[SNAPSHOT_PATH_SIZE], const struct config *config)
{
    (void)snprintf(out, SNAPSHOT_PATH_SIZE, "%s" SNAPSHOT_SUFFIX, config->journal);
}

/* ---- writing */

static void content_make(struct buffer *out, const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const size_t at = out->size;

        (void)buffer_extend(out, COUNT_SIZE);
        if (!turn_keep(out, state, i)) {
            out->size = at;
            continue;
        }
        const uint64_t size = out->size - at - COUNT_SIZE;
        for (unsigned byte = 0; byte < COUNT_SIZE; byte++)
            out->data[at + byte] = (uint8_t)(size >> (8 * byte));
    }
}

static int pack(struct buffer *out, struct bytes content)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t size;

    if (context == NULL)
        return ENOMEM;
    buffer_reserve(out, ZSTD_compressBound(content.size));
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size = ZSTD_compress2(context, out->data, out->capacity, content.data, content.size);
    (void)ZSTD_freeCCtx(context);
    if (ZSTD_isError(size))
        return ENOMEM;
    out->size = size;
    return 0;
}

static int write_all(int fd, struct bytes bytes)
{
    while (bytes.size > 0) {
        ssize_t wrote = write(fd, bytes.data, bytes.size);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return wrote < 0 ? errno : ENOSPC;
        bytes = bytes_slice(bytes, (size_t)wrote, bytes.size - (size_t)wrote);
    }
    return 0;
}

static int file_make(const char *path, struct bytes bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    int error;

    if (fd < 0)
        return errno;
    error = fchmod(fd, 0600) != 0 ? errno : write_all(fd, bytes);
    if (error == 0 && fsync(fd) != 0)
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    return error;
}

/* So that the new name outlives a power cut. */
static int folder_sync(const char *path)
{
    char folder[SNAPSHOT_PATH_SIZE];
    const char *slash = strrchr(path, '/');
    int length = slash == NULL ? 0 : (int)(slash - path) + 1;
    int error = 0;
    int fd;

    (void)snprintf(folder, sizeof(folder), "%.*s.", length, path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    if (fsync(fd) != 0)
        error = errno;
    (void)close(fd);
    return error;
}

void snapshot_abandon(const char *path)
{
    char temporary[SNAPSHOT_PATH_SIZE + sizeof(TEMPORARY)];

    (void)snprintf(temporary, sizeof(temporary), "%s" TEMPORARY, path);
    (void)unlink(temporary);
}

int snapshot_write(const char *path, const struct turn_state *state)
{
    char temporary[SNAPSHOT_PATH_SIZE + sizeof(TEMPORARY)];
    BUFFER content = {0};
    BUFFER packed = {0};
    int error;

    content_make(&content, state);
    if (content.size > SNAPSHOT_SIZE_MAX)
        return EFBIG;
    error = pack(&packed, buffer_bytes(&content));
    if (error != 0)
        return error;
    (void)snprintf(temporary, sizeof(temporary), "%s" TEMPORARY, path);
    error = file_make(temporary, buffer_bytes(&packed));
    if (error == 0 && rename(temporary, path) != 0)
        error = errno;
    if (error != 0) {
        snapshot_abandon(path);
        return error;
    }
    return folder_sync(path);
}

/* ---- reading */

struct content {
    uint8_t *data; /* malloc: a size that a file claims must not end the process */
    size_t size;
};

/* NULL: read. Else why not. */
static const char *file_read(struct content *out, int fd)
{
    struct stat is;

    if (fstat(fd, &is) != 0)
        return strerror(errno);
    if (!S_ISREG(is.st_mode))
        return "it is no file";
    if ((uint64_t)is.st_size > SNAPSHOT_SIZE_MAX)
        return "it is larger than any mirror";
    out->data = malloc((size_t)is.st_size + 1);
    if (out->data == NULL)
        return "there is no memory for it";
    while (out->size < (size_t)is.st_size) {
        ssize_t got = read(fd, out->data + out->size, (size_t)is.st_size - out->size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return strerror(errno);
        if (got == 0)
            return "it is torn";
        out->size += (size_t)got;
    }
    return NULL;
}

static const char *unpack(struct content *out, const struct content *packed)
{
    unsigned long long size = ZSTD_getFrameContentSize(packed->data, packed->size);
    size_t got;

    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
        return "it is torn, or does not begin as it should";
    if (size > SNAPSHOT_SIZE_MAX)
        return "it says to hold more than any mirror does";
    out->data = malloc((size_t)size + 1);
    if (out->data == NULL)
        return "there is no memory for it";
    got = ZSTD_decompress(out->data, (size_t)size, packed->data, packed->size);
    if (ZSTD_isError(got) || got != size)
        return "it is torn or damaged: its checksum does not fit";
    out->size = got;
    return NULL;
}

static void refused_say(struct log_sink *log, const char *path, const char *why)
{
    log_line(log, LOG_LEVEL_WARNING, "mirror refused", "path=%s why=\"%s\" read from the chain",
             path, why);
}

/* False: what is left is no mirror. */
static bool mirror_next(struct bytes *out, struct bytes *rest)
{
    uint64_t size = 0;

    if (rest->size < COUNT_SIZE)
        return false;
    for (unsigned byte = COUNT_SIZE; byte-- > 0;)
        size = size << 8 | rest->data[byte];
    if (size > rest->size - COUNT_SIZE)
        return false;
    *out = bytes_slice(*rest, COUNT_SIZE, (size_t)size);
    *rest = bytes_slice(*rest, COUNT_SIZE + (size_t)size, rest->size - COUNT_SIZE - (size_t)size);
    return true;
}

static void content_offer(struct turn_state *state, struct bytes content, const char *path,
                          struct log_sink *log)
{
    while (content.size > 0) {
        struct bytes mirror;
        enum mirror_error error;

        if (!mirror_next(&mirror, &content)) {
            refused_say(log, path, mirror_error_text(MIRROR_TORN));
            return;
        }
        error = turn_restore(state, mirror);
        if (error == MIRROR_OF_MARKET)
            log_line(log, LOG_LEVEL_INFO, "mirror left aside",
                     "path=%s why=\"of a market that the config does not name\"", path);
        else if (error != MIRROR_OK)
            refused_say(log, path, mirror_error_text(error));
    }
}

void snapshot_read(const char *path, struct turn_state *state, struct log_sink *log)
{
    struct content packed = {0};
    struct content content = {0};
    const char *why;
    /* NONBLOCK: a pipe of that name must not hold the start up */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return;
    if (fd < 0) {
        refused_say(log, path, strerror(errno));
        return;
    }
    why = file_read(&packed, fd);
    (void)close(fd);
    if (why == NULL)
        why = unpack(&content, &packed);
    free(packed.data);
    if (why != NULL)
        refused_say(log, path, why);
    else
        content_offer(state, bytes_of(content.data, content.size), path, log);
    free(content.data);
}
