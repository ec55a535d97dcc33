/* A name server that does not answer holds up its own endpoint and nobody else. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dlfcn.h>
#include <netdb.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rpc/desk.h"
#include "tests/rpc/node.h"

#define SLOW "slow-name.invalid"

static sem_t released;
static atomic_int asked;

/* In place of the C library's, for everything in this process: one name takes until it is told. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    int (*plain)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(
            RTLD_NEXT, "getaddrinfo");
    if (name != NULL && strcmp(name, SLOW) == 0) {
        atomic_fetch_add(&asked, 1);
        sem_wait(&released);
        return EAI_AGAIN;
    }
    return plain(name, service, hints, out);
}

Test(rpc_name, that_takes_for_ever_holds_up_nobody_else)
{
    static const char *const urls[] = {"ws://" SLOW ":1/", "http://" SLOW ":1/"};
    sem_init(&released, 0, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        struct node *node = node_new(NODE_WEBSOCKET);
        struct desk *desk = desk_of(urls[i], node_url(node), NULL);
        desk->config.total_timeout_ms = 1000; /* before a connection is given up */
        desk_open(desk);
        uint64_t slow =
            desk_ask_so(desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = 0, .only = true});
        uint64_t quick =
            desk_ask_so(desk, (struct rpc_ask){.role = RPC_ROLE_READ, .prefer = 1, .only = true});
        desk_wait(desk, 1);
        cr_assert(eq(int, desk_answer_to(desk, quick)->status, OBSERVED_OK));
        desk_wait(desk, 2); /* which ends though nobody has answered */
        cr_assert(eq(int, desk_answer_to(desk, slow)->status, OBSERVED_TIMED_OUT));
        cr_assert(eq(int, atomic_load(&asked), (int)i + 1));
        desk_close(desk);
        node_free(node);
    }
    sem_post(&released);
    sem_post(&released);
}

Test(rpc_name, is_not_looked_for_where_the_environment_names_a_proxy)
{
    struct node *node = node_new(NODE_WEBSOCKET);
    setenv("http_proxy", "http://" SLOW ":1", 1);
    setenv("all_proxy", "http://" SLOW ":1", 1);
    struct desk *desk = desk_of(node_url(node), NULL, NULL);
    desk_open(desk);
    desk_ask(desk, RPC_ROLE_READ);
    desk_wait(desk, 1);
    cr_assert(eq(int, desk->answers[0].status, OBSERVED_OK));
    cr_assert(eq(int, atomic_load(&asked), 0));
    desk_close(desk);
    node_free(node);
}
