/* What comes over a kept socket and is nobody's, late, or never comes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rpc/desk.h"
#include "tests/rpc/node.h"

static const enum node_wire WIRES[NODE_WIRES] = {NODE_WEBSOCKET, NODE_IPC};

static void done(struct desk *desk, struct node *node)
{
    desk_close(desk);
    node_free(node);
}

static void say_text(void *context, struct peer *peer, const char *message)
{
    (void)message;
    (void)peer_say(peer, context);
}

static void keep_silent(void *context, struct peer *peer, const char *message)
{
    (void)context, (void)peer, (void)message;
}

#define NO_ID_ERROR                                                                                \
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32603,\"message\":\"Internal error\"}}"

Test(rpc_socket_stray, is_the_answer_of_whoever_is_alone)
{
    static const enum rpc_role roles[] = {RPC_ROLE_READ, RPC_ROLE_SEND};
    for (size_t i = 0; i < 2 * NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i / 2]);
        struct desk *desk = desk_of(node_url(node), NULL, NULL);
        node_on_message(node, say_text, NO_ID_ERROR);
        desk_open(desk);
        desk_ask(desk, roles[i % 2]);
        desk_wait(desk, 1);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK));
        cr_assert(eq(str, desk->answers[0].body, NO_ID_ERROR));
        done(desk, node);
    }
}

Test(rpc_socket_stray, leads_a_read_to_another_endpoint)
{
    static char *const texts[] = {NO_ID_ERROR, "<html>502</html>", "[]", "{}", "null", ""};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct node *node = node_new(NODE_WEBSOCKET);
        struct node *second = node_new(NODE_WEBSOCKET);
        struct desk *desk = desk_of(node_url(node), node_url(second), NULL);
        node_on_message(node, say_text, texts[i]);
        desk_open(desk);
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 1);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK), "%s", texts[i]);
        cr_assert(eq(u16, desk->answers[0].endpoint, 1));
        node_free(second);
        done(desk, node);
    }
}

/* Silent at first; the third message is answered with an error that names nobody. */
static void refuse_at_third(void *context, struct peer *peer, const char *message)
{
    unsigned *count = context;
    (void)message;
    if (++*count == 3)
        (void)peer_say(peer, NO_ID_ERROR);
}

Test(rpc_socket_stray, is_no_answer_of_a_send_that_is_not_alone)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        unsigned count = 0;
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_of(node_url(node), NULL, NULL);
        node_on_message(node, refuse_at_third, &count);
        desk->config.total_timeout_ms = 1500;
        desk_open(desk);
        uint64_t sending = desk_ask(desk, RPC_ROLE_SEND);
        uint64_t first = desk_ask(desk, RPC_ROLE_READ);
        uint64_t second = desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 3);
        cr_assert(eq(int, desk_answer_to(desk, first)->status, OBSERVED_OK));
        cr_assert(eq(str, desk_answer_to(desk, second)->body, NO_ID_ERROR));
        cr_assert(eq(int, desk_answer_to(desk, sending)->status, OBSERVED_TIMED_OUT));
        done(desk, node);
    }
}

Test(rpc_socket_stray, ends_a_stream_in_which_it_cannot_be_told_apart)
{
    static char *const texts[] = {"<html>502</html>", "null", "} {\"id\":256,\"result\":1}", "\1"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct node *node = node_new(NODE_IPC);
        struct desk *desk = desk_of(node_url(node), NULL, NULL);
        node_on_message(node, say_text, texts[i]);
        desk_open(desk);
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 1);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_UNREACHABLE));
        cr_assert(eq(str, desk->answers[0].body, "what came is no JSON-RPC"));
        done(desk, node);
    }
}

Test(rpc_socket_stray, is_passed_over_where_nobody_asked)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_of(node_url(node), NULL, NULL);
        desk_open(desk);
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 1);
        for (unsigned j = 0; j < 10; j++)
            node_push(node, j); /* nobody subscribed */
        desk_run_ms(desk, 50);
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 2);
        cr_assert(eq(sz, desk->hint_count, 0));
        cr_assert(eq(u32, node_connections(node), 1));
        done(desk, node);
    }
}

Test(rpc_socket_silence, ends_an_ask_in_its_time_and_the_connection_with_it)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_of(node_url(node), NULL, NULL);
        node_on_message(node, keep_silent, NULL);
        desk->config.total_timeout_ms = 150;
        desk_open(desk);
        for (size_t j = 1; j <= 2; j++) {
            desk_ask(desk, RPC_ROLE_SEND);
            desk_wait(desk, j);
            cr_assert(eq(int, desk->answers[j - 1].status, OBSERVED_TIMED_OUT));
        }
        cr_assert(eq(u32, node_messages(node), 2));
        cr_assert(eq(u32, node_connections(node), 2), "whoever says nothing is asked anew");
        done(desk, node);
    }
}

struct late {
    unsigned count;
    unsigned long first;
};

/* The first is answered once the second asked, and the second never. */
static void answer_late(void *context, struct peer *peer, const char *message)
{
    struct late *late = context;
    char text[128];
    if (late->count++ == 0) {
        late->first = message_id(message);
        (void)peer_say(peer, "{\"id\":77777,\"result\":\"it is not dead\"}");
        return;
    }
    snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"result\":\"late\"}",
             late->first);
    (void)peer_say(peer, text);
}

Test(rpc_socket_silence, gives_a_late_answer_to_nobody)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct late late = {0};
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_of(node_url(node), NULL, NULL);
        node_on_message(node, answer_late, &late);
        desk->config.total_timeout_ms = 300;
        desk_open(desk);
        for (size_t j = 1; j <= 2; j++) {
            desk_ask(desk, RPC_ROLE_READ);
            desk_wait(desk, j);
            cr_assert(eq(int, desk->answers[j - 1].status, OBSERVED_TIMED_OUT));
        }
        cr_assert(eq(u32, node_connections(node), 1), "it speaks, so it is kept");
        done(desk, node);
    }
}

/* After one was given up on, what names nobody may be about that one. */
static void refuse_second(void *context, struct peer *peer, const char *message)
{
    unsigned *count = context;
    (void)message;
    if (++*count == 1)
        (void)peer_say(peer, "{\"id\":77777,\"result\":\"it is not dead\"}");
    else
        (void)peer_say(peer, NO_ID_ERROR);
}

Test(rpc_socket_silence, leaves_a_send_in_doubt_once_another_was_given_up_on)
{
    unsigned count = 0;
    struct node *node = node_new(NODE_WEBSOCKET);
    struct desk *desk = desk_of(node_url(node), NULL, NULL);
    node_on_message(node, refuse_second, &count);
    desk->config.total_timeout_ms = 300;
    desk_open(desk);
    for (size_t i = 1; i <= 2; i++) {
        desk_ask(desk, RPC_ROLE_SEND);
        desk_wait(desk, i);
        cr_assert(eq(int, desk->answers[i - 1].status, OBSERVED_TIMED_OUT));
    }
    done(desk, node);
}

Test(rpc_socket_silence, keeps_to_the_rate_and_the_rests_of_its_endpoint)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_of(node_url(node), NULL, NULL);
        desk->endpoints[0].requests_per_second = 10;
        desk_open(desk);
        for (size_t j = 0; j < 30; j++)
            desk_ask(desk, RPC_ROLE_READ);
        desk_run_ms(desk, 500);
        cr_assert(eq(u32, node_messages(node), 10));
        done(desk, node);
    }
}

Test(rpc_socket_silence, raises_no_storm_against_a_node_that_cuts)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        char url[128];
        snprintf(url, sizeof url, "%s", node_url(node));
        node_free(node);
        struct desk *desk = desk_of(url, NULL, NULL);
        desk->config.subscribes = true;
        desk_open(desk);
        for (size_t j = 0; j < 100; j++)
            desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 100);
        cr_assert(le(sz, desk->attempts, 10), "three failures, and then probes");
        desk_close(desk);
    }
}
