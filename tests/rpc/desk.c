#include "tests/rpc/desk.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "eth/jsonrpc.h"

static void take_hint(struct desk *desk, const struct observation *observation)
{
    cr_assert(desk->hint_count < DESK_HINTS_MAX);
    struct desk_hint *hint = &desk->hints[desk->hint_count++];
    hint->status = observation->status;
    hint->endpoint = observation->endpoint;
    cr_assert(observation->body.size < sizeof hint->hash);
    if (observation->body.size > 0)
        memcpy(hint->hash, observation->body.data, observation->body.size);
    if (desk->hint_count >= desk->hints_wanted)
        ev_break(desk->loop, EVBREAK_ONE);
}

static void on_observation(void *context, const struct observation *observation)
{
    struct desk *desk = context;
    if (observation->kind == OBSERVATION_PUSH) {
        take_hint(desk, observation);
        return;
    }
    cr_assert(desk->count < DESK_ANSWERS_MAX);
    struct desk_answer *answer = &desk->answers[desk->count++];
    answer->id = observation->id;
    answer->status = observation->status;
    answer->endpoint = observation->endpoint;
    answer->http_status = observation->http_status;
    answer->body = calloc(1, observation->body.size + 1);
    if (observation->body.size != 0)
        memcpy(answer->body, observation->body.data, observation->body.size);
    if (desk->on_answer != NULL)
        desk->on_answer(desk, observation);
    if (desk->count >= desk->wanted)
        ev_break(desk->loop, EVBREAK_ONE);
}

static void on_attempt(void *context, const struct rpc_attempt *attempt)
{
    struct desk *desk = context;
    desk->attempts++;
    desk->failed_over += attempt->failed_over;
    desk->own_probes += strcmp(attempt->method, "eth_chainId") == 0;
}

struct desk *desk_of(const char *first, const char *second, const char *third)
{
    struct desk *desk = calloc(1, sizeof *desk);
    const char *urls[] = {first, second, third};
    desk->loop = ev_loop_new(EVFLAG_AUTO);
    desk->next_id = 1;
    desk->wanted = DESK_ANSWERS_MAX;
    desk->hints_wanted = DESK_HINTS_MAX;
    for (size_t i = 0; i < 3 && urls[i] != NULL; i++) {
        desk->endpoints[i].url = urls[i];
        desk->endpoints[i].roles = RPC_ROLE_READ | RPC_ROLE_SEND;
        desk->config.endpoint_count = i + 1;
    }
    desk->config.endpoints = desk->endpoints;
    desk->config.connect_timeout_ms = 5000;
    desk->config.total_timeout_ms = 10000;
    desk->config.answer_size_max = 1 << 20;
    desk->config.user_agent = "plimsoll-test";
    return desk;
}

void desk_open(struct desk *desk)
{
    char why[256] = "";
    desk->rpc = rpc_new(why, desk->loop, &desk->config, desk->log.fd == 0 ? NULL : &desk->log);
    cr_assert(desk->rpc != NULL, "%s", why);
    rpc_on_observation(desk->rpc, on_observation, desk);
    rpc_on_attempt(desk->rpc, on_attempt, desk);
}

uint64_t desk_ask_so(struct desk *desk, struct rpc_ask ask)
{
    struct rpc_request request = {0};
    ask.id = desk->next_id++;
    ask.calls = ask.calls == 0 ? 1 : ask.calls;
    rpc_request_begin(&request, ask.id, ask.calls);
    for (uint32_t i = 0; i < ask.calls; i++)
        rpc_request_add(&request, "eth_blockNumber", "[]");
    rpc_request_end(&request);
    ask.body = ask.body.size == 0 ? text_bytes(&request.body) : ask.body;
    ask.method = "eth_blockNumber";
    rpc_send(desk->rpc, &ask);
    rpc_request_release(&request);
    return ask.id;
}

uint64_t desk_ask(struct desk *desk, enum rpc_role role)
{
    return desk_ask_so(desk, (struct rpc_ask){.role = role, .prefer = -1});
}

static void on_too_late(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)timer;
    (void)events;
    ev_break(loop, EVBREAK_ONE);
}

void desk_run_ms(struct desk *desk, int ms)
{
    ev_timer end;
    ev_now_update(desk->loop);
    ev_timer_init(&end, on_too_late, ms / 1000., 0.);
    ev_timer_start(desk->loop, &end);
    ev_run(desk->loop, 0);
    ev_timer_stop(desk->loop, &end);
}

void desk_wait(struct desk *desk, size_t answers)
{
    desk->wanted = answers;
    if (desk->count < answers)
        desk_run_ms(desk, 20000);
    desk->wanted = DESK_ANSWERS_MAX;
    cr_assert(desk->count >= answers, "%zu of %zu answers came", desk->count, answers);
}

void desk_wait_hints(struct desk *desk, size_t hints)
{
    desk->hints_wanted = hints;
    if (desk->hint_count < hints)
        desk_run_ms(desk, 20000);
    desk->hints_wanted = DESK_HINTS_MAX;
    cr_assert(desk->hint_count >= hints, "%zu of %zu hints came", desk->hint_count, hints);
}

const struct desk_answer *desk_answer_to(const struct desk *desk, uint64_t id)
{
    const struct desk_answer *found = NULL;
    for (size_t i = 0; i < desk->count; i++) {
        if (desk->answers[i].id != id)
            continue;
        cr_assert(found == NULL, "ask %lu was answered twice", (unsigned long)id);
        found = &desk->answers[i];
    }
    cr_assert(found != NULL, "ask %lu was not answered", (unsigned long)id);
    return found;
}

void desk_close(struct desk *desk)
{
    for (size_t i = 0; i < desk->count; i++)
        free(desk->answers[i].body);
    rpc_free(desk->rpc);
    ev_loop_destroy(desk->loop);
    free(desk);
}
