/*
 * Each limit and each breaker, from the config file through the running daemon to what does not
 * leave it, and what lets it go on. The gate itself is asked nothing here.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/commands.h"
#include "tests/keeper/command_fixture.h"
#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

TestSuite(engine_breakers, .timeout = 120);

static struct house house; /* callbacks of engine_run have no context */
static struct chain *chain;
static unsigned step;

/* What the node does besides; told from the loop's thread, done in the server's. */
static atomic_uint delay_ms;     /* of an answer about the newest head */
static atomic_bool has_reverted; /* what lands */
static atomic_bool has_drifted;  /* the health that an audit hears */
static atomic_bool is_poor;      /* what a sending hears */

#define POOR                                                                                       \
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,"                                 \
    "\"message\":\"insufficient funds for gas * price + value: balance 1\"}}"

static char *strange_answer(void *context, const char *request)
{
    bool is_audit = strstr(request, "bf92857c") != NULL; /* getUserAccountData */
    char *body;
    char *at;

    if (strstr(request, "\"latest\"") != NULL)
        usleep(atomic_load(&delay_ms) * 1000);
    body = chain_answer(context, request);
    if (atomic_load(&is_poor) && strstr(request, "eth_sendRawTransaction") != NULL) {
        free(body);
        return strdup(POOR);
    }
    if (body != NULL && atomic_load(&has_reverted) &&
        strstr(request, "eth_getTransactionReceipt") != NULL)
        for (at = body; (at = strstr(at, "\"status\":\"0x1\"")) != NULL; at++)
            at[strlen("\"status\":\"0x")] = '0';
    if (body != NULL && atomic_load(&has_drifted) && is_audit) {
        at = strrchr(body, '"') - 1; /* the last digit of the last account's health */
        *at = *at == '0' ? '1' : '0';
    }
    return body;
}

static unsigned sendings(void)
{
    unsigned kinds[CHAIN_KINDS];

    chain_count(chain, kinds);
    return kinds[CHAIN_SEND];
}

static void kill_file(bool is_there)
{
    char path[128];

    if (is_there) {
        folder_put(path, &house.folder, "plimsoll.kill", "", 0600);
    } else {
        folder_path(path, &house.folder, "plimsoll.kill");
        cr_assert(eq(int, unlink(path), 0));
    }
}

/* As config_canonical writes the recording's own. */
static void limit_set(const char *old, const char *fresh)
{
    house_configure(&house, old, fresh);
}

static void begin(bool is_live)
{
    chain = chain_of(recording_or_skip());
    house_make(&house, chain);
    if (is_live)
        house_go_live(&house);
    house_serve(&house);
    server_say(house.server, (struct server_reply){.answer = strange_answer, .context = chain});
}

static void run(bool is_live, bool (*until)(const struct turn_state *state))
{
    struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = is_live};

    chain_walk(chain, 2);
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, until), EXIT_DONE), "%s", engine_why(house.engine));
}

static void end(void)
{
    house_end(&house);
    house_remove(&house);
    chain_free(chain);
}

/* ---- the kill switch */

static bool killed_until_the_file_goes(const struct turn_state *state)
{
    if (step == 0 && state->gate.refused[GATE_KILLED] > 0) {
        step = 1;
        chain_walk(chain, 0);
        cr_assert(eq(uint, sendings(), 0));
        cr_assert(breakers_open(state, BREAKER_KILL));
        kill_file(false);
    }
    return step == 1 && sendings() > 0;
}

Test(engine_breakers, a_kill_file_stops_everything_until_it_is_removed)
{
    begin(true);
    kill_file(true);
    run(true, killed_until_the_file_goes);
    cr_assert(eq(uint, house_lines_of(&house, "breaker=kill why=\"the kill file\""), 1),
              "logged once");
    cr_assert(eq(uint, house_events_of(&house, "kill", "open"), 1));
    cr_assert(eq(uint, house_events_of(&house, "kill", "closed"), 1));
    end();
}

static bool killed_by_signal_and_file(const struct turn_state *state)
{
    const struct breakers *breakers = &state->gate.breakers;

    if (step == 0 && state->is_ready) {
        step = 1;
        raise(SIGUSR1);
        kill_file(true);
    } else if (step == 1 && breakers->is_killed && breakers->has_kill_file) {
        step = 2;
        kill_file(false);
    } else if (step == 2 && !breakers->has_kill_file && state->gate.refused[GATE_KILLED] > 0) {
        step = 3;
        chain_walk(chain, 0);
        cr_assert(eq(uint, sendings(), 0));
        raise(SIGUSR2);
    }
    return step == 3 && sendings() > 0;
}

Test(engine_breakers, a_kill_file_that_goes_does_not_lift_what_a_signal_stopped)
{
    begin(true);
    run(true, killed_by_signal_and_file);
    cr_assert(eq(uint, house_events_of(&house, "kill", "open"), 1));
    cr_assert(eq(uint, house_events_of(&house, "kill", "closed"), 1));
    end();
}

static bool reloaded_without_the_file(const struct turn_state *state)
{
    if (step == 0 && state->gate.refused[GATE_KILLED] > 0) {
        char *text = file_text(house.config.file);
        char *fresh =
            text_with(text, "\"in_flight_max\":", "\"kill_file\": \"none\", \"in_flight_max\":");
        char path[128];

        step = 1;
        chain_walk(chain, 0);
        cr_assert(eq(uint, sendings(), 0));
        folder_put(path, &house.folder, "plimsoll.yaml", fresh, 0600);
        free(text);
        free(fresh);
        raise(SIGHUP);
    }
    return step == 1 && sendings() > 0;
}

Test(engine_breakers, a_reload_may_name_another_kill_file_or_none)
{
    begin(true);
    kill_file(true);
    run(true, reloaded_without_the_file);
    end();
}

/* ---- heads */

/* The kill file holds the candidates back until the head is old. */
static bool stale_until_the_next_head(const struct turn_state *state)
{
    if (step == 0 && state->gate.refused[GATE_KILLED] > 0) {
        step = 1;
        chain_walk(chain, 0);
    } else if (step == 1 && breakers_open(state, BREAKER_STALE_HEAD)) {
        step = 2;
        kill_file(false);
    } else if (step == 2 && state->gate.refused[GATE_STALE_HEAD] > 0) {
        step = 3;
        cr_assert(eq(uint, sendings(), 0));
        chain_walk(chain, 2);
    }
    return step == 3 && sendings() > 0;
}

Test(engine_breakers, a_head_that_stands_too_long_holds_fire_until_the_next)
{
    begin(true);
    kill_file(true);
    limit_set("\"stale_head_max\": \"60000ms\"", "\"stale_head_max\": \"700ms\"");
    run(true, stale_until_the_next_head);
    cr_assert(ge(uint, house_lines_of(&house, "breaker=stale_head why=\""), 1));
    cr_assert(ge(uint, house_events_of(&house, "stale_head", "open"), 1));
    cr_assert(ge(uint, house_events_of(&house, "stale_head", "closed"), 1));
    end();
}

static bool slow_until_it_is_quick(const struct turn_state *state)
{
    if (step == 0 && breakers_open(state, BREAKER_LATENCY)) {
        step = 1;
        kill_file(false);
    } else if (step == 1 && state->gate.refused[GATE_LATENCY] > 0) {
        step = 2;
        cr_assert(eq(uint, sendings(), 0));
        atomic_store(&delay_ms, 0);
    }
    return step == 2 && sendings() > 0;
}

Test(engine_breakers, a_node_that_answers_slowly_gets_nothing_new_until_it_is_back)
{
    begin(true);
    kill_file(true); /* until it is known to be slow */
    atomic_store(&delay_ms, 300);
    limit_set("\"latency_max\": \"5000ms\"", "\"latency_max\": \"200ms\"");
    run(true, slow_until_it_is_quick);
    cr_assert(ge(uint, house_lines_of(&house, "breaker=latency why=\""), 1));
    cr_assert(ge(uint, house_events_of(&house, "latency", "open"), 1));
    cr_assert(ge(uint, house_events_of(&house, "latency", "closed"), 1));
    end();
}

/* ---- receipts */

static unsigned sent_before;

static bool reverts_until_an_operator_speaks(const struct turn_state *state)
{
    if (step == 0 && state->gate.refused[GATE_REVERT_RATE] > 0) {
        step = 1;
        atomic_store(&has_reverted, false);
    }
    /* again where a receipt that was on its way has opened it once more */
    if (step == 1 && breakers_open(state, BREAKER_REVERT_RATE))
        raise(SIGUSR2);
    return step == 1 && !breakers_open(state, BREAKER_REVERT_RATE);
}

Test(engine_breakers, reverts_hold_fire_until_an_operator_lets_it_go_on)
{
    begin(true);
    chain_mine(chain); /* whatever is sent, in whatever order */
    atomic_store(&has_reverted, true);
    limit_set("\"revert_window\": 10", "\"revert_window\": 1");
    limit_set("\"revert_pause\": \"3600000ms\"", "\"revert_pause\": \"none\"");
    run(true, reverts_until_an_operator_speaks);
    unsigned lines =
        house_lines_of(&house, "breaker=revert_rate why=\"1 reverts within the last 1");
    cr_assert(ge(uint, lines, 1));
    cr_assert(eq(uint, house_events_of(&house, "revert_rate", "open"), lines));
    cr_assert(ge(uint, house_events_of(&house, "revert_rate", "closed"), 1));
    end();
}

static bool until_losses_bite(const struct turn_state *state)
{
    return state->gate.refused[GATE_LOSS_PER_DAY] > 0;
}

Test(engine_breakers, losses_from_receipts_end_the_day)
{
    begin(true);
    chain_mine(chain);
    atomic_store(&has_reverted, true);
    limit_set("\"revert_rate_max\": \"50%\"", "\"revert_rate_max\": \"none\"");
    limit_set("\"loss_per_day_max\": \"10000000000000000000 wei\"",
              "\"loss_per_day_max\": \"1 wei\"");
    run(true, until_losses_bite);
    cr_assert(eq(uint, house_lines_of(&house, "breaker=loss_per_day why=\""), 1));
    cr_assert(eq(uint, house_events_of(&house, "loss_per_day", "open"), 1));
    end();
}

/* The recording's own balance moves where its keeper's transactions landed. */
static bool poor_until_the_balance_moves(const struct turn_state *state)
{
    if (step == 0 && state->gate.refused[GATE_FUNDS] > 0 && fleet_live(&state->fleet) == 0) {
        step = 1;
        sent_before = sendings();
        atomic_store(&is_poor, false);
    } else if (step == 1 && breakers_open(state, BREAKER_FUNDS)) {
        cr_assert(eq(uint, sendings(), sent_before));
    }
    return step == 1 && sendings() > sent_before;
}

Test(engine_breakers, a_balance_that_does_not_cover_it_holds_fire_until_it_changes)
{
    begin(true);
    atomic_store(&is_poor, true);
    run(true, poor_until_the_balance_moves);
    cr_assert(eq(uint, house_lines_of(&house, "breaker=funds why=\"a node says"), 1));
    cr_assert(eq(uint, house_events_of(&house, "funds", "open"), 1));
    cr_assert(eq(uint, house_events_of(&house, "funds", "closed"), 1));
    end();
}

/* ---- the mirror */

static bool until_the_end_of_the_chain(const struct turn_state *state)
{
    return state->is_ready && state->header.number == chain_number(chain, chain_blocks(chain) - 1);
}

Test(engine_breakers, accounts_that_differ_from_the_chain_hold_fire)
{
    begin(true);
    atomic_store(&has_drifted, true);
    limit_set("\"drift_max\": 3", "\"drift_max\": 1");
    limit_set("\"audit_accounts\": 16", "\"audit_accounts\": 0"); /* or it closes again */
    run(true, until_the_end_of_the_chain);
    cr_assert(breakers_open(engine_state(house.engine), BREAKER_DRIFT));
    cr_assert(eq(uint, sendings(), 0));
    cr_assert(eq(uint, house_lines_of(&house, "breaker=drift why=\""), 1));
    cr_assert(eq(uint, house_events_of(&house, "drift", "open"), 1));
    end();
}
