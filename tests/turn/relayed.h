/* A live keeper (aloft.h) whose way out is private, and what its relays and builders say. */
#ifndef TESTS_TURN_RELAYED_H
#define TESTS_TURN_RELAYED_H

#include "tests/turn/aloft.h"

#define PUBLIC "eth_sendRawTransaction"
#define PRIVATE "eth_sendPrivateTransaction"
#define BUNDLE "eth_sendBundle"
#define BUNDLE_BLOCKS 3
#define HASH "\"0x1111111111111111111111111111111111111111111111111111111111111111\""

/** A node, two builders, a relay: endpoints 0 to 3. */
void private_make(struct aloft *aloft, uint8_t accounts, uint32_t private_blocks);
void signed_and_posted(struct aloft *aloft);
/** To each ask of that method in the last turn. */
void all_answer(struct aloft *aloft, const char *method, const char *result);
void all_refuse(struct aloft *aloft, const char *method);
/** Builders and relay, each in its own words; then a turn. */
void all_take(struct aloft *aloft);

/** The ask is exactly this call with these params, and a sending for that endpoint alone. */
void is_exactly(const struct ask *ask, const char *method, const char *params, int endpoint);
/** The flight's bytes between the texts, and the block where it is not 0. */
void params_of(struct text *out, const struct flight *flight, const char *before,
               const char *behind, uint64_t block, const char *end);
/** Bundle `index` of the last turn is the first flight's, for that block and that endpoint. */
void bundle_is(const struct aloft *aloft, size_t index, uint64_t block, int endpoint);

#endif
