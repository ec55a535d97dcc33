/*
 * What judging costs: exact health on one core, a calm tick and a crash over books of four sizes,
 * and the memory of a position. A tick is what the engine does once a block's reads are in: indexes
 * brought to the timestamp, whoever may have crossed judged, each candidate planned.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"
#include "risk/watch.h"
#include "tests/bench/book.h"
#include "tests/bench/clock.h"

#define CALM_MAX 1000u
#define TICKS_SECONDS 4.0
#define BLOCK_S 12u
/* What falls by a tenth: reserves from the first on (WETH, wstETH), so that about one in a hundred
 * positions goes under water. */
#define CRASH_RESERVES 2u
#define CRASHES 5u
#define COUNTED_POSITIONS 100000u
#define COUNTED_WARM 60u
#define BENCH_COUNTED_TICKS 200u /* run.sh divides by it */

struct bench {
    struct market *market;
    struct book *book;
    struct watch *watch;
    struct risk_sweep sweep;
    uint64_t planned;
    uint64_t seed;
    uint64_t step;
};

/* Of the ticks at which nobody crossed. */
struct samples {
    size_t count;
    size_t crossed; /* ticks at which somebody did */
    double us[CALM_MAX];
    double touched[CALM_MAX];
};

/* Seconds of a core, and how many positions were looked at. */
struct crash_sample {
    double judged;
    double planned;
    uint64_t touched;
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

    if (bench->sweep.candidate_count > 0)
        protocol_at(bench->market->protocol)
            ->reach(bench->market, NULL, terms.timestamp_s, terms.deadline_s);
    for (size_t i = 0; i < bench->sweep.candidate_count; i++) {
        risk_ahead(&bench->sweep, bench->book, i);
        struct position position = book_position(bench->book, bench->sweep.candidate[i].slot);
        const struct plan_candidate candidate = {.market = bench->market,
                                                 .position = &position,
                                                 .health = &bench->sweep.candidate[i].health};
        struct plan plan;
        plan_choose(&plan, &candidate, &nothing, &terms);
        bench->planned += plan.verdict == VERDICT_LIQUIDATE;
    }
}

/* One to three feeds that belong together, by 0.05 to 0.5 %, all up or all down. */
static void feeds_move(struct bench *bench)
{
    const uint32_t first = (uint32_t)(bench_random(&bench->seed) % BENCH_RESERVES);
    const uint64_t parts = 5 + bench_random(&bench->seed) % 46; /* of ten thousand */
    const bool rises = bench_random(&bench->seed) % 2 == 0;
    uint64_t left = 1 + bench_random(&bench->seed) % 3;

    for (uint32_t i = 0; i < BENCH_RESERVES && left > 0; i++) {
        const uint32_t reserve = (first + i) % BENCH_RESERVES;
        uint64_t *price = &bench->market->reserve[reserve].price.value.limb[0];

        if (bench_class_of(reserve) != bench_class_of(first))
            continue;
        *price = *price / 10000 * (rises ? 10000 + parts : 10000 - parts);
        left--;
    }
}

static void block(struct bench *bench)
{
    MUST(protocol_at(bench->market->protocol)
             ->prepare(bench->market, BENCH_TIMESTAMP_S + BLOCK_S * ++bench->step));
    watch_tick(&bench->sweep, bench->watch, bench->market, bench->book);
    plan_all(bench);
}

static double tick(struct bench *bench)
{
    double begin;

    feeds_move(bench);
    begin = bench_now();
    block(bench);
    return bench_now() - begin;
}

/* Who crossed is liquidated: owes nine tenths of it afterwards. */
static void candidates_settle(struct bench *bench)
{
    for (size_t i = 0; i < bench->sweep.candidate_count; i++) {
        const uint32_t slot = bench->sweep.candidate[i].slot;
        struct position position = book_position(bench->book, slot);

        for (uint32_t k = 0; k < position.leg_count; k++) {
            const struct leg *leg = &position.legs[k];
            const struct account_fact fact = {.kind = ACCOUNT_FACT_OWED,
                                              .account = slot,
                                              .reserve = leg->reserve,
                                              .value = u256_of_u128(leg->owed / 10 * 9)};

            if ((leg->flags & LEG_DEBT) != 0)
                book_apply(bench->book, &fact);
        }
    }
}

/* Until nobody is under water and everybody has a place: outside of what is measured. No feed moves
 * meanwhile, else others would cross. */
static void all_settle(struct bench *bench)
{
    while (bench->sweep.candidate_count > 0) {
        candidates_settle(bench);
        block(bench);
    }
}

static void ticks(struct bench *bench, struct samples *samples)
{
    double end;

    (void)tick(bench); /* everything at once, the first time */
    all_settle(bench);
    end = bench_now() + TICKS_SECONDS;
    while (samples->count < CALM_MAX && (samples->count < 9 || bench_now() < end)) {
        uint64_t touched = watch_counters(bench->watch).touched;
        double seconds = tick(bench);

        if (bench->sweep.candidate_count > 0) {
            all_settle(bench);
            samples->crossed++;
            continue;
        }
        samples->touched[samples->count] = (double)(watch_counters(bench->watch).touched - touched);
        samples->us[samples->count++] = seconds * 1e6;
    }
}

static void figure_quantile(const char *figure, const char *name, double value, const char *unit,
                            size_t positions)
{
    char more[96];

    snprintf(more, sizeof(more), ",\"quantile\":\"%s\",\"positions\":%zu", name, positions);
    bench_figure(figure, value, unit, more);
}

/* They lose a tenth, or have it back. */
static void feeds_fall(struct bench *bench, const struct price *before, bool falls)
{
    for (uint32_t i = 0; i < bench->market->reserve_count; i++) {
        struct price *price = &bench->market->reserve[i].price;

        *price = before[i];
        if (falls && i < CRASH_RESERVES)
            price->value.limb[0] = price->value.limb[0] / 10 * 9;
    }
}

static __attribute__((noinline)) void crash_once(struct bench *bench, struct crash_sample *sample)
{
    const uint64_t touched = watch_counters(bench->watch).touched;
    double begin = bench_core();

    watch_tick(&bench->sweep, bench->watch, bench->market, bench->book);
    sample->judged = bench_core() - begin;
    begin = bench_core();
    plan_all(bench);
    sample->planned = bench_core() - begin;
    sample->touched = watch_counters(bench->watch).touched - touched;
}

static void crash(struct bench *bench, uint32_t positions)
{
    struct price before[RESERVES_MAX];
    struct crash_sample sample[CRASHES];
    double total[CRASHES];
    double planned[CRASHES];
    char more[192];

    for (uint32_t i = 0; i < RESERVES_MAX; i++)
        before[i] = bench->market->reserve[i].price;
    for (uint32_t i = 0; i < CRASHES; i++) {
        feeds_fall(bench, before, true);
        bench->planned = 0;
        crash_once(bench, &sample[i]);
        total[i] = (sample[i].judged + sample[i].planned) * 1e3;
        planned[i] = sample[i].planned * 1e3;
        snprintf(more, sizeof(more),
                 ",\"quantile\":\"p50\",\"clock\":\"core\",\"positions\":%u,\"candidates\":%zu,"
                 "\"plans\":%zu,\"touched\":%zu",
                 positions, bench->sweep.candidate_count, (size_t)bench->planned,
                 (size_t)sample[i].touched);
        feeds_fall(bench, before, false);
        watch_tick(&bench->sweep, bench->watch, bench->market, bench->book);
    }
    bench_figure("tick_crash", bench_quantile(total, CRASHES, 0.5), "ms", more);
    bench_figure("tick_crash_plans", bench_quantile(planned, CRASHES, 0.5), "ms", more);
}

static void figure_memory(const struct bench *bench, uint32_t positions)
{
    size_t memory = book_memory(bench->book) + watch_memory(bench->watch);
    char more[96];

    snprintf(more, sizeof(more), ",\"positions\":%u,\"total\":%zu", positions, memory);
    bench_figure("position_memory", (double)memory / positions, "bytes", more);
}

static void figures(uint32_t positions)
{
    struct bench bench = {.market = must_alloc(1, sizeof(struct market)), .seed = positions};
    static struct samples samples;

    samples.count = samples.crossed = 0;
    bench_market(bench.market);
    bench.book = bench_book(bench.market, positions);
    bench.watch = watch_new();
    ticks(&bench, &samples);
    figure_quantile("tick_calm", "p50", bench_quantile(samples.us, samples.count, 0.5), "us",
                    positions);
    figure_quantile("tick_calm", "p99", bench_quantile(samples.us, samples.count, 0.99), "us",
                    positions);
    figure_quantile("positions_touched", "p50", bench_quantile(samples.touched, samples.count, 0.5),
                    "positions", positions);
    figure_quantile("positions_touched", "p99",
                    bench_quantile(samples.touched, samples.count, 0.99), "positions", positions);
    figure_memory(&bench, positions);
    crash(&bench, positions);
    risk_sweep_release(&bench.sweep);
    watch_free(bench.watch);
    book_free(bench.book);
    free(bench.market);
}

/* For callgrind, which counts within this function only (run.sh, profile.sh). */
static __attribute__((noinline)) void tick_counted(struct bench *bench)
{
    (void)tick(bench);
}

/* Calm ticks and those at which somebody crosses, as they come; no clock. */
static void instructions(void)
{
    struct bench bench = {.market = must_alloc(1, sizeof(struct market)), .seed = 7};

    bench_market(bench.market);
    bench.book = bench_book(bench.market, COUNTED_POSITIONS);
    bench.watch = watch_new();
    for (uint32_t i = 0; i < COUNTED_WARM; i++) {
        (void)tick(&bench);
        candidates_settle(&bench);
    }
    for (uint32_t i = 0; i < BENCH_COUNTED_TICKS; i++) {
        tick_counted(&bench);
        candidates_settle(&bench);
    }
    risk_sweep_release(&bench.sweep);
    watch_free(bench.watch);
    book_free(bench.book);
    free(bench.market);
}

/* usage: bench_tick [instructions | POSITIONS …] */
int main(int argc, char **argv)
{
    static const uint32_t sizes[] = {10000, 100000, 1000000, 10000000};

    if (argc == 2 && strcmp(argv[1], "instructions") == 0) {
        instructions();
        return 0;
    }
    for (int i = 1; i < argc; i++)
        figures((uint32_t)strtoul(argv[i], NULL, 10));
    for (size_t i = 0; argc < 2 && i < ARRAY_LENGTH(sizes); i++)
        figures(sizes[i]);
    return 0;
}
