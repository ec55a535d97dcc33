/* A kept socket that breaks, lies, floods or says nothing. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rpc/desk.h"
#include "tests/rpc/node.h"

static const enum node_wire WIRES[NODE_WIRES] = {NODE_WEBSOCKET, NODE_IPC};

static struct desk *desk_with(struct node *node, node_serve *serve)
{
    struct desk *desk = desk_of(node_url(node), NULL, NULL);
    node_on_message(node, serve, desk);
    desk_open(desk);
    return desk;
}

static void done(struct desk *desk, struct node *node)
{
    desk_close(desk);
    node_free(node);
}

/* The answer to a read of an endpoint at which nobody can be reached. */
static void is_unreachable(const char *url, const char *word)
{
    struct desk *desk = desk_of(url, NULL, NULL);
    desk_open(desk);
    desk_ask(desk, RPC_ROLE_READ);
    cr_assert(eq(sz, desk->count, 0), "never from inside");
    desk_wait(desk, 1);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_UNREACHABLE), "%s", url);
    cr_assert(strstr(desk->answers[0].body, word) != NULL, "%s: %s", url, desk->answers[0].body);
    cr_assert(strstr(desk->answers[0].body, "secret") == NULL);
    desk_close(desk);
}

/* ---- nobody there */

Test(rpc_socket_fault, says_that_nobody_listens)
{
    char url[64];
    char websocket[64];
    server_dead_url(url);
    snprintf(websocket, sizeof websocket, "ws%s", url + 4);
    is_unreachable(websocket, "cannot connect");
}

Test(rpc_socket_fault, says_that_a_path_is_not_there_or_no_socket)
{
    char path[] = "/tmp/plimsoll-no-socket-XXXXXX";
    int fd = mkstemp(path);
    is_unreachable("/tmp/plimsoll-there-is-none/node.ipc", "No such file");
    is_unreachable(path, "Connection refused");
    is_unreachable("/", "cannot connect");
    unlink(path);
    close(fd);
}

Test(rpc_socket_fault, refuses_a_path_that_no_socket_can_have)
{
    char path[256];
    char why[256] = "";
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[108] = '\0';
    struct desk *desk = desk_of(path, NULL, NULL);
    cr_assert(eq(ptr, rpc_new(why, desk->loop, &desk->config, NULL), NULL));
    cr_assert(strstr(why, "endpoint 0") != NULL && strstr(why, "107") != NULL, "%s", why);
    path[107] = '\0';
    desk_open(desk);
    desk_close(desk);
}

/* The loop goes on while the name is looked for: the second endpoint's answer may come first. */
Test(rpc_socket_fault, goes_elsewhere_where_a_name_does_not_resolve)
{
    struct node *node = node_new(NODE_WEBSOCKET);
    struct desk *desk = desk_of("ws://no-such-name.invalid:1/secret", node_url(node), NULL);
    desk_open(desk);
    uint64_t id = desk_ask(desk, RPC_ROLE_SEND);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk_answer_to(desk, id)->status, OBSERVED_OK));
    cr_assert(eq(u16, desk_answer_to(desk, id)->endpoint, 1), "nothing was sent to the first");
    cr_assert(eq(sz, desk->failed_over, 1));
    done(desk, node);
}

Test(rpc_socket_fault, finds_a_node_by_its_name)
{
    char url[64];
    struct node *node = node_new(NODE_WEBSOCKET);
    snprintf(url, sizeof url, "ws://localhost:%s", strrchr(node_url(node), ':') + 1);
    struct desk *desk = desk_of(url, NULL, NULL);
    desk_open(desk);
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK), "%s", desk->answers[0].body);
    cr_assert(strstr(node_handshake(node), "\r\nHost: localhost:") != NULL);
    done(desk, node);
}

Test(rpc_socket_fault, takes_no_answer_but_an_upgrade)
{
    static const char *const greetings[] = {
        "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        ""};
    for (size_t i = 0; i < ARRAY_LENGTH(greetings); i++) {
        struct node *node = node_new(NODE_WEBSOCKET);
        node_greet_with(node, greetings[i]);
        is_unreachable(node_url(node), "");
        node_free(node);
    }
}

Test(rpc_socket_fault, follows_no_redirect)
{
    char greeting[256];
    struct node *other = node_new(NODE_WEBSOCKET);
    struct node *node = node_new(NODE_WEBSOCKET);
    snprintf(greeting, sizeof greeting,
             "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", node_url(other));
    node_greet_with(node, greeting);
    is_unreachable(node_url(node), "");
    cr_assert(eq(u32, node_connections(other), 0));
    node_free(node);
    node_free(other);
}

Test(rpc_socket_fault, speaks_tls_to_nobody_who_does_not)
{
    char url[64];
    struct node *node = node_new(NODE_WEBSOCKET);
    snprintf(url, sizeof url, "wss%ssecret", node_url(node) + 2);
    is_unreachable(url, "");
    cr_assert(eq(u32, node_connections(node), 0));
    node_free(node);
}

/* A queue of none that is full: the handshake of TCP is not answered. */
Test(rpc_socket_fault, gives_up_on_a_host_that_lets_nobody_in)
{
    char url[64];
    char websocket[64];
    int fds[8];
    server_full_url(url, fds);
    snprintf(websocket, sizeof websocket, "ws%s", url + 4);
    struct desk *desk = desk_of(websocket, NULL, NULL);
    desk->config.connect_timeout_ms = 150;
    desk_open(desk);
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_TIMED_OUT));
    desk_close(desk);
    for (size_t i = 0; i < 8; i++)
        close(fds[i]);
}

/* ---- it breaks */

static void cut_amid(void *context, struct peer *peer, const char *message)
{
    char text[128];
    (void)context;
    int size =
        snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"resu", message_id(message));
    if (message[0] == '{')
        (void)peer_put(peer, "\x81\x7e", 2);
    (void)peer_put(peer, text, (size_t)size);
    peer_cut(peer);
}

Test(rpc_socket_fault, says_that_what_was_cut_amid_a_message_was_unreachable)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_with(node, cut_amid);
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 1);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_UNREACHABLE));
        cr_assert(ne(str, desk->answers[0].body, ""));
        done(desk, node);
    }
}

static void cut(void *context, struct peer *peer, const char *message)
{
    (void)context, (void)message;
    peer_cut(peer);
}

Test(rpc_socket_fault, hands_a_read_on_and_no_send_that_may_have_arrived)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct node *second = node_new(WIRES[i]);
        struct desk *desk = desk_of(node_url(node), node_url(second), NULL);
        node_on_message(node, cut, NULL);
        desk_open(desk);
        uint64_t read = desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 1);
        cr_assert(eq(int, desk_answer_to(desk, read)->status, OBSERVED_OK));
        cr_assert(eq(u16, desk_answer_to(desk, read)->endpoint, 1));
        uint64_t sending = desk_ask(desk, RPC_ROLE_SEND);
        desk_wait(desk, 2);
        cr_assert(eq(int, desk_answer_to(desk, sending)->status, OBSERVED_UNREACHABLE));
        cr_assert(eq(u16, desk_answer_to(desk, sending)->endpoint, 0));
        cr_assert(eq(u32, node_messages(second), 1), "the send was not handed on");
        node_free(second);
        done(desk, node);
    }
}

Test(rpc_socket_fault, opens_again_for_whoever_asks_next)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_of(node_url(node), NULL, NULL);
        desk_open(desk);
        for (size_t j = 1; j <= 4; j++) {
            desk_ask(desk, RPC_ROLE_READ);
            desk_wait(desk, j);
            cr_assert(eq(int, desk->answers[j - 1].status, OBSERVED_OK));
            node_cut(node);
            desk_run_ms(desk, 50);
        }
        cr_assert(eq(u32, node_connections(node), 4));
        done(desk, node);
    }
}

static void close_politely(void *context, struct peer *peer, const char *message)
{
    (void)context, (void)message;
    (void)peer_frame(peer, 0x88, "\x03\xe9restarting\n", 13);
}

Test(rpc_socket_fault, hears_why_a_node_closes)
{
    struct node *node = node_new(NODE_WEBSOCKET);
    struct desk *desk = desk_with(node, close_politely);
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_UNREACHABLE));
    cr_assert(strstr(desk->answers[0].body, "1001") != NULL, "%s", desk->answers[0].body);
    cr_assert(strstr(desk->answers[0].body, "restarting") != NULL);
    cr_assert(strchr(desk->answers[0].body, '\n') == NULL);
    done(desk, node);
}

/* Reserved bits, an opcode that does not exist, a masked frame, a continuation of nothing. */
static void break_the_rules(void *context, struct peer *peer, const char *message)
{
    static const char *const frames[] = {"\xf1\x02{}", "\x83\x02{}", "\x81\x82zzzz{}",
                                         "\x80\x02{}"};
    struct desk *desk = context;
    (void)message;
    (void)peer_put(peer, frames[desk->log.level], desk->log.level == 2 ? 8 : 4);
    (void)peer_frame(peer, 0x88, "\x03\xe9", 2);
}

Test(rpc_socket_fault, survives_frames_that_break_the_rules)
{
    for (int i = 0; i < 4; i++) {
        struct node *node = node_new(NODE_WEBSOCKET);
        struct desk *desk = desk_with(node, break_the_rules);
        desk->config.total_timeout_ms = 2000;
        desk->log.level = (enum log_level)i;
        desk_ask(desk, RPC_ROLE_SEND);
        desk_wait(desk, 1);
        cr_assert(ne(int, desk->answers[0].status, OBSERVED_WITHHELD));
        done(desk, node);
    }
}

/* ---- it floods */

/* 200 MB, begun as an answer. */
static void flood(void *context, struct peer *peer, const char *message)
{
    static char zeros[65536];
    char text[128];
    (void)context;
    memset(zeros, '0', sizeof zeros);
    int size = snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"result\":\"0x",
                        message_id(message));
    bool is_ipc = strstr(message, "eth_") != NULL && context == NULL;
    bool went =
        is_ipc ? peer_put(peer, text, (size_t)size) : peer_frame(peer, 0x01, text, (size_t)size);
    for (size_t sent = 0; went && sent < (200u << 20); sent += sizeof zeros)
        went = is_ipc ? peer_put(peer, zeros, sizeof zeros)
                      : peer_frame(peer, 0x00, zeros, sizeof zeros);
}

/* One frame that says it has 200 MB. */
static void claim_much(void *context, struct peer *peer, const char *message)
{
    static char zeros[65536];
    (void)context, (void)message;
    bool went = peer_put(peer, "\x81\x7f\0\0\0\0\x0c\x80\0\0", 10);
    for (size_t sent = 0; went && sent < (200u << 20); sent += sizeof zeros)
        went = peer_put(peer, zeros, sizeof zeros);
}

static void answer_none_then_flood(void *context, struct peer *peer, const char *message)
{
    unsigned *count = context;
    if (++*count == 3)
        flood(peer, peer, message);
}

Test(rpc_socket_fault, refuses_an_answer_of_200_megabytes)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_of(node_url(node), NULL, NULL);
        node_on_message(node, flood, WIRES[i] == NODE_IPC ? NULL : desk);
        desk_open(desk);
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 1);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_TOO_LARGE));
        done(desk, node);
    }
    struct node *node = node_new(NODE_WEBSOCKET);
    struct desk *desk = desk_with(node, claim_much);
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_TOO_LARGE), "its id cannot be seen");
    done(desk, node);
}

Test(rpc_socket_fault, tells_whose_answer_was_too_large_and_that_the_others_were_cut)
{
    unsigned count = 0;
    struct node *node = node_new(NODE_WEBSOCKET);
    struct desk *desk = desk_of(node_url(node), NULL, NULL);
    node_on_message(node, answer_none_then_flood, &count);
    desk_open(desk);
    uint64_t read = desk_ask(desk, RPC_ROLE_READ);
    uint64_t sending = desk_ask(desk, RPC_ROLE_SEND);
    desk_run_ms(desk, 100);
    uint64_t large = desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 3);
    cr_assert(eq(int, desk_answer_to(desk, large)->status, OBSERVED_TOO_LARGE));
    cr_assert(eq(int, desk_answer_to(desk, read)->status, OBSERVED_UNREACHABLE));
    cr_assert(eq(int, desk_answer_to(desk, sending)->status, OBSERVED_UNREACHABLE));
    done(desk, node);
}
