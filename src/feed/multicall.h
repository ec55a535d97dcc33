/*
 * Many reads in one eth_call at one block hash: Multicall3's aggregate3, with failure allowed for
 * each read, so that one sick contract does not fail the batch.
 */
#ifndef FEED_MULTICALL_H
#define FEED_MULTICALL_H

#include "base/text.h"
#include "protocol/protocol.h"

/** Appends the calldata of aggregate3((address,bool,bytes)[]). */
void multicall_encode(struct buffer *out, const struct read *reads, size_t count);

struct multicall_result {
    bool succeeded;
    struct bytes data; /* of the input */
};

/** Walks the answer. False: it is no answer to that many reads; some may have been visited. */
MUST_CHECK bool multicall_result(struct multicall_result *out, struct bytes answer, size_t count,
                                 size_t index);
/** The whole answer has the shape of `count` results. */
MUST_CHECK bool multicall_check(struct bytes answer, size_t count);

/** The params of the eth_call, as JSON text. */
void multicall_params(struct text *out, const struct address *multicall, struct bytes calldata,
                      const struct hash32 *block);

#endif
