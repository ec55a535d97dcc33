#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/rpc/desk.h"

static struct desk *one_desk(struct server *server, uint32_t per_second)
{
    struct desk *desk = desk_of(server_url(server), NULL, NULL);
    desk->endpoints[0].requests_per_second = per_second;
    desk_open(desk);
    return desk;
}

static void done(struct desk *desk, struct server *server)
{
    desk_close(desk);
    server_free(server);
}

Test(rpc_waiting, answers_all_within_a_rate_and_refuses_none)
{
    struct server *server = server_new();
    struct desk *desk = one_desk(server, 1000);
    for (int i = 0; i < 50; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 50);
    for (uint64_t id = 1; id <= 50; id++)
        cr_assert(eq(int, desk_answer_to(desk, id)->status, OBSERVED_OK));
    done(desk, server);
}

Test(rpc_waiting, sends_a_second_s_worth_and_keeps_the_others)
{
    struct server *server = server_new();
    struct desk *desk = one_desk(server, 5);
    for (int i = 0; i < 20; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 5);
    cr_assert(eq(sz, desk->attempts, 5));
    cr_assert(eq(sz, rpc_pending(desk->rpc), 15));
    desk_wait(desk, 6);
    cr_assert(le(sz, desk->attempts, 10));
    done(desk, server);
}

Test(rpc_waiting, does_not_starve_a_large_batch_behind_which_small_ones_come)
{
    struct server *server = server_new();
    struct desk *desk = one_desk(server, 4);
    desk_ask(desk, RPC_ROLE_READ);
    uint64_t large =
        desk_ask_so(desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = -1, .calls = 4});
    for (int i = 0; i < 3; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 2);
    cr_assert(eq(u64, desk->answers[0].id, 1));
    cr_assert(eq(u64, desk->answers[1].id, large));
    done(desk, server);
}

Test(rpc_waiting, uses_the_other_endpoint_when_the_first_has_no_more_this_second)
{
    struct server *first = server_new();
    struct server *second = server_new();
    struct desk *desk = desk_of(server_url(first), server_url(second), NULL);
    desk->endpoints[0].requests_per_second = 3;
    desk_open(desk);
    for (int i = 0; i < 10; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 10);
    cr_assert(eq(u32, server_requests(first), 3));
    cr_assert(eq(u32, server_requests(second), 7));
    server_free(second);
    done(desk, first);
}

Test(rpc_waiting, waits_for_an_endpoint_that_was_asked_for_by_name)
{
    struct server *first = server_new();
    struct server *second = server_new();
    struct desk *desk = desk_of(server_url(first), server_url(second), NULL);
    desk->endpoints[0].requests_per_second = 3;
    desk_open(desk);
    for (int i = 0; i < 4; i++)
        desk_ask_so(desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = 0});
    desk_wait(desk, 4);
    cr_assert(eq(u32, server_requests(first), 4));
    cr_assert(eq(u32, server_requests(second), 0));
    server_free(second);
    done(desk, first);
}

Test(rpc_waiting, has_a_place_for_a_send_while_reads_fill_the_others)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){.deed = SERVER_HOLDS});
    struct desk *desk = one_desk(server, 0);
    for (int i = 0; i < 100; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_run_ms(desk, 50);
    cr_assert(server_wait_for(server, RPC_CONNECTIONS_MAX - 1));
    server_say(server, (struct server_reply){0});
    uint64_t send = desk_ask(desk, RPC_ROLE_SEND);
    desk_wait(desk, 1);
    cr_assert(eq(u64, desk->answers[0].id, send));
    server_release(server);
    desk_wait(desk, 101);
    done(desk, server);
}

Test(rpc_waiting, lets_a_send_go_before_reads_that_wait)
{
    struct server *server = server_new();
    struct desk *desk = one_desk(server, 2);
    for (int i = 0; i < 4; i++)
        desk_ask(desk, RPC_ROLE_READ);
    uint64_t send = desk_ask(desk, RPC_ROLE_SEND);
    desk_wait(desk, 4);
    cr_assert(eq(u64, desk_answer_to(desk, send)->id, send));
    done(desk, server);
}

Test(rpc_waiting, refuses_what_is_over_its_bound_and_answers_the_rest)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){.deed = SERVER_HOLDS});
    struct desk *desk = one_desk(server, 0);
    for (int i = 0; i < RPC_WAITING_MAX + 3; i++)
        desk_ask(desk, RPC_ROLE_READ);
    cr_assert(eq(sz, desk->count, 0), "never from inside");
    cr_assert(eq(sz, rpc_pending(desk->rpc), RPC_WAITING_MAX + 3));
    desk_wait(desk, 3);
    for (uint64_t id = RPC_WAITING_MAX + 1; id <= RPC_WAITING_MAX + 3; id++)
        cr_assert(eq(int, desk_answer_to(desk, id)->status, OBSERVED_REFUSED));
    server_release(server);
    desk_wait(desk, RPC_WAITING_MAX + 3);
    for (uint64_t id = 1; id <= RPC_WAITING_MAX; id++)
        cr_assert(eq(int, desk_answer_to(desk, id)->status, OBSERVED_OK));
    done(desk, server);
}

static void ask_once_more(struct desk *desk, const struct observation *observation)
{
    (void)observation;
    if (desk->next_id <= 1000)
        desk_ask(desk, RPC_ROLE_READ);
}

Test(rpc_waiting, may_be_asked_from_within_an_observation)
{
    struct server *server = server_new();
    struct desk *desk = one_desk(server, 0);
    desk->on_answer = ask_once_more;
    for (int i = 0; i < 20; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1000);
    for (uint64_t id = 1; id <= 1000; id++)
        cr_assert(eq(int, desk_answer_to(desk, id)->status, OBSERVED_OK));
    done(desk, server);
}

Test(rpc_waiting, forgets_asks_under_way_when_it_is_freed)
{
    struct server *server = server_new();
    server_say(server, (struct server_reply){.deed = SERVER_HOLDS});
    struct desk *desk = one_desk(server, 100);
    for (int i = 0; i < 600; i++)
        desk_ask(desk, RPC_ROLE_READ);
    desk_run_ms(desk, 20);
    cr_assert(server_wait_for(server, 1));
    done(desk, server);
}

Test(rpc_waiting, may_be_freed_before_it_did_anything)
{
    struct server *server = server_new();
    struct desk *desk = one_desk(server, 0);
    desk_ask(desk, RPC_ROLE_READ);
    done(desk, server);
}
