/* The inside of an answer's error, wherever the node put its parts. Of use to eth/jsonrpc.c only.
 */
#ifndef ETH_JSONRPC_ERROR_H
#define ETH_JSONRPC_ERROR_H

#include "eth/jsonrpc.h"

/**
 * In:  error  whatever stands where an error should: an object, a string, anything
 * Out: answer  its code, message, fault and revert; lent by `answers` (its JSON and its scratch)
 */
void rpc_error_read(struct rpc_answer *answer, struct rpc_answers *answers,
                    const struct json_t *error, uint16_t http_status);

/** What an HTTP status alone says; RPC_FAULT_OTHER for success and for none. */
enum rpc_fault rpc_fault_of_http(uint16_t http_status);

#endif
