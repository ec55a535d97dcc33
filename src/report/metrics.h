/* Prometheus counters, gauges and histograms, by name and label text. */
#ifndef REPORT_METRICS_H
#define REPORT_METRICS_H

#include <stdint.h>

#include "base/text.h"

/** Series at most; one more is dropped, and plimsoll_metrics_dropped_total counts it. */
#define METRICS_MAX 4096

struct metrics;

/** Gives: metrics_free. Not shared between threads; the page is rendered by the loop's thread. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* `name` without the prefix "plimsoll_" ("head_block"); `labels` as they stand in the text format
 * ("market=\"main\",verdict=\"skip\"") or NULL. Values are doubles because Prometheus's are;
 * nothing is decided from them. A name not in the table of report/metrics_table.c is a MUST. */
void metrics_add(struct metrics *metrics, const char *name, const char *labels, double delta);
void metrics_set(struct metrics *metrics, const char *name, const char *labels, double value);
/** Histogram: buckets stand in the table. */
void metrics_observe(struct metrics *metrics, const char *name, const char *labels, double value);
double metrics_get(const struct metrics *metrics, const char *name, const char *labels);
/** The text exposition format, with HELP and TYPE. */
void metrics_render(struct text *out, const struct metrics *metrics);

#endif
