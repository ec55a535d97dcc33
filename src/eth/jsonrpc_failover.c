/*
 * Whoever holds the sockets must know, before anybody has thought about an answer, whether to ask
 * somebody else. An execution error is an answer; asking every node until one says otherwise would
 * be to believe the one that is wrong.
 */
#include <string.h>

#include "eth/reaction.h"

/* In: name  in its quotes */
static bool has_name(struct bytes body, const char *name)
{
    size_t length = strlen(name);
    while (body.size >= length) {
        const uint8_t *quote = memchr(body.data, '"', body.size - length + 1);
        if (quote == NULL)
            return false;
        if (memcmp(quote, name, length) == 0)
            return true;
        size_t behind = (size_t)(quote - body.data) + 1;
        body = bytes_slice(body, behind, body.size - behind);
    }
    return false;
}

static bool body_should_fail_over(const struct observation *observation, uint64_t id,
                                  uint32_t calls)
{
    /* The common case without a second parse: an answer with results and no error anywhere. */
    if (has_name(observation->body, "\"result\"") && !has_name(observation->body, "\"error\""))
        return false;
    struct rpc_answers answers = {0};
    rpc_answers_parse(&answers, observation, id, calls);
    bool should = answers.envelope != RPC_ENVELOPE_OK;
    for (uint32_t i = 0; i < answers.count; i++)
        should = should || rpc_reaction_is_elsewhere(
                               rpc_reaction_of(answers.answer[i].fault, answers.answer[i].message));
    rpc_answers_release(&answers);
    return should;
}

bool rpc_should_fail_over(const struct observation *observation, uint64_t id, uint32_t calls)
{
    switch (observation->status) {
    case OBSERVED_OK:
        return body_should_fail_over(observation, id, calls);
    case OBSERVED_UNREACHABLE:
    case OBSERVED_TIMED_OUT:
    case OBSERVED_TOO_LARGE:
    case OBSERVED_HTTP_ERROR:
        return true;
    case OBSERVED_REFUSED:
    case OBSERVED_WITHHELD:
    case OBSERVED_UNRECORDED:
        return false;
    }
    must_fail("no observation_status", __FILE__, __LINE__);
}
