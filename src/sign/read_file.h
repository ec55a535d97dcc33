/* A small file, whole, with what its mode says about who else can get at it. */
#ifndef SIGN_READ_FILE_H
#define SIGN_READ_FILE_H

#include <sys/types.h>

#include "sign/keystore.h"

struct file_owner {
    mode_t mode;
    uid_t user;
};

/**
 * In:    size_max  of the file; out->data never moves while it is read, so that no copy stays
 * behind Fails: KEYSTORE_CANNOT_READ   errno is left for the caller KEYSTORE_MALFORMED     longer
 * than size_max
 */
MUST_CHECK enum keystore_error file_read(struct buffer *out, struct file_owner *owner,
                                         const char *path, size_t size_max);

#endif
