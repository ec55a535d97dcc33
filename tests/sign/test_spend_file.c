/* The day's count over restarts, on disks and machines that fail. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sign/frame.h"
#include "sign/spend_file.h"
#include "tests/sign/sign_fixture.h"

/* 612000 gas at 100 gwei is 0.0612 ether: three of them fit */
#define THREE_FIT "\"spend_per_day_max\":\"200000000000000000\""

#define ONE_COSTS 61200000000000000u
/* a part of it is five */
#define HUNDREDS_FIT "\"spend_per_day_max\":\"19584000000000000000\""

/* A folder with a file of one window in it: nonce 7, 500 wei. */
struct place {
    struct folder folder;
    char path[128];
    struct spend_file file;
    struct spend spend;
    char why[256];
};

static bool place_open(struct place *place)
{
    place->spend = (struct spend){0};
    place->file = (struct spend_file){.fd = -1, .chain_id = 31337, .account = {{1, 2, 3}}};
    return spend_file_open(&place->file, &place->spend, place->why, place->path);
}

static void place_make(struct place *place)
{
    folder_make(&place->folder);
    folder_path(place->path, &place->folder, "spend");
    cr_assert(place_open(place), "%s", place->why);
    place->spend = (struct spend){.has_begun = true,
                                  .begun_ms = 1234,
                                  .total = {u256_of(500)},
                                  .count = 1,
                                  .nonce = {7},
                                  .dearest = {{u256_of(500)}}};
    cr_assert(spend_file_write(&place->file, &place->spend));
    spend_file_close(&place->file);
}

static void place_remove(struct place *place)
{
    spend_file_close(&place->file);
    folder_remove(&place->folder);
}

#define PLACE CLEANUP(place_remove) struct place

static void byte_flip(const char *path, off_t at)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);

    cr_assert(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 0x10;
    cr_assert(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

Test(spend_file, gives_back_what_was_written_last)
{
    PLACE place;
    struct stat status;

    place_make(&place);
    for (uint64_t i = 0; i < 5; i++) {
        cr_assert(place_open(&place), "%s", place.why);
        cr_assert(place.spend.has_begun && place.spend.begun_ms == 1234);
        cr_assert(place.spend.count == 1 && place.spend.nonce[0] == 7);
        cr_assert(eq(u64, place.spend.total.value.limb[0], 500 + i));
        cr_assert(eq(u64, place.spend.dearest[0].value.limb[0], 500));
        place.spend.total.value.limb[0]++;
        cr_assert(spend_file_write(&place.file, &place.spend));
        spend_file_close(&place.file);
    }
    cr_assert(stat(place.path, &status) == 0 && status.st_size == SPEND_FILE_SIZE);
    cr_assert(eq(int, status.st_mode & 0777, 0600));
}

Test(spend_file, is_refused_with_any_byte_of_a_slot_changed)
{
    PLACE place;

    place_make(&place);
    for (off_t slot = 0; slot < 2; slot++)
        for (off_t at = 0; at < SPEND_SLOT_SIZE; at += at < 128 ? 1 : 97) {
            byte_flip(place.path, slot * SPEND_SLOT_STRIDE + at);
            cr_assert(not(place_open(&place)), "slot %d byte %d", (int)slot, (int)at);
            cr_assert_not_null(strstr(place.why, "is damaged"));
            byte_flip(place.path, slot * SPEND_SLOT_STRIDE + at);
        }
    cr_assert(place_open(&place), "%s", place.why);
}

Test(spend_file, is_refused_cut_or_where_one_slot_was_put_back)
{
    PLACE place;
    uint8_t old[SPEND_SLOT_SIZE];

    place_make(&place);
    cr_assert(place_open(&place));
    cr_assert(pread(place.file.fd, old, sizeof old, 0) == sizeof old);
    for (int i = 0; i < 4; i++)
        cr_assert(spend_file_write(&place.file, &place.spend));
    cr_assert(pwrite(place.file.fd, old, sizeof old, 0) == sizeof old);
    spend_file_close(&place.file);
    cr_assert(not(place_open(&place)));
    cr_assert(truncate(place.path, SPEND_SLOT_STRIDE) == 0);
    cr_assert(not(place_open(&place)));
    cr_assert(truncate(place.path, 0) == 0);
    cr_assert(not(place_open(&place)));
    cr_assert_not_null(strstr(place.why, "is damaged"));
}

Test(spend_file, is_of_one_account_and_chain)
{
    PLACE place;

    place_make(&place);
    place.file = (struct spend_file){.fd = -1, .chain_id = 1, .account = {{1, 2, 3}}};
    cr_assert(not(spend_file_open(&place.file, &place.spend, place.why, place.path)));
    cr_assert_not_null(strstr(place.why, "another account or chain"));
    place.file = (struct spend_file){.fd = -1, .chain_id = 31337, .account = {{1, 2}}};
    cr_assert(not(spend_file_open(&place.file, &place.spend, place.why, place.path)));
}

Test(spend_file, is_no_link_and_nobody_else_s_to_write)
{
    PLACE place;
    char link_path[128];

    place_make(&place);
    folder_path(link_path, &place.folder, "link");
    cr_assert(symlink(place.path, link_path) == 0);
    place.file = (struct spend_file){.fd = -1, .chain_id = 31337, .account = {{1, 2, 3}}};
    cr_assert(not(spend_file_open(&place.file, &place.spend, place.why, link_path)));
    cr_assert(chmod(place.path, 0620) == 0);
    cr_assert(not(place_open(&place)));
    cr_assert_not_null(strstr(place.why, "alone may write"));
    cr_assert(chmod(place.path, 0600) == 0);
    cr_assert(place_open(&place));
    spend_file_close(&place.file);
    cr_assert(unlink(place.path) == 0 && mkdir(place.path, 0700) == 0);
    cr_assert(not(place_open(&place)));
    cr_assert(rmdir(place.path) == 0);
}

Test(spend_file, is_held_by_one_signer)
{
    PLACE place;
    struct spend spend = {0};
    struct spend_file second = {.fd = -1, .chain_id = 31337, .account = {{1, 2, 3}}};

    place_make(&place);
    cr_assert(place_open(&place));
    cr_assert(not(spend_file_open(&second, &spend, place.why, place.path)));
    cr_assert_not_null(strstr(place.why, "another signer"));
}

Test(spend_file, says_so_where_the_disk_takes_nothing)
{
    PLACE place;
    struct rlimit none = {1, 1};

    signal(SIGXFSZ, SIG_IGN);
    place_make(&place);
    cr_assert(place_open(&place));
    uint64_t sequence = place.file.sequence;
    cr_assert(setrlimit(RLIMIT_FSIZE, &none) == 0);
    cr_assert(not(spend_file_write(&place.file, &place.spend)));
    cr_assert(eq(u64, place.file.sequence, sequence));
    spend_file_close(&place.file);
    cr_assert(place_open(&place), "%s", place.why);
    spend_file_close(&place.file);
    cr_assert(unlink(place.path) == 0);
    cr_assert(not(place_open(&place)), "nor is one made");
    cr_assert(access(place.path, F_OK) != 0, "none that is half made stays");
}

static void wanted_with(struct buffer *wanted, uint64_t nonce)
{
    BUFFER calldata = {0};
    struct transaction transaction;

    transaction_of_test(&transaction, &calldata);
    transaction.nonce = nonce;
    transaction_encode_unsigned(wanted, &transaction);
}

static char sign_one(struct buffer *answer, int fd, uint64_t nonce)
{
    BUFFER wanted = {0};

    wanted_with(&wanted, nonce);
    return request(answer, fd, 'S', buffer_bytes(&wanted));
}

/* Asks for `count` signatures while it cannot hear, so that it hears them together. Out: how many
 * came. */
static uint32_t sign_together(struct signer_process *signer, uint64_t first, uint32_t count)
{
    BUFFER asked = {0};
    BUFFER told = {0};
    uint32_t signatures = 0;
    struct frame frame;

    for (uint32_t i = 0; i < count; i++) {
        BUFFER wanted = {0};

        wanted_with(&wanted, first + i);
        frame_add(&asked, FRAME_SIGN, buffer_bytes(&wanted));
    }
    cr_assert(kill(signer->pid, SIGSTOP) == 0);
    while (asked.size > 0)
        cr_assert(ne(int, stream_send(&asked, signer->fd), STREAM_CLOSED));
    cr_assert(kill(signer->pid, SIGCONT) == 0);
    for (uint32_t i = 0; i < count;) {
        struct pollfd wait = {.fd = signer->fd, .events = POLLIN};

        cr_assert(eq(int, poll(&wait, 1, 10000), 1));
        cr_assert(eq(int, stream_receive(&told, signer->fd), STREAM_MOVED));
        for (; frame_peek(&frame, &told) == FRAME_READY; i++) {
            signatures += frame.kind == FRAME_SIGN;
            frame_drop(&told);
        }
    }
    return signatures;
}

/* How often the count was written, as the newer of the file's slots says. */
static uint64_t writes_of(const char *path)
{
    uint64_t newest = 0;
    FILE *file = fopen(path, "r");

    for (long slot = 0; slot < 2; slot++) {
        uint8_t bytes[SPEND_SLOT_SIZE];
        struct spend spend;
        struct spend_file read = {0};

        cr_assert(fseek(file, slot * SPEND_SLOT_STRIDE, SEEK_SET) == 0);
        cr_assert(eq(sz, fread(bytes, 1, sizeof bytes, file), sizeof bytes));
        cr_assert(spend_slot_decode(&read, &spend, bytes));
        newest = read.sequence > newest ? read.sequence : newest;
    }
    (void)fclose(file);
    return newest;
}

Test(spend_file, keeps_the_day_s_budget_over_a_signer_that_is_killed)
{
    struct signer_process signer;
    BUFFER answer = {0};
    char *text = text_with(policy_text, "\"spend_per_day_max\":\"0\"", THREE_FIT);

    folder_make(&signer.folder);
    for (uint64_t life = 0; life < 5; life++) {
        signer_start_in(&signer, keystore_cheap, "foo", NULL);
        cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(text)), 'P'));
        cr_assert(eq(chr, sign_one(&answer, signer.fd, life), life < 3 ? 'S' : 'R'));
        if (life >= 3)
            cr_assert(eq(str, (char *)answer.data, (char *)policy_verdict_text(POLICY_OVER_SPEND)));
        cr_assert(eq(chr, sign_one(&answer, signer.fd, 0), 'S'), "its nonce was counted already");
        cr_assert(kill(signer.pid, SIGKILL) == 0);
        cr_assert(eq(int, signer_wait(&signer), -SIGKILL));
        close(signer.fd);
    }
    folder_remove(&signer.folder);
    free(text);
}

Test(spend_file, that_cannot_be_written_lets_nothing_be_signed)
{
    struct signer_process signer;
    BUFFER answer = {0};
    struct rlimit none = {1, 1};
    char *text = text_with(policy_text, "\"spend_per_day_max\":\"0\"", THREE_FIT);

    signal(SIGXFSZ, SIG_IGN);
    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(text)), 'P'));
    cr_assert(eq(chr, sign_one(&answer, signer.fd, 0), 'S'));
    if (prlimit(signer.pid, RLIMIT_FSIZE, &none, NULL) != 0)
        cr_skip_test("only root may take another process's disk away");
    cr_assert(eq(chr, sign_one(&answer, signer.fd, 1), 'R'));
    cr_assert(eq(str, (char *)answer.data, (char *)policy_verdict_text(POLICY_NOT_KEPT)));
    cr_assert(eq(chr, sign_one(&answer, signer.fd, 0), 'S'), "it is counted already");
    (void)kill(signer.pid, SIGKILL);
    (void)signer_stop(&signer);
    free(text);
}

Test(spend_file, is_written_once_for_what_is_asked_for_together)
{
    struct signer_process signer;
    BUFFER answer = {0};
    char *text = text_with(policy_text, "\"spend_per_day_max\":\"0\"", THREE_FIT);

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(text)), 'P'));
    cr_assert(eq(chr, sign_one(&answer, signer.fd, 0), 'S'));
    uint64_t before = writes_of(signer.spend);
    cr_assert(eq(u32, sign_together(&signer, 1, 20), 2), "the budget has room for three in all");
    cr_assert(eq(u64, writes_of(signer.spend), before + 1));
    (void)signer_stop(&signer);
    free(text);
}

/* What the file says of that day, in wei. */
static void total_of(struct wei *out, const char *path)
{
    struct spend spend = {0};
    struct spend_file file = {.fd = -1, .chain_id = 31337};
    char why[256];
    struct secret secret;

    secret_of(&secret, keystore_cheap_key);
    cr_assert(secret_address(&file.account, &secret));
    secret_release(&secret);
    cr_assert(spend_file_open(&file, &spend, why, path), "%s", why);
    spend_file_close(&file);
    *out = spend.total;
}

Test(spend_file, is_counted_ahead_so_that_most_signatures_wait_for_no_disk)
{
    struct signer_process signer;
    BUFFER answer = {0};
    char *text = text_with(policy_text, "\"spend_per_day_max\":\"0\"", HUNDREDS_FIT);
    struct wei killed;
    struct wei ended;
    const struct u256 one = u256_of(ONE_COSTS);
    const struct u256 twenty = u256_of(20);
    struct u256 signed_for;

    cr_assert(u256_mul(&signed_for, &one, &twenty));
    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(text)), 'P'));
    uint64_t before = writes_of(signer.spend);
    for (uint64_t nonce = 0; nonce < 20; nonce++)
        cr_assert(eq(chr, sign_one(&answer, signer.fd, nonce), 'S'));
    uint64_t writes = writes_of(signer.spend) - before;
    cr_assert(le(u64, writes, 6), "%llu", (unsigned long long)writes);
    cr_assert(kill(signer.pid, SIGKILL) == 0);
    cr_assert(eq(int, signer_wait(&signer), -SIGKILL));
    close(signer.fd);
    total_of(&killed, signer.spend);
    cr_assert(not(u256_is_less(&killed.value, &signed_for)), "less than was signed for");
    signer_start_in(&signer, keystore_cheap, "foo", NULL);
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(text)), 'P'));
    cr_assert(eq(chr, sign_one(&answer, signer.fd, 20), 'S'));
    close(signer.fd);
    cr_assert(eq(int, signer_wait(&signer), 0));
    total_of(&ended, signer.spend);
    cr_assert(u256_sub(&ended.value, &ended.value, &killed.value));
    cr_assert(u256_is_equal(&ended.value, &one), "one that ends says what it signed, to the wei");
    folder_remove(&signer.folder);
    free(text);
}

Test(spend_file, that_cannot_be_written_lets_none_leave_of_what_was_asked_for_together)
{
    struct signer_process signer;
    BUFFER answer = {0};
    struct rlimit none = {1, RLIM_INFINITY};
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    char *text = text_with(policy_text, "\"spend_per_day_max\":\"0\"", THREE_FIT);

    signal(SIGXFSZ, SIG_IGN);
    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(text)), 'P'));
    if (prlimit(signer.pid, RLIMIT_FSIZE, &none, NULL) != 0)
        cr_skip_test("only root may take another process's disk away");
    cr_assert(eq(u32, sign_together(&signer, 0, 3), 0));
    cr_assert(prlimit(signer.pid, RLIMIT_FSIZE, &all, NULL) == 0);
    cr_assert(eq(u32, sign_together(&signer, 10, 3), 3), "what did not leave was not counted");
    (void)signer_stop(&signer);
    free(text);
}

Test(spend_file, that_is_damaged_keeps_the_signer_from_starting)
{
    struct signer_process signer;
    BUFFER answer = {0};

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'A', (struct bytes){0}), 'A'));
    close(signer.fd);
    cr_assert(eq(int, signer_wait(&signer), 0));
    byte_flip(signer.spend, 40);
    signer_start_in(&signer, keystore_cheap, "foo", NULL);
    cr_assert(eq(chr, request(&answer, signer.fd, 'A', (struct bytes){0}), 'R'));
    cr_assert_not_null(strstr((char *)answer.data, "is damaged"));
    cr_assert(eq(int, signer_stop(&signer), 4));
}
