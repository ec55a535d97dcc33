/*
 * Between two turns of the loop a node may push a thousand heads. Two hints that differ become one
 * that names no head, so that nobody takes an old one for the newest.
 */
#include "rpc/push.h"

#include "rpc/message.h"
#include "rpc/state.h"

#define METHOD "eth_subscribe"
#define SUBSCRIBE_ID_TEXT "1"

_Static_assert(SOCKET_SUBSCRIBE_ID == 1, "the question's text says so");

struct bytes push_question(void)
{
    return bytes_of_text("{\"jsonrpc\":\"2.0\",\"id\":" SUBSCRIBE_ID_TEXT ",\"method\":\"" METHOD
                         "\",\"params\":[\"newHeads\"]}");
}

/* `hash` NULL: of a head that nobody named. */
static void note(struct push *push, const struct hash32 *hash)
{
    bool is_another =
        push->is_due && !(hash != NULL && push->has_hash && hash32_is_equal(hash, &push->hash));
    push->is_due = true;
    push->has_hash = hash != NULL && !is_another;
    if (push->has_hash)
        push->hash = *hash;
}

/* When it changes, not each time: an outage is one line. */
static void say_on(struct socket *socket)
{
    struct rpc *rpc = socket->rpc;
    if (rpc->log != NULL && socket->push.said != PUSH_SAID_ON)
        log_line(rpc->log, LOG_LEVEL_INFO, "pushes come", "endpoint=%u host=%s", socket->endpoint,
                 rpc->endpoints[socket->endpoint].url.host);
    socket->push.said = PUSH_SAID_ON;
}

static void say_off(struct socket *socket, const char *why)
{
    struct rpc *rpc = socket->rpc;
    if (rpc->log != NULL && socket->push.said != PUSH_SAID_OFF)
        log_line(rpc->log, LOG_LEVEL_WARNING, "no pushes", "endpoint=%u host=%s why=\"%s\"",
                 socket->endpoint, rpc->endpoints[socket->endpoint].url.host, why);
    socket->push.said = PUSH_SAID_OFF;
}

static void count(struct socket *socket, enum observation_status status)
{
    struct rpc_attempt attempt = {.endpoint = socket->endpoint,
                                  .method = METHOD,
                                  .status = status,
                                  .duration_us = wires_clock_us() - socket->push.asked_us};
    rpc_count(socket->rpc, &attempt);
}

void push_asked(struct socket *socket)
{
    socket->push.state = PUSH_ASKED;
    socket->push.asked_us = wires_clock_us();
    socket->push.has_told = false;
    rate_take(&socket->rpc->endpoints[socket->endpoint].rate, 1, socket->push.asked_us);
}

void push_answered(struct socket *socket, bool is_answered, bool is_error)
{
    if (socket->push.state != PUSH_ASKED)
        return;
    count(socket, is_answered ? OBSERVED_OK : OBSERVED_TIMED_OUT);
    if (is_answered && !is_error) {
        socket->push.state = PUSH_ON;
        note(&socket->push, NULL); /* what came while nobody pushed */
        say_on(socket);
        return;
    }
    socket->push.state = PUSH_REFUSED;
    say_off(socket, is_answered ? "the node refuses " METHOD : "no answer to " METHOD);
}

void push_heard(struct socket *socket, const struct message *message)
{
    struct push *push = &socket->push;
    if (push->state != PUSH_ASKED && push->state != PUSH_ON)
        return;
    /* said twice: nothing new, and a flood of it wakes nobody */
    if (!push->is_due && push->has_told && message->has_hash &&
        hash32_is_equal(&message->hash, &push->told))
        return;
    note(push, message->has_hash ? &message->hash : NULL);
}

void push_broke(struct socket *socket, const char *why)
{
    struct push *push = &socket->push;
    if (push->state == PUSH_UNWANTED)
        return;
    if (push->state == PUSH_ASKED)
        count(socket, OBSERVED_UNREACHABLE);
    if (push->state == PUSH_ON) {
        note(push, NULL);
        push->is_gone = true;
    }
    push->state = PUSH_WANTED;
    say_off(socket, why);
}

void push_tell(struct socket *socket)
{
    struct push *push = &socket->push;
    char text[HASH32_TEXT_SIZE];
    struct observation hint = {.kind = OBSERVATION_PUSH,
                               .status = push->is_gone ? OBSERVED_UNREACHABLE : OBSERVED_OK,
                               .endpoint = socket->endpoint};
    if (!push->is_due)
        return;
    if (push->has_hash) {
        hash32_format(text, &push->hash);
        hint.body = bytes_of_text(text);
    }
    push->has_told = push->has_hash;
    push->told = push->hash;
    push->is_due = push->is_gone = push->has_hash = false;
    rpc_tell(socket->rpc, &hint);
}
