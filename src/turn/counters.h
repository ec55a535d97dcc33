/* What turns count, for metrics; never decided upon. */
#ifndef TURN_COUNTERS_H
#define TURN_COUNTERS_H

#include "plan/plan.h"
#include "submit/submit.h"
#include "turn/inquiry.h"
#include "turn/pending.h"
#include "turn/send.h"
#include "turn/settings.h"

struct turn_counters {
    uint64_t decisions[SETTINGS_MARKETS_MAX][2][REASON_COUNT]; /* by market, verdict */
    uint64_t transactions[FLIGHT_STATE_COUNT];                 /* by enum flight_state reached */
    uint64_t replaced;
    uint64_t sendings[SEND_WAY_COUNT];    /* requests that carried a transaction */
    uint64_t reverts[REVERT_CAUSE_COUNT]; /* by enum revert_cause */
    uint64_t armed;                       /* signed ahead */
    uint64_t armed_fired;
    uint64_t armed_discarded;
    uint64_t pool[POOL_COUNT_COUNT];          /* by enum pool_count */
    uint64_t backruns[BACKRUN_OUTCOME_COUNT]; /* by enum backrun_outcome */
    uint64_t missed;
    uint64_t reorgs;
    uint64_t resyncs;
    uint64_t audit_calls;  /* of their own, before trust */
    uint64_t audit_reads;  /* in the calls of heads */
    uint64_t drifts;       /* accounts found to differ, ever */
    uint64_t audit_doubts; /* differences that were asked about again */
    uint64_t receipt_calls;
    uint64_t simulation_calls;
    uint64_t inquiry_calls;
    uint64_t read_calls_at_heads;
    uint64_t heads_decided;
    struct wei gas_spent;
    struct wei profit_realised;
    struct wei loss_realised;
    struct wei gas_balance;
};

#endif
