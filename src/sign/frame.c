/*
 * A stream has no edges: one read may bring half a request or three. Both ends cut it in the same
 * way, and a length over the bound ends the conversation before anything is stored for it.
 */
#include "sign/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "sign/signer.h"

#define HEAD_SIZE 5

enum frame_state frame_peek(struct frame *out, const struct buffer *in)
{
    if (in->size < HEAD_SIZE)
        return FRAME_PARTIAL;
    size_t size = (size_t)in->data[0] << 24 | (size_t)in->data[1] << 16 | (size_t)in->data[2] << 8 |
                  (size_t)in->data[3];
    if (size > SIGNER_MESSAGE_MAX)
        return FRAME_TOO_LARGE;
    if (in->size - HEAD_SIZE < size)
        return FRAME_PARTIAL;
    *out = (struct frame){.kind = in->data[4], .payload = bytes_of(in->data + HEAD_SIZE, size)};
    return FRAME_READY;
}

static void drop_front(struct buffer *buffer, size_t size)
{
    memmove(buffer->data, buffer->data + size, buffer->size - size);
    buffer->size -= size;
}

void frame_drop(struct buffer *in)
{
    struct frame frame;
    MUST(frame_peek(&frame, in) == FRAME_READY);
    drop_front(in, HEAD_SIZE + frame.payload.size);
}

void frame_add(struct buffer *out, uint8_t kind, struct bytes payload)
{
    MUST(payload.size <= SIGNER_MESSAGE_MAX);
    buffer_add_byte(out, (uint8_t)(payload.size >> 24));
    buffer_add_byte(out, (uint8_t)(payload.size >> 16));
    buffer_add_byte(out, (uint8_t)(payload.size >> 8));
    buffer_add_byte(out, (uint8_t)payload.size);
    buffer_add_byte(out, kind);
    buffer_add_bytes(out, payload);
}

enum stream_state stream_receive(struct buffer *in, int fd)
{
    buffer_reserve(in, FRAME_RECEIVE_MAX);
    ssize_t got = recv(fd, in->data + in->size, FRAME_RECEIVE_MAX, MSG_DONTWAIT);

    if (got > 0) {
        in->size += (size_t)got;
        return STREAM_MOVED;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return STREAM_WAITS;
    return STREAM_CLOSED;
}

enum stream_state stream_send(struct buffer *out, int fd)
{
    if (out->size == 0)
        return STREAM_MOVED;
    ssize_t put = send(fd, out->data, out->size, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (put >= 0) {
        drop_front(out, (size_t)put);
        return STREAM_MOVED;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return STREAM_WAITS;
    return STREAM_CLOSED;
}
