/* An answer from a string, as if a node had said it. */
#ifndef TESTS_ETH_ANSWERS_H
#define TESTS_ETH_ANSWERS_H

#include <string.h>

#include "eth/jsonrpc.h"

#define ANSWERS __attribute__((cleanup(rpc_answers_release))) struct rpc_answers

static inline struct observation answer_with(const char *body, uint16_t http_status)
{
    return (struct observation){
        .kind = OBSERVATION_ANSWER,
        .status = OBSERVED_OK,
        .http_status = http_status,
        .body = bytes_of_text(body),
    };
}

static inline void parse(struct rpc_answers *out, const char *body, uint64_t id, uint32_t calls)
{
    struct observation observation = answer_with(body, 200);
    rpc_answers_parse(out, &observation, id, calls);
}

#endif
