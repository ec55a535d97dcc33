/* What a service manager hears: ready, how far, alive, stopping; and what it must not hear. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

static struct house *watched; /* callbacks of engine_run have no context */
static struct text heard;     /* every message, a line each */
static size_t ready_early;
static uint64_t turns;

static void messages_take(const struct turn_state *state)
{
    char message[256];

    while (house_heard(watched, message)) {
        ready_early += strstr(message, "READY=1") != NULL && !state->is_ready;
        for (char *c = message; *c != '\0'; c++)
            *c = *c == '\n' ? ' ' : *c;
        text_add(&heard, message);
        text_add(&heard, "\n");
    }
}

static size_t heard_count(const char *piece)
{
    return lines_with(&heard, piece, "");
}

static void end(void)
{
    text_release(&heard);
}

TestSuite(service, .fini = end, .timeout = 60);

/* ---- a whole market */

static bool until_ready_is_said(const struct turn_state *state)
{
    messages_take(state);
    return heard_count("READY=1") > 0;
}

static uint64_t wanted_head;

static bool until_a_later_head(const struct turn_state *state)
{
    messages_take(state);
    return state->is_ready && state->header.number >= wanted_head;
}

Test(service, hears_ready_once_the_mirror_stands_and_how_far_it_is_until_then)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;
    char head[64];

    house_make(&house, chain);
    watched = &house;
    house_supervise(&house, 0);
    house_serve(&house);
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, until_ready_is_said), EXIT_DONE));
    cr_assert(eq(sz, ready_early, 0));
    cr_assert(engine_state(house.engine)->is_ready);
    cr_assert(heard_count("STATUS=greeting the node") > 0, "%s", text_string(&heard));
    cr_assert(heard_count("STATUS=reading") > 0, "%s", text_string(&heard));
    snprintf(head, sizeof(head), "STATUS=following, head %lu", chain_number(chain, 0));
    messages_take(engine_state(house.engine));
    cr_assert(eq(sz, heard_count(head), 1), "%s", text_string(&heard));
    chain_walk(chain, 1);
    wanted_head = chain_number(chain, 3);
    cr_assert(eq(int, house_run(&house, until_a_later_head), EXIT_DONE));
    cr_assert(eq(sz, heard_count("READY=1"), 1), "ready is said once");
    cr_assert(eq(sz, heard_count("STATUS=following"), 1), "each head is no news");
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

static bool until_many_turns(const struct turn_state *state)
{
    messages_take(state);
    return ++turns >= 50;
}

Test(service, hears_nothing_of_ready_while_nobody_answers)
{
    HOUSE house;

    house_make(&house, NULL);
    house_configure(&house, "log: debug", "log: error");
    watched = &house;
    house_supervise(&house, 0);
    house_serve(&house);
    server_say(house.server, (struct server_reply){.status = 502, .body = "<html>502</html>"});
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    turns = 45;
    cr_assert(eq(int, house_run(&house, until_many_turns), EXIT_DONE));
    cr_assert(eq(sz, heard_count("READY=1"), 0));
    cr_assert(heard_count("STATUS=greeting the node") > 0);
}

/* ---- turns of our own */

static struct ask_list no_asks;
static struct actions nothing;
static size_t pats_too_many;
static uint64_t stuck_at;
static int stuck_pipe[2];

static const struct actions *short_turn(struct turn_state *state, int64_t now_ms,
                                        const struct observation *observations, size_t count)
{
    (void)observations, (void)count;
    messages_take(state);
    pats_too_many += heard_count("WATCHDOG=1") > turns;
    if (stuck_at != 0 && turns == stuck_at) {
        if (write(stuck_pipe[1], "!", 1) == 1)
            for (;;)
                pause();
    }
    turns++;
    nothing.asks = &no_asks;
    nothing.wake_ms = now_ms + 2;
    return &nothing;
}

static void short_turns_open(struct house *house, unsigned watchdog_us)
{
    struct engine_options options = {.purpose = PURPOSE_RUN, .turn = short_turn};

    house_make(house, NULL);
    watched = house;
    house_supervise(house, watchdog_us);
    cr_assert(eq(int, house_open_with(house, &options), EXIT_DONE));
}

static bool until_pats(const struct turn_state *state)
{
    messages_take(state);
    return heard_count("WATCHDOG=1") >= 5;
}

Test(service, is_patted_by_finished_turns)
{
    HOUSE house;

    short_turns_open(&house, 8000);
    cr_assert(eq(int, house_run(&house, until_pats), EXIT_DONE));
    cr_assert(eq(sz, pats_too_many, 0), "more pats than finished turns");
    cr_assert(turns >= 5);
}

Test(service, is_not_patted_where_it_does_not_watch)
{
    HOUSE house;

    short_turns_open(&house, 0);
    cr_assert(eq(int, house_run(&house, until_many_turns), EXIT_DONE));
    cr_assert(eq(sz, heard_count("WATCHDOG=1"), 0));
}

/* Counts pats until the child says that it hangs: a socket that nobody reads would hold it up. */
static size_t pats_until_stuck(const struct house *house)
{
    struct pollfd wait[2] = {{.fd = house->notify, .events = POLLIN},
                             {.fd = stuck_pipe[0], .events = POLLIN}};
    char message[256];
    char byte;
    size_t pats = 0;

    do {
        cr_assert(poll(wait, 2, -1) > 0);
        while (house_heard(house, message))
            pats += strstr(message, "WATCHDOG=1") != NULL;
    } while (wait[1].revents == 0);
    cr_assert(eq(sz, read(stuck_pipe[0], &byte, 1), 1), "the child is gone");
    while (house_heard(house, message))
        pats += strstr(message, "WATCHDOG=1") != NULL;
    return pats;
}

/* Many intervals pass; no pat comes. */
Test(service, hears_no_more_of_a_turn_that_never_returns)
{
    HOUSE house;

    house_make(&house, NULL);
    watched = &house;
    house_supervise(&house, 8000);
    cr_assert(eq(int, pipe(stuck_pipe), 0));
    stuck_at = 40;
    pid_t child = fork();
    if (child == 0) {
        struct engine_options options = {.purpose = PURPOSE_RUN, .turn = short_turn};

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(house.notify);
        house.notify = -1; /* the parent listens */
        if (house_open_with(&house, &options) == EXIT_DONE)
            (void)house_run(&house, NULL);
        _exit(1);
    }
    close(stuck_pipe[1]);
    cr_assert(child > 0);
    cr_assert(pats_until_stuck(&house) > 0, "not patted before it hung");
    struct pollfd wait = {.fd = house.notify, .events = POLLIN};
    cr_assert(eq(int, poll(&wait, 1, 200), 0), "patted by a turn that hangs");
    cr_assert(eq(int, kill(child, SIGKILL), 0));
    cr_assert(eq(int, waitpid(child, NULL, 0), child));
}

static bool after_a_few_turns_terminate(const struct turn_state *state)
{
    messages_take(state);
    if (++turns == 5)
        raise(SIGTERM);
    return false;
}

Test(service, hears_that_it_stops_when_it_is_terminated)
{
    HOUSE house;

    house_make(&house, NULL);
    watched = &house;
    house_supervise(&house, 0);
    house_serve(&house);
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, after_a_few_turns_terminate), EXIT_DONE));
    messages_take(engine_state(house.engine));
    cr_assert(eq(sz, heard_count("STOPPING=1 STATUS=stopped by the operator"), 1), "%s",
              text_string(&heard));
    house_said(&house, "signal number=15");
}
