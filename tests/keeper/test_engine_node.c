/* A node that is another's, not there, gone for a while, or out of its mind; and who else may want
 * the journal. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/commands.h"
#include "tests/keeper/command_fixture.h"
#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

TestSuite(engine_node, .timeout = 60);

static struct house *lived_in; /* callbacks of engine_run have no context */
static uint64_t turns;

/* ---- another chain */

Test(engine_node, of_another_chain_ends_a_run_and_both_ids_are_named)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;

    house_make(&house, chain);
    house_configure(&house, "\"id\": 31337", "\"id\": 424242");
    house_serve(&house);
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, NULL), EXIT_CHAIN));
    cr_assert_not_null(strstr(engine_why(house.engine), "31337"));
    cr_assert_not_null(strstr(engine_why(house.engine), "424242"));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

Test(engine_node, of_another_chain_ends_a_look_too)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;
    OUTCOME outcome;

    house_make(&house, chain);
    house_configure(&house, "\"id\": 31337", "\"id\": 424242");
    house_serve(&house);
    outcome_of(&outcome, command_health, (const char *const[]){"-c", house.config.file, NULL},
               NULL);
    cr_assert(eq(int, outcome.code, EXIT_CHAIN));
    cr_assert_not_null(strstr(outcome.err, "31337"), "%s", outcome.err);
    cr_assert_not_null(strstr(outcome.err, "424242"), "%s", outcome.err);
    house_end(&house);
    chain_free(chain);
}

/* ---- nobody there */

static bool after_failures_serve(const struct turn_state *state)
{
    if (state->greeting_failures >= 2 && lived_in->server == NULL)
        house_serve(lived_in);
    cr_assert(not(state->is_ready && lived_in->server == NULL));
    return state->is_ready;
}

Test(engine_node, that_comes_late_is_waited_for)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;

    house_make(&house, chain);
    lived_in = &house;
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, after_failures_serve), EXIT_DONE));
    cr_assert(eq(u64, engine_state(house.engine)->header.number, chain_number(chain, 0)));
    house_said(&house, "no endpoint answers");
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

/* ---- gone and back */

#define OUTAGE_POLLS 5
#define OUTAGE_BLOCKS 6

static unsigned requests_before;
static unsigned requests_during;
static bool is_gone;
static bool was_unready;

static bool go_and_come_back(const struct turn_state *state)
{
    struct server_reply cut = {.deed = SERVER_CUTS_BEFORE_HEADERS};
    struct server_reply back = {.answer = chain_answer, .context = lived_in->chain};

    if (state->is_ready && !is_gone && requests_before == 0) {
        is_gone = true;
        requests_before = server_requests(lived_in->server);
        server_say(lived_in->server, cut);
        chain_show(lived_in->chain, OUTAGE_BLOCKS);
    }
    if (is_gone && state->head_failures >= OUTAGE_POLLS) {
        is_gone = false;
        was_unready = !state->is_ready;
        requests_during = server_requests(lived_in->server) - requests_before;
        server_say(lived_in->server, back);
    }
    return requests_during > 0 && state->is_ready &&
           state->header.number == chain_number(lived_in->chain, OUTAGE_BLOCKS);
}

Test(engine_node, that_is_gone_for_a_while_is_asked_seldom_and_caught_up_with)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;

    house_make(&house, chain);
    lived_in = &house;
    house_serve(&house);
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, go_and_come_back), EXIT_DONE));
    const struct turn_state *state = engine_state(house.engine);
    cr_assert(was_unready, "ready without a node");
    cr_assert(le(uint, requests_during, OUTAGE_POLLS + 2), "an outage became a stampede");
    cr_assert(eq(u64, state->counters.resyncs, 0), "everything was read again");
    cr_assert(eq(u64, state->follow.missed, OUTAGE_BLOCKS - 1));
    cr_assert(eq(uint, chain_unknown(chain), 0));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

/* ---- out of its mind */

static bool until_it_stands(const struct turn_state *state)
{
    turns++;
    return state->is_ready;
}

/* Over the wire, each kind of question that a start has, once. */
Test(engine_node, that_talks_nonsense_is_neither_believed_nor_left)
{
    static const char *const nonsense[] = {
        "<html><body>502 Bad Gateway</body></html>", "hello",
        "[{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":\"0x7a",
        "{\"jsonrpc\":\"2.0\",\"id\":999999,\"result\":\"0x1\"}"};
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;

    house_make(&house, chain);
    lived_in = &house;
    house_serve(&house);
    chain_spoil(chain, CHAIN_GREETING, 1, nonsense[0]);
    chain_spoil(chain, CHAIN_TERMS, 1, nonsense[1]);
    chain_spoil(chain, CHAIN_ACCOUNTS, 1, nonsense[2]);
    chain_spoil(chain, CHAIN_POLL, 1, nonsense[3]);
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, until_it_stands), EXIT_DONE));
    cr_assert(eq(u64, engine_state(house.engine)->counters.resyncs, 3));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

/* ---- the journal's lock, a signal, a reload */

Test(engine_node, is_not_asked_by_a_second_run_on_one_journal)
{
    HOUSE house;
    OUTCOME outcome;
    char writer[64];

    snprintf(writer, sizeof(writer), "process %d writes it", getpid());
    house_make(&house, NULL);
    house_serve(&house);
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    outcome_of(&outcome, command_run, (const char *const[]){"-c", house.config.file, NULL}, NULL);
    cr_assert(eq(int, outcome.code, EXIT_REFUSED));
    cr_assert_not_null(strstr(outcome.err, "live.db"), "%s", outcome.err);
    cr_assert_not_null(strstr(outcome.err, writer), "%s", outcome.err);
    cr_assert(eq(uint, server_requests(house.server), 0));
}

static bool until_limits_change(const struct turn_state *state)
{
    struct u256 wanted = u256_of(30000000000);

    if (turns++ == 0) {
        char *text = file_text(lived_in->config.file);
        char *fresh = text_with(text, "400 gwei", "30 gwei");
        char path[128];

        folder_put(path, &lived_in->folder, "plimsoll.yaml", fresh, 0600);
        free(text);
        free(fresh);
        raise(SIGHUP);
    }
    return u256_is_equal(&state->settings.limits.fee_per_gas_max.value, &wanted);
}

Test(engine_node, is_followed_under_new_limits_after_a_reload)
{
    HOUSE house;

    house_make(&house, NULL);
    lived_in = &house;
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, until_limits_change), EXIT_DONE));
    house_said(&house, "reloaded");
}
