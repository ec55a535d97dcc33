/* Every metric that there is. A name is a promise to dashboards: it keeps its meaning. */
#ifndef REPORT_METRICS_TABLE_H
#define REPORT_METRICS_TABLE_H

#include <stddef.h>

#define METRIC_BOUNDS_MAX 16

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
    const char *name; /* without "plimsoll_" */
    enum metric_kind kind;
    const char *help;
    const double *bounds; /* of a histogram, rising; +Inf comes by itself */
    size_t bound_count;
};

extern const struct metric metrics_table[];
extern const size_t metrics_table_count;

#endif
