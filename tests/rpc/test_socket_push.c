/* Heads that a node pushes over a kept socket become hints, however it pushes them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rpc/desk.h"
#include "tests/rpc/node.h"

static const enum node_wire WIRES[NODE_WIRES] = {NODE_WEBSOCKET, NODE_IPC};

static struct desk *desk_that_subscribes(const char *first, const char *second)
{
    struct desk *desk = desk_of(first, second, NULL);
    desk->config.subscribes = true;
    desk_open(desk);
    return desk;
}

static void done(struct desk *desk, struct node *node)
{
    desk_close(desk);
    node_free(node);
}

static void assert_hint(const struct desk *desk, size_t index, unsigned head)
{
    char hash[67];
    head_hash(hash, head);
    cr_assert(eq(int, desk->hints[index].status, OBSERVED_OK));
    cr_assert(eq(str, (char *)desk->hints[index].hash, hash));
}

Test(rpc_push, is_asked_for_and_told_with_the_hash_of_its_head)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_that_subscribes(node_url(node), NULL);
        desk_wait_hints(desk, 1);
        cr_assert(eq(str, desk->hints[0].hash, ""), "what came before is not known");
        cr_assert(eq(str, (char *)node_message(node, 0),
                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":["
                     "\"newHeads\"]}"));
        for (unsigned head = 1; head <= 5; head++) {
            node_push(node, head);
            desk_wait_hints(desk, 1 + head);
            assert_hint(desk, head, head);
        }
        cr_assert(eq(sz, desk->count, 0));
        cr_assert(eq(sz, desk->attempts, 1), "a push is no request");
        done(desk, node);
    }
}

Test(rpc_push, comes_beside_answers)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_that_subscribes(node_url(node), NULL);
        desk_wait_hints(desk, 1);
        for (unsigned head = 1; head <= 20; head++) {
            desk_ask(desk, RPC_ROLE_READ);
            node_push(node, head);
            desk_wait(desk, head);
            desk_wait_hints(desk, 1 + head);
        }
        cr_assert(eq(u32, node_connections(node), 1));
        done(desk, node);
    }
}

Test(rpc_push, said_twice_is_told_once)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_that_subscribes(node_url(node), NULL);
        desk_wait_hints(desk, 1);
        node_push(node, 1);
        desk_wait_hints(desk, 2);
        for (size_t j = 0; j < 100; j++)
            node_push(node, 1);
        node_push(node, 2);
        desk_wait_hints(desk, 3);
        assert_hint(desk, 2, 2);
        node_push(node, 1); /* a fork went back to it */
        desk_wait_hints(desk, 4);
        assert_hint(desk, 3, 1);
        done(desk, node);
    }
}

Test(rpc_push, is_one_hint_for_a_flood_and_names_no_head_where_they_differ)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_that_subscribes(node_url(node), NULL);
        desk_wait_hints(desk, 1);
        for (unsigned head = 1; head <= 200; head++)
            node_push(node, head); /* while the loop stands still */
        desk_wait_hints(desk, 2);
        desk_run_ms(desk, 200);
        cr_assert(le(sz, desk->hint_count, 201));
        cr_assert(desk->hints[desk->hint_count - 1].hash[0] == '\0' ||
                  strstr(desk->hints[desk->hint_count - 1].hash, "c8") != NULL);
        done(desk, node);
    }
}

/* Several in one write: one pass of the loop. */
static void push_a_flood(void *context, struct peer *peer, const char *message)
{
    (void)context;
    (void)peer_answer(peer, message);
    char *text = calloc(1, 64 * 300);
    size_t size = 0;
    for (unsigned head = 1; head <= 200; head++)
        size += (size_t)snprintf(text + size, 300,
                                 "{\"method\":\"eth_subscription\",\"params\":{\"result\":{}}}");
    (void)peer_put(peer, text, size);
    free(text);
}

Test(rpc_push, is_coalesced_within_one_pass_of_the_loop)
{
    struct node *node = node_new(NODE_IPC);
    node_on_message(node, push_a_flood, NULL);
    struct desk *desk = desk_that_subscribes(node_url(node), NULL);
    desk_wait_hints(desk, 1);
    desk_run_ms(desk, 100);
    cr_assert(le(sz, desk->hint_count, 4));
    done(desk, node);
}

Test(rpc_push, is_asked_for_again_after_a_cut_and_the_gap_is_told)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_that_subscribes(node_url(node), NULL);
        desk_wait_hints(desk, 1);
        node_cut(node);
        desk_wait_hints(desk, 2);
        cr_assert(eq(int, desk->hints[1].status, OBSERVED_UNREACHABLE));
        cr_assert(eq(str, desk->hints[1].hash, ""));
        desk_wait_hints(desk, 3);
        cr_assert(eq(int, desk->hints[2].status, OBSERVED_OK));
        cr_assert(eq(str, desk->hints[2].hash, ""));
        cr_assert(eq(u32, node_connections(node), 2));
        node_push(node, 7);
        desk_wait_hints(desk, 4);
        assert_hint(desk, 3, 7);
        done(desk, node);
    }
}

Test(rpc_push, comes_once_a_node_is_started_that_was_not_there)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        char url[128];
        struct node *node = node_new(WIRES[i]);
        struct node *other = node_new(WIRES[i]);
        snprintf(url, sizeof url, "%s", node_url(node));
        if (WIRES[i] == NODE_IPC)
            snprintf(url, sizeof url, "%.*s-2", (int)(strlen(node_url(node))), node_url(node));
        else
            node_free(node);
        struct desk *desk = desk_that_subscribes(url, node_url(other));
        desk_wait_hints(desk, 1); /* the other's */
        desk_run_ms(desk, 100);
        struct node *late = node_new_at(WIRES[i], url);
        desk_wait_hints(desk, 2);
        cr_assert(eq(u16, desk->hints[1].endpoint, 0));
        desk_close(desk);
        node_free(late);
        node_free(other);
        if (WIRES[i] == NODE_IPC)
            node_free(node);
    }
}

static void refuse_subscriptions(void *context, struct peer *peer, const char *message)
{
    (void)context;
    if (message_is_subscribe(message))
        (void)peer_say(peer, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":"
                             "\"the method eth_subscribe does not exist\"}}");
    else
        (void)peer_answer(peer, message);
}

Test(rpc_push, is_done_without_where_the_node_refuses)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        node_on_message(node, refuse_subscriptions, NULL);
        struct desk *desk = desk_that_subscribes(node_url(node), NULL);
        for (size_t j = 1; j <= 5; j++) {
            desk_ask(desk, RPC_ROLE_READ);
            desk_wait(desk, j);
            cr_assert(eq(int, desk->answers[j - 1].status, OBSERVED_OK));
        }
        cr_assert(eq(sz, desk->hint_count, 0));
        cr_assert(eq(u32, node_connections(node), 1));
        cr_assert(eq(u32, node_messages(node), 6), "it is asked for once a connection");
        done(desk, node);
    }
}

/* Some push before they have answered the subscription. */
static void push_first(void *context, struct peer *peer, const char *message)
{
    (void)context;
    if (message_is_subscribe(message))
        (void)peer_push(peer, 9);
    (void)peer_answer(peer, message);
}

Test(rpc_push, may_come_before_the_answer_to_its_subscription)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        node_on_message(node, push_first, NULL);
        struct desk *desk = desk_that_subscribes(node_url(node), NULL);
        desk_wait_hints(desk, 1);
        desk_run_ms(desk, 50);
        cr_assert(le(sz, desk->hint_count, 2));
        done(desk, node);
    }
}

/* Logged when it changes, and never with what may be a key. */
Test(rpc_push, is_logged_as_it_comes_and_as_it_stops)
{
    char said[4096] = "";
    char url[128];
    FILE *file = tmpfile();
    struct node *node = node_new(NODE_WEBSOCKET);
    snprintf(url, sizeof url, "%sv3/secret", node_url(node));
    struct desk *desk = desk_of(url, NULL, NULL);
    desk->config.subscribes = true;
    desk->log = (struct log_sink){.fd = fileno(file), .level = LOG_LEVEL_INFO};
    desk_open(desk);
    desk_wait_hints(desk, 1);
    node_free(node);
    desk_wait_hints(desk, 2);
    desk_run_ms(desk, 600); /* tries again, and is silent about it */
    size_t size = (size_t)pread(fileno(file), said, sizeof said - 1, 0);
    said[size] = '\0';
    cr_assert(strstr(said, "pushes come") != NULL, "%s", said);
    char *stopped = strstr(said, "no pushes");
    cr_assert(stopped != NULL && strstr(stopped + 1, "no pushes") == NULL, "%s", said);
    cr_assert(strstr(said, "secret") == NULL);
    fclose(file);
    desk_close(desk);
}
