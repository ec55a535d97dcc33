/*
 * geth's node.ipc and its like: JSON texts one after the other on a Unix socket, with nothing
 * between them to rely on. Bytes come as the kernel has them, so a text may come in pieces, or ten
 * at once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rpc/lines.h"
#include "rpc/message.h"
#include "rpc/state.h"

#define READ_SIZE 65536

struct ipc {
    int fd; /* -1: closed */
    ev_io readable;
    ev_io writable;
    struct frame frame;
    struct buffer out; /* the message that is being written */
    size_t written;
};

static void broke(struct socket *socket, const char *what)
{
    char why[128];
    (void)snprintf(why, sizeof why, "%s: %s", what, strerror(errno));
    socket_broke(socket, OBSERVED_UNREACHABLE, why);
}

/* False: the socket broke. */
static bool take_bytes(struct socket *socket, struct bytes bytes)
{
    struct ipc *ipc = socket->line;
    while (bytes.size > 0) {
        size_t used;
        enum frame_end end = frame_scan(&ipc->frame, &used, bytes);
        if (!socket_hear(socket, bytes_slice(bytes, 0, used)))
            return false;
        if (end == FRAME_BROKEN) {
            socket_broke(socket, OBSERVED_UNREACHABLE, "what came is no JSON-RPC");
            return false;
        }
        if (end == FRAME_WHOLE)
            socket_heard(socket);
        bytes = bytes_slice(bytes, used, bytes.size - used);
    }
    return true;
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    struct socket *socket = io->data;
    uint8_t bytes[READ_SIZE];
    ssize_t size = recv(io->fd, bytes, sizeof bytes, 0);
    if (size > 0)
        (void)take_bytes(socket, bytes_of(bytes, (size_t)size));
    else if (size == 0)
        socket_broke(socket, OBSERVED_UNREACHABLE, "closed by the node");
    else if (errno != EAGAIN && errno != EINTR)
        broke(socket, "cannot read");
}

/* The next message into `out`; false: there is none. */
static bool fill(struct socket *socket)
{
    struct ipc *ipc = socket->line;
    struct bytes message;
    if (ipc->out.capacity > RPC_KEEP_MAX)
        buffer_release(&ipc->out);
    buffer_clear(&ipc->out);
    ipc->written = 0;
    if (!socket_next(socket, &message))
        return false;
    buffer_add_bytes(&ipc->out, message);
    buffer_add_byte(&ipc->out, '\n');
    return true;
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
    (void)events;
    struct socket *socket = io->data;
    struct ipc *ipc = socket->line;
    while (ipc->written < ipc->out.size || fill(socket)) {
        ssize_t size =
            send(io->fd, ipc->out.data + ipc->written, ipc->out.size - ipc->written, MSG_NOSIGNAL);
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (size < 0) {
            broke(socket, "cannot write");
            return;
        }
        ipc->written += (size_t)size;
    }
    ev_io_stop(loop, io);
}

static int descriptor_new(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static void ipc_open(struct socket *socket)
{
    struct ipc *ipc = socket->line;
    struct rpc *rpc = socket->rpc;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = rpc->endpoints[socket->endpoint].url.text;
    MUST(strlen(path) < sizeof address.sun_path); /* url_read refuses it */
    memcpy(address.sun_path, path, strlen(path));
    ipc->fd = descriptor_new();
    if (ipc->fd < 0 || connect(ipc->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        broke(socket, "cannot connect");
        return;
    }
    ipc->frame = (struct frame){0};
    buffer_clear(&ipc->out);
    ipc->written = 0;
    ev_io_set(&ipc->readable, ipc->fd, EV_READ);
    ev_io_set(&ipc->writable, ipc->fd, EV_WRITE);
    ev_io_start(rpc->loop, &ipc->readable);
    socket_opened(socket);
}

static void ipc_write(struct socket *socket)
{
    struct ipc *ipc = socket->line;
    ev_io_start(socket->rpc->loop, &ipc->writable);
}

static void ipc_close(struct socket *socket)
{
    struct ipc *ipc = socket->line;
    ev_io_stop(socket->rpc->loop, &ipc->readable);
    ev_io_stop(socket->rpc->loop, &ipc->writable);
    if (ipc->fd >= 0)
        close(ipc->fd);
    ipc->fd = -1;
}

static void ipc_release(struct socket *socket)
{
    struct ipc *ipc = socket->line;
    buffer_release(&ipc->out);
    free(ipc);
}

struct socket *ipc_new(struct rpc *rpc, uint16_t endpoint)
{
    static const struct wire wire = {ipc_open, ipc_write, ipc_close, ipc_release};
    struct ipc *ipc = must_alloc(1, sizeof *ipc);
    struct socket *socket = socket_new(rpc, endpoint, &wire, ipc);
    ipc->fd = -1;
    ev_init(&ipc->readable, on_readable);
    ev_init(&ipc->writable, on_writable);
    ipc->readable.data = ipc->writable.data = socket;
    return socket;
}
