/*
 * How long each stage takes from a new head to a receipt. It is measured here, around the turns,
 * because a turn knows no clock but its own; nothing is decided from it. All times are a monotonic
 * clock's, in microseconds.
 */
#ifndef KEEPER_STAGES_H
#define KEEPER_STAGES_H

#include "report/metrics.h"
#include "turn/state.h"

/** One flight on its way; 0: not there yet. */
struct stages_flight {
    uint64_t id;
    uint64_t send_ask;
    int64_t sign_us; /* the signer was asked */
    int64_t send_us; /* a node was asked to take it */
    int64_t sent_us; /* it answered */
};

/** Zero-initialise; nothing to release. */
struct stages {
    struct hash32 head; /* that is being fetched */
    int64_t seen_us;    /* 0: none is */
    uint64_t decided;
    struct stages_flight flight[FLIGHTS_MAX]; /* by slot of the fleet */
};

int64_t stages_now_us(void);
/** Seconds, as metrics want them. */
double stages_seconds(int64_t from_us, int64_t to_us);
/** After each turn: fetched, decided, included, and turn_seconds. */
void stages_turned(struct stages *stages, struct metrics *metrics, const struct turn_state *state,
                   int64_t began_us, int64_t now_us);
/** After the turn's actions were handed to signer and nodes. */
void stages_asked(struct stages *stages, const struct turn_state *state, int64_t now_us);
/** The signer's answer for that flight. */
void stages_signed(struct stages *stages, struct metrics *metrics, uint64_t flight, int64_t now_us);
/** A node's answer to any question. */
void stages_answered(struct stages *stages, struct metrics *metrics, uint64_t ask, int64_t now_us);

#endif
