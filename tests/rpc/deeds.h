/* One reply on one connection, good or bad. */
#ifndef TESTS_RPC_DEEDS_H
#define TESTS_RPC_DEEDS_H

#include "tests/rpc/server.h"

/** False: the connection ends here. */
bool deed_do(int fd, const struct server_reply *reply, const char *request);

#endif
