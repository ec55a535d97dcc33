/*
 * Who listens to a keeper may stop listening: a scraper that hangs, a pager that was left open. The
 * loop owes them nothing, and follows its heads.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

TestSuite(engine_slow, .timeout = 120);

#define READERS 64 /* as many as the server takes at a time */
#define QUESTIONS 40
#define HEADS 12

static struct chain *chain; /* callbacks of engine_run have no context */
static uint32_t target;
static uint16_t port;
static int readers[READERS];
static bool is_asked;

/* One head after the other, each shown once the one before stands. */
static bool follows(const struct turn_state *state)
{
    if (!state->is_ready || state->header.number != chain_number(chain, chain_shown(chain)))
        return false;
    if (chain_shown(chain) == target)
        return true;
    chain_show(chain, chain_shown(chain) + 1);
    return false;
}

/* Asks again and again and reads nothing, with next to no room for answers. */
static int reader_of(const char *path)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int room = 1024;
    char request[128];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) == 0);
    cr_assert(eq(int, connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0));
    cr_assert(fcntl(fd, F_SETFL, O_NONBLOCK) != -1);
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
    for (unsigned i = 0; i < QUESTIONS; i++)
        if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
            break;
    return fd;
}

static bool asks_and_follows(const struct turn_state *state)
{
    static const char *const paths[] = {"/metrics", "/status", "/"};

    for (size_t i = 0; i < READERS && state->is_ready && !is_asked; i++)
        readers[i] = reader_of(paths[i % ARRAY_LENGTH(paths)]);
    is_asked |= state->is_ready;
    return follows(state);
}

static void listen_choose(struct house *house)
{
    char url[64];
    char line[96];

    server_dead_url(url);
    port = (uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10);
    snprintf(line, sizeof(line), "\"listen\": \"127.0.0.1:%u\"", port);
    house_configure(house, "\"listen\": \"none\"", line);
}

Test(engine_slow, readers_of_its_page_that_read_nothing_hold_up_no_head)
{
    const struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_server = true};
    HOUSE house;

    chain = chain_of(recording_or_skip());
    house_make(&house, chain);
    listen_choose(&house);
    house_serve(&house);
    target = HEADS;
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, asks_and_follows), EXIT_DONE));
    cr_assert(is_asked);
    for (size_t i = 0; i < READERS; i++)
        close(readers[i]);
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

/* Nothing fits in any more. */
static void pipe_fill(int fd)
{
    static const char junk[4096];

    cr_assert(fcntl(fd, F_SETFL, O_NONBLOCK) != -1);
    while (write(fd, junk, sizeof(junk)) > 0) {
        /* on */
    }
    while (write(fd, junk, 1) > 0) {
        /* to the last byte */
    }
    cr_assert(eq(int, errno, EAGAIN));
    cr_assert(fcntl(fd, F_SETFL, 0) != -1); /* a write would wait now */
}

Test(engine_slow, a_log_that_nobody_reads_holds_up_no_head_and_says_what_was_lost)
{
    static char heard[1 << 20];
    int ends[2];
    size_t used = 0;
    ssize_t size;
    HOUSE house;

    chain = chain_of(recording_or_skip());
    house_make(&house, chain);
    house_serve(&house);
    cr_assert(eq(int, pipe(ends), 0));
    pipe_fill(ends[1]);
    close(house.log.fd);
    house.log.fd = ends[1];
    target = HEADS;
    cr_assert(eq(int, house_open(&house), EXIT_DONE), "%s", engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, follows), EXIT_DONE));
    cr_assert(fcntl(ends[0], F_SETFL, O_NONBLOCK) != -1);
    while (read(ends[0], heard, sizeof(heard)) > 0) {
        /* the reader is back */
    }
    target = HEADS + 2;
    cr_assert(eq(int, house_run(&house, follows), EXIT_DONE));
    house_close(&house);
    while ((size = read(ends[0], heard + used, sizeof(heard) - 1 - used)) > 0)
        used += (size_t)size;
    heard[used] = '\0';
    cr_assert(strstr(heard, "event=\"log lost\" lines=") != NULL, "%s", heard);
    close(ends[0]);
    house_end(&house);
    chain_free(chain);
}
