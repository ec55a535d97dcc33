/*
 * A budget that a restart forgets is no budget: whoever has the daemon can end the signer as well.
 * So each count is on the disk before the signature that it is for leaves. A slot is longer than a
 * page, and who is killed in the middle of a write leaves a part of it: so it begins with a mark
 * until it is whole, and what bears the mark was never synchronised. Where the power went, one slot
 * may be damaged without that; it could also be the newest one, damaged later, and then signatures
 * would be forgotten. Nothing tells these two apart, so a person does.
 */
#include "sign/spend_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "sign/why.h"

#define LOCK_PAUSE_MS 50

static off_t slot_offset(uint64_t sequence)
{
    return (off_t)(sequence % 2) * SPEND_SLOT_STRIDE;
}

/* Also where a signal or a slow disk cuts it. */
static bool write_at(int fd, const uint8_t *data, size_t size, off_t at)
{
    while (size > 0) {
        ssize_t put = pwrite(fd, data, size, at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        data += put;
        size -= (size_t)put;
        at += put;
    }
    return true;
}

static bool read_at(int fd, uint8_t *out, size_t size, off_t at)
{
    while (size > 0) {
        ssize_t got = pread(fd, out, size, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        out += got;
        size -= (size_t)got;
        at += got;
    }
    return true;
}

/* Each of the short writes is within a page: it is there or it is not. */
static bool slot_write(int fd, const uint8_t slot[SPEND_SLOT_SIZE], off_t at)
{
    return write_at(fd, spend_slot_unfinished, SPEND_MAGIC_SIZE, at) &&
           write_at(fd, slot + SPEND_MAGIC_SIZE, SPEND_SLOT_SIZE - SPEND_MAGIC_SIZE,
                    at + SPEND_MAGIC_SIZE) &&
           write_at(fd, slot, SPEND_MAGIC_SIZE, at);
}

bool spend_file_write(struct spend_file *file, const struct spend *spend)
{
    uint8_t slot[SPEND_SLOT_SIZE];
    struct spend_file next = *file;

    next.sequence++;
    spend_slot_encode(slot, &next, spend);
    if (!slot_write(file->fd, slot, slot_offset(next.sequence)) || fdatasync(file->fd) != 0)
        return false;
    file->sequence = next.sequence;
    file->begun_ms = spend->begun_ms;
    file->total = spend->total;
    return true;
}

bool spend_file_keep(struct spend_file *file, const struct spend *spend, const struct wei *max)
{
    const struct u256 parts = u256_of(SPEND_AHEAD_PARTS);
    struct spend ahead = *spend;
    struct u256 part;
    struct u256 rest;

    if (file->begun_ms == spend->begun_ms &&
        u256_compare(&spend->total.value, &file->total.value) <= 0)
        return true;
    if (u256_div(&part, &rest, &max->value, &parts) && u256_add(&part, &part, &spend->total.value))
        ahead.total.value = u256_is_less(&part, &max->value) ? part : max->value;
    if (u256_is_less(&ahead.total.value, &spend->total.value))
        ahead.total = spend->total;
    return spend_file_write(file, &ahead);
}

void spend_file_settle(struct spend_file *file, const struct spend *spend)
{
    if (file->fd >= 0 && file->begun_ms == spend->begun_ms &&
        u256_is_less(&spend->total.value, &file->total.value))
        (void)!spend_file_write(file, spend); /* else the next life counts a part too much */
}

/* Both slots, of a window that never began; zeros up to its full size, so that no later write needs
 * room. */
static bool file_fill(int fd, struct spend_file *file)
{
    static const uint8_t zeros[SPEND_FILE_SIZE];
    const struct spend none = {0};
    uint8_t slot[SPEND_SLOT_SIZE];

    if (!write_at(fd, zeros, sizeof zeros, 0))
        return false;
    for (file->sequence = 0; file->sequence < 2; file->sequence++) {
        spend_slot_encode(slot, file, &none);
        if (!write_at(fd, slot, sizeof slot, slot_offset(file->sequence)))
            return false;
    }
    return fsync(fd) == 0;
}

static bool folder_sync(const char *path)
{
    TEXT folder = {0};
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        text_add_char(&folder, '.');
    else
        text_add_bytes(&folder, bytes_of(path, (size_t)(slash - path) + 1));
    int fd = open(text_string(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    return is_synced;
}

/* Under another name first, so that one that was cut short is never taken for the count; linked and
 * not renamed, so that one that came meanwhile stays. */
static bool file_make(struct spend_file *file, const char *path)
{
    TEXT fresh = {0};

    text_add(&fresh, path);
    text_add(&fresh, ".new");
    (void)unlink(text_string(&fresh));
    int fd = open(text_string(&fresh), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool is_made = file_fill(fd, file) &&
                   (link(text_string(&fresh), path) == 0 || errno == EEXIST) && folder_sync(path);
    int reason = errno;
    (void)unlink(text_string(&fresh));
    (void)close(fd);
    errno = reason;
    return is_made;
}

/* Who else may write it can give a day its budget back. */
static bool file_is_ours(int fd, char why[256], const char *path)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        why_set(why, "signer.spend_file %s: not a plain file that this user alone may write", path);
        return false;
    }
    return true;
}

static bool file_lock(int fd, char why[256], const char *path)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000};

    for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += LOCK_PAUSE_MS) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited >= SPEND_LOCK_WAIT_MS) {
            why_set(why, "signer.spend_file %s: another signer of this account holds it", path);
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

static bool refuse_damaged(char why[256], const char *path)
{
    why_set(why,
            "signer.spend_file %s is damaged, and what was signed today is not known: remove it "
            "when a day has passed, or when you know",
            path);
    return false;
}

/* Whoever wrote it was killed, or the disk took only a part. */
static bool is_unfinished(const uint8_t slot[SPEND_SLOT_SIZE])
{
    return memcmp(slot, spend_slot_unfinished, SPEND_MAGIC_SIZE) == 0;
}

/* Out: *newest  which of the two counts. Their numbers must follow each other: a pair of which one
 * was put back is no pair. One that was never finished leaves the other. */
static bool slots_decode(unsigned *newest, struct spend_file found[2], struct spend count[2],
                         uint8_t slot[2][SPEND_SLOT_SIZE])
{
    const bool is_cut[2] = {is_unfinished(slot[0]), is_unfinished(slot[1])};

    for (unsigned i = 0; i < 2; i++)
        if (!is_cut[i] &&
            (!spend_slot_decode(&found[i], &count[i], slot[i]) || found[i].sequence % 2 != i))
            return false;
    if (is_cut[0] || is_cut[1]) {
        *newest = is_cut[0] ? 1 : 0;
        found[1 - *newest] = found[*newest];
        return !is_cut[0] || !is_cut[1];
    }
    *newest = found[0].sequence > found[1].sequence ? 0 : 1;
    return found[*newest].sequence == found[1 - *newest].sequence + 1;
}

static bool slots_read(struct spend_file *file, struct spend *spend, char why[256],
                       const char *path)
{
    uint8_t slot[2][SPEND_SLOT_SIZE];
    struct spend_file found[2] = {0};
    struct spend count[2];
    struct stat status;
    unsigned newest;

    if (fstat(file->fd, &status) != 0 || status.st_size != SPEND_FILE_SIZE)
        return refuse_damaged(why, path);
    for (unsigned i = 0; i < 2; i++)
        if (!read_at(file->fd, slot[i], sizeof slot[i], slot_offset(i)))
            return refuse_damaged(why, path);
    if (!slots_decode(&newest, found, count, slot))
        return refuse_damaged(why, path);
    for (unsigned i = 0; i < 2; i++)
        if (found[i].chain_id != file->chain_id ||
            !address_is_equal(&found[i].account, &file->account)) {
            why_set(why, "signer.spend_file %s is of another account or chain: name another one",
                    path);
            return false;
        }
    file->sequence = found[newest].sequence;
    *spend = count[newest];
    file->begun_ms = spend->begun_ms;
    file->total = spend->total;
    return true;
}

bool spend_file_open(struct spend_file *file, struct spend *spend, char why[256], const char *path)
{
    const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    file->fd = open(path, flags);
    if (file->fd < 0 && errno == ENOENT && file_make(file, path))
        file->fd = open(path, flags);
    if (file->fd < 0) {
        why_set(why, "signer.spend_file %s: %s; name a file that the signer may make and write",
                path, strerror(errno));
        return false;
    }
    if (file_is_ours(file->fd, why, path) && file_lock(file->fd, why, path) &&
        slots_read(file, spend, why, path))
        return true;
    spend_file_close(file);
    return false;
}

void spend_file_close(struct spend_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}
