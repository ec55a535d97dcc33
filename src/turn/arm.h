/*
 * Arming: whoever the next step of a feed could carry over the edge is planned and signed ahead.
 * What is fired is decided exactly all the same, at the head at which it is under water, and passes
 * the gate; that its signature is there already only saves the time of having it made.
 */
#ifndef TURN_ARM_H
#define TURN_ARM_H

#include "submit/armed.h"

struct turn_state;
struct observation;
struct plan;
struct position;

/** Records that are void and still on disk; at the bound they go at once. */
#define ARM_VOID_MAX (2 * ARMED_MAX)

#define KEY_ARMED "armed/"

struct arming {
    uint64_t block;       /* head at which it was seen to; 0: none, or something was fired since */
    uint64_t pause_block; /* the signer refused: not before that head */
    bool in_doubt;        /* what an earlier life armed was not asked for yet */
    uint64_t ask;         /* that question; 0: none is under way */
    int64_t ask_at_ms;    /* not before */
    uint32_t void_count;  /* records to be taken off the disk in a turn that does not hurry */
    uint64_t void_id[ARM_VOID_MAX];
};

/* ---- arm.c: who is armed */
/** Once a head, in a turn that neither signs nor sends: arms who is nearest, throws away what no
 *  longer holds. In every turn: throws away what must not be fired any more. */
void arm_tend(struct turn_state *state);
/** Something of this turn, or of the one right after it, must leave at once. */
bool turn_hurries(const struct turn_state *state);
/** Signed, or refused. False: it is no armed one's. */
bool arm_signed(struct turn_state *state, const struct observation *observation);
/** Whatever is armed is thrown away; not what an earlier life armed, before the chain
 *  was asked for it. */
void arm_discard(struct turn_state *state);
/** Out of memory; out of the journal in a calm turn. */
void arm_forget(struct turn_state *state, struct armed *armed);
/** May it stand in this head's audit? Its place in the book; UINT32_MAX: nobody is armed there. */
uint32_t arm_slot(const struct turn_state *state, uint32_t market, uint32_t index);

/* ---- arm_plan.c: does what was signed still say what would be signed? */
/** Who is judged. */
struct arm_target {
    uint32_t market;
    const struct position *position;
    const struct health *health;
};
/** A plan whose repay is at most so much of that plan's debt. False: it is none to liquidate, or
 *  says another amount. */
MUST_CHECK bool arm_plan_capped(struct plan *out, const struct turn_state *state,
                                const struct arm_target *target, const struct plan *plan,
                                const struct token_amount *argument);
/** What was signed ahead, held against a base fee: of the block that it is meant for. */
struct arm_offer {
    const struct armed *armed;
    struct wei base_fee;
};
/**
 * In:  plan      what would be done now
 * Out: *fitted  what the armed call does, at today's prices; of the costs, what its tip is over
 *               that plan's
 * False: its bytes are not what would be signed, earn noticeably less, or offer too little.
 */
MUST_CHECK bool arm_plan_fits(struct plan *fitted, const struct turn_state *state,
                              const struct arm_target *target, const struct plan *plan,
                              const struct arm_offer *offer);

/* ---- arm_fire.c: the shot */
/** What the gate would say, not counted: when it is armed it only spares signatures for nothing. */
MUST_CHECK bool arm_is_admitted(const struct turn_state *state, const struct plan *plan,
                                const struct flight *flight);
/** A flight with signed bytes, admitted by the gate, and *plan is what it does; NULL: nothing armed
 *  fits, *plan is untouched, and the normal way is taken. */
struct flight *arm_fire(struct turn_state *state, const struct arm_target *target,
                        struct plan *plan);
/** It leaves in this turn; what else was armed is thrown away. */
void arm_launch(struct turn_state *state, struct flight *flight);

/* ---- arm_restore.c: after a restart */
/** What the journal kept under "armed/ID". False: it cannot be read. */
MUST_CHECK bool arm_restore(struct turn_state *state, struct bytes json);
/** Asks the chain, once it is followed, whether any of it left; until that is known no nonce is. */
void arm_ask(struct turn_state *state);
bool arm_answer(struct turn_state *state, const struct observation *observation);

#endif
