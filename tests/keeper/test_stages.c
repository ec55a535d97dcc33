/* Where the time went between a head and a receipt. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "keeper/stages.h"
#include "tests/keeper/state_fixture.h"

static struct turn_state *state;
static struct metrics *metrics;
static struct stages stages;

static void begin(void)
{
    state = a_state();
    metrics = metrics_new();
    memset(&stages, 0, sizeof(stages));
}

static void end(void)
{
    turn_free(state);
    metrics_free(metrics);
}

TestSuite(stages, .init = begin, .fini = end);

static void turned(int64_t began_us, int64_t now_us)
{
    stages_turned(&stages, metrics, state, began_us, now_us);
    state->actions.count = 0;
    state->asks.count = 0;
}

/* In all, of that stage. */
static double spent(const char *stage)
{
    char labels[40];

    snprintf(labels, sizeof(labels), "stage=\"%s\"", stage);
    return metrics_get(metrics, "stage_seconds", labels);
}

#define SPENT(stage, seconds) cr_assert(epsilon_eq(dbl, spent(stage), seconds, 1e-9))

static void head_seen(uint8_t name)
{
    memset(state->follow.newest.hash.byte, name, 32);
    state->header.hash = state->follow.newest.hash;
    state->is_updating = true;
    state->is_ready = false;
}

static void head_read(void)
{
    state->is_updating = false;
    state->is_ready = true;
}

/* Asked to be signed at 2 s, signed at 2.25 s, asked to be sent at 3 s. */
static struct flight *sent_flight(void)
{
    struct address to = address_named(9);
    struct flight *flight;

    fleet_set_nonce(&state->fleet, 5);
    flight = fleet_draft(&state->fleet, &to, bytes_of_text("x"), 0);
    state->actions.count = 1;
    state->actions.action[0] = (struct action){.kind = ACTION_SIGN, .id = flight->id};
    stages_asked(&stages, state, 2000000);
    state->actions.count = 0;
    stages_signed(&stages, metrics, flight->id, 2250000);
    state->asks.count = 1;
    state->asks.ask[0] = (struct ask){.id = 70, .is_send = true};
    state->send_ask[flight - state->fleet.flight] = 70;
    stages_asked(&stages, state, 3000000);
    state->asks.count = 0;
    return flight;
}

static void flight_over(uint64_t id, enum flight_state how, int64_t now_us)
{
    state->actions.count = 1;
    state->actions.action[0] = (struct action){.kind = ACTION_FORGET, .id = id, .code = (int)how};
    turned(now_us, now_us);
}

Test(stages, count_from_a_head_to_the_last_of_its_reads)
{
    head_seen(1);
    turned(1000000, 1000100);
    turned(1100000, 1100100);
    head_read();
    turned(1500000, 1500100);
    turned(9000000, 9000100);
    SPENT("fetched", 0.5);
}

Test(stages, count_anew_from_a_head_that_came_before_the_last_was_read)
{
    head_seen(1);
    turned(1000000, 1000100);
    state->is_updating = false;
    state->is_behind = true;
    turned(2000000, 2000100);
    state->is_behind = false;
    head_seen(2);
    turned(3000000, 3000100);
    head_read();
    turned(3250000, 3250100);
    SPENT("fetched", 0.25);
}

Test(stages, count_the_walk_back_to_a_known_block_as_fetching)
{
    memset(state->follow.newest.hash.byte, 1, 32);
    state->follow.state = HEAD_WALKING;
    turned(1000000, 1000100);
    state->follow.state = HEAD_IDLE;
    head_seen(1);
    turned(2000000, 2000100);
    head_read();
    turned(4000000, 4000100);
    SPENT("fetched", 3);
}

Test(stages, count_no_head_that_synchronising_afresh_took_away)
{
    head_seen(1);
    turned(1000000, 1000100);
    state->phase = PHASE_TERMS;
    turned(2000000, 2000100);
    state->phase = PHASE_FOLLOW;
    head_read();
    turned(3000000, 3000100);
    SPENT("fetched", 0);
}

Test(stages, count_a_turn_that_decided_and_no_other)
{
    turned(1000000, 1500000);
    SPENT("decided", 0);
    state->counters.heads_decided++;
    turned(2000000, 2250000);
    turned(3000000, 3500000);
    SPENT("decided", 0.25);
    cr_assert(epsilon_eq(dbl, metrics_get(metrics, "turn_seconds", NULL), 1.25, 1e-9));
}

Test(stages, count_signing_sending_and_landing_of_a_flight)
{
    struct flight *flight = sent_flight();

    SPENT("signed", 0.25);
    stages_answered(&stages, metrics, 69, 3100000);
    SPENT("sent", 0);
    stages_answered(&stages, metrics, 70, 3500000);
    stages_answered(&stages, metrics, 70, 3600000);
    SPENT("sent", 0.5);
    flight_over(flight->id, FLIGHT_REVERTED, 15500000);
    SPENT("included", 12);
}

Test(stages, count_no_landing_of_a_flight_that_was_dropped)
{
    struct flight *flight = sent_flight();

    stages_answered(&stages, metrics, 70, 3500000);
    flight_over(flight->id, FLIGHT_DROPPED, 15500000);
    SPENT("included", 0);
}

Test(stages, count_a_landing_from_the_first_time_that_a_node_took_it)
{
    struct flight *flight = sent_flight();

    stages_answered(&stages, metrics, 70, 3500000);
    state->asks.count = 1;
    state->asks.ask[0] = (struct ask){.id = 71, .is_send = true};
    state->send_ask[flight - state->fleet.flight] = 71;
    stages_asked(&stages, state, 5000000);
    stages_answered(&stages, metrics, 71, 6000000);
    flight_over(flight->id, FLIGHT_MINED, 8500000);
    SPENT("sent", 1.5);
    SPENT("included", 5);
}

Test(stages, count_nothing_of_a_flight_from_an_earlier_life)
{
    struct address to = address_named(9);
    struct flight *flight;

    fleet_set_nonce(&state->fleet, 5);
    flight = fleet_draft(&state->fleet, &to, bytes_of_text("x"), 0);
    state->asks.count = 1;
    state->asks.ask[0] = (struct ask){.id = 70, .is_send = true};
    state->send_ask[flight - state->fleet.flight] = 70;
    stages_asked(&stages, state, 5000000);
    stages_answered(&stages, metrics, 70, 6000000);
    flight_over(flight->id, FLIGHT_MINED, 7000000);
    SPENT("sent", 0);
    SPENT("included", 0);
}

Test(stages, count_what_was_signed_ahead_from_its_sending)
{
    struct address to = address_named(9);
    struct flight *flight;

    fleet_set_nonce(&state->fleet, 5);
    flight = fleet_draft(&state->fleet, &to, bytes_of_text("x"), 0);
    state->asks.count = 1;
    state->asks.ask[0] = (struct ask){.id = 70, .is_send = true, .is_kept = true};
    state->send_ask[flight - state->fleet.flight] = 70;
    stages_asked(&stages, state, 3000000);
    state->asks.count = 0;
    stages_answered(&stages, metrics, 70, 3250000);
    SPENT("sent", 0.25);
}
