/*
 * A request is on the wire as a POST of its own or as a message on a kept socket. Who asked, what
 * the rate and the endpoint's health are told, and what the loop observes is the same for both.
 */
#include "rpc/state.h"

static struct transfer *transfer_free_one(struct endpoint *endpoint)
{
    for (size_t i = 0; i < RPC_CONNECTIONS_MAX; i++) {
        if (!endpoint->transfers[i].is_busy)
            return &endpoint->transfers[i];
    }
    must_fail("a free transfer", __FILE__, __LINE__);
}

void transfer_start(struct rpc *rpc, size_t index, struct ask *ask, bool is_probe)
{
    struct endpoint *endpoint = &rpc->endpoints[index];
    struct transfer *transfer = transfer_free_one(endpoint);
    transfer->rpc = rpc;
    transfer->endpoint = (uint16_t)index;
    transfer->is_busy = true;
    transfer->is_probe = is_probe;
    transfer->sent_us = 0;
    transfer->ask = ask;
    transfer->began_us = wires_clock_us();
    endpoint->busy++;
    rate_take(&endpoint->rate, ask == NULL ? 1 : ask->calls, transfer->began_us);
    if (is_probe)
        health_begin_probe(&endpoint->health);
    if (endpoint->socket != NULL)
        socket_start(endpoint->socket);
    else
        http_start(transfer);
}

struct bytes transfer_body(const struct transfer *transfer)
{
    return transfer->ask == NULL ? text_bytes(&transfer->rpc->probe.body)
                                 : buffer_bytes(&transfer->ask->body);
}

/* A node may send its error with any status; the words decide, if they are JSON-RPC. */
static bool is_json_rpc(const struct observation *seen, uint32_t calls)
{
    struct rpc_answers answers = {0};
    rpc_answers_parse(&answers, seen, seen->id, calls);
    bool is_answer =
        answers.envelope == RPC_ENVELOPE_OK || answers.envelope == RPC_ENVELOPE_MISSING;
    rpc_answers_release(&answers);
    return is_answer;
}

struct observation transfer_observation(const struct transfer *transfer,
                                        const struct outcome *outcome)
{
    long http_status = outcome->http_status;
    struct observation seen = {.kind = OBSERVATION_ANSWER,
                               .status = outcome->status,
                               .id = transfer->ask == NULL ? 0 : transfer->ask->id,
                               .endpoint = transfer->endpoint,
                               .http_status = outcome->http_status,
                               .body = outcome->said};
    /* 0: no HTTP was spoken */
    if (seen.status == OBSERVED_OK && http_status != 0 &&
        (http_status < 200 || http_status > 299) &&
        !is_json_rpc(&seen, transfer->ask == NULL ? 1 : transfer->ask->calls))
        seen.status = OBSERVED_HTTP_ERROR;
    return seen;
}

void transfer_end(struct transfer *transfer)
{
    transfer->rpc->endpoints[transfer->endpoint].busy--;
    transfer->is_busy = false;
    transfer->ask = NULL;
    http_end(transfer);
}

void transfer_release(struct transfer *transfer)
{
    http_release(transfer);
    if (transfer->ask != NULL)
        ask_free(transfer->ask);
}
