/*
 * What became of what was sent: receipts of every attempt, and for what is in doubt the hash
 * itself, all asked of one node in one batch together with the count of nonces at that head's hash.
 *
 * A receipt cannot be asked for by block: it names the one that it is in, and counts only where
 * that block is ours. One of another branch, or of a block that is not read yet, is no answer; it
 * is asked for again at the next head.
 */
#include "eth/receipt.h"

#include "eth/result.h"
#include "turn/inside.h"

/* A nonce that is used, and no receipt of ours: believed only so many blocks later. */
#define PASSED_BLOCKS 2
/* A flight that the node took and no block has is asked for by hash after so many blocks. */
#define DOUBT_BLOCKS 3
/* A chain that counts fewer nonces than we do is believed after so many blocks. */
#define FALLEN_BLOCKS 3

static struct flight *question_flight(struct turn_state *state, uint64_t id)
{
    struct flight *flight = fleet_find(&state->fleet, id);

    return flight != NULL ? flight : fleet_find_landed(&state->fleet, id);
}

static void receipts_body(struct turn_state *state, struct rpc_request *request)
{
    uint32_t calls = 1 + state->receipts_count * (state->receipts_doubt ? 2 : 1);
    TEXT params = {0};
    TEXT hash = {0};

    text_add(&params, "[\"");
    text_add_hex(&params, bytes_of(state->settings.account.byte, 20));
    text_add(&params, "\",{\"blockHash\":\""); /* EIP-1898 */
    text_add_hex(&params, bytes_of(state->header.hash.byte, sizeof(state->header.hash.byte)));
    text_add(&params, "\"}]");
    rpc_request_begin(request, state->receipts_ask, calls);
    rpc_request_add(request, "eth_getTransactionCount", text_string(&params));
    for (uint32_t i = 0; i < state->receipts_count; i++) {
        const struct receipt_question *question = &state->receipts_question[i];
        const struct flight *flight = question_flight(state, question->flight);

        text_clear(&hash);
        text_add(&hash, "[\"");
        text_add_hex(&hash, bytes_of(flight->attempt[question->attempt].hash.byte, 32));
        text_add(&hash, "\"]");
        rpc_request_add(request, "eth_getTransactionReceipt", text_string(&hash));
        if (state->receipts_doubt)
            rpc_request_add(request, "eth_getTransactionByHash", text_string(&hash));
    }
    rpc_request_end(request);
}

/* Every attempt of one flight, newest last; false: they find no room in this batch. */
static bool receipts_want(struct turn_state *state, const struct flight *flight)
{
    if (state->receipts_count + flight->attempt_count > RECEIPT_QUESTIONS_MAX)
        return false;
    for (uint32_t i = 0; i < flight->attempt_count; i++)
        state->receipts_question[state->receipts_count++] =
            (struct receipt_question){flight->id, i};
    state->receipts_doubt |= flight->in_doubt;
    return true;
}

/* What an earlier life saw land comes first: until it is known no nonce is. What finds no room is
 * asked for from the cursor on, with the next batch. */
static void receipts_collect(struct turn_state *state)
{
    state->receipts_count = 0;
    state->receipts_doubt = false;
    for (uint32_t i = 0; i < state->fleet.landed_used && state->landed_in_doubt; i++) {
        const struct flight *landed = &state->fleet.landed[i];

        if (landed->state != FLIGHT_FREE && landed->in_doubt && !receipts_want(state, landed))
            return;
    }
    for (uint32_t i = 0; i < state->fleet.used; i++) {
        uint32_t slot = (state->receipts_cursor + i) % state->fleet.used;
        const struct flight *flight = &state->fleet.flight[slot];

        if (!flight_may_have_left(flight) || send_is_awaited(state, slot))
            continue;
        if (!receipts_want(state, flight)) {
            state->receipts_cursor = slot;
            return;
        }
    }
}

void flights_ask(struct turn_state *state)
{
    struct rpc_request request = {0};

    if (state->receipts_ask != 0 || state->receipts_block == state->header.number)
        return;
    receipts_collect(state);
    if ((state->receipts_count == 0 && state->fleet.nonce_is_known) ||
        state->now_ms < state->receipts_at_ms)
        return;
    state->receipts_at_ms = state->now_ms + state->settings.chain.poll_ms;
    state->receipts_block = state->header.number;
    state->receipts_ask = ask_list_id(&state->asks);
    state->counters.receipt_calls += 1 + state->receipts_count * (state->receipts_doubt ? 2 : 1);
    receipts_body(state, &request);
    if (!ask_list_add(&state->asks, &request, "eth_getTransactionReceipt", state->follow.endpoint))
        state->receipts_ask = 0;
    rpc_request_release(&request);
}

/* The node has it, whatever became of the sending. */
static void flight_found(struct turn_state *state, struct flight *flight)
{
    if (flight->state == FLIGHT_SIGNED) {
        flight_sent(flight, SEND_TAKEN, state->now_ms);
        flights_say(state, flight, "sent", NULL);
    }
    if (flight->state != FLIGHT_SEEN) {
        flight_seen(flight);
        flights_say(state, flight, "seen", NULL);
    }
    flight->in_doubt = false;
    flights_keep(state, flight);
}

/* No receipt of any attempt at this head. */
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
    if (flight->passed_block == 0)
        flight->missing_block = state->header.number;
    if (by_hash != NULL && flight->in_doubt && by_hash->fault == RPC_FAULT_NONE) {
        if (!result_is_null(by_hash->result))
            flight_found(state, flight);
        else if (!state->is_ready)
            return; /* whether it is still wanted is not known at this head: asked again later */
        else if (!flight->is_cancel && flights_candidate_is_gone(state, flight))
            flight->gone_block = GONE_AND_UNHELD; /* they would revert */
        else if (flights_is_below_base_fee(state, flight))
            return; /* no node takes these bytes: they are raised, or cancelled, at this head */
        else if (gate_may_post_again(&state->gate))
            flights_post(state, flight); /* the same bytes again: at most one of them can land */
        return;
    }
    if (!flight->is_private && state->header.number > flight->attempt_block + DOUBT_BLOCKS)
        flight->in_doubt = true;
}

/* What the answers to one flight's questions say together. */
struct findings {
    bool is_answered; /* each question was */
    bool is_landed;
    struct receipt receipt;           /* of whichever attempt has one */
    const struct rpc_answer *by_hash; /* of the newest */
};

/* Not known, deep below what is remembered: no fork reaches it. */
static bool receipt_is_ours(const struct turn_state *state, const struct receipt *receipt)
{
    const struct head_mark *mark = head_mark_at(&state->follow, receipt->block.number);

    if (receipt->block.number > state->header.number)
        return false;
    return mark == NULL || hash32_is_equal(&mark->block.hash, &receipt->block.hash);
}

static uint32_t findings_of(struct findings *out, const struct turn_state *state, uint32_t first)
{
    const struct receipt_question *questions = state->receipts_question;
    uint32_t stride = state->receipts_doubt ? 2 : 1;
    uint32_t i = first;

    *out = (struct findings){.is_answered = true};
    for (; i < state->receipts_count && questions[i].flight == questions[first].flight; i++) {
        const struct rpc_answer *one = &state->answers.answer[1 + i * stride];
        bool is_answered = one->fault == RPC_FAULT_NONE;

        if (is_answered && !result_is_null(one->result)) {
            struct receipt receipt;

            is_answered = json_receipt(&receipt, one->result, state->answers.original) &&
                          receipt_is_ours(state, &receipt);
            if (is_answered)
                out->receipt = receipt;
            out->is_landed |= is_answered;
        }
        out->is_answered &= is_answered;
        out->by_hash = stride == 2 ? one + 1 : NULL;
    }
    return i;
}

static void findings_take(struct turn_state *state, struct flight *flight,
                          const struct findings *findings, uint64_t nonce_count)
{
    if (flight_is_live(flight)) {
        if (findings->is_landed)
            flight_landed(state, flight, &findings->receipt);
        else if (findings->is_answered)
            flight_missing(state, flight, nonce_count, findings->by_hash);
        return;
    }
    /* landed, as an earlier life saw it */
    if (findings->is_landed)
        flight->mined_block = findings->receipt.block.number;
    if (findings->is_landed || (findings->is_answered && flight->gas_used == 0))
        flight->in_doubt = false; /* its block, or whoever took its nonce, still stands */
    else if (findings->is_answered)
        flight_vanished(state, flight);
}

static bool landed_are_known(struct turn_state *state)
{
    for (uint32_t i = 0; i < state->fleet.landed_used && state->landed_in_doubt; i++) {
        const struct flight *landed = &state->fleet.landed[i];

        if (landed->state != FLIGHT_FREE && landed->in_doubt)
            return false;
    }
    state->landed_in_doubt = false;
    return true;
}

/* Once a node counted more than there are, or showed a receipt that was none: what is below our
 * count would be a hole that nobody sees, and everything above it waits for ever. */
static void count_fell(struct turn_state *state, uint64_t nonce_count)
{
    if (nonce_count >= state->fleet.transaction_count) {
        state->fallen_block = 0;
        return;
    }
    if (state->fallen_block == 0)
        state->fallen_block = state->header.number;
    if (state->header.number < state->fallen_block + FALLEN_BLOCKS)
        return;
    state->fallen_block = 0;
    state->judge_again = true;
    fleet_set_nonce(&state->fleet, nonce_count);
}

static void count_take(struct turn_state *state, uint64_t before, uint64_t nonce_count)
{
    if (!landed_are_known(state) || state->arming.in_doubt) {
        state->receipts_block = 0; /* the rest with the next batch */
        return;
    }
    state->counted_block = state->header.number;
    if (!state->fleet.nonce_is_known || nonce_count > state->fleet.transaction_count) {
        state->judge_again |= !state->fleet.nonce_is_known;
        fleet_set_nonce(&state->fleet, nonce_count);
    }
    count_fell(state, nonce_count);
    if (state->fleet.transaction_count != before)
        state->moved_block = state->header.number;
}

void flights_receipts(struct turn_state *state, const struct observation *observation)
{
    uint32_t stride = state->receipts_doubt ? 2 : 1;
    uint64_t before = state->fleet.transaction_count;
    const struct rpc_answer *answer;
    uint64_t nonce_count;

    rpc_answers_parse(&state->answers, observation, observation->id,
                      1 + state->receipts_count * stride);
    answer = state->answers.answer;
    if (state->answers.envelope != RPC_ENVELOPE_OK || answer[0].fault != RPC_FAULT_NONE ||
        !json_quantity(&nonce_count, answer[0].result)) {
        state->receipts_block = 0; /* again at the next poll */
        return;
    }
    for (uint32_t i = 0; i < state->receipts_count;) {
        uint64_t id = state->receipts_question[i].flight;
        struct flight *flight = question_flight(state, id);
        struct findings findings;

        i = findings_of(&findings, state, i);
        if (flight != NULL)
            findings_take(state, flight, &findings, nonce_count);
    }
    count_take(state, before, nonce_count);
}
