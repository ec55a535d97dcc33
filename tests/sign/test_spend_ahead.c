/* The day's count on disk, of signatures that were asked for together, and ahead of those to come.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sign/frame.h"
#include "sign/spend_file.h"
#include "tests/sign/sign_fixture.h"

/* 612000 gas at 100 gwei is 0.0612 ether: three of them fit */
#define THREE_FIT "\"spend_per_day_max\":\"200000000000000000\""
#define ONE_COSTS 61200000000000000u
/* a part of it is five */
#define HUNDREDS_FIT "\"spend_per_day_max\":\"19584000000000000000\""

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

        sign_wanted(&wanted, first + i);
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

Test(spend_ahead, is_written_once_for_what_is_asked_for_together)
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

Test(spend_ahead, is_counted_ahead_so_that_most_signatures_wait_for_no_disk)
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

Test(spend_ahead, that_cannot_be_written_lets_none_leave_of_what_was_asked_for_together)
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
