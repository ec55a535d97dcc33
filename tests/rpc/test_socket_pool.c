/* What waits in a node's pool is pushed over a kept socket, and told within bounds. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/pool.h"
#include "tests/rpc/desk.h"
#include "tests/rpc/node.h"

static const enum node_wire WIRES[NODE_WIRES] = {NODE_WEBSOCKET, NODE_IPC};

static struct desk *desk_of_pool(struct node *node)
{
    struct desk *desk = desk_of(node_url(node), NULL, NULL);
    desk->config.subscribes = desk->config.subscribes_to_pool = true;
    desk_open(desk);
    return desk;
}

static void done(struct desk *desk, struct node *node)
{
    desk_close(desk);
    node_free(node);
}

static void pool_push(struct node *node, const char *result)
{
    size_t size = strlen(result) + 128;
    char *text = malloc(size);
    snprintf(text, size,
             "{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":{\"subscription\":"
             "\"0x2\",\"result\":%s}}",
             result);
    node_say(node, text);
    free(text);
}

static void transaction_text(char out[256], unsigned index)
{
    snprintf(out, 256, "{\"hash\":\"0x%064x\",\"from\":\"0x1\",\"nonce\":\"0x0\"}", index);
}

/* What was told of the pool, but for the number of what was dropped. */
static size_t told(const struct desk *desk, size_t *dropped)
{
    size_t count = 0;
    *dropped = 0;
    for (size_t i = 0; i < desk->count; i++) {
        cr_assert(eq(u64, desk->answers[i].id, 0));
        if (desk->answers[i].status == OBSERVED_OK && desk->answers[i].body[0] != '\0')
            count++;
        else if (desk->answers[i].status == OBSERVED_REFUSED)
            *dropped += strtoul(desk->answers[i].body, NULL, 10);
    }
    return count;
}

Test(rpc_pool, is_asked_for_whole_and_told_as_it_came)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        struct desk *desk = desk_of_pool(node);
        char text[256];
        desk_wait(desk, 1);
        cr_assert(eq(str, desk->answers[0].body, ""), "it begins");
        cr_assert(eq(str, (char *)node_message(node, 1),
                     "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"eth_subscribe\",\"params\":["
                     "\"newPendingTransactions\",true]}"));
        for (unsigned k = 1; k <= 5; k++) {
            transaction_text(text, k);
            pool_push(node, text);
            desk_wait(desk, 1 + k);
            cr_assert(eq(str, desk->answers[k].body, text));
        }
        cr_assert(le(sz, desk->hint_count, 1), "none of it is a head");
        done(desk, node);
    }
}

Test(rpc_pool, is_not_asked_for_where_nobody_wants_it)
{
    struct node *node = node_new(NODE_WEBSOCKET);
    struct desk *desk = desk_of(node_url(node), NULL, NULL);
    char text[256];
    desk->config.subscribes = true;
    desk_open(desk);
    desk_wait_hints(desk, 1);
    transaction_text(text, 1);
    pool_push(node, text);
    desk_wait_hints(desk, 2);
    cr_assert(eq(sz, desk->count, 0));
    cr_assert(eq(u32, node_messages(node), 1));
    done(desk, node);
}

/* Knows heads, and of pools what its test says. */
static void serve(void *context, struct peer *peer, const char *message)
{
    const char *refused = context;
    if (strstr(message, refused) != NULL)
        peer_say(peer,
                 "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32602,\"message\":\"no\"}}");
    else
        peer_answer(peer, message);
}

Test(rpc_pool, is_asked_for_as_hashes_where_the_node_gives_no_whole_ones)
{
    for (size_t i = 0; i < NODE_WIRES; i++) {
        struct node *node = node_new(WIRES[i]);
        char text[80];
        node_on_message(node, serve, (void *)",true]");
        struct desk *desk = desk_of_pool(node);
        desk_wait(desk, 1);
        cr_assert_not_null(strstr(node_message(node, 2), "\"newPendingTransactions\"]"));
        snprintf(text, sizeof text, "\"0x%064x\"", 7);
        pool_push(node, text);
        desk_wait(desk, 2);
        cr_assert(eq(str, desk->answers[1].body, text));
        done(desk, node);
    }
}

Test(rpc_pool, is_left_alone_where_the_node_refuses_both)
{
    struct node *node = node_new(NODE_WEBSOCKET);
    node_on_message(node, serve, (void *)"newPendingTransactions");
    struct desk *desk = desk_of_pool(node);
    for (int i = 0; i < 100 && node_messages(node) < 3; i++)
        desk_run_ms(desk, 20);
    desk_run_ms(desk, 100);
    cr_assert(eq(u32, node_messages(node), 3));
    cr_assert(eq(sz, desk->count, 0));
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    done(desk, node);
}

Test(rpc_pool, flood_is_told_within_a_bound_and_the_rest_is_counted)
{
    const unsigned flood = 4 * POOL_TOLD_MAX;
    struct node *node = node_new(NODE_IPC);
    struct desk *desk = desk_of_pool(node);
    size_t dropped = 0;
    char text[256];
    desk_wait(desk, 1);
    for (unsigned k = 1; k <= flood; k++) { /* while the loop stands still */
        transaction_text(text, k);
        pool_push(node, text);
    }
    for (int i = 0; i < 100 && told(desk, &dropped) + dropped < flood; i++)
        desk_run_ms(desk, 20);
    cr_assert(eq(sz, told(desk, &dropped) + dropped, flood));
    cr_assert(ge(sz, told(desk, &dropped), POOL_TOLD_MAX));
    done(desk, node);
}

Test(rpc_pool, transaction_that_is_too_large_is_dropped_and_counted)
{
    struct node *node = node_new(NODE_WEBSOCKET);
    struct desk *desk = desk_of_pool(node);
    char *text = malloc(POOL_TEXT_MAX + 256);
    size_t dropped;
    size_t size;
    desk_wait(desk, 1);
    size = (size_t)snprintf(text, 256, "{\"hash\":\"0x1\",\"from\":\"0x1\",\"input\":\"0x");
    memset(text + size, 'a', POOL_TEXT_MAX);
    strcpy(text + size + POOL_TEXT_MAX, "\"}");
    pool_push(node, text);
    desk_wait(desk, 2);
    cr_assert(eq(sz, told(desk, &dropped), 0));
    cr_assert(eq(sz, dropped, 1));
    free(text);
    done(desk, node);
}

Test(rpc_pool, end_is_told_and_it_is_asked_for_again)
{
    struct node *node = node_new(NODE_WEBSOCKET);
    struct desk *desk = desk_of_pool(node);
    desk_wait(desk, 1);
    node_cut(node);
    desk_wait(desk, 3);
    cr_assert(eq(int, desk->answers[1].status, OBSERVED_UNREACHABLE));
    cr_assert(eq(int, desk->answers[2].status, OBSERVED_OK));
    cr_assert(eq(str, desk->answers[2].body, ""));
    done(desk, node);
}
