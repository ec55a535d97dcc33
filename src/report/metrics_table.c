/* A metric that nobody explained is a metric that nobody alerts on: name, kind and meaning
 * together. */
#include "report/metrics_table.h"

#include "base/must.h"

/* From a turn in memory to an inclusion blocks later. */
static const double second_bounds[] = {0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1,
                                       0.25,   0.5,    1,     2.5,   5,    15,   60};

#define SECONDS second_bounds, ARRAY_LENGTH(second_bounds)
#define COUNTER(name, help)                                                                        \
    {                                                                                              \
        name, METRIC_COUNTER, help, NULL, 0                                                        \
    }
#define GAUGE(name, help)                                                                          \
    {                                                                                              \
        name, METRIC_GAUGE, help, NULL, 0                                                          \
    }
#define HISTOGRAM(name, help)                                                                      \
    {                                                                                              \
        name, METRIC_HISTOGRAM, help, SECONDS                                                      \
    }

const struct metric metrics_table[] = {
    GAUGE("head_block", "Block that the mirror stands at."),
    GAUGE("head_lag_seconds", "Clock now, less the head's own time."),
    GAUGE("ready", "1 where the mirror stands at the newest head that the endpoints report."),
    GAUGE("positions", "Accounts that owe something."),
    GAUGE("candidates", "Accounts below the edge."),
    COUNTER("decisions_total", "Verdicts, once for each candidate and block."),
    COUNTER("transactions_total", "Transactions by how they ended."),
    COUNTER("reverts_total", "Reverted liquidations, by why; told once that is known."),
    COUNTER("sendings_total", "Requests that carried a signed transaction, by way out."),
    COUNTER("armed_total", "Transactions signed ahead, fired, and thrown away unfired."),
    GAUGE("armed", "Transactions that are signed ahead now."),
    COUNTER("pool_total",
            "What waits in nodes' pools: transactions seen, price updates understood, "
            "and why none was sent behind one."),
    COUNTER("backruns_total", "Liquidations sent behind a price update that waited, by outcome."),
    COUNTER("missed_total",
            "Liquidations by others; the journal's `missed` events say what ours had come to."),
    HISTOGRAM("stage_seconds",
              "How long a stage took: a head's reads, the turn that decided, signer, node, pool."),
    HISTOGRAM("turn_seconds", "One turn's thinking."),
    HISTOGRAM("journal_commit_seconds", "One commit of the journal, on disk."),
    COUNTER("rpc_requests_total", "Requests to nodes."),
    COUNTER("pushes_total", "Hints of new heads that nodes pushed."),
    HISTOGRAM("rpc_seconds", "Requests to nodes, from the asking to the whole answer."),
    GAUGE("endpoint_healthy", "1 where the endpoint is in use."),
    COUNTER("read_errors_total", "Answers of nodes that could not be used."),
    COUNTER("mirror_drift_total", "Accounts found to differ from the chain."),
    COUNTER("audit_doubts_total", "Differences from the chain that were asked about again."),
    COUNTER("reorgs_total", "Heads that undid an earlier one."),
    COUNTER("resyncs_total", "Times that the mirror was built afresh."),
    COUNTER("gas_spent_ether_total", "Gas paid, from receipts."),
    COUNTER("profit_realised_ether_total", "What liquidations earned, from receipts."),
    COUNTER("loss_realised_ether_total", "What transactions lost, from receipts."),
    GAUGE("balance_ether", "Native coins of keeper.account."),
    GAUGE("flights", "Transactions under way."),
    GAUGE("oldest_flight_seconds", "Since the oldest of them was drafted; 0: there is none."),
    GAUGE("last_turn_timestamp_seconds", "Unix time of the last finished turn."),
    GAUGE("breaker_open", "1 where the breaker stops new transactions."),
    COUNTER("breaker_openings_total", "Times that the breaker opened."),
    COUNTER("snapshots_total", "Times that the mirror was kept on disk, or could not be."),
    GAUGE("build_info", "1; the labels tell the build."),
    COUNTER("metrics_dropped_total", "Series that did not fit under the bound."),
};

const size_t metrics_table_count = ARRAY_LENGTH(metrics_table);
