/*
 * What exact judging costs on one core: the pool's own number for position after position that lie
 * in the caches, and a full sweep of a book that does not fit them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "risk/risk.h"
#include "tests/bench/book.h"
#include "tests/bench/clock.h"

#define TIMES 9u
#define WARM_POSITIONS 5000u
#define WARM_PASSES 40u

static const struct wad one = {{{1000000000000000000u, 0, 0, 0}}};

static double pass_seconds(const struct market *market, const struct position *position)
{
    const struct protocol *protocol = protocol_at(market->protocol);
    const double begin = bench_core();
    struct health health;

    for (uint32_t pass = 0; pass < WARM_PASSES; pass++)
        for (uint32_t i = 0; i < WARM_POSITIONS; i++)
            MUST(protocol->health(&health, market, &position[i]) == HEALTH_OK);
    return bench_core() - begin;
}

static void figure_health(const struct market *market)
{
    struct position *position = must_alloc(WARM_POSITIONS, sizeof(*position));
    struct book *book = bench_book(market, WARM_POSITIONS);
    double seconds[TIMES];

    for (uint32_t i = 0; i < WARM_POSITIONS; i++)
        position[i] = book_position(book, i);
    for (uint32_t i = 0; i < TIMES; i++)
        seconds[i] = pass_seconds(market, position);
    bench_figure("health_exact", WARM_POSITIONS * WARM_PASSES / bench_quantile(seconds, TIMES, 0.5),
                 "per_s", ",\"quantile\":\"p50\",\"clock\":\"core\"");
    book_free(book);
    free(position);
}

static void figure_sweep(const struct market *market, uint32_t positions)
{
    struct book *book = bench_book(market, positions);
    struct risk_sweep sweep = {0};
    double seconds[TIMES];
    char more[96];

    for (uint32_t i = 0; i < TIMES; i++) {
        const double begin = bench_core();

        risk_sweep(&sweep, market, book, &one);
        seconds[i] = bench_core() - begin;
    }
    MUST(sweep.judged == positions);
    snprintf(more, sizeof(more), ",\"quantile\":\"p50\",\"clock\":\"core\",\"positions\":%u",
             positions);
    bench_figure("sweep_exact", positions / bench_quantile(seconds, TIMES, 0.5), "per_s", more);
    risk_sweep_release(&sweep);
    book_free(book);
}

/* usage: bench_health [POSITIONS] */
int main(int argc, char **argv)
{
    struct market *market = must_alloc(1, sizeof(*market));

    bench_market(market);
    figure_health(market);
    figure_sweep(market, argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000);
    free(market);
    return 0;
}
