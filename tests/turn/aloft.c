#include "tests/turn/aloft.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "eth/abi.h"
#include "eth/keccak.h"
#include "tests/feed/node.h"
#include "tests/submit/fleets.h"
#include "turn/inside.h"

#define ETHER 1000000000000000000u

static void limits_put(struct turn_state *state)
{
    struct limit_settings *limits = &state->settings.limits;

    limits->in_flight_max = 64;
    limits->fee_per_gas_max.value = u256_of(300000000000);
    limits->priority_fee_per_gas.value = u256_of(1);
    limits->profit_min.value = U256_ZERO;
    limits->gas_per_day_max.value = u256_of(10 * ETHER);
    limits->loss_per_day_max.value = u256_of(ETHER);
}

void aloft_make(struct aloft *out, uint8_t accounts)
{
    struct turn_state *state = a_state();
    struct market *market = &state->tracked[0].market;

    memset(out, 0, sizeof(*out));
    out->state = state;
    out->now_ms = state->now_ms;
    state->settings.mode = KEEPER_LIVE;
    state->settings.simulate = SIMULATE_NEVER;
    state->settings.haircut_bps = 10000;
    state->settings.tip_profit_share = 0;
    state->settings.race_profit_share = 50;
    limits_put(state);
    state->gas_balance.value = u256_of(10 * ETHER);
    market->reserve[USDC].held.value = u256_of(1000000000000);
    market->reserve[USDC].allowed.value = U256_MAX;
    market->reserve[WETH].liquidity.value = u256_ten_to(24);
    fleet_set_nonce(&state->fleet, 5);
    head_set(&state->follow, &state->header);
    state->poll_at_ms = INT64_MAX; /* heads come from aloft_block */
    for (uint8_t name = 1; name <= accounts; name++)
        (void)an_account(state, name, 1000, 1750);
    state->judge_again = accounts > 0;
}

void aloft_release(struct aloft *aloft)
{
    for (size_t i = 0; i < ALOFT_WAITING_MAX; i++)
        text_release(&aloft->body[i]);
    text_release(&aloft->events);
    text_release(&aloft->notes);
    turn_free(aloft->state);
}

void aloft_turn(struct aloft *aloft)
{
    aloft->now_ms += aloft->state->settings.chain.poll_ms;
    aloft->actions = turn(aloft->state, aloft->now_ms, aloft->waiting, aloft->count);
    aloft->count = 0;
    for (uint32_t i = 0; i < aloft->actions->count; i++) {
        const struct action *action = &aloft->actions->action[i];

        if (action->kind == ACTION_EVENT) {
            text_add(&aloft->events, action->text);
            text_add_char(&aloft->events, '\n');
        } else if (action->kind == ACTION_NOTE) {
            text_add(&aloft->notes, action->key);
            text_add(&aloft->notes, ": ");
            text_add(&aloft->notes, action->text);
            text_add_char(&aloft->notes, '\n');
        }
    }
}

void aloft_block(struct aloft *aloft)
{
    struct observation late = {
        .kind = OBSERVATION_ANSWER, .status = OBSERVED_TIMED_OUT, .id = aloft->state->receipts_ask};

    if (late.id != 0)
        aloft_tell(aloft, &late);
    aloft->state->header.number++;
    aloft->state->judge_again = true;
    aloft_turn(aloft);
}

void aloft_tell(struct aloft *aloft, const struct observation *observation)
{
    struct text *body = &aloft->body[aloft->count];

    cr_assert(aloft->count < ALOFT_WAITING_MAX);
    text_clear(body);
    text_add_bytes(body, observation->body);
    aloft->waiting[aloft->count] = *observation;
    aloft->waiting[aloft->count].body = text_bytes(body);
    aloft->count++;
}

void aloft_signed(struct aloft *aloft, bool is_refused)
{
    for (uint32_t i = 0; i < aloft->actions->count; i++) {
        const struct action *action = &aloft->actions->action[i];
        struct observation answer = {.kind = OBSERVATION_SIGNED,
                                     .status = is_refused ? OBSERVED_REFUSED : OBSERVED_OK,
                                     .id = action->id,
                                     .body = bytes_of_text("the policy says no")};
        BUFFER raw = {0};

        if (action->kind != ACTION_SIGN)
            continue;
        if (!is_refused) {
            struct armed *armed = arsenal_find(&aloft->state->arsenal, action->id);

            flight_sign(
                &raw, armed != NULL ? &armed->flight : fleet_find(&aloft->state->fleet, action->id),
                aloft->state->settings.chain.id);
            answer.body = buffer_bytes(&raw);
        }
        aloft_tell(aloft, &answer);
    }
}

const struct ask *aloft_ask(const struct aloft *aloft, const char *method, size_t index)
{
    const struct ask_list *asks = aloft->actions->asks;

    for (uint32_t i = 0; i < asks->count; i++) {
        if (strcmp(asks->ask[i].method, method) == 0 && index-- == 0)
            return &asks->ask[i];
    }
    return NULL;
}

size_t aloft_asks(const struct aloft *aloft, const char *method)
{
    size_t count = 0;

    while (aloft_ask(aloft, method, count) != NULL)
        count++;
    return count;
}

void aloft_answer(struct aloft *aloft, const struct ask *ask, const char *const *results)
{
    struct observation answer;
    TEXT body = {0};

    for (uint32_t i = 0; results[i] != NULL; i++) {
        text_add(&body, ask->calls == 1 ? "" : i == 0 ? "[" : ",");
        node_result(&body, ask->id, i, results[i]);
    }
    text_add(&body, ask->calls == 1 ? "" : "]");
    answer = node_answer(ask->id, &body);
    aloft_tell(aloft, &answer);
}

void aloft_answer_error(struct aloft *aloft, const struct ask *ask, int code, const char *message)
{
    struct observation answer;
    TEXT body = {0};

    node_error(&body, ask->id, 0, code, message);
    answer = node_answer(ask->id, &body);
    aloft_tell(aloft, &answer);
}

void aloft_answer_nothing(struct aloft *aloft, const struct ask *ask,
                          enum observation_status status)
{
    struct observation answer = {.kind = OBSERVATION_ANSWER, .status = status, .id = ask->id};

    aloft_tell(aloft, &answer);
}

size_t aloft_posted(struct aloft *aloft)
{
    aloft_turn(aloft);
    aloft_signed(aloft, false);
    aloft_turn(aloft);
    return aloft_asks(aloft, "eth_sendRawTransaction");
}

size_t aloft_sent(struct aloft *aloft)
{
    size_t count = aloft_posted(aloft);

    for (size_t i = 0; i < count; i++) {
        static const char hash[] =
            "\"0x1111111111111111111111111111111111111111111111111111111111111111\"";

        aloft_answer(aloft, aloft_ask(aloft, "eth_sendRawTransaction", i),
                     (const char *const[]){hash, NULL});
    }
    aloft_turn(aloft);
    return count;
}

void receipt_text(struct text *out, const struct flight *flight, uint64_t block, bool succeeded)
{
    char hash[HASH32_TEXT_SIZE];

    hash32_format(hash, &flight->hash);
    text_add(out, "{\"transactionHash\":\"");
    text_add(out, hash);
    text_add(out, "\",\"blockHash\":\"");
    text_add(out, hash);
    text_add(out, "\",\"blockNumber\":\"");
    text_add_quantity(out, block);
    text_add(out, "\",\"transactionIndex\":\"0x3\",\"gasUsed\":\"0x61a80\",\"effectiveGasPrice\":"
                  "\"0x3b9aca00\",\"status\":\"");
    text_add(out, succeeded ? "0x1" : "0x0");
    text_add(out, "\",\"logs\":[]}");
}

struct flight *aloft_flight(const struct aloft *aloft, size_t index)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        struct flight *flight = &aloft->state->fleet.flight[i];

        if (flight_is_live(flight) && index-- == 0)
            return flight;
    }
    cr_assert(false, "not so many flights");
    return NULL;
}

void aloft_rival(struct aloft *aloft, uint64_t block, uint32_t index)
{
    struct turn_state *state = aloft->state;
    struct market *market = &state->tracked[0].market;
    struct log_sink_to sink = blocks_log_sink(state);
    struct address account = address_named(1);
    struct address rival = address_named(0xee);
    struct log log = {.topic_count = 4, .transaction_index = index};
    BUFFER data = {0};

    market->pool = log.address = address_named(0x70);
    topic_of(&log.topic[0],
             "LiquidationCall(address,address,address,uint256,uint256,address,bool)");
    memcpy(log.topic[1].byte + 12, &market->reserve[WETH].asset, 20);
    memcpy(log.topic[2].byte + 12, &market->reserve[USDC].asset, 20);
    memcpy(log.topic[3].byte + 12, &account, 20);
    abi_add_u64(&data, 1);
    abi_add_u64(&data, 1);
    abi_add_address(&data, &rival);
    abi_add_bool(&data, false);
    log.data = buffer_bytes(&data);
    log.block = (struct block_ref){block, node_hash(block, 0)};
    sink.log(sink.context, &log);
    /* what was touched is read again: still under water */
    market->reserve[WETH].stale = 0;
    (void)an_account(state, 1, 1000, 1750);
}

void aloft_heal(struct aloft *aloft, uint8_t name)
{
    (void)an_account(aloft->state, name, 1000, 0);
}

/* Count, then for each question its receipt and, where there is doubt, its hash. */
static void receipts_answer(struct aloft *aloft, const char *count, uint64_t flight,
                            const char *const *parts)
{
    const struct turn_state *state = aloft->state;
    const struct ask *ask = aloft_ask(aloft, "eth_getTransactionReceipt", 0);
    const char *results[RPC_BATCH_MAX + 1] = {count};
    uint32_t next = 1;

    cr_assert_not_null(ask, "no receipt is asked for");
    for (uint32_t i = 0; i < state->receipts_count; i++) {
        const struct receipt_question *question = &state->receipts_question[i];
        bool is_it = flight != 0 && question->flight == flight &&
                     question->attempt == (uint32_t)(parts[2][0] - '0');

        results[next++] = is_it ? parts[0] : "null";
        if (state->receipts_doubt)
            results[next++] = parts[1];
    }
    aloft_answer(aloft, ask, results);
    aloft_turn(aloft);
}

void aloft_missing(struct aloft *aloft, const char *count, bool is_known)
{
    aloft_block(aloft);
    receipts_answer(aloft, count, 0,
                    (const char *const[]){"null", is_known ? "{\"hash\":\"0x1\"}" : "null", "0"});
}

/* The receipt with its logs. */
static void logs_put(struct text *out, const struct text *receipt, const char *logs)
{
    static const char none[] = "[]}";

    text_add_bytes(
        out, bytes_of((const uint8_t *)text_string(receipt), text_length(receipt) - strlen(none)));
    text_add(out, logs == NULL ? "[]" : logs);
    text_add(out, "}");
}

void aloft_landed(struct aloft *aloft, const char *count, size_t index, uint32_t attempt,
                  bool succeeded)
{
    struct flight *flight = aloft_flight(aloft, index);
    struct hash32 newest = flight->hash;
    const char name[] = {(char)('0' + attempt), '\0'};
    TEXT bare = {0};
    TEXT receipt = {0};

    flight->hash = flight->attempt[attempt].hash;
    receipt_text(&bare, flight, aloft->state->header.number + 1, succeeded);
    flight->hash = newest;
    logs_put(&receipt, &bare, aloft->logs);
    aloft_block(aloft);
    receipts_answer(aloft, count, flight->id,
                    (const char *const[]){text_string(&receipt), "null", name});
}

size_t aloft_said(const struct aloft *aloft, const char *status)
{
    TEXT piece = {0};

    text_add(&piece, "\"status\":\"");
    text_add(&piece, status);
    text_add(&piece, "\"");
    return lines_with(&aloft->events, "\"event\":\"transaction\"", text_string(&piece));
}

size_t aloft_actions(const struct aloft *aloft, enum action_kind kind, const char *key)
{
    size_t count = 0;

    for (uint32_t i = 0; i < aloft->actions->count; i++) {
        const struct action *action = &aloft->actions->action[i];

        count +=
            action->kind == kind && (key == NULL || strncmp(action->key, key, strlen(key)) == 0);
    }
    return count;
}

void aloft_raised(struct aloft *aloft, const char *count)
{
    for (int i = 0; i < ALOFT_STUCK_BLOCKS + 1 && aloft_actions(aloft, ACTION_SIGN, NULL) == 0; i++)
        aloft_missing(aloft, count, true);
    cr_assert(eq(sz, aloft_actions(aloft, ACTION_SIGN, NULL), 1), "not signed anew");
    aloft_signed(aloft, false);
    aloft_turn(aloft);
    cr_assert(eq(sz, aloft_asks(aloft, "eth_sendRawTransaction"), 1));
    cr_assert(eq(sz, aloft_actions(aloft, ACTION_KEEP, "flight/"), 1), "not on disk before it");
}

void aloft_taken(struct aloft *aloft)
{
    static const char hash[] =
        "\"0x1111111111111111111111111111111111111111111111111111111111111111\"";

    aloft_answer(aloft, aloft_ask(aloft, "eth_sendRawTransaction", 0),
                 (const char *const[]){hash, NULL});
    aloft_turn(aloft);
}

bool aloft_is_raised(const struct u256 *fresh, const struct u256 *old)
{
    const struct u256 eight = u256_of(8);
    const struct u256 nine = u256_of(9);
    struct u256 a;
    struct u256 b;

    return u256_mul(&a, fresh, &eight) && u256_mul(&b, old, &nine) && !u256_is_less(&a, &b);
}
