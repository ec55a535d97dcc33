/* Blocks a second through the whole engine, from a recording: reading and decompressing it
 * included, printing and reports not. usage: bench_replay RECORDING */
#include <stdio.h>

#include "keeper/replay.h"
#include "tests/bench/clock.h"

int main(int argc, char **argv)
{
    struct replay_options options = {.recording = argc > 1 ? argv[1] : ""};
    struct replay_result result = {0};
    char why[512] = "";
    char more[160];
    double begin = bench_now();
    int code = replay_run(&result, why, &options);
    double seconds = bench_now() - begin;

    if (code != EXIT_DONE) {
        fprintf(stderr, "bench_replay: %s\n", why);
        return code;
    }
    snprintf(more, sizeof(more), ",\"blocks\":%llu,\"turns\":%llu,\"observations\":%llu",
             (unsigned long long)result.heads, (unsigned long long)result.turns,
             (unsigned long long)result.observations);
    bench_figure("replay", (double)result.heads / seconds, "blocks_per_s", more);
    return 0;
}
