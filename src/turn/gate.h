/*
 * The one gate: the last step of a turn, and the only way to a signature. Limits that bite are fed
 * from receipts, never from predictions. A refusal changes the verdict of what it refuses.
 */
#ifndef TURN_GATE_H
#define TURN_GATE_H

#include "plan/plan.h"
#include "submit/submit.h"
#include "turn/breaker.h"

enum gate_refusal {
    GATE_ADMITTED,
    GATE_NOT_READY,  /* not synchronised, or read-only, or no nonce known */
    GATE_KILLED,     /* kill file or operator's stop */
    GATE_STALE_HEAD, /* breakers of turn/breaker.h */
    GATE_LATENCY,
    GATE_REVERT_RATE,
    GATE_DRIFT,
    GATE_FUNDS,
    GATE_FEE_CEILING, /* base fee + tip over limits.fee_per_gas_max */
    GATE_PROFIT_FLOOR,
    GATE_IN_FLIGHT,    /* limits.in_flight_max */
    GATE_ACCOUNT_BUSY, /* one flight an account */
    GATE_GAS_PER_DAY,
    GATE_LOSS_PER_DAY
};

#define GATE_REFUSAL_COUNT 14

/**
 * Spend of one UTC day, from receipts; what is in flight counts as if it will cost its ceiling: all
 * of its gas at its highest fee. So limits.gas_per_day_max bounds at once how much may be under
 * way. The loss is realised only: the gate closes when it has reached limits.loss_per_day_max.
 */
struct gate_day {
    uint64_t day; /* days since 1970, of the turn's clock */
    struct wei gas_spent;
    struct wei loss;
};

struct gate {
    bool is_ready;
    int64_t now_ms;
    struct breakers breakers;
    struct gate_day day;
    uint64_t refused[GATE_REFUSAL_COUNT];
};

/** Begins a turn. `is_ready`: synchronised and not read-only. Rolls the day over; a clock that
 *  jumps back never opens an old day again. */
void gate_tick(struct gate *gate, int64_t now_ms, bool is_ready);
/** May this plan leave, at these fees? Pure in everything but the counters. `plan` NULL: a one-time
 *  step of `prepare` (an approval): no profit floor, no account. Also for a replacement that offers
 *  more: it is no further one in flight. */
enum gate_refusal gate_judge(struct gate *gate, const struct settings *settings,
                             const struct fleet *fleet, const struct plan *plan,
                             const struct flight *drafted);
/** May this cancel what is under way with its nonce? It spends gas and wins nothing, so the floor
 * and the breakers do not hold it; a kill does: then nothing leaves at all. */
enum gate_refusal gate_judge_cancel(struct gate *gate, const struct settings *settings,
                                    const struct fleet *fleet, const struct flight *drafted);
/** May bytes that were signed before leave (once more)? Not while killed. */
bool gate_may_post(const struct gate *gate);
/** What gas may still cost: of the day's budget and of `balance`, less all that is under way but
 * this one at its highest fee. */
struct wei gate_gas_left(const struct gate *gate, const struct limit_settings *limits,
                         const struct fleet *fleet, const struct flight *drafted,
                         const struct wei *balance);
/** A node says that our balance, `balance` at the head `block`, does not cover this one of the
 * fleet. */
void gate_unfunded(struct gate *gate, const struct fleet *fleet, const struct flight *refused,
                   uint64_t block, const struct wei *balance);
/** May bytes leave once more that the node does not have? Nor while it says that our balance does
 *  not cover what we send. */
bool gate_may_post_again(const struct gate *gate);
/** A receipt: gas, and the realised loss where there was one (gross below gas). */
void gate_receipt(struct gate *gate, const struct wei *gas, bool is_loss, const struct wei *net);
/** A reorg took that receipt back: off the day on which it was counted, if that is today. `loss` 0:
 *  there was none. */
void gate_take_back(struct gate *gate, uint64_t day, const struct wei *gas, const struct wei *loss);
const char *gate_refusal_text(enum gate_refusal refusal);

/** One line of JSON for the journal's key "day", and back. */
void gate_encode(struct text *out, const struct gate *gate);
MUST_CHECK bool gate_restore(struct gate *gate, struct bytes json);

#endif
