/*
 * The daemon's half, against the real process: this binary starts itself as `sign --fd 3 -c FILE`,
 * which the constructor below answers as the program would.
 */
#include "keeper/signer_link.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/commands.h"
#include "sign/frame.h"
#include "sign/recover.h"
#include "tests/keeper/config_fixture.h"
#include "tests/sign/sign_fixture.h"

__attribute__((constructor)) static void become_a_signer(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "sign") == 0)
        _exit(command_sign(argc - 2, argv + 2));
}

/* A folder with a keystore, its password, and a config that names the key's account. */
struct place {
    struct folder folder;
    struct config config;
};

static void place_make(struct place *place, const char *password)
{
    char path[128], account[ADDRESS_TEXT_SIZE];
    struct secret secret;
    TEXT faults = {0};

    secret_of(&secret, keystore_cheap_key);
    cr_assert(secret_address(&place->config.settings.account, &secret));
    secret_release(&secret);
    address_format(account, &place->config.settings.account);
    char *loud = config_with("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", account);
    char *text = text_with(loud, "log: debug", "log: error");
    folder_make(&place->folder);
    folder_put(path, &place->folder, "keeper.json", keystore_cheap, 0600);
    folder_put(path, &place->folder, "keeper.password", password, 0600);
    folder_put(path, &place->folder, "plimsoll.yaml", text, 0600);
    free(loud);
    free(text);
    cr_assert(config_read(&place->config, &faults, path), "%s", text_string(&faults));
}

static void place_remove(struct place *place)
{
    folder_remove(&place->folder);
}

#define PLACE CLEANUP(place_remove) struct place

static void unsigned_bytes(struct buffer *out, uint64_t nonce)
{
    BUFFER calldata = {0};
    struct transaction transaction;

    transaction_of_test(&transaction, &calldata);
    transaction.nonce = nonce;
    buffer_clear(out);
    transaction_encode_unsigned(out, &transaction);
}

/* Waits for one answer. */
static void take(struct observation *out, bool *broken, struct signer_link *link)
{
    while (!signer_link_take(out, broken, link)) {
        struct pollfd wait = {.fd = signer_link_fd(link), .events = POLLIN};
        cr_assert(eq(int, *broken, false));
        cr_assert(poll(&wait, 1, 30000) == 1);
    }
}

Test(signer_link, starts_a_signer_and_takes_answers_in_order)
{
    PLACE place;
    struct signer_policy policy;
    struct signer_link *link;
    struct observation answer;
    char why[256] = "";
    bool broken;
    BUFFER bytes = {0};

    place_make(&place, "foo\n");
    policy_of_test(&policy);
    cr_assert(eq(int, signer_link_open(&link, why, &place.config, &policy), SIGNER_LINK_OK), "%s",
              why);
    cr_assert(not(signer_link_take(&answer, &broken, link)));
    for (uint64_t i = 0; i < 100; i++) {
        unsigned_bytes(&bytes, i);
        if (i % 10 == 3)
            bytes.data[0] = 1;
        cr_assert(signer_link_sign(link, 1000 + i, buffer_bytes(&bytes)));
    }
    for (uint64_t i = 0; i < 100; i++) {
        struct transaction transaction;
        struct address sender;
        take(&answer, &broken, link);
        cr_assert(answer.kind == OBSERVATION_SIGNED && answer.id == 1000 + i);
        cr_assert(eq(int, answer.status, i % 10 == 3 ? OBSERVED_REFUSED : OBSERVED_OK));
        if (i % 10 == 3)
            continue;
        cr_assert(transaction_decode(&transaction, answer.body) == TRANSACTION_OK);
        cr_assert(eq(u64, transaction.nonce, i));
        cr_assert(transaction_sender(&sender, &transaction));
        cr_assert(address_is_equal(&sender, &place.config.settings.account));
    }
    signer_link_close(link);
}

Test(signer_link, hands_over_the_policy_later_where_it_is_not_known_at_first)
{
    PLACE place;
    struct signer_policy policy;
    struct signer_link *link;
    struct observation answer;
    char why[256] = "";
    bool broken;
    BUFFER bytes = {0};

    place_make(&place, "foo");
    policy_of_test(&policy);
    unsigned_bytes(&bytes, 7);
    cr_assert(eq(int, signer_link_open(&link, why, &place.config, NULL), SIGNER_LINK_OK));
    cr_assert(signer_link_sign(link, 1, buffer_bytes(&bytes)));
    take(&answer, &broken, link);
    cr_assert(eq(int, answer.status, OBSERVED_REFUSED));
    cr_assert(eq(int, signer_link_policy(link, why, &policy), SIGNER_LINK_OK));
    cr_assert(signer_link_sign(link, 2, buffer_bytes(&bytes)));
    take(&answer, &broken, link);
    cr_assert(answer.status == OBSERVED_OK && answer.id == 2);
    cr_assert(eq(int, signer_link_policy(link, why, &policy), SIGNER_LINK_KEY_REFUSED));
    cr_assert(strstr(why, "frozen") != NULL);
    signer_link_close(link);
}

Test(signer_link, says_why_the_key_does_not_open)
{
    PLACE place;
    struct signer_policy policy;
    struct signer_link *link;
    char why[256] = "";

    place_make(&place, "bar");
    policy_of_test(&policy);
    cr_assert(
        eq(int, signer_link_open(&link, why, &place.config, &policy), SIGNER_LINK_KEY_REFUSED));
    cr_assert(strstr(why, "password") != NULL && strstr(why, "keeper.json") != NULL);
    cr_assert(link == NULL);
}

Test(signer_link, refuses_a_key_of_another_account)
{
    PLACE place;
    struct signer_policy policy;
    struct signer_link *link;
    char why[256] = "";

    place_make(&place, "foo");
    policy_of_test(&policy);
    place.config.settings.account.byte[0] ^= 1;
    cr_assert(
        eq(int, signer_link_open(&link, why, &place.config, &policy), SIGNER_LINK_WRONG_ACCOUNT));
    cr_assert(strstr(why, "keeper.account") != NULL);
}

Test(signer_link, says_that_a_signer_did_not_start)
{
    PLACE place;
    struct signer_policy policy;
    struct signer_link *link;
    char why[256] = "";

    place_make(&place, "foo");
    policy_of_test(&policy);
    strcpy(place.config.file, "/nowhere/at.all");
    cr_assert(
        eq(int, signer_link_open(&link, why, &place.config, &policy), SIGNER_LINK_CANNOT_START));
}

Test(signer_link, says_that_nobody_listens)
{
    PLACE place;
    struct signer_policy policy;
    struct signer_link *link;
    char why[256] = "";

    place_make(&place, "foo");
    policy_of_test(&policy);
    folder_path(place.config.signer_socket, &place.folder, "none");
    cr_assert(
        eq(int, signer_link_open(&link, why, &place.config, &policy), SIGNER_LINK_CANNOT_CONNECT));
    cr_assert(strstr(why, "plimsoll sign") != NULL);
}

/* The pid of the only child that this process has. */
static pid_t only_child(void)
{
    char path[64], line[64] = "";

    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL && fgets(line, sizeof line, file) != NULL);
    fclose(file);
    return (pid_t)strtol(line, NULL, 10);
}

Test(signer_link, answers_each_open_request_where_the_signer_is_gone)
{
    PLACE place;
    struct signer_policy policy;
    struct signer_link *link;
    struct observation answer;
    char why[256] = "";
    bool broken = false;
    BUFFER bytes = {0};

    place_make(&place, "foo");
    policy_of_test(&policy);
    unsigned_bytes(&bytes, 7);
    cr_assert(signer_link_open(&link, why, &place.config, &policy) == SIGNER_LINK_OK);
    pid_t signer = only_child();
    kill(signer, SIGSTOP);
    for (uint64_t id = 1; id <= 5; id++)
        cr_assert(signer_link_sign(link, id, buffer_bytes(&bytes)));
    kill(signer, SIGKILL);
    struct pollfd wait = {.fd = signer_link_fd(link), .events = POLLIN};
    cr_assert(poll(&wait, 1, 30000) == 1);
    for (uint64_t id = 1; id <= 5; id++) {
        cr_assert(signer_link_take(&answer, &broken, link));
        cr_assert(broken && answer.id == id && answer.status == OBSERVED_REFUSED);
    }
    cr_assert(not(signer_link_take(&answer, &broken, link)));
    cr_assert(broken);
    cr_assert(not(signer_link_sign(link, 6, buffer_bytes(&bytes))));
    signer_link_close(link);
}

Test(signer_link, refuses_more_than_its_bound_and_what_is_too_long)
{
    PLACE place;
    struct signer_policy policy;
    struct signer_link *link;
    struct observation answer;
    char why[256] = "";
    bool broken = false;
    BUFFER bytes = {0}, large = {0};

    place_make(&place, "foo");
    policy_of_test(&policy);
    unsigned_bytes(&bytes, 7);
    buffer_extend(&large, SIGNER_MESSAGE_MAX + 1);
    cr_assert(signer_link_open(&link, why, &place.config, &policy) == SIGNER_LINK_OK);
    for (uint64_t id = 0; id < SIGNER_LINK_PENDING_MAX; id++)
        cr_assert(
            signer_link_sign(link, id, id == 1 ? buffer_bytes(&large) : buffer_bytes(&bytes)));
    cr_assert(not(signer_link_sign(link, 9999, buffer_bytes(&bytes))));
    for (uint64_t id = 0; id < SIGNER_LINK_PENDING_MAX; id++) {
        take(&answer, &broken, link);
        cr_assert(eq(u64, answer.id, id));
        cr_assert(eq(int, answer.status, id == 1 ? OBSERVED_REFUSED : OBSERVED_OK));
    }
    cr_assert(signer_link_sign(link, 9999, buffer_bytes(&bytes)));
    signer_link_close(link);
}

/* A daemon that opens its link and then only waits to be killed. */
static _Noreturn void daemon_run(struct place *place, int pipe)
{
    struct signer_policy policy;
    struct signer_link *link;
    char why[256];

    policy_of_test(&policy);
    if (signer_link_open(&link, why, &place->config, &policy) != SIGNER_LINK_OK)
        _exit(1);
    pid_t signer = only_child();
    if (write(pipe, &signer, sizeof signer) != sizeof signer)
        _exit(1);
    for (;;)
        pause();
}

Test(signer_link, leaves_no_signer_behind_a_daemon_that_is_killed)
{
    PLACE place;
    int pipes[2], status = 0;
    pid_t signer = 0;

    place_make(&place, "foo");
    cr_assert(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && pipe(pipes) == 0);
    pid_t parent = fork();
    if (parent == 0)
        daemon_run(&place, pipes[1]);
    cr_assert(read(pipes[0], &signer, sizeof signer) == sizeof signer);
    kill(parent, SIGKILL);
    cr_assert(waitpid(parent, &status, 0) == parent);
    cr_assert(waitpid(signer, &status, 0) == signer);
}

/* A signer that says what no signer says: `kind` to the second request, or before it is made. */
static pid_t strange_signer(const struct config *config, char kind, bool is_early)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(name.sun_path, config->signer_socket);
    cr_assert(bind(listener, (struct sockaddr *)&name, sizeof name) == 0);
    cr_assert(listen(listener, 1) == 0);
    pid_t pid = fork();
    if (pid != 0) {
        close(listener);
        return pid;
    }
    BUFFER out = {0};
    char request[4096];
    const struct address *account = &config->settings.account;
    int fd = accept(listener, NULL, NULL);
    frame_add(&out, 'A', bytes_of(account->byte, sizeof account->byte));
    if (!is_early) {
        (void)!write(fd, out.data, out.size);
        buffer_clear(&out);
        (void)!recv(fd, request, 5, MSG_WAITALL);
        (void)!read(fd, request, sizeof request);
    }
    frame_add(&out, (uint8_t)kind, (struct bytes){0});
    (void)!write(fd, out.data, out.size);
    pause();
    _exit(0);
}

Test(signer_link, breaks_with_a_signer_that_answers_something_else)
{
    static const char kinds[] = {'A', 'P', 'X'};
    struct signer_link *link;
    struct observation answer;
    char why[256] = "";
    BUFFER bytes = {0};

    unsigned_bytes(&bytes, 7);
    for (size_t i = 0; i < sizeof kinds; i++) {
        PLACE place;
        bool broken = false;
        place_make(&place, "foo");
        folder_path(place.config.signer_socket, &place.folder, "socket");
        pid_t pid = strange_signer(&place.config, kinds[i], false);
        cr_assert(signer_link_open(&link, why, &place.config, NULL) == SIGNER_LINK_OK);
        cr_assert(signer_link_sign(link, 5, buffer_bytes(&bytes)));
        struct pollfd wait = {.fd = signer_link_fd(link), .events = POLLIN};
        cr_assert(poll(&wait, 1, 30000) == 1);
        cr_assert(signer_link_take(&answer, &broken, link));
        cr_assert(broken && answer.id == 5 && answer.status == OBSERVED_REFUSED);
        cr_assert(not(signer_link_take(&answer, &broken, link)));
        signer_link_close(link);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
}

Test(signer_link, does_not_open_to_a_signer_that_speaks_unasked)
{
    PLACE place;
    struct signer_link *link;
    char why[256] = "";

    place_make(&place, "foo");
    folder_path(place.config.signer_socket, &place.folder, "socket");
    pid_t pid = strange_signer(&place.config, 'S', true);
    cr_assert(
        eq(int, signer_link_open(&link, why, &place.config, NULL), SIGNER_LINK_CANNOT_CONNECT));
    cr_assert(strstr(why, "more than it was asked") != NULL);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}
