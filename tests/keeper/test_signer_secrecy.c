/*
 * The key is in the signer's locked page and nowhere in the daemon: not in its memory, nor on any
 * command line, in any environment, or in a log. The bytes that are looked for are kept masked
 * here, or else this test would find its own.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/signer_link.h"
#include "tests/keeper/config_fixture.h"
#include "tests/sign/sign_fixture.h"

#define MASK 0x5a
#define PIECE 65536
/* The sanitizer's shadow is larger than any machine; what a daemon has is not. */
#define REGION_MAX (1ULL << 30)

/* keystore_cheap_key without its leading zero, each byte xor MASK. */
static void masked_key(uint8_t out[32])
{
    for (size_t i = 0; i < 32; i++) {
        char digits[3] = {keystore_cheap_key[2 * i], keystore_cheap_key[2 * i + 1], '\0'};
        out[i] = (uint8_t)(strtoul(digits, NULL, 16) ^ MASK);
    }
}

static bool is_key(const uint8_t *at, const uint8_t masked[32])
{
    for (size_t i = 0; i < 32; i++)
        if ((at[i] ^ MASK) != masked[i])
            return false;
    return true;
}

/* How often the key stands in [from, to) of the process behind `memory`. */
static size_t region_count(int memory, uint64_t from, uint64_t to, const uint8_t masked[32])
{
    static uint8_t piece[PIECE + 32];
    size_t count = 0;

    for (uint64_t at = from; at < to; at += PIECE) {
        size_t wanted = to - at < sizeof piece ? (size_t)(to - at) : sizeof piece;
        ssize_t got = pread(memory, piece, wanted, (off_t)at);
        for (ssize_t i = 0; i + 32 <= got && i < PIECE; i++)
            count += is_key(piece + i, masked);
        memset(piece, 0, sizeof piece);
    }
    return count;
}

/* Out: *bytes looked at. */
static size_t memory_count(pid_t pid, size_t *bytes)
{
    char path[64], line[512];
    uint8_t masked[32];
    size_t count = 0;

    masked_key(masked);
    (void)snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY);
    (void)snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "r");
    *bytes = 0;
    while (memory >= 0 && maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        unsigned long long from, to;
        char may_read;
        if (sscanf(line, "%llx-%llx %c", &from, &to, &may_read) != 3 || may_read != 'r' ||
            to - from > REGION_MAX || strstr(line, "[v") != NULL)
            continue;
        count += region_count(memory, from, to, masked);
        *bytes += (size_t)(to - from);
    }
    if (maps != NULL)
        fclose(maps);
    if (memory >= 0)
        close(memory);
    return count;
}

/* A signer of the daemon's own, started as `run` starts it, which has signed once. */
struct place {
    struct folder folder;
    struct config config;
    struct signer_link *link;
    pid_t signer;
};

static void account_put(struct place *place)
{
    uint8_t masked[32];
    struct secret secret;
    char path[128], account[ADDRESS_TEXT_SIZE];
    TEXT faults = {0};

    masked_key(masked);
    cr_assert(secret_new(&secret) == KEYSTORE_OK);
    for (size_t i = 0; i < 32; i++)
        secret.key[i] = masked[i] ^ MASK;
    cr_assert(secret_address(&place->config.settings.account, &secret));
    secret_release(&secret);
    address_format(account, &place->config.settings.account);
    char *text = config_with("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", account);
    folder_put(path, &place->folder, "keeper.json", keystore_cheap, 0600);
    folder_put(path, &place->folder, "keeper.password", "foo", 0600);
    folder_put(path, &place->folder, "plimsoll.yaml", text, 0600);
    cr_assert(config_read(&place->config, &faults, path), "%s", text_string(&faults));
    free(text);
}

static void sign_once(struct place *place)
{
    struct transaction transaction;
    struct observation answer;
    BUFFER calldata = {0}, wanted = {0};
    bool broken = false;

    transaction_of_test(&transaction, &calldata);
    transaction_encode_unsigned(&wanted, &transaction);
    cr_assert(signer_link_sign(place->link, 1, buffer_bytes(&wanted)));
    while (!signer_link_take(&answer, &broken, place->link)) {
        struct pollfd wait = {.fd = signer_link_fd(place->link), .events = POLLIN};
        cr_assert(not(broken));
        cr_assert(poll(&wait, 1, 30000) == 1);
    }
    cr_assert(eq(int, answer.status, OBSERVED_OK));
}

static void place_make(struct place *place)
{
    struct signer_policy policy;
    char why[256] = "", path[64], line[64] = "";

    folder_make(&place->folder);
    account_put(place);
    policy_of_test(&policy);
    cr_assert(signer_link_open(&place->link, why, &place->config, &policy) == SIGNER_LINK_OK, "%s",
              why);
    sign_once(place);
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL && fgets(line, sizeof line, file) != NULL);
    fclose(file);
    place->signer = (pid_t)strtol(line, NULL, 10);
}

static void place_remove(struct place *place)
{
    signer_link_close(place->link);
    folder_remove(&place->folder);
}

#define PLACE CLEANUP(place_remove) struct place

Test(signer_secrecy, keeps_the_key_out_of_the_daemon_s_memory)
{
    PLACE place = {0};
    uint8_t masked[32];
    size_t bytes = 0;

    place_make(&place);
    cr_assert(eq(sz, memory_count(getpid(), &bytes), 0));
    cr_assert(gt(sz, bytes, 1 << 20));
    uint8_t *planted = malloc(64); /* and one that is there is found */
    masked_key(masked);
    for (size_t i = 0; i < 32; i++)
        planted[7 + i] = masked[i] ^ MASK;
    cr_assert(ge(sz, memory_count(getpid(), &bytes), 1));
    free(planted);
}

/* Root may look: then it is once in the memory of the signer, in its own page. */
Test(signer_secrecy, keeps_one_copy_in_the_signer)
{
    PLACE place = {0};
    size_t bytes = 0;

    place_make(&place);
    size_t count = memory_count(place.signer, &bytes);
    if (bytes == 0)
        cr_skip_test("only root may look into a process that is not dumpable");
    cr_assert(eq(sz, count, 1));
}

/* Whole, without its NULs. Gives: free. */
static char *proc_text(pid_t pid, const char *name, size_t *size)
{
    char path[64];
    char *text = calloc(1, PIECE + 1);

    (void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int fd = open(path, O_RDONLY);
    ssize_t got = fd < 0 ? 0 : read(fd, text, PIECE);
    if (fd >= 0)
        close(fd);
    *size = got > 0 ? (size_t)got : 0;
    for (size_t i = 0; i < *size; i++)
        if (text[i] == '\0')
            text[i] = '\n';
    return text;
}

Test(signer_secrecy, shows_neither_key_nor_password_on_command_lines_and_in_environments)
{
    static const char *const names[] = {"cmdline", "environ"};
    PLACE place = {0};

    place_make(&place);
    for (size_t i = 0; i < 4; i++) {
        size_t size = 0;
        char *text = proc_text(i < 2 ? place.signer : getpid(), names[i % 2], &size);
        if (i == 0)
            cr_assert_not_null(strstr(text, "sign\n--fd\n3\n--config\n"));
        cr_assert_null(strstr(text, keystore_cheap_key + 2));
        cr_assert_null(strstr(text, "foo"));
        free(text);
    }
}

/* What the signer is given of our environment is a list; nothing else of it comes along. */
Test(signer_secrecy, gives_the_signer_no_environment_of_ours)
{
    PLACE place = {0};
    size_t size = 0;

    cr_assert(setenv("PLIMSOLL_TEST_STRANGER", "1", 1) == 0);
    cr_assert(setenv("LD_PRELOAD_OF_SOMEBODY", "1", 1) == 0);
    place_make(&place);
    char *text = proc_text(place.signer, "environ", &size);
    cr_assert_null(strstr(text, "STRANGER"));
    cr_assert_null(strstr(text, "SOMEBODY"));
    free(text);
}
