/*
 * One connection for all means that what breaks it breaks every ask on it, and that an answer says
 * for itself whose it is. A node that answers nobody in particular, late, twice or without an end
 * must cost no more than it does over HTTP.
 */
#include "rpc/socket.h"

#include <stdlib.h>

#include "rpc/message.h"
#include "rpc/state.h"

/* Who is on the socket at one moment: to be told may start others. */
struct party {
    size_t count;
    struct transfer *transfers[RPC_CONNECTIONS_MAX];
};

static struct party party_of(struct socket *socket)
{
    struct endpoint *endpoint = &socket->rpc->endpoints[socket->endpoint];
    struct party party = {0};
    for (size_t i = 0; i < RPC_CONNECTIONS_MAX; i++)
        if (endpoint->transfers[i].is_busy)
            party.transfers[party.count++] = &endpoint->transfers[i];
    return party;
}

static bool is_sent(const struct transfer *transfer)
{
    return transfer->sent_us != 0;
}

static bool is_send(const struct transfer *transfer)
{
    return transfer->ask != NULL && transfer->ask->role == RPC_ROLE_SEND;
}

/* ---- time */

static int64_t expires_us(const struct transfer *transfer)
{
    return transfer->began_us + transfer->rpc->total_timeout_ms * 1000;
}

static void sooner(int64_t *at_us, int64_t other_us)
{
    if (other_us < *at_us)
        *at_us = other_us;
}

static void schedule(struct socket *socket)
{
    struct rpc *rpc = socket->rpc;
    struct party party = party_of(socket);
    int64_t at_us = INT64_MAX;
    for (size_t i = 0; i < party.count; i++)
        sooner(&at_us, expires_us(party.transfers[i]));
    if (socket->state == SOCKET_CLOSED)
        sooner(&at_us, socket->is_wanted ? 0 : socket->reopen_us);
    if (socket->state == SOCKET_OPENING)
        sooner(&at_us, socket->opened_by_us);
    if (socket->push.state == PUSH_ASKED)
        sooner(&at_us, socket->push.asked_us + rpc->total_timeout_ms * 1000);
    if (socket->pool.state == POOL_ASKED)
        sooner(&at_us, socket->pool.asked_us + rpc->total_timeout_ms * 1000);
    if (socket->state == SOCKET_OPEN && socket->push.state != PUSH_UNWANTED && party.count == 0)
        sooner(&at_us, socket->heard_us + SOCKET_QUIET_US);
    int64_t now_us = wires_clock_us();
    if (at_us == INT64_MAX)
        ev_timer_stop(rpc->loop, &socket->timer);
    else
        wires_start_timer(rpc->loop, &socket->timer, at_us > now_us ? at_us - now_us : 0);
}

/* ---- who is told what */

static void settle(struct socket *socket, struct transfer *transfer, enum observation_status status,
                   struct bytes said)
{
    struct outcome outcome = {
        .status = status, .said = said, .may_have_arrived = is_sent(transfer)};
    transfer_settle(transfer, &outcome);
    wires_start_timer(socket->rpc->loop, &socket->rpc->tell_timer, 0); /* a place is free */
}

static struct transfer *transfer_of(const struct party *party, uint64_t id)
{
    for (size_t i = 0; i < party->count; i++) {
        struct transfer *transfer = party->transfers[i];
        uint64_t first = transfer->ask == NULL ? 0 : transfer->ask->id * RPC_BATCH_MAX;
        uint32_t calls = transfer->ask == NULL ? 1 : transfer->ask->calls;
        if (is_sent(transfer) && id >= first && id - first < calls)
            return transfer;
    }
    return NULL;
}

/* About one of those under way, and nobody knows which. Where only one is, and nobody was given up
 * on, it is that one's. Else the reads are told, who lose little by asking again; a send waits for
 * its own answer, since this may be somebody else's refusal. */
static void stray_heard(struct socket *socket, struct bytes said)
{
    struct party party = party_of(socket);
    struct party sent = {0};
    for (size_t i = 0; i < party.count; i++)
        if (is_sent(party.transfers[i]))
            sent.transfers[sent.count++] = party.transfers[i];
    bool is_certain = sent.count == 1 && socket->owed == 0;
    for (size_t i = 0; i < sent.count; i++)
        if (is_certain || !is_send(sent.transfers[i]))
            settle(socket, sent.transfers[i], OBSERVED_OK, said);
}

static void answer_heard(struct socket *socket, const struct message *message, struct bytes said)
{
    struct party party = party_of(socket);
    struct transfer *transfer = transfer_of(&party, message->id);
    bool is_of_push = message->id == SOCKET_SUBSCRIBE_ID && socket->push.state == PUSH_ASKED;
    bool is_of_pool = message->id == SOCKET_POOL_ID && socket->pool.state == POOL_ASKED;
    if (is_of_push || is_of_pool || transfer != NULL)
        socket->backoff_us = SOCKET_BACKOFF_MIN_US; /* it is a node */
    if (is_of_push)
        push_answered(socket, true, message->is_error);
    else if (is_of_pool)
        pool_answered(socket, true, message->is_error);
    else if (transfer != NULL)
        settle(socket, transfer, OBSERVED_OK, said);
    else if (socket->owed > 0)
        socket->owed--; /* too late, or nobody's */
}

void socket_heard(struct socket *socket)
{
    struct bytes said = buffer_bytes(&socket->heard);
    struct message message;
    message_read(&message, said);
    switch (message.kind) {
    case MESSAGE_ANSWER:
        answer_heard(socket, &message, said);
        break;
    case MESSAGE_PUSH:
        push_heard(socket, &message);
        break;
    case MESSAGE_POOL:
        if (socket->pool.state == POOL_UNWANTED)
            push_heard(socket, &message);
        else
            pool_heard(socket, &message);
        break;
    case MESSAGE_STRAY:
        stray_heard(socket, said);
        break;
    }
    if (socket->heard.capacity > RPC_KEEP_MAX)
        buffer_release(&socket->heard);
    buffer_clear(&socket->heard);
    schedule(socket);
}

/* The rest of it is not waited for. Its id mostly stands in front; where it does not, each read is
 * told, since to ask for less is right for the one and does the others no harm. */
static void too_large_heard(struct socket *socket)
{
    struct party party = party_of(socket);
    struct message message;
    message_read(&message, buffer_bytes(&socket->heard));
    struct transfer *transfer =
        message.kind == MESSAGE_ANSWER ? transfer_of(&party, message.id) : NULL;
    struct bytes said = bytes_of_text("the answer is larger than is taken");
    bool is_push = message.kind == MESSAGE_PUSH || message.kind == MESSAGE_POOL;
    for (size_t i = 0; !is_push && i < party.count; i++) {
        struct transfer *one = party.transfers[i];
        bool is_meant = transfer == NULL ? is_sent(one) && !is_send(one) : one == transfer;
        if (is_meant)
            settle(socket, one, OBSERVED_TOO_LARGE, said);
    }
    socket_broke(socket, OBSERVED_UNREACHABLE, "closed, since a message was too large");
}

bool socket_hear(struct socket *socket, struct bytes part)
{
    socket->heard_us = wires_clock_us();
    if (part.size > socket->rpc->answer_size_max - socket->heard.size) {
        too_large_heard(socket);
        return false;
    }
    buffer_add_bytes(&socket->heard, part);
    return true;
}

/* ---- open and closed */

void socket_opened(struct socket *socket)
{
    socket->state = SOCKET_OPEN;
    socket->heard_us = wires_clock_us();
    socket->owed = 0;
    buffer_clear(&socket->heard);
    socket->wire->write(socket);
    schedule(socket);
}

void socket_broke(struct socket *socket, enum observation_status status, const char *why)
{
    struct party party = party_of(socket);
    if (socket->state == SOCKET_CLOSED)
        return;
    socket->state = SOCKET_CLOSED;
    socket->is_wanted = false;
    socket->wire->close(socket);
    buffer_release(&socket->heard);
    socket->reopen_us = INT64_MAX;
    if (socket->push.state != PUSH_UNWANTED) {
        socket->reopen_us = wires_clock_us() + socket->backoff_us;
        socket->backoff_us *= 2;
        if (socket->backoff_us > SOCKET_BACKOFF_MAX_US)
            socket->backoff_us = SOCKET_BACKOFF_MAX_US;
    }
    push_broke(socket, why);
    pool_broke(socket, why);
    for (size_t i = 0; i < party.count; i++)
        settle(socket, party.transfers[i], status, bytes_of_text(why));
    schedule(socket);
}

static void open_now(struct socket *socket)
{
    socket->state = SOCKET_OPENING;
    socket->is_wanted = false;
    socket->opened_by_us = wires_clock_us() + socket->rpc->connect_timeout_ms * 1000;
    schedule(socket);
    socket->wire->open(socket);
}

/* A node that has said nothing at all since it was asked will say nothing to anybody. */
static void give_up(struct socket *socket, int64_t now_us)
{
    struct party party = party_of(socket);
    bool is_silent = false;
    for (size_t i = 0; i < party.count; i++) {
        struct transfer *transfer = party.transfers[i];
        if (expires_us(transfer) > now_us)
            continue;
        is_silent |= is_sent(transfer) && socket->heard_us <= transfer->sent_us;
        socket->owed += is_sent(transfer);
        settle(socket, transfer, OBSERVED_TIMED_OUT, bytes_of_text("no answer in time"));
    }
    if (socket->push.state == PUSH_ASKED &&
        socket->push.asked_us + socket->rpc->total_timeout_ms * 1000 <= now_us) {
        is_silent |= socket->heard_us <= socket->push.asked_us;
        push_answered(socket, false, false);
    }
    if (socket->pool.state == POOL_ASKED &&
        socket->pool.asked_us + socket->rpc->total_timeout_ms * 1000 <= now_us)
        pool_answered(socket, false, false);
    if (is_silent && socket->state == SOCKET_OPEN)
        socket_broke(socket, OBSERVED_UNREACHABLE, "closed, since the node is silent");
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    struct socket *socket = timer->data;
    struct rpc *rpc = socket->rpc;
    int64_t now_us = wires_clock_us();
    give_up(socket, now_us);
    if (socket->state == SOCKET_OPENING && socket->opened_by_us <= now_us)
        socket_broke(socket, OBSERVED_TIMED_OUT, "no connection in time");
    if (socket->state == SOCKET_OPEN && socket->push.state != PUSH_UNWANTED &&
        socket->heard_us + SOCKET_QUIET_US <= now_us && rpc->endpoints[socket->endpoint].busy == 0)
        transfer_start(rpc, socket->endpoint, NULL, false);
    if (socket->state == SOCKET_CLOSED && (socket->is_wanted || socket->reopen_us <= now_us))
        open_now(socket);
    else
        schedule(socket);
}

/* ---- what is to be written */

bool socket_next(struct socket *socket, struct bytes *message)
{
    struct party party = party_of(socket);
    struct transfer *next = NULL;
    if (socket->push.state == PUSH_WANTED) {
        push_asked(socket);
        *message = push_question();
        schedule(socket);
        return true;
    }
    if (pool_is_wanted(socket)) {
        *message = pool_question(socket);
        schedule(socket);
        return true;
    }
    for (size_t i = 0; i < party.count; i++) {
        struct transfer *transfer = party.transfers[i];
        if (!is_sent(transfer) && (next == NULL || transfer->began_us < next->began_us))
            next = transfer;
    }
    if (next == NULL)
        return false;
    next->sent_us = wires_clock_us();
    *message = transfer_body(next);
    return true;
}

void socket_start(struct socket *socket)
{
    socket->is_wanted = socket->state == SOCKET_CLOSED;
    if (socket->state == SOCKET_OPEN)
        socket->wire->write(socket);
    schedule(socket);
}

void socket_keep(struct socket *socket, bool with_pool)
{
    socket->pool.state = with_pool ? POOL_WANTED : POOL_UNWANTED;
    socket->push.state = PUSH_WANTED;
    socket->reopen_us = 0;
    schedule(socket);
}

struct socket *socket_new(struct rpc *rpc, uint16_t endpoint, const struct wire *wire, void *line)
{
    struct socket *socket = must_alloc(1, sizeof *socket);
    socket->rpc = rpc;
    socket->endpoint = endpoint;
    socket->wire = wire;
    socket->line = line;
    socket->reopen_us = INT64_MAX;
    socket->backoff_us = SOCKET_BACKOFF_MIN_US;
    ev_init(&socket->timer, on_timer);
    socket->timer.data = socket;
    return socket;
}

void socket_free(struct socket *socket)
{
    if (socket == NULL)
        return;
    if (socket->state != SOCKET_CLOSED)
        socket->wire->close(socket);
    socket->wire->release(socket);
    ev_timer_stop(socket->rpc->loop, &socket->timer);
    buffer_release(&socket->heard);
    free(socket);
}
