/* What is asked over a kept socket is answered as over HTTP: once, to whoever asked. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rpc/desk.h"
#include "tests/rpc/node.h"

static const enum node_wire WIRES[NODE_WIRES] = {NODE_WEBSOCKET, NODE_IPC};

static struct desk *desk_at(struct node *node)
{
    struct desk *desk = desk_of(node_url(node), NULL, NULL);
    desk_open(desk);
    return desk;
}

static void done(struct desk *desk, struct node *node)
{
    desk_close(desk);
    node_free(node);
}

Test(rpc_socket, delivers_an_answer_byte_for_byte_with_who_gave_it)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_at(node);
        desk_ask(desk, RPC_ROLE_READ);
        cr_assert(eq(sz, desk->count, 0), "never from inside");
        desk_wait(desk, 1);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK));
        cr_assert(eq(u16, desk->answers[0].endpoint, 0));
        cr_assert(eq(u16, desk->answers[0].http_status, 0));
        cr_assert(
            eq(str, desk->answers[0].body, "{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":\"0x1\"}"));
        cr_assert(eq(sz, rpc_pending(desk->rpc), 0));
        cr_assert(
            eq(str, (char *)node_message(node, 0),
               "{\"jsonrpc\":\"2.0\",\"id\":256,\"method\":\"eth_blockNumber\",\"params\":[]}"));
        done(desk, node);
    }
}

Test(rpc_socket, asks_for_nothing_of_its_own_where_no_pushes_are_wanted)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_at(node);
        for (size_t j = 1; j <= 100; j++) {
            desk_ask(desk, RPC_ROLE_READ);
            desk_wait(desk, j);
        }
        cr_assert(eq(u32, node_connections(node), 1));
        cr_assert(eq(u32, node_messages(node), 100));
        done(desk, node);
    }
}

Test(rpc_socket, reads_a_batch)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_at(node);
        uint64_t id =
            desk_ask_so(desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = -1, .calls = 3});
        desk_wait(desk, 1);
        cr_assert(strncmp(desk_answer_to(desk, id)->body, "[{\"jsonrpc\"", 11) == 0);
        cr_assert(strstr(desk_answer_to(desk, id)->body, "\"id\":258") != NULL);
        done(desk, node);
    }
}

struct held {
    unsigned count;
    char *messages[RPC_CONNECTIONS_MAX];
};

/* The seven that reads may have under way are answered when all have come, the last one first. */
static void answer_backwards(void *context, struct peer *peer, const char *message)
{
    struct held *held = context;
    held->messages[held->count++] = strdup(message);
    while (held->count == RPC_CONNECTIONS_MAX - 1 ||
           (held->count > 0 && held->messages[7] != NULL)) {
        held->messages[7] = "all came";
        held->count--;
        (void)peer_answer(peer, held->messages[held->count]);
        free(held->messages[held->count]);
    }
}

Test(rpc_socket, gives_answers_that_come_out_of_order_to_whoever_asked)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct held held = {0};
        struct node *node = node_new(WIRES[i]);
        node_on_message(node, answer_backwards, &held);
        struct desk *desk = desk_at(node);
        for (size_t j = 0; j < RPC_CONNECTIONS_MAX - 1; j++)
            desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, RPC_CONNECTIONS_MAX - 1);
        cr_assert(eq(u64, desk->answers[0].id, RPC_CONNECTIONS_MAX - 1));
        for (uint64_t id = 1; id < RPC_CONNECTIONS_MAX; id++) {
            char mine[32];
            snprintf(mine, sizeof mine, "\"id\":%lu,", (unsigned long)id * 256);
            cr_assert(strstr(desk_answer_to(desk, id)->body, mine) != NULL);
        }
        done(desk, node);
    }
}

/* Never answers: the test counts what comes. */
static void keep_silent(void *context, struct peer *peer, const char *message)
{
    (void)context, (void)peer, (void)message;
}

Test(rpc_socket, has_no_more_under_way_than_the_bound)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        node_on_message(node, keep_silent, NULL);
        struct desk *desk = desk_at(node);
        for (size_t j = 0; j < 50; j++)
            desk_ask(desk, j % 2 == 0 ? RPC_ROLE_SEND : RPC_ROLE_READ);
        desk_run_ms(desk, 300);
        cr_assert(eq(u32, node_messages(node), RPC_CONNECTIONS_MAX));
        done(desk, node);
    }
}

static void answer_in_pieces(void *context, struct peer *peer, const char *message)
{
    char text[512];
    snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"result\":\"[\\\"}\\\\ %s\"}",
             message_id(message), "and so on, and so on");
    (void)peer_say_pieces(peer, text, *(size_t *)context);
}

Test(rpc_socket, puts_an_answer_together_from_any_pieces)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        for (size_t piece = 1; piece < 20; piece += 6) {
            struct node *node = node_new(WIRES[i]);
            node_on_message(node, answer_in_pieces, &piece);
            struct desk *desk = desk_at(node);
            uint64_t id = desk_ask(desk, RPC_ROLE_READ);
            desk_wait(desk, 1);
            cr_assert(
                eq(str, desk_answer_to(desk, id)->body,
                   "{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":\"[\\\"}\\\\ and so on, and so "
                   "on\"}"));
            done(desk, node);
        }
    }
}

static void answer_thrice(void *context, struct peer *peer, const char *message)
{
    char text[512];
    unsigned long id = message_id(message);
    (void)context;
    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"result\":1}{\"jsonrpc\":\"2.0\",\"id\":%lu,"
             "\"result\":2}\n\n {\"jsonrpc\":\"2.0\",\"id\":99999999,\"result\":3}",
             id, id);
    (void)peer_say(peer, text);
}

Test(rpc_socket, gives_the_first_of_two_answers_and_passes_over_what_nobody_asked)
{
    struct node *node = node_new(NODE_IPC);
    node_on_message(node, answer_thrice, NULL);
    struct desk *desk = desk_at(node);
    for (size_t i = 1; i <= 3; i++) {
        uint64_t id = desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, i);
        cr_assert(strstr(desk_answer_to(desk, id)->body, "\"result\":1}") != NULL);
    }
    desk_run_ms(desk, 50);
    cr_assert(eq(sz, desk->count, 3));
    done(desk, node);
}

/* Control frames come between the frames of a message. */
static void ping_amid(void *context, struct peer *peer, const char *message)
{
    char text[256];
    (void)context;
    int size = snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"result\":\"0x2\"}",
                        message_id(message));
    (void)peer_frame(peer, 0x89, "hello", 5);
    (void)peer_frame(peer, 0x01, text, 9);
    (void)peer_frame(peer, 0x89, "", 0);
    (void)peer_frame(peer, 0x8a, "never asked", 11);
    (void)peer_frame(peer, 0x80, text + 9, (size_t)size - 9);
}

Test(rpc_socket, answers_pings_and_goes_on)
{
    struct node *node = node_new(NODE_WEBSOCKET);
    node_on_message(node, ping_amid, NULL);
    struct desk *desk = desk_at(node);
    for (size_t i = 1; i <= 3; i++) {
        uint64_t id = desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, i);
        cr_assert(eq(int, desk_answer_to(desk, id)->status, OBSERVED_OK));
        cr_assert(strstr(desk_answer_to(desk, id)->body, "\"0x2\"") != NULL);
    }
    cr_assert(eq(u32, node_connections(node), 1));
    done(desk, node);
}

Test(rpc_socket, asks_large_and_is_answered_large)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_at(node);
        char *body = calloc(1, 900001);
        int head = snprintf(body, 100, "{\"id\":256,\"jsonrpc\":\"2.0\",\"method\":\"");
        memset(body + head, 'x', 900000 - (size_t)head - 2);
        memcpy(body + 900000 - 2, "\"}", 2);
        desk_ask_so(desk, (struct rpc_ask){
                              .role = RPC_ROLE_READ, .prefer = -1, .body = bytes_of(body, 900000)});
        desk_wait(desk, 1);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK));
        cr_assert(eq(str, (char *)node_message(node, 0), body));
        free(body);
        done(desk, node);
    }
}

Test(rpc_socket, says_who_it_is_where_the_url_does)
{
    char url[128];
    struct node *node = node_new(NODE_WEBSOCKET);
    snprintf(url, sizeof url, "ws://Aladdin:open%%20sesame@%s", node_url(node) + 5);
    strcat(url, "v3/key?a=b");
    struct desk *desk = desk_of(url, NULL, NULL);
    desk_open(desk);
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(strncmp(node_handshake(node), "GET /v3/key?a=b HTTP/1.1\r\n", 26) == 0, "%s",
              node_handshake(node));
    cr_assert(strcasestr(node_handshake(node),
                         "\r\nauthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n") != NULL,
              "%s", node_handshake(node));
    cr_assert(strcasestr(node_handshake(node), "sec-websocket-extensions") == NULL);
    done(desk, node);
}

Test(rpc_socket, does_not_take_what_needs_a_header)
{
    struct node *node = node_new(NODE_IPC);
    struct desk *desk = desk_at(node);
    desk_ask_so(desk, (struct rpc_ask){.role = RPC_ROLE_SEND,
                                       .prefer = 0,
                                       .only = true,
                                       .header = "X-Flashbots-Signature: 0x"});
    desk_wait(desk, 1);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_REFUSED));
    cr_assert(eq(u32, node_messages(node), 0));
    done(desk, node);
}
