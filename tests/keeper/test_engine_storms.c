/* What wears a keeper out: limits while it starts, a node that goes away and comes back, heads that
 * come faster than they are judged. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/commands.h"
#include "tests/keeper/command_fixture.h"
#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

TestSuite(engine_storms, .timeout = 120);

static struct house house; /* callbacks of engine_run have no context */
static struct chain *chain;

static void begin(void)
{
    chain = chain_of(recording_or_skip());
    house_make(&house, chain);
    house_serve(&house);
}

static void run(const struct engine_options *options, bool (*until)(const struct turn_state *))
{
    cr_assert(eq(int, house_open_with(&house, options), EXIT_DONE), "%s", engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, until), EXIT_DONE), "%s", engine_why(house.engine));
}

static void end(void)
{
    house_close(&house);
    house_end(&house);
    house_remove(&house);
    chain_free(chain);
}

/* ---- limits at the start */

#define LIMITED                                                                                    \
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32005,"                                 \
    "\"message\":\"rate limit exceeded\"}}"
#define STORM 3 /* requests that hear nothing else, before anything is answered */

/* Where it is hit once more, after that. */
static const enum chain_kind steps[] = {CHAIN_TERMS, CHAIN_ACCOUNTS};
#define REFUSALS (STORM + ARRAY_LENGTH(steps))

/* lessons: Charon, morpho. One answer at the start hid a market for the life of the process. */
Test(engine_storms, of_rate_limits_at_the_start_hide_no_market)
{
    const struct engine_options options = {.purpose = PURPOSE_RUN, .with_journal = true};
    unsigned calm[CHAIN_KINDS];
    unsigned stormy[CHAIN_KINDS];

    begin();
    run(&options, until_ready);
    chain_count(chain, calm);
    end();
    begin();
    server_say_first(house.server, STORM,
                     (struct server_reply){.status = 429, .body = "slow down"});
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
        chain_spoil(chain, steps[i], 1, LIMITED);
    run(&options, until_ready);
    chain_count(chain, stormy);
    const struct turn_state *state = engine_state(house.engine);
    cr_assert(state->tracked_count > 0);
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        cr_assert(state->tracked[i].is_complete, "%s", state->tracked[i].why);
        cr_assert(eq(int, state->tracked[i].market.trust, MARKET_TRUSTED));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
        cr_expect(gt(uint, stormy[steps[i]], calm[steps[i]]), "step %zu: no storm", i);
    for (int kind = 0; kind < CHAIN_POLL; kind++) /* each refusal costs one start at most */
        cr_expect(le(uint, stormy[kind], (1 + REFUSALS) * calm[kind]),
                  "kind %d: %u requests where %u do", kind, stormy[kind], calm[kind]);
    end();
}

/* Every other request, in no order, for as long as the start takes. */
static char *limited_answer(void *context, const char *request)
{
    static atomic_uint seed;
    const unsigned next = atomic_fetch_add(&seed, 1) * 2654435761u; /* Knuth's, spread evenly */

    return (next >> 16 & 1) != 0 ? strdup(LIMITED) : chain_answer(context, request);
}

/* A start takes a dozen requests one after the other: where one that is limited began it anew, it
 * would take minutes. */
Test(engine_storms, of_a_steady_share_of_rate_limits_never_begin_a_start_anew)
{
    const struct engine_options options = {.purpose = PURPOSE_RUN, .with_journal = true};
    unsigned kinds[CHAIN_KINDS];

    begin();
    server_say(house.server, (struct server_reply){.answer = limited_answer, .context = chain});
    run(&options, until_ready);
    chain_count(chain, kinds);
    const struct turn_state *state = engine_state(house.engine);
    for (uint32_t i = 0; i < state->tracked_count; i++)
        cr_assert(eq(int, state->tracked[i].market.trust, MARKET_TRUSTED));
    cr_expect(eq(uint, kinds[CHAIN_GREETING], 1));
    cr_expect(eq(u64, state->counters.resyncs, 0));
    end();
}

/* ---- gone and back */

#define POLL_MS 50
#define WINDOW_POLLS 10
#define WINDOW_MS (WINDOW_POLLS * POLL_MS)
#define OUTAGE_POLLS 4

static atomic_uint polls;
static atomic_uint polls_at_once;
static atomic_uint polls_at_once_max;

static char *counted_answer(void *context, const char *request)
{
    bool is_poll = strstr(request, "\"latest\"") != NULL;
    char *body;

    if (is_poll) {
        unsigned now = atomic_fetch_add(&polls_at_once, 1) + 1;

        atomic_fetch_add(&polls, 1);
        if (now > atomic_load(&polls_at_once_max))
            atomic_store(&polls_at_once_max, now);
        usleep(2000);
    }
    body = chain_answer(context, request);
    if (is_poll)
        atomic_fetch_sub(&polls_at_once, 1);
    return body;
}

/* By the turn's clock, and while the head stands: then each poll is one request. */
static struct window {
    int64_t since_ms; /* 0: not begun */
    unsigned first;
    unsigned polls; /* in it; 0: not over */
} before, after;

static void window_watch(struct window *window, const struct turn_state *state)
{
    if (window->since_ms == 0) {
        window->since_ms = state->now_ms;
        window->first = atomic_load(&polls);
    } else if (state->now_ms >= window->since_ms + WINDOW_MS) {
        window->polls = atomic_load(&polls) - window->first;
    }
}

static void serve_counted(void)
{
    server_say(house.server, (struct server_reply){.answer = counted_answer, .context = chain});
}

static enum { BEFORE, GONE, BACK } act;

static bool until_it_polls_as_before(const struct turn_state *state)
{
    switch (act) {
    case BEFORE:
        if (state->is_ready)
            window_watch(&before, state);
        if (before.polls > 0) {
            house_end(&house);
            act = GONE;
        }
        return false;
    case GONE:
        if (state->head_failures >= OUTAGE_POLLS) {
            house_serve(&house);
            serve_counted();
            act = BACK;
        }
        return false;
    case BACK:
        if (state->is_ready)
            window_watch(&after, state);
        return after.polls > 0;
    }
    return true;
}

/* lessons: morpho. Every failed poll started one more watcher. */
Test(engine_storms, of_nobody_there_leave_one_poll_at_a_time_at_the_old_pace)
{
    const struct engine_options options = {.purpose = PURPOSE_RUN, .with_journal = true};

    begin();
    house_configure(&house, "\"poll_ms\": 10", "\"poll_ms\": 50");
    serve_counted();
    run(&options, until_it_polls_as_before);
    /* a slow machine polls less; one may be on its way at either end of a window */
    cr_expect(le(uint, before.polls, WINDOW_POLLS + 2));
    cr_expect(le(uint, after.polls, WINDOW_POLLS + 2), "%u polls after, %u before", after.polls,
              before.polls);
    cr_expect(eq(uint, atomic_load(&polls_at_once_max), 1), "two polls at once");
    end();
}

/* ---- heads that come faster than they are judged */

static bool is_in_turn;
static atomic_bool hurries; /* the head moves on with every request, whatever it is for */

static const struct actions *slow_turn(struct turn_state *state, int64_t now_ms,
                                       const struct observation *observations, size_t count)
{
    const struct actions *actions;

    cr_assert(not(is_in_turn), "a turn within a turn");
    is_in_turn = true;
    if (state->is_ready)
        usleep(20000); /* two polls long */
    actions = turn(state, now_ms, observations, count);
    is_in_turn = false;
    return actions;
}

static char *hurried_answer(void *context, const char *request)
{
    char *body = chain_answer(context, request);

    if (atomic_load(&hurries))
        chain_show(chain, chain_shown(chain) + 1);
    return body;
}

static bool until_the_end_of_the_chain(const struct turn_state *state)
{
    if (state->is_ready && state->phase == PHASE_FOLLOW)
        atomic_store(&hurries, true);
    return state->is_ready && state->header.number == chain_number(chain, chain_blocks(chain) - 1);
}

/* What the journal says of that block. */
static unsigned heads_of(const char *events, uint64_t number)
{
    char wanted[64];
    unsigned count = 0;

    snprintf(wanted, sizeof(wanted), "\"event\":\"head\",\"block\":%lu,", number);
    for (const char *at = events; (at = strstr(at, wanted)) != NULL; at++)
        count++;
    return count;
}

/* lessons: Charon, morpho. A slow consumer dropped blocks, and runs overlapped. */
Test(engine_storms, of_heads_during_a_slow_turn_leave_no_gap_and_judge_no_block_twice)
{
    const struct engine_options quick = {.purpose = PURPOSE_RUN, .with_journal = true};
    struct engine_options slow = quick;
    BUFFER each = {0};
    BUFFER coalesced = {0};
    uint64_t calls;
    OUTCOME outcome;

    begin();
    chain_walk(chain, 1);
    run(&quick, until_the_end_of_the_chain);
    cr_assert(eq(u64, engine_state(house.engine)->follow.missed, 0));
    cr_assert(turn_keep(&each, engine_state(house.engine), 0));
    calls = engine_state(house.engine)->counters.read_calls_at_heads;
    end();

    begin();
    atomic_store(&hurries, false);
    slow.turn = slow_turn;
    server_say(house.server, (struct server_reply){.answer = hurried_answer, .context = chain});
    run(&slow, until_the_end_of_the_chain);
    const struct turn_state *state = engine_state(house.engine);
    cr_expect(gt(u64, state->follow.missed, 0), "no heads came meanwhile");
    cr_expect(le(u64, state->counters.read_calls_at_heads, calls), "read more than once");
    cr_expect(eq(u64, state->counters.resyncs, 0), "all was read again");
    cr_assert(turn_keep(&coalesced, state, 0));
    cr_expect(bytes_equal(buffer_bytes(&each), buffer_bytes(&coalesced)), "a log was lost");
    house_close(&house);
    outcome_of(&outcome, command_journal,
               (const char *const[]){"-c", house.config.file, "--json", NULL}, NULL);
    for (uint32_t i = 0; i < chain_blocks(chain); i++)
        cr_expect(le(uint, heads_of(outcome.out, chain_number(chain, i)), 1));
    cr_expect(gt(uint, heads_of(outcome.out, chain_number(chain, chain_blocks(chain) - 1)), 0));
    end();
}
