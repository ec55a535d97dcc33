/*
 * eth_subscribe newHeads on a kept socket: its notifications are hints that a new head may be
 * there, and nothing else is taken from them but its hash. Logs are not subscribed to: each is in a
 * head. A flood is one hint each time that the loop comes by.
 */
#ifndef RPC_PUSH_H
#define RPC_PUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "eth/address.h"

struct socket;
struct message;

enum push_state {
    PUSH_UNWANTED,
    PUSH_WANTED, /* to be asked for once the socket is open */
    PUSH_ASKED,
    PUSH_ON,
    PUSH_REFUSED /* by this node, on this connection */
};

struct push {
    enum push_state state;
    int64_t asked_us;
    enum { PUSH_SAID_NOTHING, PUSH_SAID_ON, PUSH_SAID_OFF } said; /* in the log, last */
    bool is_due;                                                  /* a hint is to be told */
    bool is_gone; /* the hint is that pushes stopped */
    bool has_hash;
    struct hash32 hash;
    bool has_told; /* the last hint told was this hash, on this connection */
    struct hash32 told;
};

/** The question. */
struct bytes push_question(void);
/** It is on its way. */
void push_asked(struct socket *socket);
/** The node's answer to it; `is_answered` false: none came in time. */
void push_answered(struct socket *socket, bool is_answered, bool is_error);
/** A notification. */
void push_heard(struct socket *socket, const struct message *message);
/** The socket broke. */
void push_broke(struct socket *socket, const char *why);
/** Tells the hint that is due, if one is. */
void push_tell(struct socket *socket);

#endif
