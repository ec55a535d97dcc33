/* The pool's liquidationCall once more, straight from the Solidity and with no thought of speed:
 * what a test holds sizes against. One collateral and one debt. */
#ifndef TESTS_PROTOCOL_POOL_MODEL_H
#define TESTS_PROTOCOL_POOL_MODEL_H

#include "protocol/protocol.h"

enum model_outcome { MODEL_DONE, MODEL_HEALTHY, MODEL_DUST, MODEL_REVERT };

struct model_call {
    uint32_t debt;
    uint32_t collateral;
    struct u256 argument;
    uint64_t timestamp_s;
};

struct model_result {
    struct u256 paid;
    struct u256 seized;
};

/** In: market  its prepared indexes are replaced by those of the call's timestamp. */
enum model_outcome model_liquidate(struct model_result *out, struct market *market,
                                   const struct position *position, const struct model_call *call);

#endif
