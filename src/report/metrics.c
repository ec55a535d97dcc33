/*
 * Counters are touched for each request and each decision, so finding one must cost next to
 * nothing; and labels come in part from the world, so their number must have an end.
 */
#include "report/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/metrics_table.h"

#define BUCKETS 8192
#define NO_SERIES UINT32_MAX

struct series {
    uint32_t metric;
    uint32_t next; /* of the same bucket */
    char *labels;
    double value; /* of a histogram: the sum */
    uint64_t count;
    uint64_t *within; /* of a histogram: a count for each bound */
};

struct metrics {
    uint32_t count;
    uint64_t dropped;
    struct series series[METRICS_MAX];
    uint32_t bucket[BUCKETS];
};

struct metrics *metrics_new(void)
{
    struct metrics *metrics = must_alloc(1, sizeof(*metrics));
    for (size_t i = 0; i < BUCKETS; i++)
        metrics->bucket[i] = NO_SERIES;
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (uint32_t i = 0; i < metrics->count; i++) {
        free(metrics->series[i].labels);
        free(metrics->series[i].within);
    }
    free(metrics);
}

static uint32_t metric_find(const char *name)
{
    uint32_t metric = 0;
    while (metric < metrics_table_count && strcmp(metrics_table[metric].name, name) != 0)
        metric++;
    MUST(metric < metrics_table_count);
    return metric;
}

/* FNV-1a */
static uint32_t bucket_of(uint32_t metric, const char *labels)
{
    uint32_t hash = 2166136261U ^ metric;
    for (; *labels != '\0'; labels++)
        hash = (hash ^ (unsigned char)*labels) * 16777619U;
    return hash % BUCKETS;
}

static uint32_t series_find(const struct metrics *metrics, uint32_t metric, const char *labels)
{
    uint32_t index = metrics->bucket[bucket_of(metric, labels)];
    while (index != NO_SERIES && (metrics->series[index].metric != metric ||
                                  strcmp(metrics->series[index].labels, labels) != 0))
        index = metrics->series[index].next;
    return index;
}

static uint64_t *bounds_new(uint32_t metric)
{
    if (metrics_table[metric].kind != METRIC_HISTOGRAM)
        return NULL;
    return must_alloc(metrics_table[metric].bound_count, sizeof(uint64_t));
}

/* The series, new where it was not there; NULL at the bound. */
static struct series *series_take(struct metrics *metrics, const char *name, const char *labels)
{
    uint32_t metric = metric_find(name);
    const char *text = labels == NULL ? "" : labels;
    uint32_t index = series_find(metrics, metric, text);
    if (index != NO_SERIES)
        return &metrics->series[index];
    if (metrics->count == METRICS_MAX) {
        metrics->dropped++;
        return NULL;
    }
    uint32_t *bucket = &metrics->bucket[bucket_of(metric, text)];
    struct series *series = &metrics->series[metrics->count];
    size_t size = strlen(text) + 1;
    *series = (struct series){.metric = metric,
                              .next = *bucket,
                              .labels = must_alloc(size, 1),
                              .within = bounds_new(metric)};
    memcpy(series->labels, text, size);
    *bucket = metrics->count++;
    return series;
}

void metrics_add(struct metrics *metrics, const char *name, const char *labels, double delta)
{
    struct series *series = series_take(metrics, name, labels);
    if (series == NULL)
        return;
    MUST(series->within == NULL);
    series->value += delta;
}

void metrics_set(struct metrics *metrics, const char *name, const char *labels, double value)
{
    struct series *series = series_take(metrics, name, labels);
    if (series == NULL)
        return;
    MUST(series->within == NULL);
    series->value = value;
}

void metrics_observe(struct metrics *metrics, const char *name, const char *labels, double value)
{
    struct series *series = series_take(metrics, name, labels);
    if (series == NULL)
        return;
    const struct metric *metric = &metrics_table[series->metric];
    MUST(series->within != NULL);
    for (size_t i = 0; i < metric->bound_count; i++)
        series->within[i] += value <= metric->bounds[i];
    series->value += value;
    series->count++;
}

double metrics_get(const struct metrics *metrics, const char *name, const char *labels)
{
    uint32_t metric = metric_find(name);
    uint32_t index = series_find(metrics, metric, labels == NULL ? "" : labels);
    return index == NO_SERIES ? 0 : metrics->series[index].value;
}

/* Counts as whole numbers; anything else in as few digits as give the same double back. */
static void value_add(struct text *out, double value)
{
    char text[40];
    if (value >= -9e15 && value <= 9e15 && value == (double)(int64_t)value) {
        text_add_i64(out, (int64_t)value);
        return;
    }
    if (value != value || value - value != 0) {
        text_add(out, value != value ? "NaN" : value > 0 ? "+Inf" : "-Inf");
        return;
    }
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    text_add(out, text);
}

/* name_ending{labels,more} */
static void name_add(struct text *out, const struct metric *metric, const char *ending,
                     const char *labels, const char *more)
{
    bool has_labels = labels[0] != '\0';
    bool has_more = more[0] != '\0';

    text_add(out, "plimsoll_");
    text_add(out, metric->name);
    text_add(out, ending);
    if (has_labels || has_more) {
        text_add_char(out, '{');
        text_add(out, labels);
        text_add(out, has_labels && has_more ? "," : "");
        text_add(out, more);
        text_add_char(out, '}');
    }
    text_add_char(out, ' ');
}

static void histogram_add(struct text *out, const struct metric *metric,
                          const struct series *series)
{
    TEXT bound = {0};
    for (size_t i = 0; i <= metric->bound_count; i++) {
        bool is_last = i == metric->bound_count;
        text_clear(&bound);
        text_add(&bound, "le=\"");
        if (is_last)
            text_add(&bound, "+Inf");
        else
            value_add(&bound, metric->bounds[i]);
        text_add_char(&bound, '"');
        name_add(out, metric, "_bucket", series->labels, text_string(&bound));
        text_add_u64(out, is_last ? series->count : series->within[i]);
        text_add_char(out, '\n');
    }
    name_add(out, metric, "_sum", series->labels, "");
    value_add(out, series->value);
    text_add_char(out, '\n');
    name_add(out, metric, "_count", series->labels, "");
    text_add_u64(out, series->count);
    text_add_char(out, '\n');
}

static void heading_add(struct text *out, const struct metric *metric)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};

    text_add(out, "# HELP plimsoll_");
    text_add(out, metric->name);
    text_add_char(out, ' ');
    text_add(out, metric->help);
    text_add(out, "\n# TYPE plimsoll_");
    text_add(out, metric->name);
    text_add_char(out, ' ');
    text_add(out, kinds[metric->kind]);
    text_add_char(out, '\n');
}

static void metric_add(struct text *out, const struct metrics *metrics, uint32_t metric)
{
    bool has_heading = false;
    for (uint32_t i = 0; i < metrics->count; i++) {
        const struct series *series = &metrics->series[i];
        if (series->metric != metric)
            continue;
        if (!has_heading)
            heading_add(out, &metrics_table[metric]);
        has_heading = true;
        if (series->within != NULL) {
            histogram_add(out, &metrics_table[metric], series);
            continue;
        }
        name_add(out, &metrics_table[metric], "", series->labels, "");
        value_add(out, series->value);
        text_add_char(out, '\n');
    }
}

void metrics_render(struct text *out, const struct metrics *metrics)
{
    uint32_t dropped = metric_find("metrics_dropped_total");
    for (uint32_t metric = 0; metric < metrics_table_count; metric++)
        if (metric != dropped)
            metric_add(out, metrics, metric);
    heading_add(out, &metrics_table[dropped]);
    name_add(out, &metrics_table[dropped], "", "", "");
    text_add_u64(out, metrics->dropped);
    text_add_char(out, '\n');
}
