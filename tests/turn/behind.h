/* Price updates that wait in a pool, and accounts that they would carry over the edge. */
#ifndef TESTS_TURN_BEHIND_H
#define TESTS_TURN_BEHIND_H

#include "tests/turn/armed.h"

/** One as a test wants it; what is left 0 has a default. */
struct waiting_update {
    uint8_t name; /* of its hash; 1 */
    uint8_t from; /* of its sender; 0x51 */
    uint64_t nonce;
    uint64_t usd;       /* of WETH; 1996: the first account goes under */
    uint64_t gas_price; /* of type 0; 0: type 2 */
    uint64_t max_fee;   /* 100 gwei */
    uint64_t tip;       /* 3 gwei */
    const char *to;     /* the feed of WETH */
    const char *input;  /* instead of set(usd) */
};

/** As armed_make, with keeper.backrun; the feed of WETH is known, and was right before. */
void behind_make(struct aloft *aloft, uint8_t near);
struct hash32 behind_hash(const struct waiting_update *update);
/** Its JSON, as nodes show it. */
void behind_json(struct text *out, const struct waiting_update *update);
/** A node pushes it whole. Then a turn. */
void behind_push(struct aloft *aloft, const struct waiting_update *update);
/** What the chain says of what was asked about it in the last turn. */
struct behind_word {
    const char *receipt; /* NULL: null */
    bool is_gone;
    const char *count; /* NULL: its nonce is the next */
    bool reverts;
};
/** Calls of the question about updates that is not answered yet; 0: there is none. */
uint32_t behind_calls(const struct aloft *aloft);
/** The answer to the one question about updates, which has one update; then a turn. */
void behind_answer(struct aloft *aloft, const struct waiting_update *update,
                   const struct behind_word *word);
/** Pushed, and it stands next. */
void behind_next(struct aloft *aloft, const struct waiting_update *update);
/** Its receipt of that block. */
void behind_receipt(struct text *out, const struct aloft *aloft,
                    const struct waiting_update *update, uint64_t block);
/** The question about updates in the last turn; NULL: none. */
const struct ask *behind_ask(const struct aloft *aloft);
/** The one update that is known. */
struct pending_update *behind_update(const struct aloft *aloft);
uint64_t pool_counted(const struct aloft *aloft, enum pool_count count);

#endif
