/*
 * The end of a transaction, and why it may not be one: a reorg takes blocks back, and with them
 * what we had counted as done. What landed is therefore remembered, with its bytes and with what it
 * was booked for, until no reorg reaches it any more.
 */
#include "eth/receipt.h"

#include "eth/result.h"
#include "turn/inside.h"

/* By the last block's prices. The liquidation itself moves the indexes of both reserves, and its
 * own logs say so before they say what was seized; what two amounts of tokens are worth knows no
 * index. */
static void prices_will_do(struct market *market)
{
    for (uint32_t i = 0; i < market->reserve_count; i++)
        market->reserve[i].stale &= ~(uint32_t)(RESERVE_STALE_PRICE | RESERVE_STALE_STATE);
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
        prices_will_do(scratch);
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
    if (flight->state == FLIGHT_MINED && flight->debt != RESERVE_NONE &&
        !receipt_value(state, flight, receipt, &gross, &gross_is_loss))
        state_note(state, NOTE_WARNING, "receipt without a liquidation", "");
    net_of(&net, &is_loss, &gross, gross_is_loss, &gas);
    gate_receipt(&state->gate, &gas, is_loss, &net);
    flight->counted_day = state->gate.day.day;
    flight->counted_loss = is_loss ? net : (struct wei){U256_ZERO};
    if (!flight->has_landed_before) { /* a total that programs read never falls */
        money_add(&state->counters.gas_spent, &gas);
        money_add(is_loss ? &state->counters.loss_realised : &state->counters.profit_realised,
                  &net);
    }
    gate_encode(&day, &state->gate);
    state_keep(state, "day", &day);
    text_add(&profit, ",\"profit\":{\"unit\":\"wei\"");
    add_signed(&profit, ",\"gross\":", &gross, gross_is_loss);
    add_signed(&profit, ",\"gas\":", &gas, false);
    add_signed(&profit, ",\"net\":", &net, is_loss);
    text_add(&profit, "}");
    flights_say(state, flight, flight_state_text(flight->state), text_string(&profit));
}

void flight_landed(struct turn_state *state, struct flight *flight, const struct receipt *receipt)
{
    flight_receipt(&state->fleet, flight, receipt);
    if (flight_is_live(flight))
        return;
    if (flight->nonce + 1 > state->fleet.transaction_count)
        fleet_set_nonce(&state->fleet, flight->nonce + 1);
    if (flight->debt != RESERVE_NONE && flight->state == FLIGHT_REVERTED)
        inquiry_begin(state, flight);
    flight_settle(state, flight, receipt);
    if (flight->debt != RESERVE_NONE) {
        struct memory *memory = memory_of(state, flight->market, &flight->account);

        memory->wait_block = receipt->block.number;
        if (flight->state == FLIGHT_MINED) {
            memory->failures = 0;
            breakers_outcome(state, false);
        } else if (flight->state == FLIGHT_REVERTED) {
            inquiry_without(state, flight);
        }
    } else if (flight->state == FLIGHT_REVERTED) {
        state->prepare_failed++;
    }
    flights_end(state, flight);
}

/* It is in no block any more, so neither is what it cost. */
static void spend_take_back(struct turn_state *state, const struct flight *landed)
{
    struct wei gas = {u256_of(landed->gas_used)};
    TEXT day = {0};

    if (!u256_mul(&gas.value, &gas.value, &landed->gas_price.value))
        gas.value = U256_MAX;
    gate_take_back(&state->gate, landed->counted_day, &gas, &landed->counted_loss);
    gate_encode(&day, &state->gate);
    state_keep(state, "day", &day);
}

void flight_vanished(struct turn_state *state, struct flight *landed)
{
    uint64_t id = landed->id;
    struct flight *flight;

    (void)inquiry_forget(state, id);
    if (landed->gas_used > 0)
        spend_take_back(state, landed);
    flights_tell(state, landed, "vanished", NULL);
    flight = fleet_revive(&state->fleet, landed);
    flights_forget_landed(state, id);
    if (flight == NULL) {
        state_note(state, NOTE_WARNING, "transaction vanished", "its nonce is another's by now");
        return;
    }
    flights_keep(state, flight);
}

void flights_reorg(struct turn_state *state, uint64_t fork)
{
    arm_discard(state);
    state->fleet.nonce_is_known = false;
    state->receipts_ask = 0; /* an answer under way is of the old chain */
    state->receipts_block = 0;
    state->hole_block = 0;
    for (uint32_t i = 0; i < state->fleet.used; i++) {
        struct flight *flight = &state->fleet.flight[i];

        flight->passed_block = flight->missing_block = flight->gone_block = 0;
        if (flight_may_have_left(flight))
            flight->in_doubt = true;
    }
    for (uint32_t i = 0; i < state->fleet.landed_used; i++) {
        struct flight *landed = &state->fleet.landed[i];

        if (landed->state != FLIGHT_FREE && landed->mined_block > fork)
            flight_vanished(state, landed);
    }
}

void flights_settle_deep(struct turn_state *state)
{
    if (state->settled_block == state->header.number)
        return;
    state->settled_block = state->header.number;
    for (uint32_t i = 0; i < state->fleet.landed_used && state_has_room(state); i++) {
        struct flight *landed = &state->fleet.landed[i];

        if (landed->state == FLIGHT_FREE || landed->in_doubt ||
            landed->mined_block + LANDED_BLOCKS >= state->header.number)
            continue;
        flights_forget_landed(state, landed->id);
        *landed = (struct flight){.state = FLIGHT_FREE};
    }
}
