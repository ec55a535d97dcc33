/* What one ask says of itself in its head, and endpoints that are for nobody who does not name
 * them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/rpc/desk.h"

#define OWN "X-Flashbots-Signature: 0x01:0x02"

static struct rpc_ask named(int endpoint, const char *header)
{
    return (struct rpc_ask){.role = RPC_ROLE_SEND,
                            .prefer = endpoint,
                            .only = true,
                            .calls = 1,
                            .body = bytes_of_text("{\"id\":1}"),
                            .header = header};
}

Test(rpc_header, goes_with_its_ask_and_not_with_the_next_on_that_connection)
{
    struct server *server = server_new();
    struct desk *desk = desk_of(server_url(server), NULL, NULL);

    desk_open(desk);
    desk_ask_so(desk, named(0, OWN));
    desk_wait(desk, 1);
    desk_ask_so(desk, named(0, NULL));
    desk_wait(desk, 2);
    desk_ask_so(desk, named(0, "X-Flashbots-Signature: 0x03:0x04"));
    desk_wait(desk, 3);
    cr_assert(eq(uint, server_connections(server), 1));
    cr_assert_not_null(strstr(server_request(server, 0), "\r\n" OWN "\r\n"));
    cr_assert_not_null(strstr(server_request(server, 0), "\r\nContent-Type: application/json\r\n"));
    cr_assert_null(strstr(server_request(server, 0), "Expect"));
    cr_assert_null(strstr(server_request(server, 1), "Flashbots"));
    cr_assert_not_null(
        strstr(server_request(server, 2), "\r\nX-Flashbots-Signature: 0x03:0x04\r\n"));
    cr_assert_null(strstr(server_request(server, 2), "0x01:0x02"));
    desk_close(desk);
    server_free(server);
}

Test(rpc_header, goes_to_the_named_endpoint_only_though_it_has_no_role)
{
    struct server *node = server_new();
    struct server *relay = server_new();
    struct desk *desk = desk_of(server_url(node), server_url(relay), NULL);

    desk->endpoints[1].roles = 0;
    desk_open(desk);
    desk_ask_so(desk, named(1, OWN));
    desk_ask(desk, RPC_ROLE_READ);
    desk_ask(desk, RPC_ROLE_SEND);
    desk_wait(desk, 3);
    cr_assert(eq(uint, server_requests(relay), 1));
    cr_assert(eq(uint, server_requests(node), 2));
    server_say(relay, (struct server_reply){.status = 500, .body = "no"});
    desk_ask_so(desk, named(1, OWN));
    desk_wait(desk, 4);
    cr_assert(eq(uint, server_requests(node), 2), "nobody else is asked for it");
    desk_close(desk);
    server_free(node);
    server_free(relay);
}

Test(rpc_header,
     an_endpoint_without_a_role_is_not_probed_and_comes_back_with_the_next_that_names_it)
{
    struct server *node = server_new();
    struct server *relay = server_new();
    struct desk *desk = desk_of(server_url(node), server_url(relay), NULL);

    desk->endpoints[1].roles = 0;
    server_say(relay, (struct server_reply){.status = 500, .body = "no"});
    desk_open(desk);
    for (size_t i = 0; i < 3; i++) {
        desk_ask_so(desk, named(1, OWN));
        desk_wait(desk, i + 1);
    }
    cr_assert_not(rpc_endpoint_is_healthy(desk->rpc, 1));
    desk_run_ms(desk, 600);
    cr_assert(eq(uint, server_requests(relay), 3), "a question that it does not know");
    server_say(relay, (struct server_reply){0});
    desk_ask_so(desk, named(1, OWN));
    desk_wait(desk, 4);
    cr_assert(rpc_endpoint_is_healthy(desk->rpc, 1));
    desk_close(desk);
    server_free(node);
    server_free(relay);
}
