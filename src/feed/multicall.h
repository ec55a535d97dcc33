/*
 * Many reads in one eth_call at one block hash: Multicall3's aggregate3, with failure allowed for
 * each read, so that one sick contract does not fail the batch.
 *
 * The hash in the question is a wish: a node may not know it, ignore it, and answer from whatever
 * block it stands at. So each multicall begins with Multicall3's own words for the block that it is
 * executed in, and what another block answered is nobody's.
 */
#ifndef FEED_MULTICALL_H
#define FEED_MULTICALL_H

#include "base/text.h"
#include "protocol/protocol.h"

/** Results before those of the reads: number, timestamp, and hash of the parent. */
#define MULTICALL_WITNESSES 3

/** Appends the calldata of aggregate3((address,bool,bytes)[]): the witnesses, then the reads. */
void multicall_encode(struct buffer *out, const struct address *multicall, const struct read *reads,
                      size_t count);

struct multicall_result {
    bool succeeded;
    struct bytes data; /* of the input */
};

/** One result. In: count  witnesses included. False: it is no answer to that many reads. */
MUST_CHECK bool multicall_result(struct multicall_result *out, struct bytes answer, size_t count,
                                 size_t index);
/** The whole answer has the shape of `count` results. */
MUST_CHECK bool multicall_check(struct bytes answer, size_t count);

enum multicall_origin {
    MULTICALL_OF_BLOCK,
    MULTICALL_OF_ANOTHER,
    MULTICALL_WITHOUT_WITNESS /* no Multicall3 answered */
};

/**
 * Was it executed in the block that was asked for? The timestamp is the header's, and the parent is
 * the header's parent; a sibling of the same parent and the same second cannot be told apart. Where
 * contracts count the blocks of another chain (Arbitrum: those of its parent chain), so that their
 * number is nowhere near the header's, the timestamp alone tells.
 *
 * In: an answer that passed multicall_check.
 */
enum multicall_origin multicall_origin(struct bytes answer, size_t count,
                                       const struct header *header);

/** The params of the eth_call, as JSON text. */
void multicall_params(struct text *out, const struct address *multicall, struct bytes calldata,
                      const struct hash32 *block);

#endif
