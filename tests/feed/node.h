/* Answers of a node, written by hand: what a question gets back. */
#ifndef TESTS_FEED_NODE_H
#define TESTS_FEED_NODE_H

#include "feed/head.h"
#include "feed/round.h"

/** A chain of headers: hash of block n on branch b is n and b repeated; parents follow. */
struct hash32 node_hash(uint64_t number, uint8_t branch);
/** The branch of a parent that the node does not name: its hash is all zeros. */
#define NODE_NO_PARENT 0xff
void node_header(struct text *out, uint64_t number, uint8_t branch, uint8_t parent_branch);
/** One log of `address` in that block. */
void node_log(struct text *out, const char *address, uint64_t number, uint8_t branch);
/** {"jsonrpc":…,"id":…,"result":…} for call `position` of ask `id`. */
void node_result(struct text *out, uint64_t id, uint32_t position, const char *result);
void node_error(struct text *out, uint64_t id, uint32_t position, int code, const char *message);
struct observation node_answer(uint64_t id, const struct text *body);
/** What is read of one call's answer whose result is that JSON. `body` is lent to it. */
void node_parse(struct rpc_answers *out, struct text *body, struct bytes result);

#endif
