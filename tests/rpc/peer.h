/* One connection to a fake node, and what passes over it. */
#ifndef TESTS_RPC_PEER_H
#define TESTS_RPC_PEER_H

#include <pthread.h>

#include "tests/rpc/node.h"

struct peer {
    struct node *node;
    enum node_wire wire;
    int fd;
    bool is_open;         /* it shook hands, or needs not */
    pthread_mutex_t lock; /* of what is written to it */
    pthread_t thread;
};

/** All of it; false: the other side is gone. */
bool put_bytes(int fd, const void *data, size_t size);
/** The next message; "" for a control frame. NULL: the connection ended. Gives: free. */
char *peer_hear(struct peer *peer);

#endif
