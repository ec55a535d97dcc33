/*
 * What judging costs: exact health on one core, a calm tick and a crash over books of three sizes,
 * and the memory of a position. A tick is what the engine does once a block's reads are in: indexes
 * brought to the timestamp, every position that owes something judged, each candidate planned.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plan/plan.h"
#include "risk/risk.h"
#include "tests/bench/book.h"
#include "tests/bench/clock.h"

#define POSITIONS 100000u
#define TICKS_MAX 400u
#define TICKS_SECONDS 4.0

static const struct wad one = {{{1000000000000000000u, 0, 0, 0}}};

struct bench {
    struct market *market;
    struct book *book;
    struct risk_sweep sweep;
    uint64_t planned;
};

static void plan_all(struct bench *bench)
{
    static const struct plan_reserved nothing;
    const struct plan_terms terms = {.haircut_bps = 10000,
                                     .profit_min = {u256_of(1000000000000000u)},
                                     .gas_price = {u256_of(2000000000u)},
                                     .gas_price_max = {u256_of(4000000000u)},
                                     .gas_balance = {u256_ten_to(20)},
                                     .timestamp_s = BENCH_TIMESTAMP_S + 12,
                                     .deadline_s = BENCH_TIMESTAMP_S + 300};

    for (size_t i = 0; i < bench->sweep.candidate_count; i++) {
        struct position position = book_position(bench->book, bench->sweep.candidate[i].slot);
        const struct plan_candidate candidate = {.market = bench->market,
                                                 .position = &position,
                                                 .health = &bench->sweep.candidate[i].health};
        struct plan plan;
        plan_choose(&plan, &candidate, &nothing, &terms);
        bench->planned += plan.verdict == VERDICT_LIQUIDATE;
    }
}

/* Indexes move on, and prices by a hair. */
static double tick(struct bench *bench, uint64_t step)
{
    struct u256 *price = &bench->market->reserve[0].price.value;
    const struct protocol *protocol = protocol_at(bench->market->protocol);

    price->limb[0] += step % 2 == 0 ? 1000000 : -1000000ull;
    double begin = bench_now();
    MUST(protocol->prepare(bench->market, BENCH_TIMESTAMP_S + step));
    risk_sweep(&bench->sweep, bench->market, bench->book, &one);
    plan_all(bench);
    return bench_now() - begin;
}

static size_t ticks(struct bench *bench, double *seconds)
{
    double end = bench_now() + TICKS_SECONDS;
    size_t count = 0;

    (void)tick(bench, 0); /* once to warm the caches */
    while (count < TICKS_MAX && (count < 9 || bench_now() < end))
        seconds[count] = tick(bench, count + 1), count++;
    return count;
}

static void figure_quantile(const char *figure, const char *name, double value, size_t positions)
{
    char more[96];

    snprintf(more, sizeof(more), ",\"quantile\":\"%s\",\"positions\":%zu", name, positions);
    bench_figure(figure, value, "us", more);
}

static void crash(struct bench *bench, uint32_t positions)
{
    char more[128];
    double begin;

    for (uint32_t i = 0; i < bench->market->reserve_count; i++) {
        uint64_t *price = &bench->market->reserve[i].price.value.limb[0];
        if (*price > 200000000u) /* what is no stable coin loses three tenths */
            *price = *price / 10 * 7;
    }
    bench->planned = 0;
    begin = bench_now();
    risk_sweep(&bench->sweep, bench->market, bench->book, &one);
    plan_all(bench);
    snprintf(more, sizeof(more), ",\"positions\":%u,\"candidates\":%zu,\"plans\":%zu", positions,
             bench->sweep.candidate_count, (size_t)bench->planned);
    bench_figure("tick_crash", (bench_now() - begin) * 1e3, "ms", more);
}

static void figures(uint32_t positions)
{
    struct bench bench = {.market = must_alloc(1, sizeof(struct market))};
    static double seconds[TICKS_MAX];
    char more[96];
    size_t count;

    bench_market(bench.market);
    bench.book = bench_book(bench.market, positions);
    count = ticks(&bench, seconds);
    if (positions == POSITIONS) {
        double median = bench_quantile(seconds, count, 0.5);
        snprintf(more, sizeof(more), ",\"positions\":%u,\"candidates\":%zu", positions,
                 bench.sweep.candidate_count);
        bench_figure("health_exact", (double)bench.sweep.judged / median, "per_s", more);
        snprintf(more, sizeof(more), ",\"positions\":%u,\"total\":%zu", positions,
                 book_memory(bench.book));
        bench_figure("position_memory", (double)book_memory(bench.book) / positions, "bytes", more);
    }
    figure_quantile("tick_calm", "p50", bench_quantile(seconds, count, 0.5) * 1e6, positions);
    figure_quantile("tick_calm", "p99", bench_quantile(seconds, count, 0.99) * 1e6, positions);
    crash(&bench, positions);
    risk_sweep_release(&bench.sweep);
    book_free(bench.book);
    free(bench.market);
}

int main(void)
{
    figures(10000);
    figures(POSITIONS);
    figures(1000000);
    return 0;
}
