/* The two kinds of wire that are kept open. */
#ifndef RPC_LINES_H
#define RPC_LINES_H

#include "rpc/socket.h"

/** ipc.c: a Unix socket, JSON texts one after the other. Gives: as socket_new. */
struct socket *ipc_new(struct rpc *rpc, uint16_t endpoint);

/** websocket.c: RFC 6455 by libwebsockets on the loop of `rpc`. Gives: as socket_new. */
struct socket *websocket_new(struct rpc *rpc, uint16_t endpoint);
/** Makes rpc->websockets. False: the library cannot run on our loop (why: size 256). */
bool websocket_start(struct rpc *rpc, char why[256]);
/** After every socket is freed. */
void websocket_stop(struct rpc *rpc);

#endif
