/* The day's count over restarts, on disks and machines that fail. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sign/spend_file.h"
#include "tests/sign/sign_fixture.h"

/* 612000 gas at 100 gwei is 0.0612 ether: three of them fit */
#define THREE_FIT "\"spend_per_day_max\":\"200000000000000000\""

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

/* Slot `slot` as one leaves it who is killed while it is written. */
static void slot_cut(const char *path, off_t slot, size_t written)
{
    uint8_t body[SPEND_SLOT_SIZE - SPEND_MAGIC_SIZE];
    const off_t at = slot * SPEND_SLOT_STRIDE;
    int fd = open(path, O_RDWR);

    memset(body, 0xa5, sizeof body);
    cr_assert(fd >= 0 && pwrite(fd, spend_slot_unfinished, SPEND_MAGIC_SIZE, at) > 0);
    cr_assert(pwrite(fd, body, written, at + SPEND_MAGIC_SIZE) == (ssize_t)written);
    close(fd);
}

Test(spend_file, that_was_cut_short_gives_what_was_kept_before)
{
    const size_t cuts[] = {0, 1, 4080, 8176, SPEND_SLOT_SIZE - SPEND_MAGIC_SIZE};

    for (size_t i = 0; i < ARRAY_LENGTH(cuts); i++) {
        PLACE place;

        place_make(&place);
        cr_assert(place_open(&place));
        place.spend.total.value.limb[0] = 600;
        cr_assert(spend_file_write(&place.file, &place.spend));
        cr_assert(eq(u64, place.file.sequence, 3));
        spend_file_close(&place.file);
        slot_cut(place.path, 0, cuts[i]);
        cr_assert(place_open(&place), "%s", place.why);
        cr_assert(eq(u64, place.spend.total.value.limb[0], 600));
        place.spend.total.value.limb[0] = 700;
        cr_assert(spend_file_write(&place.file, &place.spend), "what was cut is written anew");
        spend_file_close(&place.file);
        cr_assert(place_open(&place) && place.spend.total.value.limb[0] == 700);
        spend_file_close(&place.file);
        slot_cut(place.path, 0, cuts[i]);
        slot_cut(place.path, 1, cuts[i]);
        cr_assert(not(place_open(&place)), "no count is left");
        cr_assert_not_null(strstr(place.why, "is damaged"));
    }
}

/* As a kill does between two pages, so the limit cuts the write of slot 1 wherever it stands. */
Test(spend_file, of_which_a_part_was_written_gives_what_was_kept_before)
{
    const rlim_t parts[] = {SPEND_MAGIC_SIZE, 100, 4096, 8192, SPEND_SLOT_SIZE - 1};
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    cr_assert(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const rlim_t all = limit.rlim_cur;
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        PLACE place;

        place_make(&place);
        cr_assert(place_open(&place));
        place.spend.total.value.limb[0] = 600;
        limit.rlim_cur = SPEND_SLOT_STRIDE + parts[i];
        cr_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        cr_assert(not(spend_file_write(&place.file, &place.spend)));
        limit.rlim_cur = all;
        cr_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        spend_file_close(&place.file);
        cr_assert(place_open(&place), "%lu: %s", (unsigned long)parts[i], place.why);
        cr_assert(eq(u64, place.spend.total.value.limb[0], 500));
    }
}

/* Counts up as fast as it can, and says how far it is on the disk. */
static _Noreturn void count_up(struct place *place, int to)
{
    while (spend_file_write(&place->file, &place->spend)) {
        (void)!write(to, &place->spend.total.value.limb[0], sizeof(uint64_t));
        place->spend.total.value.limb[0]++;
    }
    _exit(1);
}

static uint64_t last_said(int from)
{
    uint64_t said = 0;
    uint64_t next;

    while (read(from, &next, sizeof next) == sizeof next)
        said = next;
    return said;
}

Test(spend_file, opens_again_wherever_its_signer_was_killed)
{
    PLACE place;
    uint64_t said = 500;

    place_make(&place);
    for (useconds_t life = 0; life < 400; life++) {
        int told[2];

        cr_assert(pipe(told) == 0);
        cr_assert(place_open(&place), "life %u: %s", life, place.why);
        cr_assert(place.spend.total.value.limb[0] >= said, "life %u", life);
        said = place.spend.total.value.limb[0];
        pid_t pid = fork();
        if (pid == 0)
            count_up(&place, told[1]);
        close(told[1]);
        usleep(500 + life * 7 % 1000);
        cr_assert(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
        uint64_t heard = last_said(told[0]);
        said = heard > said ? heard : said;
        close(told[0]);
        spend_file_close(&place.file);
    }
}
