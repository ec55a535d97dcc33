/* The JSON-RPC of a node over a world: what a keeper asks, and nothing else. */
#ifndef TESTS_BENCH_NODE_H
#define TESTS_BENCH_NODE_H

#include "tests/bench/http.h"
#include "tests/bench/world.h"

struct node {
    struct world *world;
    bool had_read;       /* the request under way had an eth_call */
    double read_written; /* the last answer to an eth_call before the sending began to leave */
    double send_began;   /* first byte of the last eth_sendRawTransaction; 0: none yet */
    uint64_t heads;      /* questions for the head */
    uint64_t reads;      /* eth_call */
    uint64_t together;   /* of these, answered when the next one was there already */
    uint64_t other;      /* anything else */
    uint64_t receipts;   /* that were there */
    uint64_t refused;    /* transactions that are no liquidation */
};

/** For http_server; `context` is a node. */
void node_answer(void *context, struct text *out, const struct http_request *request);
void node_written(void *context, double when, bool has_company);

/* ---- chain_json.c: results as JSON */

void chain_add_header(struct text *out, const struct world *world, uint64_t block);
/** Every account's first borrowing, all in block 1. */
void chain_add_history(struct text *out, const struct world *world);
/** Logs of a later block. */
void chain_add_logs(struct text *out, const struct world *world, uint64_t block);
/** "null" while it is pending. */
void chain_add_receipt(struct text *out, const struct world *world);

#endif
