/*
 * Nobody answers for what stands in a pool, and anybody may fill it. So nothing is kept here: a
 * transaction is told at once or dropped, and what is dropped is said, lest somebody takes silence
 * for an empty pool.
 */
#include "rpc/pool.h"

#include <stdio.h>

#include "rpc/message.h"
#include "rpc/state.h"

#define METHOD "eth_subscribe"
#define POOL_ID_TEXT "2"

_Static_assert(SOCKET_POOL_ID == 2, "the question's text says so");

static void tell(struct socket *socket, enum observation_status status, struct bytes body)
{
    struct observation observation = {
        .kind = OBSERVATION_POOL, .status = status, .endpoint = socket->endpoint, .body = body};
    rpc_tell(socket->rpc, &observation);
}

/* When it changes, not each time: an outage is one line. */
static void say(struct socket *socket, const char *why)
{
    struct rpc *rpc = socket->rpc;
    const char *host = rpc->endpoints[socket->endpoint].url.host;
    bool was_off = socket->pool.has_said_off;
    socket->pool.has_said_off = why != NULL;
    if (rpc->log == NULL || (why != NULL && was_off))
        return;
    if (why == NULL)
        log_line(rpc->log, LOG_LEVEL_INFO, "pool pushes come", "endpoint=%u host=%s whole=%s",
                 socket->endpoint, host, socket->pool.is_plain ? "false" : "true");
    else
        log_line(rpc->log, LOG_LEVEL_WARNING, "no pool pushes", "endpoint=%u host=%s why=\"%s\"",
                 socket->endpoint, host, why);
}

static void count(struct socket *socket, enum observation_status status)
{
    struct rpc_attempt attempt = {.endpoint = socket->endpoint,
                                  .method = METHOD,
                                  .status = status,
                                  .duration_us = wires_clock_us() - socket->pool.asked_us};
    rpc_count(socket->rpc, &attempt);
}

bool pool_is_wanted(const struct socket *socket)
{
    return socket->pool.state == POOL_WANTED || socket->pool.state == POOL_WANTED_PLAIN;
}

struct bytes pool_question(struct socket *socket)
{
    struct pool *pool = &socket->pool;
    pool->is_plain = pool->state == POOL_WANTED_PLAIN;
    pool->state = POOL_ASKED;
    pool->asked_us = wires_clock_us();
    rate_take(&socket->rpc->endpoints[socket->endpoint].rate, 1, pool->asked_us);
    return pool->is_plain
               ? bytes_of_text("{\"jsonrpc\":\"2.0\",\"id\":" POOL_ID_TEXT ",\"method\":\"" METHOD
                               "\",\"params\":[\"newPendingTransactions\"]}")
               : bytes_of_text("{\"jsonrpc\":\"2.0\",\"id\":" POOL_ID_TEXT ",\"method\":\"" METHOD
                               "\",\"params\":[\"newPendingTransactions\",true]}");
}

void pool_answered(struct socket *socket, bool is_answered, bool is_error)
{
    struct pool *pool = &socket->pool;
    if (pool->state != POOL_ASKED)
        return;
    count(socket, is_answered ? OBSERVED_OK : OBSERVED_TIMED_OUT);
    if (is_answered && !is_error) {
        pool->state = POOL_ON;
        say(socket, NULL);
        tell(socket, OBSERVED_OK, (struct bytes){0});
        return;
    }
    if (is_answered && !pool->is_plain) {
        pool->state = POOL_WANTED_PLAIN;
        socket->wire->write(socket);
        return;
    }
    pool->state = POOL_REFUSED;
    say(socket, is_answered ? "the node refuses newPendingTransactions" : "no answer to " METHOD);
}

void pool_heard(struct socket *socket, const struct message *message)
{
    struct pool *pool = &socket->pool;
    if (pool->state != POOL_ASKED && pool->state != POOL_ON)
        return;
    if (pool->told == POOL_TOLD_MAX || message->pooled.size > POOL_TEXT_MAX) {
        pool->dropped++;
        return;
    }
    pool->told++;
    tell(socket, OBSERVED_OK, message->pooled);
}

void pool_broke(struct socket *socket, const char *why)
{
    struct pool *pool = &socket->pool;
    if (pool->state == POOL_UNWANTED)
        return;
    if (pool->state == POOL_ASKED)
        count(socket, OBSERVED_UNREACHABLE);
    if (pool->state == POOL_ON)
        tell(socket, OBSERVED_UNREACHABLE, (struct bytes){0});
    pool->state = POOL_WANTED;
    say(socket, why);
}

void pool_pass(struct socket *socket)
{
    struct pool *pool = &socket->pool;
    char text[16];
    if (pool->dropped > 0) {
        int size = snprintf(text, sizeof text, "%u", pool->dropped);
        tell(socket, OBSERVED_REFUSED, bytes_of((const uint8_t *)text, (size_t)size));
    }
    pool->told = pool->dropped = 0;
}
