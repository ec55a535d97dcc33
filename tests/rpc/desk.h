/* A loop, a struct rpc on it, and the list of what it observed. */
#ifndef TESTS_RPC_DESK_H
#define TESTS_RPC_DESK_H

#include <ev.h>

#include "rpc/rpc.h"
#include "tests/rpc/server.h"

#define DESK_ANSWERS_MAX 8192
#define DESK_ATTEMPTS_MAX 8192
#define DESK_HINTS_MAX 1024

struct desk_answer {
    uint64_t id;
    enum observation_status status;
    uint16_t endpoint;
    uint16_t http_status;
    char *body;
};

struct desk_hint {
    enum observation_status status;
    uint16_t endpoint;
    char hash[67]; /* "": of no head that was named */
};

struct desk {
    struct ev_loop *loop;
    struct rpc *rpc;
    struct rpc_config config;
    struct rpc_endpoint_config endpoints[RPC_ENDPOINTS_MAX];
    struct log_sink log;
    size_t count;
    size_t wanted;
    size_t attempts;
    size_t failed_over;
    size_t own_probes;
    uint64_t next_id;
    struct desk_answer answers[DESK_ANSWERS_MAX];
    size_t hint_count;
    size_t hints_wanted;
    struct desk_hint hints[DESK_HINTS_MAX];
    void (*on_answer)(struct desk *desk, const struct observation *observation);
};

/** Up to three URLs (NULL: no more), both roles, no limit, quick time-outs, 1 MB answers. */
struct desk *desk_of(const char *first, const char *second, const char *third);
/** After changes to its config. */
void desk_open(struct desk *desk);
/** A read or a send of one call; returns its id. */
uint64_t desk_ask(struct desk *desk, enum rpc_role role);
/** As desk_ask, but the caller says how. */
uint64_t desk_ask_so(struct desk *desk, struct rpc_ask ask);
/** Runs the loop until so many answers in all have come; fails the test after 20 seconds. */
void desk_wait(struct desk *desk, size_t answers);
/** As desk_wait, of hints. */
void desk_wait_hints(struct desk *desk, size_t hints);
/** Runs the loop for a while, whatever comes. */
void desk_run_ms(struct desk *desk, int ms);
/** The answer to that ask; fails the test where there is none, or more than one. */
const struct desk_answer *desk_answer_to(const struct desk *desk, uint64_t id);
void desk_close(struct desk *desk);

#endif
