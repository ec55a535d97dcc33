/*
 * Heads, signatures, answers of nodes and receipts in orders that nobody would choose: late, never,
 * twice refused, in doubt, of a lagging node, and another's transaction under our nonce. Whatever
 * comes, no two transactions that may be alive share a nonce, unless one replaces the other.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "eth/keccak.h"
#include "tests/base/random.h"
#include "tests/submit/fleets.h"
#include "tests/turn/aloft.h"
#include "turn/state.h"

TestSuite(flights_property, .timeout = 120);

#define SEND "eth_sendRawTransaction"
#define RECEIPTS "eth_getTransactionReceipt"
#define ACCOUNTS 6
#define STORIES 12
#define STEPS 160
#define SENDS_MAX 2048
#define OPEN_MAX 64
#define FIRST_NONCE 5

/* One transaction that was posted. */
struct sent {
    uint64_t nonce;
    uint64_t flight;
    struct hash32 hash;
    struct u256 max_fee;
    struct u256 tip;
    bool was_refused; /* a node said that it will never take it, and no other was asked */
    uint64_t block;   /* mined there; 0: not */
};

struct sky {
    struct aloft aloft;
    uint64_t random;
    uint64_t count; /* of nonces, on the chain */
    size_t sent_count;
    struct sent sent[SENDS_MAX];
    size_t open_count; /* questions not answered yet */
    struct ask open[OPEN_MAX];
    size_t open_sent[OPEN_MAX]; /* of which transaction */
    size_t signs_count;
    uint64_t signs[OPEN_MAX];
    uint32_t replaced;
    uint32_t mined;
    bool is_armed; /* some are signed ahead, and prices move */
    /* by nonce: the flight that had it last; it may end in the turn that posts it */
    uint64_t owner[FIRST_NONCE + SENDS_MAX];
    bool heard_more[FIRST_NONCE + SENDS_MAX]; /* the keeper was told that the nonce is used */
};

static bool chance(struct sky *sky, uint64_t one_in)
{
    return random_below(&sky->random, one_in) == 0;
}

/* ---- what must hold */

static void nonces_are_apart(struct sky *sky)
{
    const struct fleet *fleet = &sky->aloft.state->fleet;

    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        if (!flight_is_live(&fleet->flight[i]))
            continue;
        sky->owner[fleet->flight[i].nonce] = fleet->flight[i].id;
        for (size_t j = 0; j < i; j++)
            cr_assert(not(flight_is_live(&fleet->flight[j]) &&
                          fleet->flight[i].nonce == fleet->flight[j].nonce));
    }
    for (size_t i = 0; i < ARMED_MAX; i++) {
        const struct flight *armed = &sky->aloft.state->arsenal.armed[i].flight;
        uint64_t next;

        cr_assert(armed->state == FLIGHT_FREE || !fleet_next_nonce(&next, fleet) ||
                  armed->nonce == next);
    }
}

/* A tenth more of each, as every node wants. */
static bool is_raised(const struct u256 *fresh, const struct u256 *old)
{
    const struct u256 ten = u256_of(10);
    const struct u256 eleven = u256_of(11);
    struct u256 a;
    struct u256 b;

    return u256_mul(&a, fresh, &ten) && u256_mul(&b, old, &eleven) && !u256_is_less(&a, &b);
}

/* Against one that was posted before under the same nonce. */
static void pair_check(struct sky *sky, const struct sent *fresh, const struct sent *old)
{
    if (fresh->flight == old->flight) {
        cr_assert(is_raised(&fresh->max_fee, &old->max_fee), "replaces without paying more");
        cr_assert(is_raised(&fresh->tip, &old->tip), "replaces without tipping more");
        sky->replaced++;
        return;
    }
    cr_assert(old->was_refused || sky->heard_more[old->nonce],
              "two flights under nonce %lu, and the first may be alive", old->nonce);
}

/* ---- what is asked */

static size_t sent_add(struct sky *sky, const struct ask *ask)
{
    struct sent *sent = &sky->sent[sky->sent_count];
    const char *body = (const char *)ask->body.data;
    const char *hex = strstr(body, "\"0x");
    struct transaction transaction;
    BUFFER raw = {0};

    cr_assert(sky->sent_count < SENDS_MAX && hex != NULL);
    cr_assert(hex_decode_prefixed(&raw, hex + 1, strcspn(hex + 1, "\"")));
    cr_assert(eq(int, (int)transaction_decode(&transaction, buffer_bytes(&raw)), TRANSACTION_OK));
    cr_assert(ne(u64, sky->owner[transaction.nonce], 0), "posted for no flight");
    *sent = (struct sent){.nonce = transaction.nonce,
                          .flight = sky->owner[transaction.nonce],
                          .max_fee = transaction.max_fee_per_gas.value,
                          .tip = transaction.max_priority_fee_per_gas.value};
    keccak256(&sent->hash, buffer_bytes(&raw));
    /* the very same bytes are the same transaction, whoever posts them */
    for (size_t i = 0; i < sky->sent_count; i++) {
        if (!hash32_is_equal(&sky->sent[i].hash, &sent->hash))
            continue;
        sky->sent[i].flight = sent->flight;
        sky->sent[i].was_refused = false;
        return i;
    }
    for (size_t i = 0; i < sky->sent_count; i++) {
        if (sky->sent[i].nonce == sent->nonce)
            pair_check(sky, sent, &sky->sent[i]);
    }
    return sky->sent_count++;
}

static void asks_collect(struct sky *sky)
{
    for (size_t i = 0; i < aloft_asks(&sky->aloft, SEND); i++) {
        const struct ask *ask = aloft_ask(&sky->aloft, SEND, i);

        cr_assert(lt(sz, sky->open_count, OPEN_MAX));
        sky->open_sent[sky->open_count] = sent_add(sky, ask);
        sky->open[sky->open_count++] = *ask;
    }
    for (uint32_t i = 0; i < sky->aloft.actions->count; i++) {
        const struct action *action = &sky->aloft.actions->action[i];

        if (action->kind == ACTION_SIGN && sky->signs_count < OPEN_MAX)
            sky->signs[sky->signs_count++] = action->id;
    }
}

/* ---- what is answered */

static void sign_answer(struct sky *sky, uint64_t id)
{
    struct armed *armed = arsenal_find(&sky->aloft.state->arsenal, id);
    const struct flight *flight =
        armed != NULL ? &armed->flight : fleet_find(&sky->aloft.state->fleet, id);
    struct observation answer = {
        .kind = OBSERVATION_SIGNED, .id = id, .body = bytes_of_text("\x02nonsense")};
    BUFFER raw = {0};

    if (chance(sky, 12)) {
        answer.status = OBSERVED_REFUSED;
        answer.body = bytes_of_text("the policy says no");
    } else if (flight != NULL && flight_is_live(flight) && !chance(sky, 40)) {
        flight_sign(&raw, flight, sky->aloft.state->settings.chain.id);
        answer.body = buffer_bytes(&raw);
    }
    aloft_tell(&sky->aloft, &answer);
}

static void send_answer(struct sky *sky, const struct ask *ask, struct sent *sent)
{
    static const char hash[] =
        "\"0x1111111111111111111111111111111111111111111111111111111111111111\"";
    switch (random_below(&sky->random, 12)) {
    case 0:
        aloft_answer_nothing(&sky->aloft, ask, OBSERVED_TIMED_OUT);
        return;
    case 1:
        aloft_answer_error(&sky->aloft, ask, -32000, "already known");
        return;
    case 2:
        aloft_answer_error(&sky->aloft, ask, -32000, "replacement transaction underpriced");
        return;
    case 3:
        sent->was_refused = true;
        aloft_answer_error(&sky->aloft, ask, -32000, "intrinsic gas too low");
        return;
    case 4:
        aloft_answer_error(&sky->aloft, ask, -32000, "nonce too low");
        return;
    default:
        aloft_answer(&sky->aloft, ask, (const char *const[]){hash, NULL});
        return;
    }
}

static void some_answered(struct sky *sky)
{
    for (size_t i = 0; i < sky->signs_count;) {
        if (chance(sky, 3)) {
            i++;
            continue;
        }
        sign_answer(sky, sky->signs[i]);
        sky->signs[i] = sky->signs[--sky->signs_count];
    }
    for (size_t i = 0; i < sky->open_count;) {
        if (chance(sky, 3)) {
            i++;
            continue;
        }
        send_answer(sky, &sky->open[i], &sky->sent[sky->open_sent[i]]);
        sky->open[i] = sky->open[--sky->open_count];
        sky->open_sent[i] = sky->open_sent[sky->open_count];
    }
}

static const struct sent *sent_of(const struct sky *sky, const struct receipt_question *question)
{
    const struct flight *flight = fleet_find(&sky->aloft.state->fleet, question->flight);

    if (flight == NULL)
        flight = fleet_find_landed(&sky->aloft.state->fleet, question->flight);
    for (size_t i = 0; i < sky->sent_count && flight != NULL; i++) {
        if (hash32_is_equal(&sky->sent[i].hash, &flight->attempt[question->attempt].hash))
            return &sky->sent[i];
    }
    return NULL;
}

static void receipt_of_sent(struct text *out, const struct sent *sent)
{
    struct flight flight = {.hash = sent->hash};

    receipt_text(out, &flight, sent->block, true);
}

/* The count of nonces, then for each question its receipt and, where there is doubt, its hash. */
static void receipts_told(struct sky *sky, const struct ask *ask)
{
    const struct turn_state *state = sky->aloft.state;
    const bool lags = chance(sky, 8); /* a node that knows nothing of the last block */
    const uint64_t count = lags && sky->count > FIRST_NONCE ? sky->count - 1 : sky->count;
    struct text receipt[RPC_BATCH_MAX] = {0};
    const char *results[RPC_BATCH_MAX + 1] = {NULL};
    char quantity[32];
    uint32_t next = 1;

    snprintf(quantity, sizeof(quantity), "\"0x%lx\"", count);
    results[0] = quantity;
    for (uint32_t i = 0; i < state->receipts_count; i++) {
        const struct sent *sent = sent_of(sky, &state->receipts_question[i]);
        bool is_mined = sent != NULL && sent->block != 0 && sent->nonce < count;

        if (is_mined)
            receipt_of_sent(&receipt[i], sent);
        results[next++] = is_mined ? text_string(&receipt[i]) : "null";
        if (state->receipts_doubt)
            results[next++] = sent != NULL && !sent->was_refused ? "{\"hash\":\"0x1\"}" : "null";
    }
    aloft_answer(&sky->aloft, ask, results);
    for (uint64_t nonce = FIRST_NONCE; nonce < count; nonce++)
        sky->heard_more[nonce] = true;
    for (size_t i = 0; i < RPC_BATCH_MAX; i++)
        text_release(&receipt[i]);
}

/* The chain takes what it may have of the next nonce, or another's transaction. */
static void chain_moves(struct sky *sky)
{
    size_t candidates[SENDS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < sky->sent_count; i++) {
        if (sky->sent[i].nonce == sky->count && !sky->sent[i].was_refused)
            candidates[count++] = i;
    }
    if (count > 0 && chance(sky, 3)) {
        struct sent *sent = &sky->sent[candidates[random_below(&sky->random, count)]];
        sent->block = sky->aloft.state->header.number + 1;
        sky->count++;
        sky->mined++;
    } else if (chance(sky, 40)) {
        sky->count++;
    }
}

/* Near the edge, over it by a price, and back; dearer blocks. */
static void world_moves(struct sky *sky, uint8_t name)
{
    struct turn_state *state = sky->aloft.state;
    struct tracked *tracked = &state->tracked[0];
    const uint64_t usd = chance(sky, 4) ? 1990 : 2000;

    if (chance(sky, 2))
        (void)an_account(state, name, 1000, 1590 + random_below(&sky->random, 10));
    tracked->market.reserve[WETH].price.value = u256_of(usd * 100000000);
    cr_assert(tracked->protocol->prepare(&tracked->market, tracked->market.timestamp_s));
    if (chance(sky, 12))
        state->header.base_fee.value = u256_of(500000000 + random_below(&sky->random, 1000000000));
}

static void sky_step(struct sky *sky)
{
    struct aloft *aloft = &sky->aloft;
    const uint8_t name = (uint8_t)(1 + random_below(&sky->random, ACCOUNTS));

    if (chance(sky, 2)) {
        chain_moves(sky);
        if (sky->is_armed)
            world_moves(sky, name);
        aloft_block(aloft);
    } else {
        aloft_turn(aloft);
    }
    nonces_are_apart(sky);
    asks_collect(sky);
    some_answered(sky);
    const struct ask *ask = aloft_ask(aloft, RECEIPTS, 0);
    if (ask != NULL && !chance(sky, 4))
        receipts_told(sky, ask);
    if (chance(sky, 12))
        aloft_heal(aloft, name);
    if (chance(sky, 12))
        (void)an_account(aloft->state, name, 1000, 1750);
}

struct tally {
    uint32_t sent;
    uint32_t replaced;
    uint32_t mined;
    uint64_t fired;
    uint64_t discarded;
};

static void stories_told(struct tally *tally, bool is_armed)
{
    for (uint64_t story = 0; story < STORIES; story++) {
        struct sky *sky = must_alloc(1, sizeof(*sky));

        sky->random = story;
        sky->count = FIRST_NONCE;
        sky->is_armed = is_armed;
        aloft_make(&sky->aloft, ACCOUNTS);
        sky->aloft.state->settings.armed = is_armed ? 4 : 0;
        for (int step = 0; step < STEPS; step++)
            sky_step(sky);
        tally->sent += (uint32_t)sky->sent_count;
        tally->replaced += sky->replaced;
        tally->mined += sky->mined;
        tally->fired += sky->aloft.state->counters.armed_fired;
        tally->discarded += sky->aloft.state->counters.armed_discarded;
        aloft_release(&sky->aloft);
        free(sky);
    }
}

Test(flights_property, never_share_a_nonce_in_any_order_of_events)
{
    struct tally tally = {0};

    stories_told(&tally, false);
    cr_assert(gt(u32, tally.sent, 100));
    cr_assert(gt(u32, tally.replaced, 20));
    cr_assert(gt(u32, tally.mined, 50));
    cr_assert(eq(u64, tally.fired, 0));
}

Test(flights_property, never_share_a_nonce_where_some_are_signed_ahead)
{
    struct tally tally = {0};

    stories_told(&tally, true);
    cr_assert(gt(u32, tally.sent, 100));
    cr_assert(gt(u32, tally.replaced, 10));
    cr_assert(gt(u32, tally.mined, 50));
    cr_assert(gt(u64, tally.fired, 20));
    cr_assert(gt(u64, tally.discarded, 20));
}
