/* One unbounded eth_getLogs kills a public node's patience, and a fixed range is wrong for each of
 * them: so the range is found by asking. */
#include "feed/history.h"

#include <string.h>

#include "eth/reaction.h"
#include "eth/result.h"

/* Answers that fail in a row before the whole is called failed; each is asked again. */
#define FAILURES_MAX 8

void history_abandon(struct history *history)
{
    memset(history->ask, 0, sizeof(history->ask));
    history->again_count = 0;
    history->state = HISTORY_IDLE;
}

void history_begin(struct history *history, uint64_t from, uint64_t to, uint64_t range_first)
{
    history_abandon(history);
    history->from = from;
    history->to = to;
    history->next = from;
    history->covered = 0;
    history->failures = 0;
    if (history->range_max == 0)
        history->range_max = range_first > 0 ? range_first : 1;
    history->state = from <= to ? HISTORY_RUNNING : HISTORY_DONE;
}

static bool piece_next(struct history *history, struct history_piece *out)
{
    uint64_t left;

    if (history->again_count > 0) {
        *out = history->again[--history->again_count];
        return true;
    }
    if (history->next > history->to)
        return false;
    left = history->to - history->next;
    *out = (struct history_piece){
        history->next, history->next + (left < history->range_max ? left : history->range_max - 1)};
    history->next = out->to + 1;
    return true;
}

void history_ask(struct history *history, struct ask_list *asks, const struct log_filter *filter)
{
    if (history->state != HISTORY_RUNNING)
        return;
    for (size_t i = 0; i < HISTORY_ASKS_MAX; i++) {
        struct history_ask *slot = &history->ask[i];
        struct rpc_request request = {0};
        TEXT params = {0};

        if (slot->id != 0)
            continue;
        if (!piece_next(history, &slot->piece))
            return;
        slot->id = ask_list_id(asks);
        text_add(&params, "[");
        rpc_add_filter_range(&params, filter, slot->piece.from, slot->piece.to);
        text_add(&params, "]");
        rpc_request_begin(&request, slot->id, 1);
        rpc_request_add(&request, "eth_getLogs", text_string(&params));
        rpc_request_end(&request);
        if (!ask_list_add(asks, &request, "eth_getLogs", ENDPOINT_ANY))
            slot->id = 0;
        rpc_request_release(&request);
    }
}

static void piece_give_back(struct history *history, struct history_piece piece)
{
    if (history->again_count == HISTORY_AGAIN_MAX) {
        history->state = HISTORY_FAILED;
        history->why = "too many pieces of the log range wait to be asked again";
        return;
    }
    history->again[history->again_count++] = piece;
}

static void piece_split(struct history *history, struct history_piece piece)
{
    uint64_t count = piece.to - piece.from + 1;
    uint64_t middle = piece.from + count / 2;

    if (count == 1) {
        history->state = HISTORY_FAILED;
        history->why = "the node refuses the logs of even one block";
        return;
    }
    if (history->range_max > count / 2)
        history->range_max = count / 2;
    piece_give_back(history, (struct history_piece){middle, piece.to});
    piece_give_back(history, (struct history_piece){piece.from, middle - 1});
}

static bool logs_deliver(const struct json_t *result, struct bytes original,
                         const struct log_sink_to *sink)
{
    BUFFER data = {0};
    size_t count;

    if (!result_array(&count, result))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct log log;

        buffer_clear(&data);
        if (!json_log(&log, &data, result_at(result, i), original))
            return false;
        if (!log.removed)
            sink->log(sink->context, &log);
    }
    return true;
}

/* Whoever begins anew tries less: some nodes cut the connection where others say "too much". */
static void piece_failed(struct history *history, struct history_piece piece, const char *why)
{
    if (++history->failures >= FAILURES_MAX) {
        uint64_t half = (piece.to - piece.from + 1) / 2;

        if (half > 0 && history->range_max > half)
            history->range_max = half;
        history->state = HISTORY_FAILED;
        history->why = why != NULL ? why : "no endpoint answered";
        return;
    }
    piece_give_back(history, piece);
}

/* Of eth_getLogs some say "timeout" or "limit exceeded" and mean the range. Of a single block they
 * cannot mean it. */
static enum rpc_reaction piece_reaction(struct history_piece piece, const struct rpc_answer *answer)
{
    return piece.from < piece.to ? rpc_reaction_to_logs(answer)
                                 : rpc_reaction_of(answer->fault, answer->message);
}

/* At the block that the node names: it knows best what fits. False: it names none. */
static bool piece_cut(struct history *history, struct history_piece piece, const char *message)
{
    uint64_t last;

    if (!rpc_range_named(&last, piece.from, message) || last >= piece.to)
        return false;
    if (history->range_max > last - piece.from + 1)
        history->range_max = last - piece.from + 1;
    piece_give_back(history, (struct history_piece){last + 1, piece.to});
    piece_give_back(history, (struct history_piece){piece.from, last});
    return true;
}

/* A range too wide, in other words. That nobody answers at all says nothing of it. */
static bool is_too_much(const struct observation *observation)
{
    return observation->status == OBSERVED_TOO_LARGE || observation->status == OBSERVED_TIMED_OUT;
}

static void piece_answer(struct history *history, struct history_piece piece,
                         const struct observation *observation, const struct rpc_answers *answers,
                         const struct log_sink_to *sink)
{
    const struct rpc_answer *answer;

    if (answers->envelope != RPC_ENVELOPE_OK) {
        if (is_too_much(observation) && piece.to > piece.from)
            piece_split(history, piece);
        else
            piece_failed(history, piece, answers->why);
        return;
    }
    answer = &answers->answer[0];
    if (piece_reaction(piece, answer) == REACTION_SPLIT_RANGE) {
        if (!piece_cut(history, piece, answer->message))
            piece_split(history, piece);
        return;
    }
    if (answer->fault != RPC_FAULT_NONE || !logs_deliver(answer->result, answers->original, sink)) {
        piece_failed(history, piece,
                     answer->fault != RPC_FAULT_NONE ? rpc_fault_text(answer->fault)
                                                     : "a log that cannot be read");
        return;
    }
    history->failures = 0;
    history->covered += piece.to - piece.from + 1;
    if (piece.to - piece.from + 1 >= history->range_max && history->range_max < UINT64_MAX / 4)
        history->range_max += history->range_max / 2 + 1;
}

bool history_answer(struct history *history, const struct observation *observation,
                    struct rpc_answers *answers, const struct log_sink_to *sink)
{
    struct history_ask *slot = NULL;
    bool is_busy = false;

    for (size_t i = 0; i < HISTORY_ASKS_MAX && slot == NULL; i++) {
        if (history->ask[i].id != 0 && history->ask[i].id == observation->id)
            slot = &history->ask[i];
    }
    if (slot == NULL)
        return false;
    slot->id = 0;
    rpc_answers_parse(answers, observation, observation->id, 1);
    piece_answer(history, slot->piece, observation, answers, sink);
    for (size_t i = 0; i < HISTORY_ASKS_MAX; i++)
        is_busy |= history->ask[i].id != 0;
    if (history->state == HISTORY_RUNNING && !is_busy && history->again_count == 0 &&
        history->next > history->to)
        history->state = HISTORY_DONE;
    return true;
}

uint64_t history_reached(const struct history *history)
{
    uint64_t reached = history->next;

    if (history->state != HISTORY_RUNNING && history->state != HISTORY_DONE)
        return 0;
    for (size_t i = 0; i < HISTORY_ASKS_MAX; i++) {
        if (history->ask[i].id != 0 && history->ask[i].piece.from < reached)
            reached = history->ask[i].piece.from;
    }
    for (uint32_t i = 0; i < history->again_count; i++) {
        if (history->again[i].from < reached)
            reached = history->again[i].from;
    }
    return reached;
}
