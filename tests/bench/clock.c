/* See clock.h. */
#include "tests/bench/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double bench_now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double bench_core(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_quantile(double *samples, size_t count, double quantile)
{
    size_t rank = (size_t)(quantile * (double)count);

    qsort(samples, count, sizeof(*samples), compare);
    return samples[rank < count ? rank : count - 1];
}

void bench_figure(const char *figure, double value, const char *unit, const char *more)
{
    printf("{\"figure\":\"%s\",\"value\":%.*f,\"unit\":\"%s\"%s}\n", figure, value < 1000 ? 2 : 0,
           value, unit, more);
    fflush(stdout);
}
