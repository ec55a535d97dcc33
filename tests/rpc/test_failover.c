#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>
#include <unistd.h>

#include "tests/rpc/desk.h"

struct pair {
    struct server *first;
    struct server *second;
    struct desk *desk;
};

static struct pair pair_of(struct server_reply first)
{
    struct pair pair = {server_new(), server_new(), NULL};
    server_say(pair.first, first);
    pair.desk = desk_of(server_url(pair.first), server_url(pair.second), NULL);
    return pair;
}

static void pair_close(struct pair *pair)
{
    desk_close(pair->desk);
    server_free(pair->first);
    server_free(pair->second);
}

static const char *const LIMITED = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32005,"
                                   "\"message\":\"rate limit exceeded\"}}";
static const char *const REVERTED =
    "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":3,\"message\":\"execution reverted\","
    "\"data\":\"0x\"}}";

Test(rpc_failover, goes_to_the_next_endpoint_when_one_fails)
{
    const struct server_reply replies[] = {
        {.deed = SERVER_CUTS_BEFORE_HEADERS},   {.deed = SERVER_CUTS_AFTER_HEADERS},
        {.status = 502, .body = "bad gateway"}, {.status = 429, .body = "slow down"},
        {.status = 429, .body = LIMITED},       {.body = LIMITED},
        {.body = "<html>a login page</html>"}};
    for (size_t i = 0; i < ARRAY_LENGTH(replies); i++) {
        struct pair pair = pair_of(replies[i]);
        desk_open(pair.desk);
        desk_ask(pair.desk, RPC_ROLE_READ);
        desk_wait(pair.desk, 1);
        cr_assert(eq(int, pair.desk->answers[0].status, OBSERVED_OK), "reply %zu", i);
        cr_assert(eq(int, pair.desk->answers[0].endpoint, 1));
        cr_assert(eq(u32, server_requests(pair.first), 1));
        cr_assert(eq(sz, pair.desk->attempts, 2));
        cr_assert(eq(sz, pair.desk->failed_over, 1));
        pair_close(&pair);
    }
}

Test(rpc_failover, goes_on_after_a_time_out)
{
    struct pair pair = pair_of((struct server_reply){.deed = SERVER_HOLDS});
    pair.desk->config.total_timeout_ms = 300;
    desk_open(pair.desk);
    desk_ask(pair.desk, RPC_ROLE_READ);
    desk_wait(pair.desk, 1);
    cr_assert(eq(int, pair.desk->answers[0].endpoint, 1));
    pair_close(&pair);
}

Test(rpc_failover, takes_a_revert_for_an_answer)
{
    struct pair pair = pair_of((struct server_reply){.body = REVERTED});
    desk_open(pair.desk);
    desk_ask(pair.desk, RPC_ROLE_READ);
    desk_wait(pair.desk, 1);
    cr_assert(eq(int, pair.desk->answers[0].endpoint, 0));
    cr_assert(eq(u32, server_requests(pair.second), 0));
    pair_close(&pair);
}

Test(rpc_failover, observes_the_last_failure_when_all_failed)
{
    struct pair pair = pair_of((struct server_reply){.deed = SERVER_CUTS_BEFORE_HEADERS});
    server_say(pair.second, (struct server_reply){.status = 503, .body = "<html>down</html>"});
    desk_open(pair.desk);
    desk_ask(pair.desk, RPC_ROLE_READ);
    desk_wait(pair.desk, 1);
    cr_assert(eq(int, pair.desk->answers[0].status, OBSERVED_HTTP_ERROR));
    cr_assert(eq(int, pair.desk->answers[0].endpoint, 1));
    cr_assert(eq(int, pair.desk->answers[0].http_status, 503));
    cr_assert(eq(str, pair.desk->answers[0].body, "<html>down</html>"));
    cr_assert(eq(sz, pair.desk->failed_over, 1));
    pair_close(&pair);
}

Test(rpc_failover, asks_the_preferred_endpoint_first)
{
    struct pair pair = pair_of((struct server_reply){0});
    desk_open(pair.desk);
    desk_ask_so(pair.desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = 1});
    desk_wait(pair.desk, 1);
    cr_assert(eq(int, pair.desk->answers[0].endpoint, 1));
    cr_assert(eq(u32, server_requests(pair.first), 0));
    pair_close(&pair);
}

Test(rpc_failover, comes_back_from_the_preferred_endpoint_to_the_others)
{
    struct pair pair = pair_of((struct server_reply){0});
    server_say(pair.second, (struct server_reply){.deed = SERVER_CUTS_BEFORE_HEADERS});
    desk_open(pair.desk);
    desk_ask_so(pair.desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = 1});
    desk_wait(pair.desk, 1);
    cr_assert(eq(int, pair.desk->answers[0].endpoint, 0));
    pair_close(&pair);
}

Test(rpc_failover, asks_nobody_else_where_one_is_meant)
{
    struct pair pair = pair_of((struct server_reply){.deed = SERVER_CUTS_BEFORE_HEADERS});
    desk_open(pair.desk);
    desk_ask_so(pair.desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = 0, .only = true});
    desk_wait(pair.desk, 1);
    cr_assert(eq(int, pair.desk->answers[0].status, OBSERVED_UNREACHABLE));
    cr_assert(eq(u32, server_requests(pair.second), 0));
    pair_close(&pair);
}

Test(rpc_failover, refuses_an_endpoint_that_does_not_exist)
{
    struct pair pair = pair_of((struct server_reply){0});
    desk_open(pair.desk);
    desk_ask_so(pair.desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = 2, .only = true});
    desk_ask_so(pair.desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = -1, .only = true});
    desk_wait(pair.desk, 2);
    cr_assert(eq(int, pair.desk->answers[0].status, OBSERVED_REFUSED));
    cr_assert(eq(int, pair.desk->answers[1].status, OBSERVED_REFUSED));
    pair_close(&pair);
}

Test(rpc_failover, keeps_to_the_roles)
{
    struct pair pair = pair_of((struct server_reply){.deed = SERVER_CUTS_BEFORE_HEADERS});
    pair.desk->endpoints[0].roles = RPC_ROLE_READ;
    pair.desk->endpoints[1].roles = RPC_ROLE_SEND;
    desk_open(pair.desk);
    uint64_t send = desk_ask(pair.desk, RPC_ROLE_SEND);
    uint64_t read = desk_ask(pair.desk, RPC_ROLE_READ);
    desk_wait(pair.desk, 2);
    cr_assert(eq(int, desk_answer_to(pair.desk, send)->endpoint, 1));
    cr_assert(eq(int, desk_answer_to(pair.desk, send)->status, OBSERVED_OK));
    cr_assert(eq(int, desk_answer_to(pair.desk, read)->status, OBSERVED_UNREACHABLE));
    cr_assert(eq(u32, server_requests(pair.second), 1));
    pair_close(&pair);
}

Test(rpc_failover, refuses_a_send_that_no_endpoint_takes)
{
    struct pair pair = pair_of((struct server_reply){0});
    pair.desk->endpoints[0].roles = RPC_ROLE_READ;
    pair.desk->endpoints[1].roles = RPC_ROLE_READ;
    desk_open(pair.desk);
    desk_ask(pair.desk, RPC_ROLE_SEND);
    cr_assert(eq(sz, rpc_pending(pair.desk->rpc), 1));
    desk_wait(pair.desk, 1);
    cr_assert(eq(int, pair.desk->answers[0].status, OBSERVED_REFUSED));
    cr_assert(eq(sz, rpc_pending(pair.desk->rpc), 0));
    pair_close(&pair);
}

/* The first node may have passed the transaction on: whether to say it again is not rpc's to judge.
 */
Test(rpc_failover, hands_no_send_to_a_second_node_where_the_first_may_have_taken_it)
{
    const struct server_reply replies[] = {{.deed = SERVER_CUTS_BEFORE_HEADERS},
                                           {.deed = SERVER_CUTS_AFTER_HEADERS},
                                           {.deed = SERVER_HOLDS},
                                           {.status = 502, .body = "bad gateway"}};
    for (size_t i = 0; i < ARRAY_LENGTH(replies); i++) {
        struct pair pair = pair_of(replies[i]);
        pair.desk->config.total_timeout_ms = 200;
        desk_open(pair.desk);
        desk_ask(pair.desk, RPC_ROLE_SEND);
        desk_wait(pair.desk, 1);
        cr_assert(ne(int, pair.desk->answers[0].status, OBSERVED_OK));
        cr_assert(eq(u32, server_requests(pair.second), 0));
        pair_close(&pair);
    }
}

Test(rpc_failover, hands_a_send_on_where_the_first_did_not_take_it)
{
    char dead[64];
    server_dead_url(dead);
    struct pair pair = pair_of((struct server_reply){.body = LIMITED});
    pair.desk->endpoints[2] = pair.desk->endpoints[1];
    pair.desk->endpoints[1].url = dead;
    pair.desk->config.endpoint_count = 3;
    pair.desk->endpoints[1].roles = pair.desk->endpoints[0].roles;
    desk_open(pair.desk);
    desk_ask(pair.desk, RPC_ROLE_SEND);
    desk_wait(pair.desk, 1);
    cr_assert(eq(int, pair.desk->answers[0].status, OBSERVED_OK));
    cr_assert(eq(int, pair.desk->answers[0].endpoint, 2));
    cr_assert(eq(sz, pair.desk->failed_over, 2));
    pair_close(&pair);
}

static const char *const BROKEN = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32603,"
                                  "\"message\":\"internal error\"}}";
static const char *const REJECTED = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32000,"
                                    "\"message\":\"transaction underpriced\"}}";

/* What a send is told to be, where the first node says `first` and the second `second`. */
static uint16_t teller_of_a_send(struct server_reply first, const char *second)
{
    struct pair pair = pair_of(first);
    uint16_t teller;

    server_say(pair.second, (struct server_reply){.body = second});
    desk_open(pair.desk);
    desk_ask(pair.desk, RPC_ROLE_SEND);
    desk_wait(pair.desk, 1);
    cr_assert(eq(sz, pair.desk->failed_over, 1));
    teller = pair.desk->answers[0].endpoint;
    pair_close(&pair);
    return teller;
}

/* A node that said nothing clear may have passed the bytes on: their nonce is not free because
 * another node refuses them. */
Test(rpc_failover, leaves_a_send_in_doubt_where_the_first_may_have_taken_it_and_the_second_refuses)
{
    const struct server_reply unclear[] = {
        {.body = BROKEN}, {.body = "<html>a login page</html>"}, {.body = "{}"}};

    for (size_t i = 0; i < ARRAY_LENGTH(unclear); i++) {
        cr_assert(eq(int, teller_of_a_send(unclear[i], REJECTED), 0), "reply %zu", i);
        cr_assert(eq(int, teller_of_a_send(unclear[i], NULL), 1), "reply %zu", i);
    }
}

Test(rpc_failover, believes_the_second_that_refuses_a_send_where_the_first_never_saw_it)
{
    const struct server_reply clear[] = {{.body = LIMITED}, {.status = 429, .body = "slow down"}};

    for (size_t i = 0; i < ARRAY_LENGTH(clear); i++)
        cr_assert(eq(int, teller_of_a_send(clear[i], REJECTED), 1), "reply %zu", i);
}

Test(rpc_failover, fails_a_batch_over_as_one)
{
    struct pair pair = pair_of((struct server_reply){.deed = SERVER_CUTS_BEFORE_HEADERS});
    desk_open(pair.desk);
    desk_ask_so(pair.desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = -1, .calls = 3});
    desk_wait(pair.desk, 1);
    cr_assert(eq(str, pair.desk->answers[0].body,
                 "[{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":\"0x1\"},"
                 "{\"jsonrpc\":\"2.0\",\"id\":257,\"result\":\"0x1\"},"
                 "{\"jsonrpc\":\"2.0\",\"id\":258,\"result\":\"0x1\"}]"));
    pair_close(&pair);
}

Test(rpc_failover, hands_a_send_on_from_a_host_that_lets_nobody_in)
{
    char url[64];
    int fds[8];
    server_full_url(url, fds);
    struct pair pair = pair_of((struct server_reply){0});
    pair.desk->endpoints[0].url = url;
    pair.desk->config.connect_timeout_ms = 150;
    desk_open(pair.desk);
    desk_ask(pair.desk, RPC_ROLE_SEND);
    desk_wait(pair.desk, 1);
    cr_assert(eq(int, pair.desk->answers[0].status, OBSERVED_OK));
    cr_assert(eq(int, pair.desk->answers[0].endpoint, 1));
    pair_close(&pair);
    for (size_t i = 0; i < 8; i++)
        close(fds[i]);
}
