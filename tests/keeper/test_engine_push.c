/* The daemon behind a socket that pushes: it follows without waiting for a poll, and loses nothing
 * where pushes do not come. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/keeper/config_fixture.h"
#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"
#include "tests/rpc/node.h"

TestSuite(engine_push, .timeout = 120);

#define BLOCKS 12

static struct chain *chain;
static struct node *node;
static uint32_t target;
static bool pushes;

static void serve(void *context, struct peer *peer, const char *message)
{
    char *answer = message_is_subscribe(message) ? NULL : chain_answer(context, message);
    if (answer != NULL)
        (void)peer_say(peer, answer);
    else
        (void)peer_answer(peer, message);
    free(answer);
}

/* One block after the other, each shown once the one before was read; then that is pushed. */
static bool shows_blocks(const struct turn_state *state)
{
    if (!state->is_ready || state->header.number != chain_number(chain, chain_shown(chain)))
        return false;
    if (chain_shown(chain) == target)
        return true;
    chain_show(chain, chain_shown(chain) + 1);
    if (pushes)
        node_push(node, chain_shown(chain));
    return false;
}

static void open_on(struct house *house, enum node_wire wire, const char *poll_ms)
{
    char url[64];

    chain = chain_of(recording_or_skip());
    node = node_new(wire);
    node_on_message(node, serve, chain);
    house_make(house, chain);
    snprintf(url, sizeof(url), "%.*s", (int)strlen(house->url) - 1, house->url);
    house_configure(house, url, node_url(node));
    house_configure(house, "\"poll_ms\": 10", poll_ms);
    target = chain_shown(chain) + BLOCKS;
}

static void close_all(struct house *house)
{
    house_close(house);
    node_free(node);
    chain_free(chain);
}

static const enum node_wire WIRES[NODE_WIRES] = {NODE_WEBSOCKET, NODE_IPC};

/* A poll a minute: within the test's time only pushes can have done it. */
Test(engine_push, follows_heads_that_the_clock_would_not_find)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        HOUSE house;
        unsigned kinds[CHAIN_KINDS];
        char *log;

        open_on(&house, WIRES[i], "\"poll_ms\": 60000");
        pushes = true;
        cr_assert(eq(int, house_open(&house), EXIT_DONE), "%s", engine_why(house.engine));
        cr_assert(eq(int, house_run(&house, shows_blocks), EXIT_DONE));
        chain_count(chain, kinds);
        cr_assert(le(uint, kinds[CHAIN_POLL], BLOCKS + 4), "a question for each push");
        cr_assert(eq(uint, kinds[CHAIN_SEND], 0));
        log = house_log(&house);
        cr_assert(strstr(log, "pushes come") != NULL);
        free(log);
        close_all(&house);
    }
}

Test(engine_push, polls_on_where_pushes_do_not_come)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        HOUSE house;

        open_on(&house, WIRES[i], "\"poll_ms\": 20");
        pushes = false;
        cr_assert(eq(int, house_open(&house), EXIT_DONE), "%s", engine_why(house.engine));
        cr_assert(eq(int, house_run(&house, shows_blocks), EXIT_DONE));
        close_all(&house);
    }
}

static uint64_t cuts;

/* Each block is shown while nobody is connected, so that its push is lost. */
static bool cuts_at_blocks(const struct turn_state *state)
{
    if (!state->is_ready || state->header.number != chain_number(chain, chain_shown(chain)))
        return false;
    if (chain_shown(chain) == target)
        return true;
    node_cut(node);
    cuts++;
    chain_show(chain, chain_shown(chain) + 1);
    return false;
}

Test(engine_push, loses_nothing_to_a_connection_that_is_cut_at_every_head)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        HOUSE house;

        open_on(&house, WIRES[i], "\"poll_ms\": 60000");
        pushes = false;
        target = chain_shown(chain) + 4;
        cr_assert(eq(int, house_open(&house), EXIT_DONE), "%s", engine_why(house.engine));
        cr_assert(eq(int, house_run(&house, cuts_at_blocks), EXIT_DONE));
        cr_assert(eq(u64, engine_state(house.engine)->counters.resyncs, 0));
        close_all(&house);
    }
}

Test(engine_push, is_recorded_and_replayed)
{
    HOUSE house;
    char tape[128];
    char *text;

    open_on(&house, NODE_IPC, "\"poll_ms\": 60000");
    pushes = true;
    folder_path(tape, &house.folder, "push.rec");
    struct engine_options options = {.purpose = PURPOSE_RUN, .with_journal = true, .record = tape};
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, shows_blocks), EXIT_DONE));
    uint64_t head = engine_state(house.engine)->header.number;
    house_close(&house);
    text = file_text(tape);
    cr_assert(strstr(text, "\"kind\":\"push\"") != NULL);
    free(text);
    for (int i = 0; i < 2; i++) {
        TOLD told = {0};
        told_of(&told, tape, NULL);
        cr_assert(eq(int, told.code, EXIT_DONE), "%s", told.why);
        char last[64];
        snprintf(last, sizeof(last), "\"block\":%lu,", (unsigned long)head);
        cr_assert(gt(sz, lines_with(&told.events, "\"event\":\"head\"", last), 0));
    }
    close_all(&house);
}
