/* The process ends, or the power, with transactions armed: what left is followed, what did not is
 * forgotten, and no nonce is given before that is known. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/submit/fleets.h"
#include "tests/turn/aloft.h"
#include "turn/inside.h"

#define SEND "eth_sendRawTransaction"
#define RECEIPTS "eth_getTransactionReceipt"
#define RESULTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define KNOWN "{\"hash\":\"0x1\"}"

static void earlier(struct flight *out, uint8_t name, uint64_t id, uint64_t nonce)
{
    struct fleet *fleet = fleet_new(nonce);
    struct flight *flight = flight_drafted(fleet, name);
    BUFFER raw = {0};

    flight->id = id;
    flight->account = address_named(name);
    flight->decided_block = 70;
    flight_sign(&raw, flight, CHAIN_ID);
    cr_assert(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID));
    *out = *flight;
    free(fleet);
}

static void restored(struct aloft *aloft, const char *prefix, const struct flight *flight)
{
    struct observation observation = {.kind = OBSERVATION_RESTORED};
    TEXT key = {0};
    TEXT json = {0};

    flight_encode(&json, flight);
    text_add(&key, prefix);
    text_add_u64(&key, flight->id);
    observation.body = text_bytes(&json);
    observation.key = bytes_of_text(text_string(&key));
    aloft_tell(aloft, &observation);
    aloft_turn(aloft);
}

/* A daemon that begins: it knows no nonce, and three accounts are under water. */
static void begun(struct aloft *aloft)
{
    aloft_make(aloft, 3);
    aloft->state->fleet.nonce_is_known = false;
    aloft->state->settings.armed = 4;
}

static const struct ask *doubt_ask(const struct aloft *aloft, uint32_t calls)
{
    for (size_t i = 0; i < aloft_asks(aloft, RECEIPTS); i++) {
        const struct ask *ask = aloft_ask(aloft, RECEIPTS, i);

        if (ask->calls == calls && ask->id == aloft->state->arming.ask)
            return ask;
    }
    return NULL;
}

static void count_told(struct aloft *aloft, const char *count)
{
    const struct ask *ask;

    aloft_block(aloft); /* what was asked before is answered no more */
    for (int i = 0; i < 4 && !aloft->state->fleet.nonce_is_known; i++) {
        for (size_t k = 0; (ask = aloft_ask(aloft, RECEIPTS, k)) != NULL; k++) {
            if (ask->id == aloft->state->receipts_ask)
                aloft_answer(aloft, ask, RESULTS(count));
        }
        aloft_turn(aloft);
    }
}

Test(arm_restart, forgets_what_no_node_knows_and_then_gives_the_nonce)
{
    struct flight flights[2];
    ALOFT aloft;

    begun(&aloft);
    earlier(&flights[0], 50, 7, 5);
    earlier(&flights[1], 51, 8, 5);
    restored(&aloft, KEY_ARMED, &flights[0]);
    cr_assert(aloft.state->arming.in_doubt);
    aloft.state->arming.ask = 0; /* the second was read in the same turn */
    aloft.state->arming.ask_at_ms = 0;
    restored(&aloft, KEY_ARMED, &flights[1]);
    cr_assert_not_null(doubt_ask(&aloft, 4));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0), "a nonce was given");
    aloft_answer(&aloft, doubt_ask(&aloft, 4), RESULTS("null", "null", "null", "null"));
    aloft_turn(&aloft);
    cr_assert(not(aloft.state->arming.in_doubt));
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0));
    count_told(&aloft, "\"0x5\"");
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 3));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
    cr_assert(gt(u64, aloft_flight(&aloft, 0)->id, 8), "an id was used again");
}

Test(arm_restart, takes_the_forgotten_off_the_disk)
{
    struct flight flight;
    size_t forgotten;
    ALOFT aloft;

    begun(&aloft);
    earlier(&flight, 50, 7, 5);
    restored(&aloft, KEY_ARMED, &flight);
    aloft_answer(&aloft, doubt_ask(&aloft, 2), RESULTS("null", "null"));
    aloft_turn(&aloft);
    forgotten = aloft_actions(&aloft, ACTION_FORGET, KEY_ARMED);
    aloft_turn(&aloft);
    forgotten += aloft_actions(&aloft, ACTION_FORGET, KEY_ARMED);
    cr_assert(eq(sz, forgotten, 1));
}

Test(arm_restart, follows_what_a_node_knows_as_a_flight)
{
    struct flight flight;
    ALOFT aloft;

    begun(&aloft);
    earlier(&flight, 50, 7, 5);
    restored(&aloft, KEY_ARMED, &flight);
    aloft_answer(&aloft, doubt_ask(&aloft, 2), RESULTS("null", KNOWN));
    aloft_turn(&aloft);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->id, 7));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
    cr_assert(eq(int, aloft_flight(&aloft, 0)->state, FLIGHT_SENT));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_KEEP, "flight/"), 1));
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0), "posted though a node has it");
}

Test(arm_restart, books_what_landed_meanwhile)
{
    struct flight flight;
    TEXT receipt = {0};
    const struct ask *ask = NULL;
    ALOFT aloft;

    begun(&aloft);
    earlier(&flight, 50, 7, 5);
    receipt_text(&receipt, &flight, 75, true);
    restored(&aloft, KEY_ARMED, &flight);
    aloft_answer(&aloft, doubt_ask(&aloft, 2), RESULTS(text_string(&receipt), KNOWN));
    aloft_turn(&aloft);
    for (int i = 0; i < 3 && ask == NULL; i++) {
        for (size_t k = 0; k < aloft_asks(&aloft, RECEIPTS); k++) {
            if (aloft_ask(&aloft, RECEIPTS, k)->calls == 3)
                ask = aloft_ask(&aloft, RECEIPTS, k);
        }
        if (ask == NULL)
            aloft_block(&aloft);
    }
    cr_assert_not_null(ask);
    aloft_answer(&aloft, ask, RESULTS("\"0x6\"", text_string(&receipt), KNOWN));
    aloft_turn(&aloft);
    cr_assert(lines_with(&aloft.events, "\"status\":\"mined\"", "\"flight\":7,") == 1);
    cr_assert(not(u256_is_zero(&aloft.state->gate.day.gas_spent.value)));
}

Test(arm_restart, asks_again_where_a_node_does_not_say)
{
    struct flight flight;
    ALOFT aloft;

    begun(&aloft);
    earlier(&flight, 50, 7, 5);
    restored(&aloft, KEY_ARMED, &flight);
    aloft_answer_nothing(&aloft, doubt_ask(&aloft, 2), OBSERVED_TIMED_OUT);
    aloft_turn(&aloft);
    cr_assert(aloft.state->arming.in_doubt);
    for (int i = 0; i < 3 && doubt_ask(&aloft, 2) == NULL; i++)
        aloft_turn(&aloft);
    cr_assert_not_null(doubt_ask(&aloft, 2));
    cr_assert(not(aloft.state->fleet.nonce_is_known));
}

/* The record of the shot is there, those of what was armed beside it not gone yet. */
Test(arm_restart, knows_of_which_nonce_one_was_fired)
{
    struct flight fired;
    struct flight other;
    ALOFT aloft;

    begun(&aloft);
    earlier(&fired, 50, 7, 5);
    earlier(&other, 51, 8, 5);
    restored(&aloft, "flight/", &fired);
    restored(&aloft, KEY_ARMED, &fired);
    aloft.state->arming.ask = 0;
    aloft.state->arming.ask_at_ms = 0;
    restored(&aloft, KEY_ARMED, &other);
    aloft_turn(&aloft);
    cr_assert(not(aloft.state->arming.in_doubt));
    cr_assert(eq(u32, arsenal_count(&aloft.state->arsenal), 0));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->id, 7));
}

Test(arm_restart, refuses_a_record_that_cannot_be_read)
{
    struct observation observation = {.kind = OBSERVATION_RESTORED,
                                      .key = bytes_of_text(KEY_ARMED "7"),
                                      .body = bytes_of_text("{\"id\":7}")};
    ALOFT aloft;

    begun(&aloft);
    aloft_tell(&aloft, &observation);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 0));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_STOP, NULL), 1));
}
