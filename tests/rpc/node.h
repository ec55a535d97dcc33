/*
 * A node behind a kept socket, WebSocket or IPC, in threads of the test itself: it answers, pushes,
 * and misbehaves as its test says. It counts what reached it.
 */
#ifndef TESTS_RPC_NODE_H
#define TESTS_RPC_NODE_H

#include <stdbool.h>
#include <stddef.h>

enum node_wire { NODE_WEBSOCKET, NODE_IPC };
#define NODE_WIRES 2

struct node;
/** One connection to it. */
struct peer;

/** In the connection's thread, for each message that came. */
typedef void node_serve(void *context, struct peer *peer, const char *message);

/** Answers everything, subscriptions too. */
struct node *node_new(enum node_wire wire);
/** Where another one was. */
struct node *node_new_at(enum node_wire wire, const char *url);
/** From now on. */
void node_on_message(struct node *node, node_serve *serve, void *context);
/** WebSocket: instead of shaking hands, these bytes, and the end. NULL: it shakes hands. */
void node_greet_with(struct node *node, const char *bytes);
/** "ws://127.0.0.1:PORT/", or the path of a socket. */
const char *node_url(const struct node *node);
/** Connections on which something was said. */
unsigned node_connections(struct node *node);
unsigned node_messages(struct node *node);
/** Message `index` from 0; "" where there is none. Lends: as long as the node. */
const char *node_message(struct node *node, unsigned index);
/** What the last client said as it shook hands. */
const char *node_handshake(struct node *node);
/** False: so many messages did not come within ten seconds. */
bool node_wait_for(struct node *node, unsigned messages);
/** Ends every connection; new ones are let in. */
void node_cut(struct node *node);
/** A text to whoever is connected. */
void node_say(struct node *node, const char *text);
/** A new head to whoever is connected. */
void node_push(struct node *node, unsigned head);
void node_free(struct node *node);

/* ---- what a peer is sent; false where it is gone */

bool peer_say(struct peer *peer, const char *text);
/** In frames (WebSocket) or writes (IPC) of so many bytes. */
bool peer_say_pieces(struct peer *peer, const char *text, size_t piece);
/** Bytes as they are, without a frame. */
bool peer_put(struct peer *peer, const void *bytes, size_t size);
/** WebSocket: one frame. `opcode` with the bit FIN, 0x81 being a whole text. */
bool peer_frame(struct peer *peer, unsigned opcode, const void *bytes, size_t size);
/** A result for each call, or a subscription. */
bool peer_answer(struct peer *peer, const char *message);
/** eth_subscription of newHeads, as text. */
void push_text(char out[512], const char *hash, unsigned head);
bool peer_push(struct peer *peer, unsigned head);
void peer_cut(struct peer *peer);

/** The id of its first call; 0: it has none. */
unsigned long message_id(const char *message);
bool message_is_subscribe(const char *message);
/** The hash of a head that peer_push pushes: "0x" and 64 digits. */
void head_hash(char out[67], unsigned head);

#endif
