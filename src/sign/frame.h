/*
 * The signer's wire, for both of its ends: four bytes of big-endian payload length, one byte of
 * kind, the payload. Nothing here blocks.
 */
#ifndef SIGN_FRAME_H
#define SIGN_FRAME_H

#include "base/bytes.h"

/* Kinds; sign/signer.h says what each holds. */
#define FRAME_POLICY 'P'
#define FRAME_ADDRESS 'A'
#define FRAME_SIGN 'S'
#define FRAME_REFUSED 'R'

struct frame {
    uint8_t kind;
    struct bytes payload; /* lent by the buffer that it stands in */
};

enum frame_state {
    FRAME_READY,
    FRAME_PARTIAL,  /* more must arrive */
    FRAME_TOO_LARGE /* over SIGNER_MESSAGE_MAX: the other end speaks something else */
};

/** Looks at the first frame in the buffer. */
MUST_CHECK enum frame_state frame_peek(struct frame *out, const struct buffer *in);
/** Forgets that first frame, which MUST be there. */
void frame_drop(struct buffer *in);
/** Appends one; the payload MUST not be over SIGNER_MESSAGE_MAX. */
void frame_add(struct buffer *out, uint8_t kind, struct bytes payload);

enum stream_state {
    STREAM_MOVED,
    STREAM_WAITS, /* nothing to read, or no room to write */
    STREAM_CLOSED
};

/** Appends what has arrived, at most FRAME_RECEIVE_MAX bytes. */
#define FRAME_RECEIVE_MAX 65536
MUST_CHECK enum stream_state stream_receive(struct buffer *in, int fd);
/** Sends from the front of `out` and forgets what went. */
MUST_CHECK enum stream_state stream_send(struct buffer *out, int fd);

#endif
