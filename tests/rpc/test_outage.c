#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rpc/health.h"
#include "tests/rpc/desk.h"

/* A caller without patience: whatever fails is asked again at once. */
static void stampede(struct desk *desk, const struct observation *observation)
{
    if (observation->status != OBSERVED_OK)
        desk_ask(desk, RPC_ROLE_READ);
}

/* In 1.2 s there is time for probes after 250, 750 ms; a slow machine may add two or three. */
#define OUTAGE_MS 1200
#define ATTEMPTS_MAX (3 + 6)

Test(rpc_outage, asks_seldom_however_often_the_caller_asks)
{
    char dead[64];
    server_dead_url(dead);
    struct desk *desk = desk_of(dead, NULL, NULL);
    desk_open(desk);
    desk->on_answer = stampede;
    desk_ask(desk, RPC_ROLE_READ);
    desk_run_ms(desk, OUTAGE_MS);
    cr_assert(ge(sz, desk->attempts, 4));
    cr_assert(le(sz, desk->attempts, ATTEMPTS_MAX));
    cr_assert(not(rpc_endpoint_is_healthy(desk->rpc, 0)));
    desk_close(desk);
}

Test(rpc_outage, asks_seldom_however_many_wait)
{
    char dead[2][64];
    server_dead_url(dead[0]);
    server_dead_url(dead[1]);
    struct desk *desk = desk_of(dead[0], dead[1], NULL);
    desk_open(desk);
    desk->on_answer = stampede;
    for (int i = 0; i < 100; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_run_ms(desk, OUTAGE_MS);
    /* what was on the wire when it began, then the probes of two */
    cr_assert(le(sz, desk->attempts, 2 * (RPC_CONNECTIONS_MAX + ATTEMPTS_MAX)));
    desk_close(desk);
}

Test(rpc_outage, tells_everybody_who_waited_when_the_probe_fails)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){.deed = SERVER_CUTS_BEFORE_HEADERS});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    for (int i = 0; i < 100; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 100);
    for (size_t i = 0; i < 100; i++)
        cr_assert(eq(int, desk->answers[i].status, OBSERVED_UNREACHABLE));
    /* all places, one more for each failure that is not yet the third, the probe */
    cr_assert(le(u32, server_requests(server), RPC_CONNECTIONS_MAX + 3));
    desk_close(desk);
    server_free(server);
}

Test(rpc_outage, is_over_at_the_first_answer)
{
    struct server *server = server_new();
    server_say_first(server, 3, (struct server_reply){.deed = SERVER_CUTS_BEFORE_HEADERS});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    for (size_t i = 1; i <= 3; i++) {
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, i);
    }
    cr_assert(not(rpc_endpoint_is_healthy(desk->rpc, 0)));
    for (int i = 0; i < 100; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 103);
    cr_assert(rpc_endpoint_is_healthy(desk->rpc, 0));
    for (uint64_t id = 4; id <= 103; id++)
        cr_assert(eq(int, desk_answer_to(desk, id)->status, OBSERVED_OK));
    desk_close(desk);
    server_free(server);
}

Test(rpc_outage, tries_a_sick_endpoint_last_and_finds_out_by_itself_when_it_is_back)
{
    struct server *first = server_new();
    struct server *second = server_new();
    server_say(first, (struct server_reply){.deed = SERVER_CUTS_BEFORE_HEADERS});
    struct desk *desk = desk_of(server_url(first), server_url(second), NULL);
    desk_open(desk);
    for (size_t i = 1; i <= 50; i++) {
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, i);
        cr_assert(eq(int, desk->answers[i - 1].status, OBSERVED_OK));
    }
    cr_assert(le(u32, server_requests(first), ATTEMPTS_MAX));
    server_say(first, (struct server_reply){0});
    for (int i = 0; i < 100 && !rpc_endpoint_is_healthy(desk->rpc, 0); i++)
        desk_run_ms(desk, 100);
    cr_assert(rpc_endpoint_is_healthy(desk->rpc, 0));
    cr_assert(ge(sz, desk->own_probes, 1));
    uint64_t id = desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 51);
    cr_assert(eq(int, desk_answer_to(desk, id)->endpoint, 0));
    desk_close(desk);
    server_free(first);
    server_free(second);
}

Test(rpc_outage, pauses_an_endpoint_that_limits_its_rate)
{
    struct server *first = server_new();
    struct server *second = server_new();
    server_say(first, (struct server_reply){
                          .status = 429, .headers = "Retry-After: 3600\r\n", .body = "slow down"});
    struct desk *desk = desk_of(server_url(first), server_url(second), NULL);
    desk_open(desk);
    for (size_t i = 1; i <= 50; i++) {
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, i);
        cr_assert(eq(int, desk->answers[i - 1].endpoint, 1));
    }
    desk_run_ms(desk, 600);
    cr_assert(eq(u32, server_requests(first), 1), "it asked for a pause");
    desk_close(desk);
    server_free(first);
    server_free(second);
}

/* node-errors, infura: the hint stands in the error's data, new style and old. */
Test(rpc_outage, pauses_an_endpoint_that_asks_for_it_in_its_error)
{
    static const char *const bodies[] = {
        "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32005,\"message\":"
        "\"project ID request rate exceeded\",\"data\":{\"rate\":{\"allowed_rps\":50,"
        "\"backoff_seconds\":30,\"current_rps\":52.3},\"see\":\"https://infura.io\"}}}",
        "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32005,\"message\":"
        "\"project ID request rate exceeded\",\"data\":{\"backoff_seconds\":30.0}}}"};
    for (size_t i = 0; i < 4; i++) {
        struct server *server = server_new();
        server_say(server,
                   (struct server_reply){.status = i < 2 ? 200 : 429, .body = bodies[i % 2]});
        struct desk *desk = desk_of(server_url(server), NULL, NULL);
        desk_open(desk);
        desk->on_answer = stampede;
        desk_ask(desk, RPC_ROLE_READ);
        desk_run_ms(desk, 600);
        cr_assert(eq(u32, server_requests(server), 1), "it asked for a pause");
        desk_close(desk);
        server_free(server);
    }
}

/* It is well, and knows the answer in a moment. */
Test(rpc_outage, does_not_rest_where_an_index_is_not_ready)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){
                           .body = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32000,"
                                   "\"message\":\"transaction indexing is in progress\"}}"});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    for (size_t i = 1; i <= 2 * HEALTH_FAILURES_MAX; i++) {
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, i);
        cr_assert(eq(int, desk->answers[i - 1].status, OBSERVED_OK));
    }
    cr_assert(rpc_endpoint_is_healthy(desk->rpc, 0));
    desk_close(desk);
    server_free(server);
}

/* A storm at the start must not cost more than a moment. */
Test(rpc_outage, outlives_a_storm_of_rate_limits)
{
    struct server *server = server_new();
    server_say_first(server, 9, (struct server_reply){.status = 429, .body = "slow down"});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    desk->on_answer = stampede;
    for (int i = 0; i < 20; i++)
        desk_ask(desk, RPC_ROLE_READ);
    for (int i = 0; i < 100 && rpc_pending(desk->rpc) != 0; i++)
        desk_run_ms(desk, 100);
    size_t good = 0;
    for (size_t i = 0; i < desk->count; i++)
        good += desk->answers[i].status == OBSERVED_OK;
    cr_assert(eq(sz, good, 20));
    cr_assert(eq(u32, server_requests(server), 29));
    desk_close(desk);
    server_free(server);
}

Test(rpc_outage, logs_the_host_and_nothing_that_may_be_secret)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){.status = 401, .body = "unauthorised"});
    char url[256];
    snprintf(url, sizeof url, "http://name:password@%sv3/deadbeefkey?apikey=hidden",
             server_url(server) + strlen("http://"));
    FILE *file = tmpfile();
    struct desk *desk = desk_of(url, NULL, NULL);
    desk->log = (struct log_sink){.fd = fileno(file), .level = LOG_LEVEL_DEBUG};
    desk_open(desk);
    for (size_t i = 1; i <= 4; i++) {
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, i);
        cr_assert(strstr(desk->answers[i - 1].body, "deadbeefkey") == NULL);
    }
    char text[4096] = "";
    cr_assert(ge(i64, (int64_t)pread(fileno(file), text, sizeof text - 1, 0), 1));
    cr_assert(strstr(text, "127.0.0.1") != NULL);
    cr_assert(strstr(text, "password") == NULL);
    cr_assert(strstr(text, "name") == NULL);
    cr_assert(strstr(text, "deadbeefkey") == NULL);
    cr_assert(strstr(text, "hidden") == NULL);
    cr_assert(strstr(server_request(server, 0), "POST /v3/deadbeefkey?apikey=hidden") != NULL);
    fclose(file);
    desk_close(desk);
    server_free(server);
}

Test(rpc_outage, refuses_an_endpoint_that_it_cannot_speak_to_without_showing_it)
{
    static const char *const urls[] = {"unix://name:password@example.org/key",
                                       "ftp://example.org/",
                                       "http://name:password@exa mple/key",
                                       "",
                                       "node.ipc",
                                       "ws://name:password@exa mple/key"};
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        struct desk *desk = desk_of(urls[i], NULL, NULL);
        char why[256] = "";
        cr_assert(eq(ptr, rpc_new(why, desk->loop, &desk->config, NULL), NULL), "%s", urls[i]);
        cr_assert(strstr(why, "endpoint 0") != NULL);
        cr_assert(strstr(why, "password") == NULL);
        cr_assert(strstr(why, "key") == NULL);
        desk_close(desk);
    }
}

/* Whoever asked would only ask again, and begin with what it had already. */
Test(rpc_outage, asks_a_read_anew_that_was_only_told_to_come_slower)
{
    struct server *server = server_new();
    server_say_first(server, 3, (struct server_reply){.status = 429, .body = "slow down"});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    uint64_t id = desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk_answer_to(desk, id)->status, OBSERVED_OK));
    cr_assert(eq(u32, server_requests(server), 4));
    desk_close(desk);
    server_free(server);
}

Test(rpc_outage, tells_a_send_at_once_that_was_told_to_come_slower)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){.status = 429, .body = "slow down"});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    uint64_t id = desk_ask(desk, RPC_ROLE_SEND);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk_answer_to(desk, id)->http_status, 429));
    cr_assert(eq(u32, server_requests(server), 1));
    desk_close(desk);
    server_free(server);
}

/* A bound on it: probes after 250, 750, 1750, 3750 and 7750 ms, and the next would be too late. */
Test(rpc_outage, tells_a_read_in_the_end_that_is_limited_for_ever)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){.status = 429, .body = "slow down"});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    uint64_t id = desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk_answer_to(desk, id)->http_status, 429));
    cr_assert(eq(u32, server_requests(server), 1 + 5));
    desk_close(desk);
    server_free(server);
}

Test(rpc_outage, tells_a_read_at_once_where_the_pause_that_is_asked_for_is_too_long)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){
                           .status = 429, .headers = "Retry-After: 20\r\n", .body = "slow down"});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    uint64_t id = desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk_answer_to(desk, id)->http_status, 429));
    cr_assert(eq(u32, server_requests(server), 1));
    desk_close(desk);
    server_free(server);
}

/* The other one answers, and cannot help: it is not asked the same again and again meanwhile. */
Test(rpc_outage, waits_for_the_one_that_limits_and_not_for_the_one_that_is_behind)
{
    struct server *first = server_new();
    struct server *second = server_new();
    server_say_first(first, 2, (struct server_reply){.status = 429, .body = "slow down"});
    server_say(second, (struct server_reply){
                           .body = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32000,"
                                   "\"message\":\"header not found\"}}"});
    struct desk *desk = desk_of(server_url(first), server_url(second), NULL);
    desk_open(desk);
    uint64_t id = desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk_answer_to(desk, id)->endpoint, 0));
    cr_assert(eq(u32, server_requests(second), 1));
    desk_close(desk);
    server_free(first);
    server_free(second);
}
