/*
 * eth_subscribe newPendingTransactions on a kept socket: with whole transactions where the node
 * gives them, else with their hashes. What comes is told as it is, bounded: a node may push a
 * thousand in the time of one turn.
 */
#ifndef RPC_POOL_H
#define RPC_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct socket;
struct message;

/** Told in one pass of the loop, of one endpoint; the rest of that pass is dropped, and counted. */
#define POOL_TOLD_MAX 64
/** One transaction's JSON: twice what a node takes into its pool is longer, and no price update. */
#define POOL_TEXT_MAX 65536

enum pool_state {
    POOL_UNWANTED,
    POOL_WANTED,       /* to be asked for with whole transactions */
    POOL_WANTED_PLAIN, /* the node refused that: with hashes */
    POOL_ASKED,
    POOL_ON,
    POOL_REFUSED /* by this node, on this connection */
};

struct pool {
    enum pool_state state;
    bool is_plain;
    int64_t asked_us;
    uint32_t told;     /* in this pass */
    uint32_t dropped;  /* in this pass */
    bool has_said_off; /* in the log, since it was last on */
};

/** Is there a question to be written? */
bool pool_is_wanted(const struct socket *socket);
/** The question; it is on its way. */
struct bytes pool_question(struct socket *socket);
/** The node's answer to it; `is_answered` false: none came in time. */
void pool_answered(struct socket *socket, bool is_answered, bool is_error);
/** A notification. */
void pool_heard(struct socket *socket, const struct message *message);
/** The socket broke. */
void pool_broke(struct socket *socket, const char *why);
/** A pass of the loop ends: what was dropped in it is told. */
void pool_pass(struct socket *socket);

#endif
