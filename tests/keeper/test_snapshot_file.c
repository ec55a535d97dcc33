/* The mirror on disk: whole or not there, and never believed where it is not what was written. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "keeper/snapshot_file.h"
#include "tests/keeper/state_fixture.h"
#include "tests/sign/sign_fixture.h"

#define ACCOUNTS 40
/* Where a mirror's fields lie in the file's content, behind the mirror's own size. */
#define AT_FORMAT (8 + 8)
#define AT_CHAIN (8 + 12)
#define AT_ROOT (8 + 60)

struct shelf {
    struct folder folder;
    char path[128];
    char log_path[128];
    struct log_sink log;
    struct turn_state *state;
};

#define SHELF __attribute__((cleanup(shelf_release))) struct shelf

static void shelf_release(struct shelf *shelf)
{
    turn_free(shelf->state);
    close(shelf->log.fd);
    folder_remove(&shelf->folder);
}

static void shelf_make(struct shelf *out)
{
    folder_make(&out->folder);
    folder_path(out->path, &out->folder, "j.db.mirror");
    folder_put(out->log_path, &out->folder, "log", "", 0600);
    log_init(&out->log, open(out->log_path, O_WRONLY | O_APPEND), LOG_LEVEL_DEBUG);
    out->state = a_state();
    out->state->is_synchronised = true;
    for (uint8_t name = 1; name <= ACCOUNTS; name++)
        (void)an_account(out->state, name, 1000u * name, 10u * name);
}

static void shelf_written(struct shelf *out)
{
    shelf_make(out);
    cr_assert(eq(int, snapshot_write(out->path, out->state), 0));
}

/* Into a state that has had no turn. Gives: turn_free. */
static struct turn_state *read_back(struct shelf *shelf)
{
    struct turn_state *fresh = turn_new(&shelf->state->settings, PURPOSE_RUN);

    snapshot_read(shelf->path, fresh, &shelf->log);
    return fresh;
}

/* Not taken, and the log says of which file and why; where `why` is NULL it says nothing. */
static void is_refused(struct shelf *shelf, const char *why)
{
    struct turn_state *fresh = read_back(shelf);
    char *log = file_text(shelf->log_path);

    cr_assert(not(fresh->tracked[0].is_restored));
    cr_assert(eq(u32, book_count(fresh->tracked[0].book), 0));
    if (why != NULL) {
        cr_assert_not_null(strstr(log, shelf->path), "%s", log);
        cr_assert_not_null(strstr(log, why), "no \"%s\" in %s", why, log);
    } else {
        cr_assert(eq(str, log, ""));
    }
    cr_assert(eq(int, truncate(shelf->log_path, 0), 0));
    free(log);
    turn_free(fresh);
}

static void bytes_read(struct buffer *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat is;

    cr_assert(file != NULL && fstat(fileno(file), &is) == 0);
    buffer_clear(out);
    cr_assert(eq(sz, fread(buffer_extend(out, (size_t)is.st_size), 1, (size_t)is.st_size, file),
                 (size_t)is.st_size));
    fclose(file);
}

static void bytes_put(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    cr_assert(file != NULL && fwrite(data, 1, size, file) == size);
    fclose(file);
}

/* The same content with one byte changed, under a checksum that fits. */
static void content_change(struct shelf *shelf, size_t at, uint8_t byte)
{
    BUFFER packed = {0};
    BUFFER content = {0};
    size_t size;

    bytes_read(&packed, shelf->path);
    size = (size_t)ZSTD_getFrameContentSize(packed.data, packed.size);
    cr_assert(eq(sz, ZSTD_decompress(buffer_extend(&content, size), size, packed.data, packed.size),
                 size));
    content.data[at] = byte;
    buffer_clear(&packed);
    buffer_reserve(&packed, ZSTD_compressBound(size));
    packed.size = ZSTD_compress(packed.data, packed.capacity, content.data, content.size, 1);
    cr_assert(not(ZSTD_isError(packed.size)));
    bytes_put(shelf->path, packed.data, packed.size);
}

Test(snapshot_file, comes_back_equal_and_is_for_its_owner_only)
{
    SHELF shelf;
    struct turn_state *fresh;
    struct stat is;
    BUFFER ours = {0};
    BUFFER theirs = {0};
    char left[160];

    umask(0);
    shelf_written(&shelf);
    cr_assert(eq(int, stat(shelf.path, &is), 0));
    cr_expect(eq(int, (int)(is.st_mode & 07777), 0600));
    snprintf(left, sizeof(left), "%s.new", shelf.path);
    cr_expect(ne(int, access(left, F_OK), 0), "something was left behind");
    fresh = read_back(&shelf);
    cr_assert(fresh->tracked[0].is_restored);
    fresh->is_synchronised = true;
    fresh->tracked[0].market = shelf.state->tracked[0].market;
    cr_assert(turn_keep(&ours, fresh, 0));
    cr_assert(turn_keep(&theirs, shelf.state, 0));
    cr_expect(bytes_equal(buffer_bytes(&ours), buffer_bytes(&theirs)));
    turn_free(fresh);
}

Test(snapshot_file, that_is_not_there_is_no_fault)
{
    SHELF shelf;

    shelf_make(&shelf);
    is_refused(&shelf, NULL);
}

Test(snapshot_file, torn_at_any_sixteenth_is_refused)
{
    SHELF shelf;
    BUFFER whole = {0};

    shelf_written(&shelf);
    bytes_read(&whole, shelf.path);
    for (size_t part = 0; part < 16; part++) {
        bytes_put(shelf.path, whole.data, whole.size * part / 16);
        is_refused(&shelf, "it is torn");
    }
    buffer_add_byte(&whole, 7);
    bytes_put(shelf.path, whole.data, whole.size);
    is_refused(&shelf, "torn or damaged");
}

/* What a mirror says, of a state that was restored or kept. */
static void said(struct buffer *out, struct turn_state *state, const struct shelf *shelf)
{
    buffer_clear(out);
    state->is_synchronised = true;
    state->tracked[0].market = shelf->state->tracked[0].market;
    cr_assert(turn_keep(out, state, 0));
}

/* A bit that says nothing about the content (how large a window is) may be another. */
Test(snapshot_file, with_any_byte_wrong_is_refused_or_says_the_same)
{
    SHELF shelf;
    BUFFER whole = {0};
    BUFFER ours = {0};
    BUFFER theirs = {0};
    size_t taken = 0;

    shelf_written(&shelf);
    said(&theirs, shelf.state, &shelf);
    bytes_read(&whole, shelf.path);
    for (size_t i = 0; i < whole.size; i++) {
        struct turn_state *fresh;

        whole.data[i] ^= 0x20;
        bytes_put(shelf.path, whole.data, whole.size);
        fresh = read_back(&shelf);
        if (fresh->tracked[0].is_restored) {
            taken++;
            said(&ours, fresh, &shelf);
            cr_assert(bytes_equal(buffer_bytes(&ours), buffer_bytes(&theirs)), "byte %zu", i);
        }
        turn_free(fresh);
        whole.data[i] ^= 0x20;
    }
    cr_expect(le(sz, taken, 2));
}

Test(snapshot_file, of_something_else_is_refused_and_says_of_what)
{
    static const struct {
        size_t at;
        uint8_t byte;
        const char *why;
    } rows[] = {{AT_CHAIN, 77, "another chain"},
                {AT_FORMAT, MIRROR_FORMAT + 1, "another version of the format"},
                {AT_ROOT, 77, "of a market that the config does not name"},
                {0, 1, "ends before it says"},
                {7, 77, "ends before it says"}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        SHELF shelf;

        shelf_written(&shelf);
        content_change(&shelf, rows[i].at, rows[i].byte);
        is_refused(&shelf, rows[i].why);
    }
}

Test(snapshot_file, that_cannot_be_read_is_refused)
{
    SHELF shelf;
    char other[128];

    shelf_make(&shelf);
    cr_assert(eq(int, mkdir(shelf.path, 0700), 0));
    is_refused(&shelf, "no file");
    cr_assert(eq(int, rmdir(shelf.path), 0));
    cr_assert(eq(int, mkfifo(shelf.path, 0600), 0));
    is_refused(&shelf, "no file");
    cr_assert(eq(int, unlink(shelf.path), 0));
    folder_path(other, &shelf.folder, "log");
    cr_assert(eq(int, symlink(other, shelf.path), 0));
    is_refused(&shelf, strerror(ELOOP));
}

/* The old file is the same to the byte, and nothing is left beside it. */
static void is_untouched(struct shelf *shelf, struct buffer *old)
{
    BUFFER now = {0};
    char left[160];

    bytes_read(&now, shelf->path);
    cr_expect(bytes_equal(buffer_bytes(&now), buffer_bytes(old)));
    snprintf(left, sizeof(left), "%s.new", shelf->path);
    cr_expect(ne(int, access(left, F_OK), 0), "something was left behind");
}

Test(snapshot_file, leaves_the_old_one_where_a_write_is_cut_short)
{
    SHELF shelf;
    BUFFER old = {0};
    struct rlimit limit;

    shelf_written(&shelf);
    bytes_read(&old, shelf.path);
    (void)an_account(shelf.state, 200, 5, 5);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert(eq(int, getrlimit(RLIMIT_FSIZE, &limit), 0));
    limit.rlim_cur = 100;
    cr_assert(eq(int, setrlimit(RLIMIT_FSIZE, &limit), 0));
    cr_expect(eq(int, snapshot_write(shelf.path, shelf.state), EFBIG));
    is_untouched(&shelf, &old);
}

Test(snapshot_file, leaves_the_old_one_where_the_disk_is_full)
{
    SHELF shelf;
    BUFFER old = {0};
    char room[65536] = {0};
    char ballast[128];
    FILE *file;

    shelf_make(&shelf);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("plimsoll", shelf.folder.path, "tmpfs", 0, "size=64k") != 0)
        cr_skip_test("no disk can be made here: not root");
    cr_assert(eq(int, snapshot_write(shelf.path, shelf.state), 0));
    bytes_read(&old, shelf.path);
    folder_path(ballast, &shelf.folder, "ballast");
    file = fopen(ballast, "w");
    (void)fwrite(room, 1, sizeof(room), file);
    (void)fclose(file);
    cr_expect(eq(int, snapshot_write(shelf.path, shelf.state), ENOSPC));
    is_untouched(&shelf, &old);
    cr_assert(eq(int, umount2(shelf.folder.path, MNT_DETACH), 0));
}

Test(snapshot_file, cannot_be_written_where_there_is_no_folder)
{
    SHELF shelf;

    shelf_make(&shelf);
    cr_expect(eq(int, snapshot_write("/nowhere/at/all.mirror", shelf.state), ENOENT));
}

Test(snapshot_file, stands_beside_the_journal)
{
    static struct config config = {.journal = "/var/lib/plimsoll/journal.db"};
    char path[SNAPSHOT_PATH_SIZE];

    snapshot_path(path, &config);
    cr_expect(eq(str, (char *)path, "/var/lib/plimsoll/journal.db.mirror"));
}
