/* The process with the key, spoken to from outside as a daemon or a burglar would. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sign/frame.h"
#include "sign/recover.h"
#include "tests/sign/sign_fixture.h"

static void unsigned_bytes(struct buffer *out, uint64_t nonce)
{
    BUFFER calldata = {0};
    struct transaction transaction;

    transaction_of_test(&transaction, &calldata);
    transaction.nonce = nonce;
    buffer_clear(out);
    transaction_encode_unsigned(out, &transaction);
}

Test(signer, signs_what_the_policy_names)
{
    struct signer_process signer;
    struct transaction transaction;
    struct address address, sender;
    BUFFER answer = {0}, wanted = {0}, again = {0};

    signer_start(&signer, keystore_cheap, "foo\n");
    cr_assert(eq(chr, request(&answer, signer.fd, 'A', (struct bytes){0}), 'A'));
    cr_assert(eq(sz, answer.size, 20));
    memcpy(address.byte, answer.data, 20);
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(policy_text)), 'P'));
    for (uint64_t nonce = 0; nonce < 20; nonce++) {
        unsigned_bytes(&wanted, nonce);
        cr_assert(eq(chr, request(&answer, signer.fd, 'S', buffer_bytes(&wanted)), 'S'));
        cr_assert(transaction_decode(&transaction, buffer_bytes(&answer)) == TRANSACTION_OK);
        cr_assert(transaction_sender(&sender, &transaction));
        cr_assert(address_is_equal(&sender, &address));
        buffer_clear(&again);
        transaction_encode_unsigned(&again, &transaction);
        cr_assert(bytes_equal(buffer_bytes(&again), buffer_bytes(&wanted)));
    }
    cr_assert(eq(int, signer_stop(&signer), 0));
}

Test(signer, signs_nothing_before_it_has_a_policy)
{
    struct signer_process signer;
    BUFFER answer = {0}, wanted = {0};

    signer_start(&signer, keystore_cheap, "foo");
    unsigned_bytes(&wanted, 1);
    cr_assert(eq(chr, request(&answer, signer.fd, 'S', buffer_bytes(&wanted)), 'R'));
    cr_assert(strstr((char *)answer.data, "policy") != NULL);
    cr_assert(eq(int, signer_stop(&signer), 0));
}

Test(signer, takes_one_policy_in_its_life)
{
    struct signer_process signer;
    BUFFER answer = {0}, wanted = {0};
    char *wider = text_with(policy_text, "300000000000", "900000000000");

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text("{}")), 'R'));
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(policy_text)), 'P'));
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(wider)), 'R'));
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(policy_text)), 'R'));
    unsigned_bytes(&wanted, 1);
    cr_assert(eq(chr, request(&answer, signer.fd, 'S', buffer_bytes(&wanted)), 'S'));
    cr_assert(eq(int, signer_stop(&signer), 0));
    free(wider);
}

Test(signer, refuses_what_the_policy_does_not_name_and_goes_on)
{
    struct signer_process signer;
    struct transaction transaction;
    BUFFER calldata = {0}, answer = {0}, wanted = {0};

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(policy_text)), 'P'));
    transaction_of_test(&transaction, &calldata);
    transaction.to.byte[0] = 0;
    transaction_encode_unsigned(&wanted, &transaction);
    cr_assert(eq(chr, request(&answer, signer.fd, 'S', buffer_bytes(&wanted)), 'R'));
    cr_assert(eq(str, (char *)answer.data, (char *)policy_verdict_text(POLICY_UNKNOWN_TARGET)));
    unsigned_bytes(&wanted, 1);
    buffer_add_byte(&wanted, 0); /* a byte behind the end */
    cr_assert(eq(chr, request(&answer, signer.fd, 'S', buffer_bytes(&wanted)), 'R'));
    cr_assert(eq(chr, request(&answer, signer.fd, 'S', (struct bytes){0}), 'R'));
    cr_assert(eq(chr, request(&answer, signer.fd, 'X', bytes_of_text("key?")), 'R'));
    unsigned_bytes(&wanted, 1);
    cr_assert(eq(chr, request(&answer, signer.fd, 'S', buffer_bytes(&wanted)), 'S'));
    cr_assert(eq(int, signer_stop(&signer), 0));
}

Test(signer, refuses_to_sign_again_what_is_signed_already)
{
    struct signer_process signer;
    BUFFER answer = {0}, wanted = {0}, raw = {0};

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(policy_text)), 'P'));
    unsigned_bytes(&wanted, 1);
    cr_assert(eq(chr, request(&raw, signer.fd, 'S', buffer_bytes(&wanted)), 'S'));
    cr_assert(eq(chr, request(&answer, signer.fd, 'S', buffer_bytes(&raw)), 'R'));
    cr_assert(eq(int, signer_stop(&signer), 0));
}

Test(signer, ends_the_talk_at_a_request_over_the_bound)
{
    static const uint8_t head[5] = {0x7f, 0xff, 0xff, 0xff, 'S'};
    struct signer_process signer;
    BUFFER answer = {0};

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'A', (struct bytes){0}), 'A'));
    cr_assert(send(signer.fd, head, sizeof head, MSG_NOSIGNAL) == sizeof head);
    cr_assert(eq(int, signer_wait(&signer), 0));
    close(signer.fd);
    folder_remove(&signer.folder);
}

Test(signer, answers_in_order_however_fast_it_is_asked)
{
    struct signer_process signer;
    BUFFER out = {0}, in = {0}, answer = {0}, wanted = {0};
    struct frame frame;
    uint64_t nonce = 0;

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'P', bytes_of_text(policy_text)), 'P'));
    for (uint64_t i = 0; i < 400; i++) {
        unsigned_bytes(&wanted, i);
        frame_add(&out, 'S', buffer_bytes(&wanted));
    }
    while (nonce < 400) {
        struct transaction transaction;
        cr_assert(stream_send(&out, signer.fd) != STREAM_CLOSED);
        cr_assert(stream_receive(&in, signer.fd) != STREAM_CLOSED);
        while (frame_peek(&frame, &in) == FRAME_READY) {
            cr_assert(transaction_decode(&transaction, frame.payload) == TRANSACTION_OK);
            cr_assert(eq(u64, transaction.nonce, nonce));
            frame_drop(&in);
            nonce++;
        }
    }
    cr_assert(eq(int, signer_stop(&signer), 0));
}

Test(signer, says_why_it_has_no_key_and_exits_with_4)
{
    static const char *const rows[][2] = {{"bar", "password"}, {"", "password"}};
    struct signer_process signer;
    BUFFER answer = {0};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        signer_start(&signer, keystore_cheap, rows[i][0]);
        cr_assert(eq(chr, request(&answer, signer.fd, 'A', (struct bytes){0}), 'R'));
        cr_assert(strstr((char *)answer.data, rows[i][1]) != NULL);
        cr_assert(eq(int, signer_stop(&signer), 4));
    }
    signer_start(&signer, "{", "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'A', (struct bytes){0}), 'R'));
    cr_assert(eq(int, signer_stop(&signer), 4));
}

Test(signer, lives_through_the_signals_that_are_meant_for_the_daemon)
{
    struct signer_process signer;
    BUFFER answer = {0};

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'A', (struct bytes){0}), 'A'));
    kill(signer.pid, SIGINT);
    kill(signer.pid, SIGTERM);
    kill(signer.pid, SIGHUP);
    cr_assert(eq(chr, request(&answer, signer.fd, 'A', (struct bytes){0}), 'A'));
    cr_assert(eq(int, signer_stop(&signer), 0));
}

/* Starts a signer and is then killed; the pipe tells the signer's pid. */
static _Noreturn void parent_run(int pipe)
{
    struct signer_process signer;
    BUFFER answer = {0};

    signer_start(&signer, keystore_cheap, "foo");
    if (request(&answer, signer.fd, 'A', (struct bytes){0}) != 'A' ||
        write(pipe, &signer, sizeof signer) != sizeof signer)
        _exit(1);
    for (;;)
        pause();
}

Test(signer, dies_with_a_parent_that_is_killed)
{
    struct signer_process signer;
    int pipes[2], status = 0;

    cr_assert(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && pipe(pipes) == 0);
    pid_t parent = fork();
    if (parent == 0)
        parent_run(pipes[1]);
    cr_assert(read(pipes[0], &signer, sizeof signer) == sizeof signer);
    kill(parent, SIGKILL);
    cr_assert(waitpid(parent, &status, 0) == parent);
    int code = signer_wait(
        &signer); /* by the kernel's word, or by the socket's end: whichever was first */
    cr_assert(code == -SIGKILL || code == 0);
    folder_remove(&signer.folder);
}

Test(signer, does_not_begin_under_a_stranger)
{
    struct signer_process signer;
    int pair[2], status = 0;

    folder_make(&signer.folder);
    folder_put(signer.keystore, &signer.folder, "k", keystore_cheap, 0600);
    folder_put(signer.log, &signer.folder, "p", "foo", 0600);
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    pid_t middle = fork();
    if (middle == 0) {
        /* a grandchild: its parent did not make the pair */
        pid_t pid = fork();
        if (pid == 0) {
            struct signer_options options = {
                .keystore = signer.keystore, .password_file = signer.log, .fd = pair[1]};
            struct log_sink log = {.fd = -1};
            _exit(signer_run(&options, &log));
        }
        waitpid(pid, &status, 0);
        _exit(WEXITSTATUS(status));
    }
    cr_assert(waitpid(middle, &status, 0) == middle && WEXITSTATUS(status) == 1);
    folder_remove(&signer.folder);
}

Test(signer, cannot_be_looked_into)
{
    struct signer_process signer;
    BUFFER answer = {0};
    char path[64];
    struct stat status;

    signer_start(&signer, keystore_cheap, "foo");
    cr_assert(eq(chr, request(&answer, signer.fd, 'A', (struct bytes){0}), 'A'));
    (void)snprintf(path, sizeof path, "/proc/%d/limits", signer.pid);
    FILE *limits = fopen(path, "r");
    char line[256];
    bool has_core = true;
    while (limits != NULL && fgets(line, sizeof line, limits) != NULL)
        if (strncmp(line, "Max core file size        0                    0", 47) == 0)
            has_core = false;
    cr_assert(not(has_core));
    if (limits != NULL)
        fclose(limits);
    /* not dumpable: what lies in /proc belongs to root, whoever runs it */
    (void)snprintf(path, sizeof path, "/proc/%d/mem", signer.pid);
    cr_assert(stat(path, &status) == 0 && status.st_uid == 0);
    cr_assert(eq(int, signer_stop(&signer), 0));
}

Test(signer, logs_neither_key_nor_password)
{
    struct signer_process signer;
    BUFFER answer = {0}, wanted = {0};

    signer_start(&signer, keystore_cheap, "foo");
    (void)request(&answer, signer.fd, 'P', bytes_of_text(policy_text));
    unsigned_bytes(&wanted, 1);
    (void)request(&answer, signer.fd, 'S', buffer_bytes(&wanted));
    (void)request(&answer, signer.fd, 'S', bytes_of_text("x"));
    close(signer.fd);
    cr_assert(eq(int, signer_wait(&signer), 0));
    char *log = file_text(signer.log);
    cr_assert(strstr(log, "signer ready") != NULL);
    cr_assert(strstr(log, "foo") == NULL && strstr(log, "fa7b3db73dc7") == NULL);
    free(log);
    folder_remove(&signer.folder);
}
