/*
 * The daemon hides a sick endpoint behind a healthy one; a check must not. So each is asked by
 * itself, all at the same time, and its own words are kept.
 */
#include "keeper/probe.h"

#include <ev.h>
#include <stdio.h>
#include <string.h>

#include "eth/jsonrpc.h"
#include "keeper/version.h"
#include "rpc/rpc.h"

#define ANSWER_MAX (1024 * 1024)
#define CALLS_FIXED 2 /* chain id, head */

struct asking {
    struct probe *probes;
    size_t endpoint_count;
    const struct address *targets;
    size_t target_count;
    size_t left;
    struct ev_loop *loop;
};

static void why_set(struct probe *probe, const char *what, const char *detail)
{
    (void)snprintf(probe->why, sizeof(probe->why), "%s%s%s", what, detail[0] != '\0' ? ": " : "",
                   detail);
}

static const char *answer_why(const struct rpc_answer *answer)
{
    return answer->message[0] != '\0' ? answer->message : rpc_fault_text(answer->fault);
}

static void take_code(struct probe *probe, const struct rpc_answers *answers, size_t target_count)
{
    for (size_t i = 0; i < target_count; i++) {
        const struct rpc_answer *answer = &answers->answer[CALLS_FIXED + i];
        BUFFER code = {0};

        probe->knows_code[i] =
            answer->fault == RPC_FAULT_NONE && json_bytes(&code, answer->result, answers->original);
        probe->has_code[i] = code.size > 0;
        if (!probe->knows_code[i])
            why_set(probe, "eth_getCode", answer_why(answer));
    }
}

static void take_answers(struct probe *probe, const struct rpc_answers *answers,
                         size_t target_count)
{
    struct header header;

    probe->has_answered = true;
    probe->has_chain = answers->answer[0].fault == RPC_FAULT_NONE &&
                       json_quantity(&probe->chain_id, answers->answer[0].result);
    if (!probe->has_chain)
        why_set(probe, "eth_chainId", answer_why(&answers->answer[0]));
    if (answers->count == 1)
        return;
    probe->has_head = answers->answer[1].fault == RPC_FAULT_NONE &&
                      json_header(&header, answers->answer[1].result, answers->original);
    if (!probe->has_head) {
        why_set(probe, "eth_getBlockByNumber", answer_why(&answers->answer[1]));
        return;
    }
    probe->head = header.number;
    probe->timestamp_s = header.timestamp_s;
    take_code(probe, answers, target_count);
}

/* In what the rpc room found out, and in the node's own words where there are some. */
static void take_failure(struct probe *probe, const struct observation *observation,
                         const struct rpc_answers *answers)
{
    char said[100];
    size_t length = observation->body.size;

    if (observation->status == OBSERVED_OK) {
        why_set(probe, "answers, but not as a node would",
                answers->why != NULL ? answers->why : "");
        return;
    }
    length = length < sizeof(said) - 1 ? length : sizeof(said) - 1;
    if (length > 0)
        memcpy(said, observation->body.data, length);
    said[length] = '\0';
    for (char *c = said; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    why_set(probe, observation_status_text(observation->status), said);
}

static uint32_t calls_of(const struct asking *asking, const struct probe *probe)
{
    return probe->reads ? (uint32_t)(CALLS_FIXED + asking->target_count) : 1;
}

static void on_observation(void *context, const struct observation *observation)
{
    struct asking *asking = context;
    size_t index = (size_t)observation->id - 1;
    struct rpc_answers answers = {0};

    if (index >= asking->endpoint_count)
        return;
    struct probe *probe = &asking->probes[index];
    rpc_answers_parse(&answers, observation, observation->id, calls_of(asking, probe));
    if (answers.envelope == RPC_ENVELOPE_OK)
        take_answers(probe, &answers, asking->target_count);
    else
        take_failure(probe, observation, &answers);
    rpc_answers_release(&answers);
    if (--asking->left == 0)
        ev_break(asking->loop, EVBREAK_ALL);
}

static void body_make(struct rpc_request *request, uint64_t id, const struct asking *asking,
                      const struct probe *probe)
{
    rpc_request_begin(request, id, calls_of(asking, probe));
    rpc_request_add(request, "eth_chainId", "[]");
    if (probe->reads)
        rpc_request_add(request, "eth_getBlockByNumber", "[\"latest\",false]");
    for (size_t i = 0; probe->reads && i < asking->target_count; i++) {
        const struct address *target = &asking->targets[i];
        TEXT params = {0};

        text_add(&params, "[\"");
        text_add_hex(&params, bytes_of(target->byte, sizeof(target->byte)));
        text_add(&params, "\",\"latest\"]");
        rpc_request_add(request, "eth_getCode", text_string(&params));
    }
    rpc_request_end(request);
}

static void endpoint_ask(struct rpc *rpc, const struct asking *asking, size_t index)
{
    const struct probe *probe = &asking->probes[index];
    struct rpc_request request = {0};
    struct rpc_ask ask = {.id = index + 1,
                          .role = probe->reads ? RPC_ROLE_READ : RPC_ROLE_SEND,
                          .prefer = (int)index,
                          .only = true,
                          .calls = calls_of(asking, probe),
                          .method = "eth_chainId"};

    body_make(&request, ask.id, asking, probe);
    ask.body = text_bytes(&request.body);
    rpc_send(rpc, &ask);
    rpc_request_release(&request);
}

static struct rpc *rpc_make(char why[256], struct ev_loop *loop, const struct chain_settings *chain)
{
    struct rpc_endpoint_config endpoints[SETTINGS_ENDPOINTS_MAX] = {0};
    struct rpc_config config = {.endpoints = endpoints,
                                .endpoint_count = chain->endpoint_count,
                                .connect_timeout_ms = chain->connect_timeout_ms,
                                .total_timeout_ms = chain->total_timeout_ms,
                                .answer_size_max = ANSWER_MAX,
                                .user_agent = "plimsoll/" PLIMSOLL_VERSION_TEXT};

    for (uint32_t i = 0; i < chain->endpoint_count; i++) {
        endpoints[i].url = chain->endpoint[i].url;
        endpoints[i].roles = (chain->endpoint[i].may_read ? (unsigned)RPC_ROLE_READ : 0u) |
                             (chain->endpoint[i].may_send ? (unsigned)RPC_ROLE_SEND : 0u);
    }
    return rpc_new(why, loop, &config, NULL);
}

bool probe_endpoints(struct probe *probes, char why[256], const struct chain_settings *chain,
                     const struct address *targets, size_t target_count)
{
    struct asking asking = {.probes = probes,
                            .endpoint_count = chain->endpoint_count,
                            .targets = targets,
                            .target_count = target_count,
                            .left = chain->endpoint_count,
                            .loop = ev_loop_new(EVFLAG_AUTO)};

    MUST(asking.loop != NULL && target_count <= PROBE_TARGETS_MAX);
    memset(probes, 0, chain->endpoint_count * sizeof(*probes));
    for (uint32_t i = 0; i < chain->endpoint_count; i++)
        probes[i].reads = chain->endpoint[i].may_read;
    struct rpc *rpc = rpc_make(why, asking.loop, chain);
    if (rpc != NULL) {
        rpc_on_observation(rpc, on_observation, &asking);
        for (size_t i = 0; i < chain->endpoint_count; i++)
            endpoint_ask(rpc, &asking, i);
        ev_run(asking.loop, 0);
        rpc_free(rpc);
    }
    ev_loop_destroy(asking.loop);
    return rpc != NULL;
}
