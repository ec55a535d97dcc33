/*
 * What became of what was sent: receipts, and for what is in doubt the hash itself, all asked of
 * one node in one batch together with the count of nonces at that head.
 */
#include "eth/receipt.h"

#include "eth/result.h"
#include "turn/inside.h"

/* A nonce that is used, and no receipt of ours: believed only so many blocks later. */
#define PASSED_BLOCKS 2
/* A flight that the node took and no block has is asked for by hash after so many blocks. */
#define DOUBT_BLOCKS 3

static void receipts_body(const struct turn_state *state, struct rpc_request *request)
{
    uint32_t calls = 1 + state->receipts_count * (state->receipts_doubt ? 2 : 1);
    TEXT params = {0};
    TEXT hash = {0};

    text_add(&params, "[\"");
    text_add_hex(&params, bytes_of(state->settings.account.byte, 20));
    text_add(&params, "\",\"");
    text_add_quantity(&params, state->header.number);
    text_add(&params, "\"]");
    rpc_request_begin(request, state->receipts_ask, calls);
    rpc_request_add(request, "eth_getTransactionCount", text_string(&params));
    for (uint32_t i = 0; i < state->receipts_count; i++) {
        const struct flight *flight = &state->fleet.flight[state->receipts_slot[i]];

        text_clear(&hash);
        text_add(&hash, "[\"");
        text_add_hex(&hash, bytes_of(flight->hash.byte, sizeof(flight->hash.byte)));
        text_add(&hash, "\"]");
        rpc_request_add(request, "eth_getTransactionReceipt", text_string(&hash));
        if (state->receipts_doubt)
            rpc_request_add(request, "eth_getTransactionByHash", text_string(&hash));
    }
    rpc_request_end(request);
}

void flights_ask(struct turn_state *state)
{
    struct rpc_request request = {0};
    bool is_new_head = state->receipts_block != state->header.number;
    uint32_t doubtful = 0;
    uint32_t count = 0;

    if (state->receipts_ask != 0)
        return;
    for (uint32_t i = 0; i < FLIGHTS_MAX && count < RPC_BATCH_MAX / 2 - 1; i++) {
        const struct flight *flight = &state->fleet.flight[i];

        if (!flight_is_live(flight) || flight->state == FLIGHT_DRAFTED || state->send_ask[i] != 0)
            continue;
        doubtful += flight->in_doubt;
        state->receipts_slot[count] = i;
        state->receipts_flight[count++] = flight->id;
    }
    if ((count == 0 && state->fleet.nonce_is_known) || !is_new_head ||
        state->now_ms < state->receipts_at_ms)
        return;
    state->receipts_at_ms = state->now_ms + state->settings.chain.poll_ms;
    state->receipts_doubt = doubtful > 0;
    state->receipts_count = count;
    state->receipts_block = state->header.number;
    state->receipts_ask = ask_list_id(&state->asks);
    state->counters.receipt_calls += 1 + count * (state->receipts_doubt ? 2 : 1);
    receipts_body(state, &request);
    if (!ask_list_add(&state->asks, &request, "eth_getTransactionReceipt", state->follow.endpoint))
        state->receipts_ask = 0;
    rpc_request_release(&request);
}

/* The nonces of what vanished are free again: whoever is decided next takes the lowest. The bytes
 * that had them may come back by themselves; one of the two lands, never both. */
void flights_reorg(struct turn_state *state)
{
    state->fleet.nonce_is_known = false;
    state->receipts_ask = 0; /* an answer under way is of the old chain */
    state->receipts_block = 0;
    for (uint32_t i = 0; i < FLIGHTS_MAX; i++) {
        if (flight_is_live(&state->fleet.flight[i]))
            state->fleet.flight[i].in_doubt = true;
    }
    for (uint32_t i = 0; i < state->memory_table.count; i++) {
        state->memory[i].wait_block = 0;
        state->memory[i].retry_block = 0;
    }
}

/* What the receipt's own logs say was repaid and seized; on a copy, since a receipt's logs are no
 * news about the mirror's block. */
static bool receipt_value(struct turn_state *state, const struct flight *flight,
                          const struct receipt *receipt, struct wei *gross, bool *is_loss)
{
    const struct tracked *tracked = &state->tracked[flight->market];
    struct market *scratch = arena_take(&state->arena, sizeof(*scratch));
    BUFFER data = {0};
    size_t count;

    *scratch = tracked->market;
    for (uint32_t i = 0; i < scratch->reserve_count; i++)
        scratch->reserve[i].stale &= ~(uint32_t)RESERVE_STALE_PRICE; /* the last block's will do */
    if (!result_array(&count, receipt->logs))
        return false;
    for (size_t i = 0; i < count && i < RECEIPT_LOGS_MAX; i++) {
        struct touched touched = {0};
        struct log log;

        buffer_clear(&data);
        if (!json_log(&log, &data, result_at(receipt->logs, i), state->answers.original))
            continue;
        if (tracked->protocol->touch(&touched, scratch, &log) != TOUCH_OK ||
            !touched.is_liquidation)
            continue;
        return plan_value(
            gross, is_loss, scratch,
            &(struct plan_exchange){touched.liquidation.debt, touched.liquidation.collateral,
                                    touched.liquidation.repaid, touched.liquidation.seized},
            10000);
    }
    return false;
}

/* net = gross − gas, with its sign. */
static void net_of(struct wei *net, bool *is_loss, const struct wei *gross, bool gross_is_loss,
                   const struct wei *gas)
{
    if (gross_is_loss) {
        *is_loss = true;
        if (!u256_add(&net->value, &gross->value, &gas->value))
            net->value = U256_MAX;
        return;
    }
    *is_loss = u256_is_less(&gross->value, &gas->value);
    net->value = *is_loss ? u256_sub_floor(&gas->value, &gross->value)
                          : u256_sub_floor(&gross->value, &gas->value);
}

static void money_add(struct wei *sum, const struct wei *amount)
{
    if (!u256_add(&sum->value, &sum->value, &amount->value))
        sum->value = U256_MAX;
}

static void add_signed(struct text *out, const char *key, const struct wei *value, bool is_loss)
{
    text_add(out, key);
    text_add(out, is_loss && !u256_is_zero(&value->value) ? "\"-" : "\"");
    text_add_u256(out, &value->value);
    text_add(out, "\"");
}

static void flight_settle(struct turn_state *state, struct flight *flight,
                          const struct receipt *receipt)
{
    struct wei gross = {U256_ZERO};
    struct wei net;
    struct wei gas = {u256_of(receipt->gas_used)};
    bool gross_is_loss = false;
    bool is_loss;
    TEXT profit = {0};
    TEXT day = {0};

    if (!u256_mul(&gas.value, &gas.value, &receipt->gas_price.value))
        gas.value = U256_MAX;
    if (receipt->succeeded && flight->debt != RESERVE_NONE &&
        !receipt_value(state, flight, receipt, &gross, &gross_is_loss))
        state_note(state, NOTE_WARNING, "receipt without a liquidation", "");
    net_of(&net, &is_loss, &gross, gross_is_loss, &gas);
    gate_receipt(&state->gate, &gas, is_loss, &net);
    money_add(&state->counters.gas_spent, &gas);
    money_add(is_loss ? &state->counters.loss_realised : &state->counters.profit_realised, &net);
    gate_encode(&day, &state->gate);
    state_keep(state, "day", &day);
    text_add(&profit, ",\"profit\":{\"unit\":\"wei\"");
    add_signed(&profit, ",\"gross\":", &gross, gross_is_loss);
    add_signed(&profit, ",\"gas\":", &gas, false);
    add_signed(&profit, ",\"net\":", &net, is_loss);
    text_add(&profit, "}");
    flights_say(state, flight, receipt->succeeded ? "mined" : "reverted", text_string(&profit));
}

/* Reverted: did the price come back before it landed, or is something wrong with us? */
static void flight_reverted(struct turn_state *state, const struct flight *flight)
{
    const struct tracked *tracked = &state->tracked[flight->market];
    uint32_t slot = book_find(tracked->book, &flight->account);
    struct health health;
    struct position position;
    const struct wad one = {u256_of(WAD_ONE_U64)};

    if (slot == TABLE_NONE || !tracked->is_complete) {
        breakers_outcome(state, true);
        flights_failed(state, flight);
        return;
    }
    position = book_position(tracked->book, slot);
    if (tracked->protocol->health(&health, &tracked->market, &position) == HEALTH_OK &&
        u256_compare(&health.factor.value, &one.value) >= 0) {
        state->counters.overtaken++;
        return;
    }
    breakers_outcome(state, true);
    flights_failed(state, flight);
}

static void flight_landed(struct turn_state *state, struct flight *flight,
                          const struct receipt *receipt)
{
    flight_receipt(&state->fleet, flight, receipt);
    if (flight->state != FLIGHT_MINED && flight->state != FLIGHT_REVERTED)
        return;
    if (flight->nonce + 1 > state->fleet.transaction_count)
        fleet_set_nonce(&state->fleet, flight->nonce + 1);
    flight_settle(state, flight, receipt);
    if (flight->debt != RESERVE_NONE) {
        struct memory *memory = memory_of(state, flight->market, &flight->account);

        memory->wait_block = receipt->block.number;
        if (receipt->succeeded) {
            memory->failures = 0;
            breakers_outcome(state, false);
        } else {
            flight_reverted(state, flight);
        }
    } else if (!receipt->succeeded) {
        state->prepare_failed++;
    }
    flights_end(state, flight);
}

/* The node has it, whatever became of the sending. */
static void flight_found(struct turn_state *state, struct flight *flight)
{
    flight->in_doubt = false;
    if (flight->state != FLIGHT_SENT) {
        flight_sent(flight, SEND_TAKEN, state->now_ms);
        flights_say(state, flight, "sent", NULL);
    }
    flights_keep(state, flight);
}

/* No receipt at this head. */
static void flight_missing(struct turn_state *state, struct flight *flight, uint64_t nonce_count,
                           const struct rpc_answer *by_hash)
{
    if (nonce_count <= flight->nonce)
        flight->passed_block = 0; /* a reorg gave the nonce back */
    else if (flight->passed_block == 0)
        flight->passed_block = state->header.number; /* a node may count before it has receipts */
    if (flight->passed_block != 0 && state->header.number > flight->passed_block + PASSED_BLOCKS) {
        flight_overtaken(&state->fleet, flight);
        flights_say(state, flight, "dropped", NULL);
        flights_end(state, flight);
        return;
    }
    if (by_hash != NULL && flight->in_doubt && by_hash->fault == RPC_FAULT_NONE) {
        if (!result_is_null(by_hash->result))
            flight_found(state, flight);
        else if (gate_may_post(&state->gate))
            flights_post(state, flight); /* the same bytes again: at most one of them can land */
        return;
    }
    if (state->header.number > flight->decided_block + DOUBT_BLOCKS)
        flight->in_doubt = true;
}

void flights_receipts(struct turn_state *state, const struct observation *observation)
{
    uint32_t stride = state->receipts_doubt ? 2 : 1;
    const struct rpc_answer *answer;
    uint64_t nonce_count;

    rpc_answers_parse(&state->answers, observation, observation->id,
                      1 + state->receipts_count * stride);
    if (state->answers.envelope != RPC_ENVELOPE_OK) {
        state->receipts_block = 0; /* again at the next poll */
        return;
    }
    answer = state->answers.answer;
    if (answer[0].fault != RPC_FAULT_NONE || !json_quantity(&nonce_count, answer[0].result)) {
        state->receipts_block = 0;
        return;
    }
    for (uint32_t i = 0; i < state->receipts_count; i++) {
        struct flight *flight = fleet_find(&state->fleet, state->receipts_flight[i]);
        const struct rpc_answer *one = &answer[1 + i * stride];
        struct receipt receipt;

        if (flight == NULL || !flight_is_live(flight) || one->fault != RPC_FAULT_NONE)
            continue;
        if (result_is_null(one->result))
            flight_missing(state, flight, nonce_count, stride == 2 ? one + 1 : NULL);
        else if (json_receipt(&receipt, one->result))
            flight_landed(state, flight, &receipt);
    }
    if (!state->fleet.nonce_is_known || nonce_count > state->fleet.transaction_count) {
        state->judge_again |= !state->fleet.nonce_is_known;
        fleet_set_nonce(&state->fleet, nonce_count);
    }
}
