/*
 * An answer is worth what it says, and it also says something about its endpoint. A revert is an
 * answer; a rate limit is a reason to go elsewhere and to come slower; a cut connection says
 * nothing of whether a transaction arrived, and is no reason to hand it to a second node. Nor does
 * a second node's refusal say anything of what the first did with it.
 */
#include "rpc/state.h"

#include "eth/reaction.h"

/* In order of what it says against the endpoint. */
enum verdict {
    VERDICT_ANSWERED,
    VERDICT_ELSEWHERE, /* it answered, but another may know better */
    VERDICT_FAILED,
    VERDICT_LIMITED
};

struct judgement {
    enum verdict verdict;
    int64_t pause_us; /* that the node asked for; 0: it did not */
};

/* A node that is behind, or whose index of receipts is not ready, is well, and asked again. */
static enum verdict verdict_of_answer(const struct rpc_answer *answer)
{
    enum rpc_reaction reaction = rpc_reaction_of(answer->fault, answer->message);
    if (!rpc_reaction_is_elsewhere(reaction) || reaction == REACTION_ASK_AGAIN)
        return VERDICT_ELSEWHERE;
    if (answer->fault == RPC_FAULT_RATE_LIMIT || answer->pause_ms > 0)
        return VERDICT_LIMITED;
    return answer->fault == RPC_FAULT_BUSY || answer->fault == RPC_FAULT_UNAUTHORISED
               ? VERDICT_FAILED
               : VERDICT_ELSEWHERE;
}

/* What a JSON-RPC answer that is a reason to go elsewhere says about the node: the worst of it. */
static void judge_answers(struct judgement *out, const struct observation *seen, uint32_t calls)
{
    struct rpc_answers answers = {0};
    rpc_answers_parse(&answers, seen, seen->id, calls);
    out->verdict = answers.envelope == RPC_ENVELOPE_OK ? VERDICT_ELSEWHERE : VERDICT_FAILED;
    for (uint32_t i = 0; answers.envelope == RPC_ENVELOPE_OK && i < answers.count; i++) {
        enum verdict verdict = verdict_of_answer(&answers.answer[i]);
        int64_t pause_us = answers.answer[i].pause_ms * 1000;
        if (verdict > out->verdict)
            out->verdict = verdict;
        if (pause_us > out->pause_us)
            out->pause_us = pause_us;
    }
    rpc_answers_release(&answers);
}

static struct judgement judgement_of(const struct transfer *transfer,
                                     const struct observation *seen, int64_t pause_us)
{
    struct judgement judgement = {VERDICT_ANSWERED, pause_us};
    uint32_t calls = transfer->ask == NULL ? 1 : transfer->ask->calls;
    bool is_told_to_wait =
        seen->http_status == 429 || (seen->http_status == 503 && judgement.pause_us > 0);
    bool leaves = rpc_should_fail_over(seen, seen->id, calls);
    if (seen->status == OBSERVED_OK && leaves)
        judge_answers(&judgement, seen, calls);
    else if (seen->status == OBSERVED_TOO_LARGE && leaves)
        judgement.verdict = VERDICT_ELSEWHERE;
    else if (seen->status != OBSERVED_OK && seen->status != OBSERVED_TOO_LARGE)
        judgement.verdict = VERDICT_FAILED;
    if (is_told_to_wait)
        judgement.verdict = VERDICT_LIMITED;
    return judgement;
}

static const char *method_of(const struct ask *ask)
{
    return ask == NULL ? "eth_chainId" : ask->method;
}

/* Logged when it changes, not each time: an outage is one line. */
static void log_change(struct rpc *rpc, size_t index, const struct health *before,
                       const struct observation *seen)
{
    const struct endpoint *endpoint = &rpc->endpoints[index];
    const struct health *after = &endpoint->health;
    if (rpc->log == NULL || before->is_resting == after->is_resting)
        return;
    if (!after->is_resting)
        log_line(rpc->log, LOG_LEVEL_INFO, "endpoint is back", "endpoint=%zu host=%s", index,
                 endpoint->url.host);
    else
        log_line(rpc->log, LOG_LEVEL_WARNING, "endpoint rests",
                 "endpoint=%zu host=%s status=%s http=%u failures=%u", index, endpoint->url.host,
                 observation_status_text(seen->status), seen->http_status, after->failures);
}

static void note_health(struct transfer *transfer, const struct observation *seen,
                        const struct judgement *judgement)
{
    struct rpc *rpc = transfer->rpc;
    struct health *health = &rpc->endpoints[transfer->endpoint].health;
    struct health before = *health;
    int64_t now_us = wires_clock_us();
    switch (judgement->verdict) {
    case VERDICT_ANSWERED:
    case VERDICT_ELSEWHERE:
        health_succeed(health, transfer->is_probe, now_us);
        break;
    case VERDICT_FAILED:
        health_fail(health, transfer->is_probe, now_us);
        break;
    case VERDICT_LIMITED:
        health_limit(health, transfer->is_probe, judgement->pause_us, now_us);
        break;
    }
    log_change(rpc, transfer->endpoint, &before, seen);
}

/* When the first of those that limited it is tried again. */
static int64_t wake_of(const struct rpc *rpc, const struct ask *ask)
{
    int64_t wake_us = INT64_MAX;
    for (size_t i = 0; i < rpc->endpoint_count; i++) {
        if ((ask->limited & 1u << i) != 0 && rpc->endpoints[i].health.wake_us < wake_us)
            wake_us = rpc->endpoints[i].health.wake_us;
    }
    return wake_us;
}

/* A limit passes by itself, and sooner than whoever asked would have begun anew: a read waits for
 * it in its place. Else, where a node limits every other request, a start that takes a dozen of
 * them never comes to its end. False: it would take too long, so it is told. */
static bool waits_out(const struct rpc *rpc, struct ask *ask)
{
    if (ask->role != RPC_ROLE_READ || ask->limited == 0)
        return false;
    if (ask->limited_us == 0)
        ask->limited_us = wires_clock_us();
    if (wake_of(rpc, ask) > ask->limited_us + RPC_LIMITED_US)
        return false;
    ask->tried &= ~ask->limited; /* whoever had an answer of another kind has it still */
    ask->limited = 0;
    return true;
}

/* The probe was tried for everybody who waited for this endpoint. Whoever has nobody else is told
 * now, instead of waiting out one rest after the other. */
static void fail_waiting(struct rpc *rpc, const struct observation *seen, enum verdict verdict)
{
    bool is_limit = verdict == VERDICT_LIMITED;
    for (struct ask *ask = rpc->waiting.first; ask != NULL; ask = ask->next) {
        uint32_t bit = 1u << seen->endpoint;
        if ((ask->eligible & ~ask->tried & bit) == 0)
            continue;
        struct observation told = {
            .kind = OBSERVATION_ANSWER,
            .status = is_limit || seen->status == OBSERVED_OK ? OBSERVED_REFUSED : seen->status,
            .id = ask->id,
            .endpoint = seen->endpoint,
            .http_status = seen->http_status,
            .body = bytes_of_text(is_limit ? "endpoint limits its rate, and rests"
                                           : "endpoint failed, and rests")};
        if (ask->tried == 0)
            ask_fail(ask, &told);
        ask->tried |= bit;
        ask->limited |= is_limit ? bit : 0;
        if ((ask->eligible & ~ask->tried) == 0)
            (void)waits_out(rpc, ask);
    }
}

void rpc_tell(struct rpc *rpc, const struct observation *observation)
{
    if (rpc->observe != NULL)
        rpc->observe(rpc->observe_context, observation);
}

/* Of the one call of a send; what cannot be read is RPC_FAULT_OTHER. */
static enum rpc_fault send_fault(const struct observation *seen)
{
    struct rpc_answers answers = {0};
    enum rpc_fault fault = RPC_FAULT_OTHER;
    rpc_answers_parse(&answers, seen, seen->id, 1);
    if (answers.envelope == RPC_ENVELOPE_OK && answers.count == 1)
        fault = answers.answer[0].fault;
    rpc_answers_release(&answers);
    return fault;
}

/* In: seen  the answer after which a send goes to another node */
static bool may_have_taken(const struct observation *seen)
{
    if (seen->status != OBSERVED_OK || seen->http_status == 429)
        return false; /* it did not arrive, or no further than whoever counts requests */
    enum rpc_fault fault = send_fault(seen);
    return fault != RPC_FAULT_RATE_LIMIT && fault != RPC_FAULT_METHOD_MISSING &&
           fault != RPC_FAULT_UNAUTHORISED;
}

static bool is_taken(const struct observation *seen)
{
    enum rpc_fault fault = send_fault(seen);
    return fault == RPC_FAULT_NONE || fault == RPC_FAULT_ALREADY_KNOWN;
}

/* Answered, or back into the line with what it would be answered. */
static bool goes_on(struct transfer *transfer, const struct observation *seen,
                    bool may_have_arrived)
{
    struct rpc *rpc = transfer->rpc;
    struct ask *ask = transfer->ask;
    bool is_clear = seen->status == OBSERVED_OK || seen->http_status == 429 || !may_have_arrived;
    if (!rpc_should_fail_over(seen, ask->id, ask->calls) ||
        (ask->role == RPC_ROLE_SEND && !is_clear))
        return false;
    uint32_t before = ask->tried;
    ask->tried |= 1u << seen->endpoint;
    if (ask_has_place(rpc, ask) || waits_out(rpc, ask))
        return true;
    ask->tried = before;
    return false;
}

void rpc_count(struct rpc *rpc, const struct rpc_attempt *attempt)
{
    if (rpc->attempt != NULL)
        rpc->attempt(rpc->attempt_context, attempt);
}

static void report_attempt(const struct transfer *transfer, const struct observation *seen,
                           bool failed_over)
{
    struct rpc_attempt attempt = {.endpoint = seen->endpoint,
                                  .method = method_of(transfer->ask),
                                  .status = seen->status,
                                  .failed_over = failed_over,
                                  .duration_us = wires_clock_us() - transfer->began_us};
    rpc_count(transfer->rpc, &attempt);
}

void transfer_settle(struct transfer *transfer, const struct outcome *outcome)
{
    struct rpc *rpc = transfer->rpc;
    struct ask *ask = transfer->ask;
    struct observation seen = transfer_observation(transfer, outcome);
    struct judgement judgement = judgement_of(transfer, &seen, outcome->pause_us);
    note_health(transfer, &seen, &judgement);
    if (ask != NULL && judgement.verdict == VERDICT_LIMITED)
        ask->limited |= 1u << seen.endpoint;
    bool failed_over = ask != NULL && goes_on(transfer, &seen, outcome->may_have_arrived);
    report_attempt(transfer, &seen, failed_over);
    if (transfer->is_probe && rpc->endpoints[seen.endpoint].health.is_resting)
        fail_waiting(rpc, &seen, judgement.verdict);
    if (failed_over) {
        ask_fail(ask, &seen);
        ask->in_doubt |= ask->role == RPC_ROLE_SEND && may_have_taken(&seen);
        ask_line_join(&rpc->waiting, ask);
    } else if (ask != NULL) {
        struct observation told = ask->in_doubt && !is_taken(&seen) ? ask_failed(ask) : seen;
        rpc->taken--;
        rpc_tell(rpc, &told);
        ask_retire(&rpc->spare, ask);
    }
    transfer_end(transfer);
}

void asks_tell_ended(struct rpc *rpc)
{
    struct ask *ask;
    while ((ask = ask_line_take(&rpc->ended)) != NULL) {
        struct observation told = ask_failed(ask);
        if (ask->is_refused)
            rpc->refused--;
        else
            rpc->taken--;
        rpc_tell(rpc, &told);
        ask_retire(&rpc->spare, ask);
    }
}

void asks_wake(struct rpc *rpc)
{
    asks_dispatch(rpc);
    asks_tell_ended(rpc);
}
