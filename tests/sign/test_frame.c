/* The wire, cut in every place where a stream may cut it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sign/frame.h"
#include "sign/signer.h"

Test(frame, comes_back_whatever_the_pieces)
{
    BUFFER sent = {0};
    struct frame frame;

    frame_add(&sent, 'S', bytes_of_text("one"));
    frame_add(&sent, 'A', (struct bytes){0});
    for (size_t cut = 0; cut <= sent.size; cut++) {
        BUFFER in = {0};
        buffer_add(&in, sent.data, cut);
        bool has_first = cut >= 8;
        cr_assert(eq(int, frame_peek(&frame, &in), has_first ? FRAME_READY : FRAME_PARTIAL));
        buffer_add(&in, sent.data + cut, sent.size - cut);
        cr_assert(frame_peek(&frame, &in) == FRAME_READY && frame.kind == 'S');
        cr_assert(bytes_equal(frame.payload, bytes_of_text("one")));
        frame_drop(&in);
        cr_assert(frame_peek(&frame, &in) == FRAME_READY && frame.kind == 'A');
        cr_assert(eq(sz, frame.payload.size, 0));
        frame_drop(&in);
        cr_assert(eq(sz, in.size, 0));
    }
}

Test(frame, is_refused_before_a_byte_over_the_bound_is_stored)
{
    static const uint8_t at_bound[5] = {0x00, 0x02, 0x00, 0x00, 'S'};
    static const uint8_t over[5] = {0x00, 0x02, 0x00, 0x01, 'S'};
    static const uint8_t huge[5] = {0xff, 0xff, 0xff, 0xff, 'S'};
    struct frame frame;
    BUFFER in = {0};

    cr_assert(eq(int, SIGNER_MESSAGE_MAX, 0x20000));
    buffer_add(&in, at_bound, sizeof at_bound);
    cr_assert(frame_peek(&frame, &in) == FRAME_PARTIAL);
    buffer_clear(&in);
    buffer_add(&in, over, sizeof over);
    cr_assert(frame_peek(&frame, &in) == FRAME_TOO_LARGE);
    buffer_clear(&in);
    buffer_add(&in, huge, sizeof huge);
    cr_assert(frame_peek(&frame, &in) == FRAME_TOO_LARGE);
}

Test(stream, says_when_there_is_nothing_and_when_it_is_over)
{
    BUFFER in = {0};
    BUFFER out = {0};
    int pair[2];

    cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    cr_assert(stream_receive(&in, pair[0]) == STREAM_WAITS);
    frame_add(&out, 'A', (struct bytes){0});
    cr_assert(stream_send(&out, pair[1]) == STREAM_MOVED && out.size == 0);
    cr_assert(stream_receive(&in, pair[0]) == STREAM_MOVED && in.size == 5);
    close(pair[1]);
    cr_assert(stream_receive(&in, pair[0]) == STREAM_CLOSED);
    frame_add(&out, 'A', (struct bytes){0});
    cr_assert(stream_send(&out, pair[0]) == STREAM_CLOSED);
    close(pair[0]);
}

Test(stream, keeps_what_did_not_go)
{
    BUFFER out = {0};
    int pair[2];

    cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    memset(buffer_extend(&out, 8 << 20), 'x', 8 << 20);
    enum stream_state state = STREAM_MOVED;
    while (state == STREAM_MOVED && out.size > 0)
        state = stream_send(&out, pair[0]);
    cr_assert(state == STREAM_WAITS && out.size > 0 && out.size < 8 << 20);
    close(pair[0]);
    close(pair[1]);
}
