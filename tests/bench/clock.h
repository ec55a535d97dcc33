/* Times and quantiles of a benchmark, and its lines of JSON. */
#ifndef TESTS_BENCH_CLOCK_H
#define TESTS_BENCH_CLOCK_H

#include <stddef.h>

/** Seconds of the monotonic clock. */
double bench_now(void);
/** Seconds that this process has had of a core: what it takes, whatever else the machine does. */
double bench_core(void);
/** Sorts the samples; the nearest rank. */
double bench_quantile(double *samples, size_t count, double quantile);
/** {"figure":…,"value":…,"unit":…} and `more`, which begins with a comma or is "". */
void bench_figure(const char *figure, double value, const char *unit, const char *more);

#endif
