/* What Prometheus reads. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/metrics.h"
#include "report/metrics_table.h"

static struct metrics *metrics;
static struct text text;

static void begin(void)
{
    metrics = metrics_new();
}

static void end(void)
{
    metrics_free(metrics);
    text_release(&text);
}

TestSuite(metrics, .init = begin, .fini = end);

static void shows(const char *line)
{
    text_clear(&text);
    metrics_render(&text, metrics);
    cr_assert_not_null(strstr(text_string(&text), line), "no \"%s\" in:\n%s", line,
                       text_string(&text));
}

Test(metrics, shows_nothing_but_its_own_bound_at_first)
{
    metrics_render(&text, metrics);
    cr_assert_str_eq(text_string(&text),
                     "# HELP plimsoll_metrics_dropped_total Series that did not fit under the "
                     "bound.\n# TYPE plimsoll_metrics_dropped_total counter\n"
                     "plimsoll_metrics_dropped_total 0\n");
}

Test(metrics, counts_by_labels)
{
    metrics_add(metrics, "decisions_total", "market=\"main\",verdict=\"skip\"", 1);
    metrics_add(metrics, "decisions_total", "market=\"main\",verdict=\"skip\"", 2);
    metrics_add(metrics, "decisions_total", "market=\"main\",verdict=\"liquidate\"", 1);
    shows("# TYPE plimsoll_decisions_total counter\n"
          "plimsoll_decisions_total{market=\"main\",verdict=\"skip\"} 3\n"
          "plimsoll_decisions_total{market=\"main\",verdict=\"liquidate\"} 1\n");
    cr_assert_eq(metrics_get(metrics, "decisions_total", "market=\"main\",verdict=\"skip\""), 3);
    cr_assert_eq(metrics_get(metrics, "decisions_total", "market=\"other\""), 0);
}

Test(metrics, keeps_the_last_value_of_a_gauge)
{
    metrics_set(metrics, "head_block", NULL, 19000123);
    metrics_set(metrics, "head_block", NULL, 19000124);
    shows("# TYPE plimsoll_head_block gauge\nplimsoll_head_block 19000124\n");
}

Test(metrics, writes_values_that_read_back_the_same)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0, "0"},
                {-3, "-3"},
                {0.1, "0.1"},
                {1.5e-9, "1.5e-09"},
                {1.0 / 3, "0.3333333333333333"},
                {1e300, "1e+300"},
                {9007199254740992.0, "9007199254740992"},
                {__builtin_inf(), "+Inf"},
                {-__builtin_inf(), "-Inf"},
                {__builtin_nan(""), "NaN"}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char line[64];
        snprintf(line, sizeof(line), "plimsoll_balance_ether %s\n", rows[i].text);
        metrics_set(metrics, "balance_ether", NULL, rows[i].value);
        shows(line);
    }
}

Test(metrics, sorts_durations_into_buckets)
{
    metrics_observe(metrics, "stage_seconds", "stage=\"decided\"", 0.0001);
    metrics_observe(metrics, "stage_seconds", "stage=\"decided\"", 0.3);
    metrics_observe(metrics, "stage_seconds", "stage=\"decided\"", 100);
    shows("# TYPE plimsoll_stage_seconds histogram\n"
          "plimsoll_stage_seconds_bucket{stage=\"decided\",le=\"0.0001\"} 1\n");
    shows("plimsoll_stage_seconds_bucket{stage=\"decided\",le=\"0.25\"} 1\n"
          "plimsoll_stage_seconds_bucket{stage=\"decided\",le=\"0.5\"} 2\n");
    shows("plimsoll_stage_seconds_bucket{stage=\"decided\",le=\"60\"} 2\n"
          "plimsoll_stage_seconds_bucket{stage=\"decided\",le=\"+Inf\"} 3\n"
          "plimsoll_stage_seconds_sum{stage=\"decided\"} 100.3001\n"
          "plimsoll_stage_seconds_count{stage=\"decided\"} 3\n");
    metrics_observe(metrics, "turn_seconds", NULL, 1);
    shows("plimsoll_turn_seconds_bucket{le=\"1\"} 1\n");
}

Test(metrics, has_every_name_of_the_surface)
{
    static const char *const names[] = {"head_block",
                                        "head_lag_seconds",
                                        "positions",
                                        "candidates",
                                        "decisions_total",
                                        "transactions_total",
                                        "stage_seconds",
                                        "rpc_requests_total",
                                        "mirror_drift_total",
                                        "gas_spent_ether_total",
                                        "profit_realised_ether_total",
                                        "loss_realised_ether_total",
                                        "balance_ether",
                                        "flights",
                                        "last_turn_timestamp_seconds",
                                        "breaker_open",
                                        "build_info"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        cr_assert_eq(metrics_get(metrics, names[i], NULL), 0);
}

Test(metrics, names_counters_as_prometheus_wants_them)
{
    for (size_t i = 0; i < metrics_table_count; i++) {
        const char *name = metrics_table[i].name;
        size_t length = strlen(name);
        bool is_total = length > 6 && strcmp(name + length - 6, "_total") == 0;
        cr_assert_eq(is_total, metrics_table[i].kind == METRIC_COUNTER, "%s", name);
        cr_assert_leq(metrics_table[i].bound_count, METRIC_BOUNDS_MAX);
        for (size_t k = 0; k < i; k++)
            cr_assert_str_neq(name, metrics_table[k].name);
    }
}

Test(metrics, drops_and_counts_what_is_over_its_bound)
{
    char labels[64];
    for (int i = 0; i < METRICS_MAX + 5; i++) {
        snprintf(labels, sizeof(labels), "endpoint=\"%d\"", i);
        metrics_add(metrics, "rpc_requests_total", labels, 1);
    }
    metrics_add(metrics, "rpc_requests_total", "endpoint=\"0\"", 1);
    cr_assert_eq(metrics_get(metrics, "rpc_requests_total", "endpoint=\"0\""), 2);
    cr_assert_eq(metrics_get(metrics, "rpc_requests_total", labels), 0);
    shows("\nplimsoll_metrics_dropped_total 5\n");
}

Test(metrics, takes_no_name_that_is_not_in_its_table, .signal = SIGABRT)
{
    metrics_add(metrics, "nonsense", NULL, 1);
}

Test(metrics, takes_no_sum_for_a_histogram, .signal = SIGABRT)
{
    metrics_add(metrics, "stage_seconds", NULL, 1);
}

Test(metrics, takes_no_duration_for_a_gauge, .signal = SIGABRT)
{
    metrics_observe(metrics, "head_block", NULL, 1);
}
