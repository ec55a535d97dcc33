/*
 * What a request may cause is decided here and nowhere else: an address, a frozen policy, or a
 * signature over bytes that were taken apart and put together again first. Signatures that were
 * asked for together wait for one write of the day's count, and leave together behind it.
 */
#include "sign/session.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "sign/frame.h"
#include "sign/keystore.h"
#include "sign/why.h"

static void refuse(struct session *session, struct signer *signer, const char *why)
{
    log_line(signer->log, LOG_LEVEL_WARNING, "refused", "why=\"%s\"", why);
    frame_add(&session->out, FRAME_REFUSED, bytes_of_text(why));
}

/* False: *out is not what may be signed from here on, and `why` says so. */
static bool policy_take(struct signer_policy *out, char why[WHY_SIZE], const struct signer *signer,
                        struct bytes payload)
{
    struct signer_policy asked;

    if (!policy_parse(&asked, payload)) {
        why_set(why, "the policy is not of its form");
        return false;
    }
    if (asked.chain_id != signer->chain_id) {
        why_set(why, "the policy is for chain %llu, the signer's config for %llu",
                (unsigned long long)asked.chain_id, (unsigned long long)signer->chain_id);
        return false;
    }
    if (signer->own != NULL)
        return policy_narrow(out, why, signer->own, &asked);
    if (signer->has_policy &&
        !(signer->policy_may_repeat && policy_is_equal(&asked, &signer->policy))) {
        why_set(why, "the policy is frozen: a signer takes one in its life, restart it");
        return false;
    }
    *out = asked;
    return true;
}

static void answer_policy(struct session *session, struct signer *signer, struct bytes payload)
{
    struct signer_policy policy;
    char why[WHY_SIZE];

    if (!policy_take(&policy, why, signer, payload)) {
        refuse(session, signer, why);
        return;
    }
    if (!signer->has_policy || signer->own != NULL)
        log_line(signer->log, LOG_LEVEL_INFO, "policy frozen",
                 "chain=%llu targets=%u spenders=%u selectors=%u own=%s",
                 (unsigned long long)policy.chain_id, policy.target_count, policy.spender_count,
                 policy.selector_count, signer->own != NULL ? "yes" : "no");
    signer->has_policy = true;
    signer->policy = policy;
    frame_add(&session->out, FRAME_POLICY, (struct bytes){0});
}

/* Decoding takes only the canonical form; that the same bytes come out again is checked all the
 * same, since what is hashed is our encoding and not theirs. */
static bool parse_request(struct signer *signer, struct transaction *out, struct bytes payload)
{
    if (transaction_decode_unsigned(out, payload) != TRANSACTION_OK)
        return false;
    buffer_clear(&signer->raw);
    transaction_encode_unsigned(&signer->raw, out);
    return bytes_equal(buffer_bytes(&signer->raw), payload);
}

/* A day goes on over a restart of the machine, so no clock that begins anew with it will do. */
static int64_t clock_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum policy_verdict judge(struct signer *signer, const struct transaction *transaction)
{
    enum policy_verdict verdict = policy_judge(&signer->policy, &signer->address, transaction);
    struct spend spend = signer->spend;
    bool counted;

    if (verdict != POLICY_ALLOWED)
        return verdict;
    if (!spend_admit(&spend, &counted, transaction, &signer->policy.spend_per_day_max, clock_ms()))
        return POLICY_OVER_SPEND;
    signer->spend = spend;
    signer->spend_moved |= counted;
    return POLICY_ALLOWED;
}

static void answer_sign(struct session *session, struct signer *signer, struct bytes payload)
{
    struct transaction transaction;

    if (!signer->has_policy) {
        refuse(session, signer, "no policy yet: 'P' comes before the first 'S'");
        return;
    }
    if (signer->spend_file.fd < 0) {
        refuse(session, signer, "this signer only names its address");
        return;
    }
    enum policy_verdict verdict = POLICY_MALFORMED;
    if (parse_request(signer, &transaction, payload))
        verdict = judge(signer, &transaction);
    if (verdict != POLICY_ALLOWED) {
        refuse(session, signer, policy_verdict_text(verdict));
        return;
    }
    buffer_clear(&signer->raw);
    if (!transaction_sign(&signer->raw, &transaction, &signer->secret) ||
        signer->raw.size > SIGNER_MESSAGE_MAX) {
        refuse(session, signer, "no signature came about");
        return;
    }
    frame_add(&session->out, FRAME_SIGN, buffer_bytes(&signer->raw));
}

/* Signatures of which none has left. */
struct batch {
    uint32_t count;
    size_t begin;        /* their answers stand from here on */
    struct spend before; /* what is on disk covers it */
};

static void batch_begin(struct batch *batch, const struct session *session,
                        const struct signer *signer)
{
    batch->count = 0;
    batch->begin = session->out.size;
    batch->before = signer->spend;
}

/* Counted on disk, or none of them is given away. */
static void batch_end(struct batch *batch, struct session *session, struct signer *signer)
{
    if (signer->spend_moved &&
        !spend_file_keep(&signer->spend_file, &signer->spend, &signer->policy.spend_per_day_max)) {
        signer->spend = batch->before;
        wipe(session->out.data + batch->begin, session->out.size - batch->begin);
        session->out.size = batch->begin;
        for (uint32_t i = 0; i < batch->count; i++)
            refuse(session, signer, policy_verdict_text(POLICY_NOT_KEPT));
    }
    signer->spend_moved = false;
    batch_begin(batch, session, signer);
}

static void answer(struct session *session, struct signer *signer, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_POLICY:
        answer_policy(session, signer, frame->payload);
        return;
    case FRAME_ADDRESS:
        frame_add(&session->out, FRAME_ADDRESS,
                  bytes_of(signer->address.byte, sizeof signer->address.byte));
        return;
    case FRAME_SIGN:
        answer_sign(session, signer, frame->payload);
        return;
    default:
        refuse(session, signer, "a request of no known kind");
    }
}

/* False: the client breaks the form; what it then says means nothing. */
static bool answer_all(struct session *session, struct signer *signer)
{
    struct batch batch;

    batch_begin(&batch, session, signer);
    for (;;) {
        struct frame frame;
        switch (frame_peek(&frame, &session->in)) {
        case FRAME_READY:
            if (frame.kind != FRAME_SIGN)
                batch_end(&batch, session, signer);
            answer(session, signer, &frame);
            if (frame.kind == FRAME_SIGN)
                batch.count++;
            else
                batch_begin(&batch, session, signer);
            frame_drop(&session->in);
            break;
        case FRAME_PARTIAL:
            batch_end(&batch, session, signer);
            return true;
        case FRAME_TOO_LARGE:
            batch_end(&batch, session, signer);
            refuse(session, signer, "a request longer than any that is meant here");
            return false;
        }
    }
}

short session_events(const struct session *session)
{
    return session->out.size > 0 ? POLLOUT : POLLIN;
}

bool session_step(struct session *session, struct signer *signer)
{
    if (session->out.size > 0)
        return stream_send(&session->out, session->fd) != STREAM_CLOSED;
    switch (stream_receive(&session->in, session->fd)) {
    case STREAM_MOVED:
        break;
    case STREAM_WAITS:
        return true;
    case STREAM_CLOSED:
        return false;
    }
    bool goes_on = answer_all(session, signer);
    enum stream_state sent = stream_send(&session->out, session->fd);
    return goes_on && sent != STREAM_CLOSED;
}

void session_end(struct session *session)
{
    (void)close(session->fd);
    session->fd = -1;
    buffer_clear(&session->in);
    buffer_clear(&session->out);
}

void session_release(struct session *session)
{
    buffer_release(&session->in);
    buffer_release(&session->out);
}
