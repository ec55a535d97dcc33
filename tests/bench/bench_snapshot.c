/*
 * What a restart costs where the mirror was kept, and what keeping it costs: a million positions
 * written as the child writes them, the fork that makes the child, and the way back to a mirror
 * that is judged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/snapshot_file.h"
#include "risk/risk.h"
#include "tests/bench/book.h"
#include "tests/bench/clock.h"
#include "turn/state.h"

#define POSITIONS 1000000u
#define TIMES 5u

static const struct wad one = {{{1000000000000000000u, 0, 0, 0}}};

static struct settings settings;

static void settings_of(const struct market *market)
{
    settings.chain.id = 1;
    settings.market_count = 1;
    strcpy(settings.market[0].name, market->name);
    strcpy(settings.market[0].protocol, "aave-v3");
    settings.market[0].address = market->root;
}

/* Gives: turn_free. Whole, at a block. */
static struct turn_state *state_whole(const struct market *market)
{
    struct turn_state *state = turn_new(&settings, PURPOSE_RUN);
    struct tracked *tracked = &state->tracked[0];

    book_free(tracked->book);
    tracked->book = bench_book(market, POSITIONS);
    tracked->market = *market;
    state->is_synchronised = true;
    return state;
}

static void figure(const char *name, double *samples, const char *more)
{
    char positions[128];

    snprintf(positions, sizeof(positions), ",\"quantile\":\"p50\",\"positions\":%u%s", POSITIONS,
             more);
    bench_figure(name, bench_quantile(samples, TIMES, 0.5) * 1e3, "ms", positions);
}

static void writes(const char *path, const struct turn_state *state)
{
    double seconds[TIMES];
    struct stat is;

    for (unsigned i = 0; i < TIMES; i++) {
        double begin = bench_now();
        MUST(snapshot_write(path, state) == 0);
        seconds[i] = bench_now() - begin;
    }
    figure("snapshot_write", seconds, "");
    MUST(stat(path, &is) == 0);
    bench_figure("snapshot_size", (double)is.st_size / POSITIONS, "bytes_per_position", "");
}

static void forks(void)
{
    double seconds[TIMES];

    for (unsigned i = 0; i < TIMES; i++) {
        double begin = bench_now();
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        seconds[i] = bench_now() - begin;
        MUST(pid > 0 && waitpid(pid, NULL, 0) == pid);
    }
    figure("snapshot_fork", seconds, "");
}

static void starts(const char *path, const struct market *market)
{
    double seconds[TIMES];
    double core[TIMES];
    char more[96];
    struct log_sink log;
    struct market *now = must_alloc(1, sizeof(*now));

    log_init(&log, STDERR_FILENO, LOG_LEVEL_WARNING);
    for (unsigned i = 0; i < TIMES; i++) {
        struct risk_sweep sweep = {0};
        double begin = bench_now();
        double begin_core = bench_core();
        struct turn_state *state = turn_new(&settings, PURPOSE_RUN);

        snapshot_read(path, state, &log);
        MUST(book_count(state->tracked[0].book) == POSITIONS);
        *now = *market;
        MUST(protocol_at(now->protocol)->prepare(now, BENCH_TIMESTAMP_S));
        risk_sweep(&sweep, now, state->tracked[0].book, &one);
        seconds[i] = bench_now() - begin;
        core[i] = bench_core() - begin_core;
        risk_sweep_release(&sweep);
        turn_free(state);
    }
    free(now);
    snprintf(more, sizeof(more), ",\"quantile\":\"p50\",\"positions\":%u,\"core_s\":%.2f",
             POSITIONS, bench_quantile(core, TIMES, 0.5));
    bench_figure("start_snapshot", bench_quantile(seconds, TIMES, 0.5), "s", more);
}

int main(void)
{
    struct market *market = must_alloc(1, sizeof(*market));
    char folder[] = "/tmp/plimsoll-bench-XXXXXX";
    char path[64];
    struct turn_state *state;

    MUST(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/j.db.mirror", folder);
    bench_market(market);
    settings_of(market);
    state = state_whole(market);
    writes(path, state);
    forks();
    turn_free(state);
    starts(path, market);
    (void)unlink(path);
    (void)rmdir(folder);
    free(market);
    return 0;
}
