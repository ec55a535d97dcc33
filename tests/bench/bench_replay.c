/* Blocks a second through the whole engine, from a recording, once it has synchronised: reading and
 * decompressing included, printing and reports not. The block at which it synchronised is none of
 * them: its logs are those of the whole market. usage: bench_replay RECORDING [FIGURE] */
#include <stdio.h>

#include "keeper/replay.h"
#include "tests/bench/clock.h"
#include "turn/state.h"

struct bench {
    double begin;   /* at the first block behind `ready`, or 0 */
    uint64_t ready; /* the block at which it synchronised, or 0 */
    uint64_t first;
    uint64_t last;
};

static void turned(void *context, const struct turn_state *state, const struct actions *actions)
{
    struct bench *bench = context;

    (void)actions;
    if (!state->is_ready)
        return;
    if (bench->ready == 0)
        bench->ready = state->header.number;
    if (bench->begin == 0 && state->header.number != bench->ready) {
        bench->begin = bench_now();
        bench->first = state->header.number;
    }
    bench->last = state->header.number;
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    struct replay_options options = {
        .recording = argc > 1 ? argv[1] : "", .context = &bench, .turned = turned};
    struct replay_result result = {0};
    char why[512] = "";
    char more[160];
    int code = replay_run(&result, why, &options);
    double seconds = bench_now() - bench.begin;
    uint64_t blocks = bench.last - bench.first;

    if (code != EXIT_DONE || blocks == 0) {
        fprintf(stderr, "bench_replay: %s\n", code != EXIT_DONE ? why : "no blocks in it");
        return code != EXIT_DONE ? code : 1;
    }
    snprintf(more, sizeof(more), ",\"blocks\":%llu,\"turns\":%llu,\"observations\":%llu",
             (unsigned long long)blocks, (unsigned long long)result.turns,
             (unsigned long long)result.observations);
    bench_figure(argc > 2 ? argv[2] : "replay", (double)blocks / seconds, "blocks_per_s", more);
    return 0;
}
