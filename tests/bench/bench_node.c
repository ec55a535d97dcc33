/*
 * How long from knowing to sending: a node of its own process answers the real daemon, notes when
 * the last byte of a block's reads has left, and when the first byte of the transaction arrives
 * that this block calls for. Signer, journal and everything between are the real ones.
 *
 * usage: bench_node ACCOUNT PORT_FILE FIGURE SIMULATE; ends when it has its samples. FIGURE is
 * in_to_out or in_to_out_armed, SIMULATE the daemon's keeper.simulate. Or FIGURE is replay_quiet:
 * blocks in which nothing happens go by, for the daemon to record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/clock.h"
#include "tests/bench/node.h"

#define POSITIONS 10000u
#define SAMPLES 320u
#define WARM_UP 20u
#define SYNCHRONISE_S 60.0
#define SAMPLE_S 5.0
#define QUIET_BLOCKS 2000u
/* Of each head: the block's, and the audit beside it. */
#define QUIET_READS 2u
/* What is asked together comes within this: it is one round trip. */
#define PATIENCE_MS 2
/* The daemon is idle when it only asked for the head for so long. */
#define QUIET_S 0.06

struct bench {
    struct node node;
    struct http_server server;
    double latency[SAMPLES];
    size_t count;
    uint64_t missed;
    const char *figure;
    const char *simulate;
};

/* Serves until nothing but the head was asked for a while; false: that did not come to pass. */
static bool serve_until_quiet(struct bench *bench, double seconds)
{
    double end = bench_now() + seconds;
    double quiet_since = bench_now();
    uint64_t busy = 0;
    uint64_t heads = bench->node.heads;

    while (bench_now() < end) {
        http_step(&bench->server, 5);
        if (bench->node.reads + bench->node.other != busy) {
            busy = bench->node.reads + bench->node.other;
            quiet_since = bench_now();
            heads = bench->node.heads;
        }
        if (bench_now() - quiet_since > QUIET_S && bench->node.heads > heads + 1)
            return true;
    }
    return false;
}

static bool serve_until_sent(struct bench *bench)
{
    double end = bench_now() + SAMPLE_S;

    while (bench_now() < end && bench->node.send_began == 0)
        http_step(&bench->server, 50);
    return bench->node.send_began != 0;
}

static void sample_take(struct bench *bench)
{
    const struct node *node = &bench->node;

    bench->latency[bench->count++] = (node->send_began - node->read_written) * 1e6;
}

/* One block that calls for a transaction, and one that has it. */
static bool sample(struct bench *bench, bool is_counted)
{
    bench->node.send_began = 0;
    world_fall(bench->node.world);
    if (!serve_until_sent(bench)) {
        bench->missed++;
        return serve_until_quiet(bench, SAMPLE_S);
    }
    if (is_counted)
        sample_take(bench);
    if (!serve_until_quiet(bench, SAMPLE_S))
        return false;
    world_mine(bench->node.world);
    return serve_until_quiet(bench, SAMPLE_S);
}

static void figure(struct bench *bench, const char *quantile, double part)
{
    char more[160];

    snprintf(
        more, sizeof(more),
        ",\"quantile\":\"%s\",\"positions\":%u,\"simulate\":\"%s\",\"samples\":%zu,\"missed\":%llu",
        quantile, POSITIONS, bench->simulate, bench->count, (unsigned long long)bench->missed);
    bench_figure(bench->figure, bench_quantile(bench->latency, bench->count, part), "us", more);
}

static int figures(struct bench *bench)
{
    if (bench->count == 0) {
        fprintf(stderr, "bench_node: no transaction came; %llu were refused\n",
                (unsigned long long)bench->node.refused);
        return 1;
    }
    figure(bench, "p50", 0.5);
    figure(bench, "p99", 0.99);
    return 0;
}

/* Each is read whole before the next comes; head and logs are one batch of two. */
static bool quiet_blocks(struct bench *bench)
{
    double trips[QUIET_BLOCKS];
    double calls[QUIET_BLOCKS];

    bench->server.patience_ms = PATIENCE_MS;
    for (uint32_t i = 0; i < QUIET_BLOCKS; i++) {
        const struct node before = bench->node;
        double end = bench_now() + SAMPLE_S;
        double reads;

        world_pass(bench->node.world);
        while (bench->node.reads < before.reads + QUIET_READS) {
            if (bench_now() > end)
                return false;
            http_step(&bench->server, 50);
        }
        reads = (double)(bench->node.reads - before.reads);
        trips[i] = 1 + reads - (double)(bench->node.together - before.together);
        calls[i] = 2 + reads;
    }
    bench_figure("round_trips_per_head", bench_quantile(trips, QUIET_BLOCKS, 0.5), "trips", "");
    bench_figure("calls_per_head", bench_quantile(calls, QUIET_BLOCKS, 0.5), "calls", "");
    return true;
}

static int measure(struct bench *bench)
{
    if (strcmp(bench->figure, "replay_quiet") == 0)
        return quiet_blocks(bench) ? 0 : 1;
    for (uint32_t i = 0; i < SAMPLES + WARM_UP && sample(bench, i >= WARM_UP); i++)
        ;
    return figures(bench);
}

static bool port_write(const struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "w");

    if (file == NULL)
        return false;
    fprintf(file, "%u\n", bench->server.port);
    return fclose(file) == 0;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct address keeper;
    int code;

    if (argc != 5 || address_parse(&keeper, argv[1], strlen(argv[1])) != ADDRESS_OK)
        return 2;
    bench.node.world = world_new(POSITIONS, SAMPLES + WARM_UP, &keeper);
    bench.figure = argv[3];
    bench.simulate = argv[4];
    bench.server.context = &bench.node;
    bench.server.answer = node_answer;
    bench.server.written = node_written;
    if (!http_open(&bench.server) || !port_write(&bench, argv[2]))
        return 1;
    while (bench.node.reads == 0) /* the daemon takes its time over the keystore */
        http_step(&bench.server, 100);
    if (!serve_until_quiet(&bench, SYNCHRONISE_S)) {
        fprintf(stderr, "bench_node: the daemon did not synchronise\n");
        return 1;
    }
    code = measure(&bench);
    http_close(&bench.server);
    world_free(bench.node.world);
    return code;
}
