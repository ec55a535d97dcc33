/*
 * A password file that others can read is no password. systemd's credentials are the exception: the
 * folder itself is closed to others, whatever the modes of the files in it say.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "sign/read_file.h"
#include "sign/why.h"

#define PASSWORD_MAX 4096
#define CREDENTIAL_NAME "keeper.password"

/* systemd's folder of credentials, or NULL. */
static const char *credentials_folder(void)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    return folder != NULL && folder[0] == '/' ? folder : NULL;
}

static void credential_path(struct text *out, const char *folder, const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    const char *name = path == NULL ? CREDENTIAL_NAME : slash == NULL ? path : slash + 1;

    text_add(out, folder);
    text_add_char(out, '/');
    text_add(out, name);
}

/* Directly in the folder: what lies deeper, or behind "..", is not systemd's. */
static bool is_credential(const char *path)
{
    const char *folder = credentials_folder();
    const char *slash = strrchr(path, '/');

    if (folder == NULL || slash == NULL)
        return false;
    size_t length = (size_t)(slash - path);
    return strlen(folder) == length && memcmp(folder, path, length) == 0;
}

static bool is_private(const struct file_owner *owner)
{
    return (owner->mode & (S_IRWXG | S_IRWXO)) == 0 &&
           (owner->user == geteuid() || owner->user == 0);
}

static enum keystore_error password_check(char why[256], const struct buffer *read,
                                          const struct file_owner *owner, const char *path)
{
    if (!is_credential(path) && !is_private(owner)) {
        why_set(why, "%s can be read by others: chmod 600 it, and think of a new password", path);
        return KEYSTORE_PERMISSIONS;
    }
    if (read->size > PASSWORD_MAX) {
        why_set(why, "%s is longer than %d bytes: that is no password", path, PASSWORD_MAX);
        return KEYSTORE_MALFORMED;
    }
    return KEYSTORE_OK;
}

/* The first line; editors on some systems end it with a carriage return as well. */
static void cut_line(struct buffer *out)
{
    const uint8_t *newline = memchr(out->data, '\n', out->size);
    size_t length = newline == NULL ? out->size : (size_t)(newline - out->data);

    if (newline != NULL && length > 0 && out->data[length - 1] == '\r')
        length--;
    wipe(out->data + length, out->size - length);
    out->size = length;
}

static enum keystore_error path_read(struct buffer *out, char why[256], const char *path)
{
    struct file_owner owner;
    enum keystore_error error = file_read(out, &owner, path, PASSWORD_MAX);

    if (error == KEYSTORE_CANNOT_READ) {
        why_set(why, "the password file %s cannot be read: %s", path, strerror(errno));
        return error;
    }
    error = password_check(why, out, &owner, path);
    if (error != KEYSTORE_OK) {
        wipe(out->data, out->size);
        buffer_clear(out);
        return error;
    }
    cut_line(out);
    return KEYSTORE_OK;
}

enum keystore_error password_read(struct buffer *out, char why[256], const char *path)
{
    const char *folder = credentials_folder();
    TEXT credential = {0};

    buffer_clear(out);
    if (path == NULL && folder == NULL) {
        why_set(why, "no signer.password_file, and no systemd credential %s", CREDENTIAL_NAME);
        return KEYSTORE_CANNOT_READ;
    }
    bool is_absent = path == NULL || (access(path, F_OK) != 0 && errno == ENOENT);
    if (!is_absent || folder == NULL)
        return path_read(out, why, path);
    credential_path(&credential, folder, path);
    return path_read(out, why, text_string(&credential));
}
