/* Packs reads into multicalls, spreads answers to whoever wanted them, and learns how much one call
 * may hold. */
#include "feed/round.h"

#include <string.h>

#include "eth/reaction.h"

void round_release(struct round *round)
{
    read_list_release(&round->reads);
    buffer_release(&round->answer);
    memset(round, 0, sizeof(*round));
}

void round_abandon(struct round *round)
{
    memset(round->ask, 0, sizeof(round->ask));
    round->again_count = 0;
    round->state = ROUND_IDLE;
}

void round_begin(struct round *round, struct read_list *reads, const struct header *header,
                 int endpoint)
{
    struct read_list mine = round->reads;

    round_abandon(round);
    round->reads = *reads;
    *reads = mine;
    read_list_clear(reads);
    round->header = *header;
    round->strayed = ENDPOINT_ANY;
    round->endpoint = endpoint;
    round->next = 0;
    round->aside = round->reads.count;
    if (round->reads_max == 0)
        round->reads_max = ROUND_READS_FIRST;
    round->state = round->reads.count > 0 ? ROUND_RUNNING : ROUND_DONE;
}

void round_set_aside(struct round *round, size_t first)
{
    MUST(round->next == 0);
    if (first < round->reads.count)
        round->aside = first;
}

static bool piece_next(struct round *round, struct round_piece *out)
{
    size_t end = round->next < round->aside ? round->aside : round->reads.count;
    size_t left = end - round->next;

    if (round->again_count > 0) {
        *out = round->again[--round->again_count];
        return true;
    }
    if (left == 0)
        return false;
    *out = (struct round_piece){round->next, left < round->reads_max ? left : round->reads_max};
    round->next += out->count;
    return true;
}

static bool piece_ask(struct round *round, struct round_ask *slot, struct ask_list *asks,
                      const struct address *multicall)
{
    struct ask_scratch *scratch = ask_list_scratch(asks);

    multicall_encode(&scratch->data, multicall, &round->reads.read[slot->piece.first],
                     slot->piece.count);
    slot->id = ask_list_id(asks);
    rpc_request_begin(&scratch->request, slot->id, 1);
    multicall_params(rpc_request_params(&scratch->request, "eth_call"), multicall,
                     buffer_bytes(&scratch->data), &round->header.hash);
    rpc_request_params_end(&scratch->request);
    rpc_request_end(&scratch->request);
    round->calls++;
    return ask_list_add(asks, &scratch->request, "eth_call", round->endpoint);
}

void round_ask(struct round *round, struct ask_list *asks, const struct address *multicall)
{
    if (round->state != ROUND_RUNNING)
        return;
    for (size_t i = 0; i < ROUND_ASKS_MAX; i++) {
        if (round->ask[i].id != 0)
            continue;
        if (!piece_next(round, &round->ask[i].piece))
            return;
        if (!piece_ask(round, &round->ask[i], asks, multicall)) {
            round->state = ROUND_FAILED;
            round->why = "too many questions in one turn";
            return;
        }
    }
}

/* Half of it now, half later; a single read that does not fit is answered as failed. */
static void piece_split(struct round *round, struct round_piece piece,
                        const struct round_sink *sink)
{
    size_t half = piece.count / 2;

    if (piece.count == 1) {
        sink->result(sink->context, &round->reads.read[piece.first], false, (struct bytes){0});
        return;
    }
    if (round->again_count + 2 > ROUND_AGAIN_MAX) {
        round->state = ROUND_FAILED;
        round->why = "the node takes no call of any size";
        return;
    }
    if (round->reads_max > half)
        round->reads_max = half;
    round->again[round->again_count++] =
        (struct round_piece){piece.first + half, piece.count - half};
    round->again[round->again_count++] = (struct round_piece){piece.first, half};
}

/* False: it is of another block, or of no multicall that says. */
static bool origin_accept(struct round *round, struct bytes answer, size_t count, int endpoint)
{
    switch (multicall_origin(answer, count, &round->header)) {
    case MULTICALL_OF_BLOCK:
        return true;
    case MULTICALL_OF_ANOTHER:
        round->why = "an answer of another block";
        round->strayed = endpoint;
        break;
    case MULTICALL_WITHOUT_WITNESS:
        round->why = "the multicall does not say in which block it was executed";
        break;
    }
    round->state = ROUND_FAILED;
    return false;
}

static void piece_accept(struct round *round, struct round_piece piece,
                         const struct rpc_answers *answers, int endpoint,
                         const struct round_sink *sink)
{
    const size_t count = MULTICALL_WITNESSES + piece.count;
    struct buffer *data = &round->answer;
    struct multicall_result result;

    buffer_clear(data);
    if (!json_bytes(data, answers->answer[0].result, answers->original)) {
        round->state = ROUND_FAILED;
        round->why = "an eth_call answered no bytes";
        return;
    }
    if (!multicall_check(buffer_bytes(data), count)) {
        round->state = ROUND_FAILED;
        round->why = data->size == 0 ? "no code at the multicall's address, or out of gas"
                                     : "the multicall's answer has another shape";
        return;
    }
    if (!origin_accept(round, buffer_bytes(data), count, endpoint))
        return;
    /* Out of gas inside shows as a failure without a word, from some read on to the last. */
    if (piece.count > 1 && multicall_result(&result, buffer_bytes(data), count, count - 1) &&
        !result.succeeded && result.data.size == 0) {
        piece_split(round, piece, sink);
        return;
    }
    for (size_t i = 0; i < piece.count; i++) {
        if (!multicall_result(&result, buffer_bytes(data), count, MULTICALL_WITNESSES + i))
            return;
        sink->result(sink->context, &round->reads.read[piece.first + i], result.succeeded,
                     result.data);
    }
}

static void piece_fault(struct round *round, struct round_piece piece,
                        const struct rpc_answer *answer, const struct round_sink *sink)
{
    enum rpc_reaction reaction = rpc_reaction_of(answer->fault, answer->message);

    if (answer->fault == RPC_FAULT_UNKNOWN_BLOCK) {
        round->state = ROUND_UNKNOWN_BLOCK;
        return;
    }
    /* out of gas, or a revert of the whole call: of which read, fewer of them say */
    if (reaction == REACTION_SPLIT_CALLS || reaction == REACTION_DROP ||
        reaction == REACTION_REVERT) {
        piece_split(round, piece, sink);
        return;
    }
    round->state = ROUND_FAILED;
    round->why = rpc_fault_text(answer->fault);
}

/* Of reads that may be done without. */
static void piece_give_up(struct round *round, struct round_piece piece,
                          const struct round_sink *sink)
{
    for (size_t i = 0; i < piece.count; i++)
        sink->result(sink->context, &round->reads.read[piece.first + i], false, (struct bytes){0});
}

static void round_settle(struct round *round)
{
    if (round->state != ROUND_RUNNING || round->next < round->reads.count || round->again_count > 0)
        return;
    for (size_t i = 0; i < ROUND_ASKS_MAX; i++) {
        if (round->ask[i].id != 0)
            return;
    }
    round->state = ROUND_DONE;
    if (round->reads_max < ROUND_READS_MAX)
        round->reads_max += round->reads_max / 16 + 1;
}

bool round_answer(struct round *round, const struct observation *observation,
                  struct rpc_answers *answers, const struct round_sink *sink)
{
    struct round_ask *slot = NULL;
    struct round_piece piece;
    enum round_state before;

    for (size_t i = 0; i < ROUND_ASKS_MAX && slot == NULL; i++) {
        if (round->ask[i].id != 0 && round->ask[i].id == observation->id)
            slot = &round->ask[i];
    }
    if (slot == NULL)
        return false;
    piece = slot->piece;
    slot->id = 0;
    before = round->state;
    rpc_answers_parse(answers, observation, observation->id, 1);
    if (answers->envelope != RPC_ENVELOPE_OK) {
        round->state = ROUND_FAILED;
        round->why = answers->why != NULL ? answers->why : "no endpoint answered";
    } else if (answers->answer[0].fault != RPC_FAULT_NONE) {
        piece_fault(round, piece, &answers->answer[0], sink);
    } else {
        piece_accept(round, piece, answers, observation->endpoint, sink);
    }
    if (piece.first >= round->aside && before == ROUND_RUNNING && round->state != before) {
        round->state = before;
        round->strayed = ENDPOINT_ANY;
        piece_give_up(round, piece, sink);
    }
    round_settle(round);
    return true;
}
