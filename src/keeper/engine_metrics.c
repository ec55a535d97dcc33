/*
 * What Prometheus asks of a state: figures that the turns counted anyway, under the names that the
 * surface promises. Nothing is decided from them.
 */
#include <stdio.h>

#include "keeper/amount_text.h"
#include "keeper/engine.h"
#include "keeper/version.h"
#include "turn/state.h"

#define LABELS_MAX 160
#define ETHER 18

static void set_head(struct metrics *metrics, const struct turn_state *state)
{
    int64_t head_ms = (int64_t)state->header.timestamp_s * 1000;
    int64_t lag_ms = state->now_ms > head_ms ? state->now_ms - head_ms : 0;

    metrics_set(metrics, "head_block", NULL, (double)state->header.number);
    metrics_set(metrics, "head_lag_seconds", NULL, (double)lag_ms / 1000);
    metrics_set(metrics, "reorgs_total", NULL, (double)state->counters.reorgs);
    metrics_set(metrics, "audit_doubts_total", NULL, (double)state->counters.audit_doubts);
    metrics_set(metrics, "resyncs_total", NULL, (double)state->counters.resyncs);
    metrics_set(metrics, "ready", NULL, state->is_ready && state->not_ready[0] == '\0' ? 1 : 0);
}

static void set_decisions(struct metrics *metrics, const struct turn_state *state, uint32_t market)
{
    const char *name = state->tracked[market].market.name;
    char labels[LABELS_MAX];

    for (int verdict = 0; verdict < 2; verdict++) {
        for (int reason = 0; reason < REASON_COUNT; reason++) {
            uint64_t count = state->counters.decisions[market][verdict][reason];

            if (count == 0)
                continue;
            (void)snprintf(labels, sizeof(labels), "market=\"%s\",verdict=\"%s\",reason=\"%s\"",
                           name, verdict_text((enum verdict)verdict),
                           reason_text((enum reason)reason));
            metrics_set(metrics, "decisions_total", labels, (double)count);
        }
    }
}

static void set_market(struct metrics *metrics, const struct turn_state *state, uint32_t market)
{
    const struct tracked *tracked = &state->tracked[market];
    char labels[LABELS_MAX];

    (void)snprintf(labels, sizeof(labels), "market=\"%s\"", tracked->market.name);
    metrics_set(metrics, "positions", labels, (double)book_debtors(tracked->book));
    metrics_set(metrics, "candidates", labels, (double)tracked->sweep.candidate_count);
    metrics_set(metrics, "mirror_drift_total", labels, (double)tracked->audit.wrong);
    metrics_set(metrics, "read_errors_total", labels, (double)tracked->read_errors);
    set_decisions(metrics, state, market);
}

static void set_sendings(struct metrics *metrics, const struct turn_counters *counters)
{
    static const char *const labels[SEND_WAY_COUNT] = {
        [SEND_WAY_PUBLIC] = "way=\"public\"",
        [SEND_WAY_PRIVATE] = "way=\"private\"",
        [SEND_WAY_BUNDLE] = "way=\"bundle\"",
    };

    for (int way = 0; way < SEND_WAY_COUNT; way++)
        metrics_set(metrics, "sendings_total", labels[way], (double)counters->sendings[way]);
}

static void set_armed(struct metrics *metrics, const struct turn_state *state)
{
    const struct turn_counters *counters = &state->counters;

    metrics_set(metrics, "armed", NULL, (double)arsenal_count(&state->arsenal));
    metrics_set(metrics, "armed_total", "outcome=\"signed\"", (double)counters->armed);
    metrics_set(metrics, "armed_total", "outcome=\"fired\"", (double)counters->armed_fired);
    metrics_set(metrics, "armed_total", "outcome=\"discarded\"", (double)counters->armed_discarded);
}

static void set_pool(struct metrics *metrics, const struct turn_state *state)
{
    const struct turn_counters *counters = &state->counters;
    char labels[LABELS_MAX];

    for (int i = 0; i < POOL_COUNT_COUNT; i++) {
        (void)snprintf(labels, sizeof(labels), "what=\"%s\"", pool_count_text((enum pool_count)i));
        metrics_set(metrics, "pool_total", labels, (double)counters->pool[i]);
    }
    for (int i = 0; i < BACKRUN_OUTCOME_COUNT; i++) {
        (void)snprintf(labels, sizeof(labels), "outcome=\"%s\"",
                       backrun_outcome_text((enum backrun_outcome)i));
        metrics_set(metrics, "backruns_total", labels, (double)counters->backruns[i]);
    }
}

static double oldest_seconds(const struct turn_state *state)
{
    int64_t oldest_ms = state->now_ms;

    for (uint32_t i = 0; i < state->fleet.used; i++) {
        const struct flight *flight = &state->fleet.flight[i];

        if (flight_is_live(flight) && flight->drafted_ms < oldest_ms)
            oldest_ms = flight->drafted_ms;
    }
    return (double)(state->now_ms - oldest_ms) / 1000;
}

static void set_transactions(struct metrics *metrics, const struct turn_state *state)
{
    static const enum flight_state ends[] = {FLIGHT_DRAFTED,   FLIGHT_SIGNED, FLIGHT_SENT,
                                             FLIGHT_SEEN,      FLIGHT_MINED,  FLIGHT_REVERTED,
                                             FLIGHT_CANCELLED, FLIGHT_DROPPED};
    const struct turn_counters *counters = &state->counters;
    char labels[LABELS_MAX];

    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++) {
        (void)snprintf(labels, sizeof(labels), "outcome=\"%s\"", flight_state_text(ends[i]));
        metrics_set(metrics, "transactions_total", labels, (double)counters->transactions[ends[i]]);
    }
    metrics_set(metrics, "transactions_total", "outcome=\"replaced\"", (double)counters->replaced);
    metrics_set(metrics, "transactions_total", "outcome=\"overtaken\"",
                (double)counters->reverts[CAUSE_OVERTAKEN]);
    metrics_set(metrics, "transactions_total", "outcome=\"lost_race\"",
                (double)counters->reverts[CAUSE_LOST_RACE]);
    for (int cause = 0; cause < REVERT_CAUSE_COUNT; cause++) {
        (void)snprintf(labels, sizeof(labels), "why=\"%s\"",
                       revert_cause_text((enum revert_cause)cause));
        metrics_set(metrics, "reverts_total", labels, (double)counters->reverts[cause]);
    }
    set_sendings(metrics, counters);
    set_armed(metrics, state);
    set_pool(metrics, state);
    metrics_set(metrics, "missed_total", NULL, (double)counters->missed);
    metrics_set(metrics, "flights", NULL, (double)fleet_live(&state->fleet));
    metrics_set(metrics, "oldest_flight_seconds", NULL, oldest_seconds(state));
}

static void set_money(struct metrics *metrics, const struct turn_state *state)
{
    const struct turn_counters *counters = &state->counters;

    metrics_set(metrics, "gas_spent_ether_total", NULL,
                amount_real(&counters->gas_spent.value, ETHER));
    metrics_set(metrics, "profit_realised_ether_total", NULL,
                amount_real(&counters->profit_realised.value, ETHER));
    metrics_set(metrics, "loss_realised_ether_total", NULL,
                amount_real(&counters->loss_realised.value, ETHER));
    metrics_set(metrics, "balance_ether", NULL, amount_real(&state->gas_balance.value, ETHER));
}

static void set_breakers(struct metrics *metrics, const struct turn_state *state)
{
    char labels[LABELS_MAX];

    for (int i = 0; i < BREAKER_COUNT; i++) {
        enum breaker which = (enum breaker)i;

        (void)snprintf(labels, sizeof(labels), "breaker=\"%s\"", breaker_text(which));
        metrics_set(metrics, "breaker_open", labels, breakers_open(state, which));
        metrics_set(metrics, "breaker_openings_total", labels,
                    (double)state->gate.breakers.openings[i]);
    }
}

void engine_metrics(struct metrics *metrics, const struct turn_state *state)
{
    set_head(metrics, state);
    for (uint32_t i = 0; i < state->tracked_count; i++)
        set_market(metrics, state, i);
    set_transactions(metrics, state);
    set_money(metrics, state);
    set_breakers(metrics, state);
    metrics_set(metrics, "build_info", "version=\"" PLIMSOLL_VERSION_TEXT "\"", 1);
}
