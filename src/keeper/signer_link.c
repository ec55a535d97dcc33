/*
 * The loop must never wait for a signature, and must know of each request what became of it, also
 * when the signer dies with some of them open. Answers come in the order of the requests, so a
 * queue of ids is all there is to remember.
 */
#include "keeper/signer_link.h"

#include <stdlib.h>

#include "keeper/signer_connect.h"
#include "sign/frame.h"

#define NOT_SIGNED_BROKEN "the signer is gone"
#define NOT_SIGNED_TOO_LARGE "longer than the signer takes"
#define NOT_SIGNED_STRANGE "the signer's answer is none to a request for a signature"

struct pending {
    uint64_t id;
    bool was_sent; /* false: never asked, answered here when its turn comes */
};

struct signer_link {
    struct signer_child child; /* pid 0: a signer of its own unit */
    bool is_broken;
    bool has_frame; /* the first frame of `in` is lent out, and goes at the next call */
    struct buffer in;
    struct buffer out;
    uint32_t first; /* ring of open requests, oldest first */
    uint32_t count;
    struct pending pending[SIGNER_LINK_PENDING_MAX];
};

int signer_link_fd(const struct signer_link *link)
{
    return link->child.fd;
}

static void link_flush(struct signer_link *link)
{
    if (!link->is_broken && stream_send(&link->out, link->child.fd) == STREAM_CLOSED)
        link->is_broken = true;
}

bool signer_link_sign(struct signer_link *link, uint64_t id, struct bytes unsigned_bytes)
{
    if (link->is_broken || link->count == SIGNER_LINK_PENDING_MAX)
        return false;
    bool fits = unsigned_bytes.size <= SIGNER_MESSAGE_MAX;
    uint32_t slot = (link->first + link->count) % SIGNER_LINK_PENDING_MAX;
    link->pending[slot] = (struct pending){.id = id, .was_sent = fits};
    link->count++;
    if (fits)
        frame_add(&link->out, FRAME_SIGN, unsigned_bytes);
    link_flush(link);
    return true;
}

static void pending_answer(struct observation *out, struct signer_link *link,
                           enum observation_status status, struct bytes body)
{
    *out = (struct observation){.kind = OBSERVATION_SIGNED,
                                .status = status,
                                .id = link->pending[link->first].id,
                                .body = body};
    link->first = (link->first + 1) % SIGNER_LINK_PENDING_MAX;
    link->count--;
}

/* Reads what is there, until a frame is whole. False: none is. */
static bool frame_wait(struct frame *out, struct signer_link *link)
{
    for (;;) {
        enum frame_state state = frame_peek(out, &link->in);
        if (state == FRAME_READY)
            return true;
        if (state == FRAME_TOO_LARGE)
            link->is_broken = true;
        if (link->is_broken)
            return false;
        switch (stream_receive(&link->in, link->child.fd)) {
        case STREAM_MOVED:
            break;
        case STREAM_WAITS:
            return false;
        case STREAM_CLOSED:
            link->is_broken = true;
            return false;
        }
    }
}

/* An answer that nobody asked for means that the two ends count differently: none can be trusted.
 */
static bool frame_take(struct observation *out, struct signer_link *link, const struct frame *frame)
{
    bool is_answer = frame->kind == FRAME_SIGN || frame->kind == FRAME_REFUSED;

    if (link->count > 0 && is_answer) {
        link->has_frame = true;
        pending_answer(out, link, frame->kind == FRAME_SIGN ? OBSERVED_OK : OBSERVED_REFUSED,
                       frame->payload);
        return true;
    }
    link->is_broken = true;
    buffer_clear(&link->in);
    if (link->count == 0)
        return false;
    pending_answer(out, link, OBSERVED_REFUSED, bytes_of_text(NOT_SIGNED_STRANGE));
    return true;
}

static bool answer_take(struct observation *out, struct signer_link *link)
{
    struct frame frame;

    if (link->count > 0 && !link->pending[link->first].was_sent) {
        pending_answer(out, link, OBSERVED_REFUSED, bytes_of_text(NOT_SIGNED_TOO_LARGE));
        return true;
    }
    if (frame_wait(&frame, link))
        return frame_take(out, link, &frame);
    if (!link->is_broken || link->count == 0)
        return false;
    pending_answer(out, link, OBSERVED_REFUSED, bytes_of_text(NOT_SIGNED_BROKEN));
    return true;
}

bool signer_link_take(struct observation *out, bool *broken, struct signer_link *link)
{
    if (link->has_frame)
        frame_drop(&link->in);
    link->has_frame = false;
    link_flush(link);
    bool is_taken = answer_take(out, link);
    *broken = link->is_broken;
    return is_taken;
}

static enum signer_link_error link_open(struct signer_link **out, char why[256],
                                        const struct config *config,
                                        const struct signer_policy *policy, int64_t patience_ms)
{
    struct signer_child child;
    enum signer_link_error error = signer_connect(&child, why, config, policy, patience_ms);

    *out = NULL;
    if (error != SIGNER_LINK_OK)
        return error;
    *out = must_alloc(1, sizeof **out);
    (*out)->child = child;
    return SIGNER_LINK_OK;
}

enum signer_link_error signer_link_open(struct signer_link **out, char why[256],
                                        const struct config *config,
                                        const struct signer_policy *policy)
{
    return link_open(out, why, config, policy, SIGNER_CONNECT_TIMEOUT_MS);
}

enum signer_link_error signer_link_reopen(struct signer_link **out, char why[256],
                                          const struct config *config)
{
    return link_open(out, why, config, NULL, SIGNER_AGAIN_TIMEOUT_MS);
}

enum signer_link_error signer_link_policy(struct signer_link *link, char why[256],
                                          const struct signer_policy *policy)
{
    MUST(link->count == 0);
    return signer_tell_policy(&link->child, why, policy);
}

uint32_t signer_link_open_requests(const struct signer_link *link)
{
    return link->count;
}

void signer_link_give_up(struct signer_link *link)
{
    link->is_broken = true;
    link->has_frame = false;
    buffer_clear(&link->in);
}

void signer_link_close(struct signer_link *link)
{
    if (link == NULL)
        return;
    signer_child_end(&link->child);
    buffer_release(&link->in);
    buffer_release(&link->out);
    free(link);
}
