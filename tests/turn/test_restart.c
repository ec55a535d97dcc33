/* The process ends at any moment and another takes over: nothing is sent twice, nothing forgotten.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/keeper/stage.h"
#include "tests/submit/fleets.h"
#include "tests/turn/aloft.h"
#include "turn/inside.h"

TestSuite(restart, .timeout = 120);

#define SEND "eth_sendRawTransaction"
#define RECEIPTS "eth_getTransactionReceipt"
#define RESULTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- one flight, kept in each state in which it may be found */

static void restored(struct aloft *aloft, const struct flight *flight)
{
    struct observation observation = {.kind = OBSERVATION_RESTORED};
    TEXT json = {0};

    flight_encode(&json, flight);
    observation.key = bytes_of_text("flight/7");
    observation.body = text_bytes(&json);
    aloft_tell(aloft, &observation);
}

/* Of account 1, nonce 5, drafted at block 70 by an earlier life. */
static void earlier_flight(struct flight *out, enum flight_state state)
{
    struct fleet *fleet = fleet_new(5);
    struct flight *flight = flight_drafted(fleet, 1);
    BUFFER raw = {0};

    flight->id = 7;
    flight->account = address_named(1);
    flight->decided_block = 70;
    if (state != FLIGHT_DRAFTED) {
        flight_sign(&raw, flight, CHAIN_ID);
        cr_assert(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID));
    }
    if (state == FLIGHT_SENT)
        flight_sent(flight, SEND_TAKEN, 1010);
    *out = *flight;
    free(fleet);
}

Test(restart, drops_what_was_only_drafted_and_its_nonce_is_free)
{
    ALOFT aloft;
    struct flight flight;

    earlier_flight(&flight, FLIGHT_DRAFTED);
    aloft_make(&aloft, 1);
    restored(&aloft, &flight);
    aloft_turn(&aloft);
    cr_assert(lines_with(&aloft.events, "\"status\":\"dropped\"", "\"flight\":7,") == 1);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->nonce, 5));
    cr_assert(gt(u64, aloft_flight(&aloft, 0)->id, 7), "an id was used again");
}

static void is_asked_for_first(enum flight_state state)
{
    ALOFT aloft;
    struct flight flight;
    const struct ask *ask;

    earlier_flight(&flight, state);
    aloft_make(&aloft, 1);
    restored(&aloft, &flight);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 0), "posted before it was asked for");
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1), "a second one for the same account");
    ask = aloft_ask(&aloft, RECEIPTS, 0);
    cr_assert_not_null(ask);
    cr_assert(eq(u32, ask->calls, 3), "not asked for by hash");
    aloft_answer(&aloft, ask, RESULTS("\"0x5\"", "null", "null"));
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1), "nobody has it, and it is not posted");
}

Test(restart, asks_for_what_was_signed_before_it_is_posted)
{
    is_asked_for_first(FLIGHT_SIGNED);
}

Test(restart, asks_for_what_was_sent_before_it_is_posted_again)
{
    is_asked_for_first(FLIGHT_SENT);
}

Test(restart, gives_the_nonce_of_what_is_under_way_to_nobody)
{
    ALOFT aloft;
    struct flight flight;

    earlier_flight(&flight, FLIGHT_SENT);
    aloft_make(&aloft, 3);
    restored(&aloft, &flight);
    aloft_turn(&aloft);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 3));
    for (size_t i = 0; i < 3; i++)
        cr_assert(eq(u64, aloft_flight(&aloft, i)->nonce, 5 + i));
    cr_assert(eq(u64, aloft_flight(&aloft, 0)->id, 7));
}

Test(restart, counts_what_landed_meanwhile)
{
    ALOFT aloft;
    struct flight flight;
    TEXT receipt = {0};

    earlier_flight(&flight, FLIGHT_SENT);
    aloft_make(&aloft, 0);
    restored(&aloft, &flight);
    aloft_turn(&aloft);
    receipt_text(&receipt, aloft_flight(&aloft, 0), 75, true);
    aloft_answer(&aloft, aloft_ask(&aloft, RECEIPTS, 0),
                 RESULTS("\"0x6\"", text_string(&receipt), "null"));
    aloft_turn(&aloft);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(lines_with(&aloft.events, "\"status\":\"mined\"", "\"flight\":7,") == 1);
    cr_assert(not(u256_is_zero(&aloft.state->gate.day.gas_spent.value)));
}

static void refuses(const char *key, const char *value)
{
    ALOFT aloft;
    struct observation observation = {
        .kind = OBSERVATION_RESTORED, .key = bytes_of_text(key), .body = bytes_of_text(value)};
    bool has_stopped = false;

    aloft_make(&aloft, 1);
    aloft_tell(&aloft, &observation);
    aloft_turn(&aloft);
    for (uint32_t i = 0; i < aloft.actions->count; i++) {
        const struct action *action = &aloft.actions->action[i];

        cr_assert(action->kind != ACTION_SIGN);
        if (action->kind != ACTION_STOP)
            continue;
        has_stopped = true;
        cr_assert(eq(int, action->code, 4));
        cr_assert_not_null(strstr(action->text, "journal"));
    }
    cr_assert(has_stopped, "%s: %s was taken", key, value);
}

Test(restart, refuses_a_journal_that_cannot_be_read)
{
    refuses("flight/7", "{\"id\":7}");
    refuses("flight/7", "hello");
    refuses("flight/7", "");
    refuses("day", "{\"day\":\"monday\"}");
}

/* ---- the whole crash */

static bool is_through(const struct stage *stage)
{
    return chain_shown(stage->chain) + 1 == chain_blocks(stage->chain) && stage->state->is_ready &&
           stage->state->header.number ==
               chain_number(stage->chain, chain_blocks(stage->chain) - 1);
}

static size_t flights_kept(const struct stage *stage)
{
    size_t count = 0;
    const char *key;
    json_t *value;

    json_object_foreach(stage->kept, key, value)
    {
        count += strncmp(key, "flight/", 7) == 0;
    }
    return count;
}

/* Ends and begins again each so many turns. What is sent late is another transaction than the one
 * that was recorded, and lands in no block: it stays under way, and kept. */
static void lives_many_times(struct chain *chain, unsigned stride, uint32_t armed)
{
    STAGE stage;
    size_t restarts_aloft = 0;

    stage_make(&stage, chain, NULL);
    stage.trusts = true;
    stage.state->settings.armed = armed;
    chain_show(chain, 0);
    chain_walk(chain, 3);
    for (unsigned i = 1; i < 2000 && !is_through(&stage); i++) {
        stage_turn(&stage);
        cr_assert(not(stage.has_stopped), "%s", stage.why);
        if (i % stride != 0 || is_through(&stage))
            continue;
        restarts_aloft += flights_kept(&stage) > 0;
        stage_restart(&stage);
        stage.state->settings.armed = armed;
    }
    cr_assert(is_through(&stage), "%s", stage.state->not_ready);
    cr_assert(restarts_aloft > 2, "no restart with flights under way");
    cr_assert(stage_posted_once(&stage) > 10);
    cr_assert(eq(sz, flights_kept(&stage), fleet_live(&stage.state->fleet)));
}

Test(restart, in_a_crash_again_and_again_sends_nothing_twice_and_forgets_nothing)
{
    struct chain *chain = chain_of(recording_or_skip());

    for (unsigned stride = 17; stride <= 22; stride += 5)
        lives_many_times(chain, stride, 0);
    chain_free(chain);
}

Test(restart, with_transactions_signed_ahead_sends_nothing_twice_and_forgets_nothing)
{
    struct chain *chain = chain_of(recording_or_skip());

    lives_many_times(chain, 13, ARMED_MAX);
    chain_free(chain);
}

/* ---- a reorg that takes our own back */

static bool stands_at_the_head(const struct stage *stage)
{
    return stage->state->is_ready && stage->state->fleet.nonce_is_known &&
           stage->state->header.number == chain_number(stage->chain, chain_shown(stage->chain));
}

#define JUST_LANDED 3
#define FORK_DEPTH 3

/* In the newest block or the one before, where there is something to go back to. */
static bool some_just_landed(const struct stage *stage)
{
    const struct fleet *fleet = &stage->state->fleet;
    unsigned count = 0;

    for (size_t i = 0; i < LANDED_MAX; i++)
        count += fleet->landed[i].state == FLIGHT_MINED &&
                 fleet->landed[i].mined_block + 1 >= stage->state->header.number;
    return count >= JUST_LANDED && stands_at_the_head(stage) &&
           chain_shown(stage->chain) > FORK_DEPTH;
}

/* What was mined is in no block any more: else the next transaction would wait behind a hole. */
Test(restart, is_not_needed_where_a_reorg_takes_mined_transactions_back)
{
    struct chain *chain = chain_of(recording_or_skip());
    STAGE stage;
    uint64_t before;
    uint64_t nonce;
    size_t held = 0;

    stage_make(&stage, chain, NULL);
    stage.trusts = true;
    chain_mine(chain);
    chain_walk(chain, 3);
    stage_until(&stage, some_just_landed, 2000);
    chain_walk(chain, 0);
    before = chain_nonce(chain);
    chain_fork(chain, chain_shown(chain) + 1 - FORK_DEPTH);
    chain_show(chain, chain_shown(chain) + 1);
    stage_until(&stage, stands_at_the_head, 400);
    for (int i = 0; i < 20; i++)
        stage_turn(&stage);
    cr_assert(eq(u64, stage.state->counters.reorgs, 1));
    nonce = chain_nonce(chain);
    cr_assert(le(u64, nonce + JUST_LANDED, before), "nothing of ours was taken back");
    cr_assert(fleet_live(&stage.state->fleet) > 0, "who is under water again is left alone");
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        held += flight_is_live(&stage.state->fleet.flight[i]) &&
                stage.state->fleet.flight[i].nonce == nonce;
    cr_assert(eq(sz, held, 1), "nobody has the next nonce");
    chain_free(chain);
}
