/*
 * Key files are small; one that is not is some other file, and is not read to its end. The buffer
 * is taken whole before the first byte, because growing would leave a password in freed memory.
 */
#include "sign/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum keystore_error descriptor_read(struct buffer *out, int fd, size_t size_max)
{
    buffer_reserve(out, size_max + 1);
    for (;;) {
        ssize_t got = read(fd, out->data + out->size, size_max + 1 - out->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return KEYSTORE_CANNOT_READ;
        if (got == 0)
            return KEYSTORE_OK;
        out->size += (size_t)got;
        if (out->size > size_max)
            return KEYSTORE_MALFORMED;
    }
}

enum keystore_error file_read(struct buffer *out, struct file_owner *owner, const char *path,
                              size_t size_max)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return KEYSTORE_CANNOT_READ;
    enum keystore_error error = KEYSTORE_CANNOT_READ;
    if (fstat(fd, &status) == 0) {
        *owner = (struct file_owner){.mode = status.st_mode, .user = status.st_uid};
        error = descriptor_read(out, fd, size_max);
    }
    int reason = errno;
    (void)close(fd);
    errno = reason;
    return error;
}
