#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rpc/desk.h"

/* One ask to one server that does this; the desk's first answer is it. */
static struct desk *after_one(struct server *server, struct server_reply reply,
                              int64_t total_timeout_ms)
{
    server_say(server, reply);
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk->config.total_timeout_ms = total_timeout_ms;
    desk_open(desk);
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    return desk;
}

static void done(struct desk *desk, struct server *server)
{
    desk_close(desk);
    server_free(server);
}

Test(rpc, delivers_an_answer_byte_for_byte_with_who_gave_it)
{
    struct server *server = server_new();
    struct desk *desk = after_one(server, (struct server_reply){0}, 10000);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK));
    cr_assert(eq(u64, desk->answers[0].id, 1));
    cr_assert(eq(u16, desk->answers[0].endpoint, 0));
    cr_assert(eq(u16, desk->answers[0].http_status, 200));
    cr_assert(
        eq(str, desk->answers[0].body, "{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":\"0x1\"}"));
    cr_assert(eq(sz, rpc_pending(desk->rpc), 0));
    done(desk, server);
}

Test(rpc, posts_json_without_waiting_to_be_told_to_continue)
{
    static char large[20000];
    struct server *server = server_new();
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    memset(large, ' ', sizeof large);
    desk_ask_so(desk, (struct rpc_ask){.role = RPC_ROLE_READ,
                                       .prefer = -1,
                                       .body = bytes_of(large, sizeof large)});
    desk_wait(desk, 1);
    const char *request = server_request(server, 0);
    cr_assert(strncmp(request, "POST / HTTP/1.1\r\n", 17) == 0);
    cr_assert(strstr(request, "\r\nContent-Type: application/json\r\n") != NULL);
    cr_assert(strstr(request, "\r\nUser-Agent: plimsoll-test\r\n") != NULL);
    cr_assert(strstr(request, "gzip") != NULL);
    cr_assert(strstr(request, "Expect") == NULL);
    cr_assert(strstr(request, "\r\nContent-Length: 20000\r\n") != NULL);
    done(desk, server);
}

Test(rpc, reads_an_answer_in_chunks)
{
    struct server *server = server_new();
    struct desk *desk =
        after_one(server, (struct server_reply){.deed = SERVER_ANSWERS_CHUNKED}, 10000);
    cr_assert(
        eq(str, desk->answers[0].body, "{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":\"0x1\"}"));
    done(desk, server);
}

Test(rpc, asks_a_hundred_times_over_one_connection)
{
    struct server *server = server_new();
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    for (size_t i = 1; i <= 100; i++) {
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, i);
    }
    cr_assert(eq(u32, server_requests(server), 100));
    cr_assert(eq(u32, server_connections(server), 1));
    done(desk, server);
}

Test(rpc, opens_no_more_connections_than_its_bound)
{
    struct server *server = server_new();
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    for (size_t i = 0; i < 300; i++)
        desk_ask(desk, i % 2 == 0 ? RPC_ROLE_READ : RPC_ROLE_SEND);
    desk_wait(desk, 300);
    cr_assert(eq(u32, server_requests(server), 300));
    cr_assert(le(u32, server_connections(server), RPC_CONNECTIONS_MAX));
    done(desk, server);
}

Test(rpc, says_what_was_cut_off_was_unreachable)
{
    static const enum server_deed deeds[] = {SERVER_CUTS_BEFORE_HEADERS, SERVER_CUTS_AFTER_HEADERS};
    for (size_t i = 0; i < 2; i++) {
        struct server *server = server_new();
        struct desk *desk = after_one(server, (struct server_reply){.deed = deeds[i]}, 10000);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_UNREACHABLE));
        cr_assert(ne(str, desk->answers[0].body, ""));
        done(desk, server);
    }
}

Test(rpc, says_that_nobody_listens)
{
    char url[64];
    server_dead_url(url);
    struct desk *desk = desk_of(url, NULL, NULL);
    desk_open(desk);
    desk_ask(desk, RPC_ROLE_READ);
    cr_assert(eq(sz, desk->count, 0), "never from inside");
    desk_wait(desk, 1);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_UNREACHABLE));
    cr_assert(eq(u16, desk->answers[0].http_status, 0));
    desk_close(desk);
}

Test(rpc, gives_up_on_a_node_that_is_silent_or_drips)
{
    static const enum server_deed deeds[] = {SERVER_HOLDS, SERVER_DRIPS};
    for (size_t i = 0; i < 2; i++) {
        struct server *server = server_new();
        struct desk *desk = after_one(server, (struct server_reply){.deed = deeds[i]}, 150);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_TIMED_OUT));
        done(desk, server);
    }
}

Test(rpc, gives_up_on_a_host_that_lets_nobody_in)
{
    char url[64];
    int fds[8];
    server_full_url(url, fds);
    struct desk *desk = desk_of(url, NULL, NULL);
    desk->config.connect_timeout_ms = 150;
    desk->config.total_timeout_ms = 600000;
    desk_open(desk);
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_TIMED_OUT));
    desk_close(desk);
    for (size_t i = 0; i < 8; i++)
        close(fds[i]);
}

Test(rpc, says_nothing_in_the_clear_to_an_endpoint_over_tls)
{
    struct server *server = server_new();
    char url[80];
    snprintf(url, sizeof url, "https%s", server_url(server) + strlen("http"));
    struct desk *desk = desk_of(url, NULL, NULL);
    desk->config.total_timeout_ms = 300;
    desk_open(desk);
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(ne(int, desk->answers[0].status, OBSERVED_OK));
    cr_assert(eq(u32, server_requests(server), 0));
    done(desk, server);
}

Test(rpc, cuts_off_an_answer_over_the_bound_however_it_comes)
{
    static const enum server_deed deeds[] = {SERVER_FLOODS, SERVER_CLAIMS_MUCH, SERVER_BOMBS,
                                             SERVER_FLOODS_HEADERS};
    for (size_t i = 0; i < 4; i++) {
        struct server *server = server_new();
        struct desk *desk = after_one(server, (struct server_reply){.deed = deeds[i]}, 30000);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_TOO_LARGE), "deed %zu: %s", i,
                  desk->answers[0].body);
        cr_assert(lt(sz, strlen(desk->answers[0].body), 100));
        cr_assert(rpc_endpoint_is_healthy(desk->rpc, 0));
        done(desk, server);
    }
}

Test(rpc, takes_an_answer_of_exactly_the_bound)
{
    static char body[(1 << 20) + 1];
    memset(body, ' ', 1 << 20);
    struct server *server = server_new();
    struct desk *desk = after_one(server, (struct server_reply){.body = body}, 10000);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK));
    cr_assert(eq(sz, strlen(desk->answers[0].body), 1 << 20));
    done(desk, server);
}

Test(rpc, delivers_garbage_for_others_to_judge)
{
    static const char *const bodies[] = {"", "<html>maintenance</html>", "{\"jsonrpc\":", "null"};
    for (size_t i = 0; i < 4; i++) {
        struct server *server = server_new();
        struct desk *desk = after_one(server, (struct server_reply){.body = bodies[i]}, 10000);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK));
        cr_assert(eq(str, desk->answers[0].body, (char *)bodies[i]));
        done(desk, server);
    }
}

Test(rpc, lets_the_words_decide_whatever_the_status)
{
    static const struct {
        int status;
        const char *body;
        enum observation_status expected;
    } rows[] = {
        {500, "<html>oops</html>", OBSERVED_HTTP_ERROR},
        {404, "", OBSERVED_HTTP_ERROR},
        {301, "moved", OBSERVED_HTTP_ERROR},
        {429, "Too Many Requests", OBSERVED_HTTP_ERROR},
        {500,
         "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":3,\"message\":\"execution "
         "reverted\"}}",
         OBSERVED_OK},
        {400, "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"result\":\"0x1\"}", OBSERVED_OK},
        {429,
         "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32005,\"message\":\"limit "
         "exceeded\"}}",
         OBSERVED_OK},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct server *server = server_new();
        struct server_reply reply = {.status = rows[i].status, .body = rows[i].body};
        struct desk *desk = after_one(server, reply, 10000);
        cr_assert(eq(int, desk->answers[0].status, rows[i].expected), "row %zu", i);
        cr_assert(eq(int, desk->answers[0].http_status, rows[i].status));
        done(desk, server);
    }
}

Test(rpc, follows_no_redirect)
{
    struct server *there = server_new();
    struct server *server = server_new();
    char location[128];
    snprintf(location, sizeof location, "Location: %s\r\n", server_url(there));
    struct server_reply reply = {.status = 307, .headers = location, .body = ""};
    struct desk *desk = after_one(server, reply, 10000);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_HTTP_ERROR));
    cr_assert(eq(u32, server_connections(there), 0));
    done(desk, server);
    server_free(there);
}

Test(rpc, asks_again_on_a_fresh_connection_when_a_kept_one_has_died)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){.deed = SERVER_ANSWERS_AND_CLOSES});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    for (size_t i = 1; i <= 5; i++) {
        desk_ask(desk, RPC_ROLE_SEND);
        desk_wait(desk, i);
        cr_assert(eq(int, desk->answers[i - 1].status, OBSERVED_OK));
    }
    cr_assert(eq(u32, server_connections(server), 5));
    done(desk, server);
}

Test(rpc, asks_again_when_a_kept_connection_dies_at_the_very_moment)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){.deed = SERVER_CUTS_REUSED});
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk_open(desk);
    for (size_t i = 1; i <= 3; i++) {
        desk_ask(desk, RPC_ROLE_SEND);
        desk_wait(desk, i);
        cr_assert(eq(int, desk->answers[i - 1].status, OBSERVED_OK));
    }
    cr_assert(eq(u32, server_connections(server), 3));
    cr_assert(eq(u32, server_requests(server), 5));
    cr_assert(eq(sz, desk->attempts, 3));
    done(desk, server);
}

Test(rpc, speaks_to_nobody_whom_the_config_does_not_name)
{
    struct server *proxy = server_new();
    setenv("http_proxy", server_url(proxy), 1);
    setenv("all_proxy", server_url(proxy), 1);
    struct server *server = server_new();
    struct desk *desk = after_one(server, (struct server_reply){0}, 10000);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK));
    cr_assert(eq(u32, server_connections(proxy), 0));
    done(desk, server);
    server_free(proxy);
}
