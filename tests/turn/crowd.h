/*
 * A market of very many accounts under a keeper whose every answer is in the test's hand: what is
 * said of whom is counted, not kept.
 */
#ifndef TESTS_TURN_CROWD_H
#define TESTS_TURN_CROWD_H

#include "tests/turn/aloft.h"

/** Of account `index`: WETH supplied, in thousandths; USDC owed. */
struct crowd_size {
    uint64_t milli_weth;
    uint64_t usdc;
};

struct crowd {
    struct aloft aloft;
    uint32_t count;
    uint32_t *said;     /* decisions, by account, since crowd_forget */
    uint32_t decisions; /* since then, and so the next */
    uint32_t liquidations;
    uint32_t without_reason; /* skips that do not say why */
    uint32_t disorder;       /* decisions on a dearer one behind a cheaper one */
    uint32_t posted;         /* transactions */
    uint32_t posted_open;    /* of them, while others still waited for their decision */
    uint32_t plans_max;      /* in one turn */
    uint32_t turns;
    double last_net;
};

#define CROWD __attribute__((cleanup(crowd_release))) struct crowd

/** Judged with the first turn. Flights at most: 8. */
void crowd_make(struct crowd *out, uint32_t count, struct crowd_size (*size)(uint32_t index));
void crowd_release(struct crowd *crowd);
/** One turn: signatures and sends are answered. */
void crowd_turn(struct crowd *crowd);
/** The next head at that price of WETH in millionths of a USD, and one turn. */
void crowd_head(struct crowd *crowd, uint64_t micro_usd);
/** Turns until nobody waits for a decision, at most that many. */
void crowd_settle(struct crowd *crowd, uint32_t turns);
void crowd_forget(struct crowd *crowd);
/** How many were said less than `least` times or more than `most`. */
uint32_t crowd_unheard(const struct crowd *crowd, uint32_t least, uint32_t most);
uint64_t crowd_touched(const struct crowd *crowd);
/** Asserts that the last head's candidates are those of asking everybody. Out: how many. */
size_t crowd_swept(const struct crowd *crowd);

#endif
