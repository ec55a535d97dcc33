/* Multicalls: what is packed comes back, and a node's gas cap is learned. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/abi.h"
#include "tests/feed/node.h"

struct scene {
    struct round round;
    struct arena arena;
    struct ask_list *asks;
    struct rpc_answers answers;
    struct read_list reads;
    uint32_t seen[2048];
    uint32_t failed;
    uint32_t results;
};

static const struct address multicall = {{0xca, 0x11}};

static void scene_result(void *context, const struct read *read, bool succeeded, struct bytes data)
{
    struct scene *scene = context;
    uint64_t value = 0;

    scene->results++;
    if (!succeeded) {
        scene->failed++;
        return;
    }
    cr_assert(abi_u64(&value, data, 0));
    cr_assert(eq(u64, value, read->account), "an answer went to another read");
    scene->seen[read->account]++;
}

static void scene_begin(struct scene *scene, uint32_t reads)
{
    struct hash32 block = node_hash(7, 0);

    memset(scene, 0, sizeof(*scene));
    scene->asks = must_alloc(1, sizeof(*scene->asks));
    scene->asks->arena = &scene->arena;
    for (uint32_t i = 0; i < reads; i++)
        read_list_add(&scene->reads)->account = i;
    round_begin(&scene->round, &scene->reads, &block, 0);
}

static void scene_end(struct scene *scene)
{
    round_release(&scene->round);
    read_list_release(&scene->reads);
    arena_release(&scene->arena);
    rpc_answers_release(&scene->answers);
    free(scene->asks);
}

/* What aggregate3 gives back for that piece. */
static void results(struct text *out, struct round_piece piece, size_t failed_from)
{
    BUFFER data = {0};
    size_t base;

    abi_add_u64(&data, ABI_WORD);
    abi_add_u64(&data, piece.count);
    base = data.size;
    for (size_t i = 0; i < piece.count; i++)
        abi_add_u64(&data, 0);
    for (size_t i = 0; i < piece.count; i++) {
        uint8_t word[ABI_WORD] = {0};
        bool failed = piece.first + i >= failed_from;

        for (size_t k = 0; k < 8; k++)
            word[ABI_WORD - 1 - k] = (uint8_t)((piece.first + i) >> (8 * k));
        abi_set_u64(&data, base + i * ABI_WORD, data.size - base);
        abi_add_bool(&data, !failed);
        abi_add_u64(&data, 2 * ABI_WORD);
        abi_add_bytes(&data, bytes_of(word, failed ? 0 : sizeof(word)));
    }
    text_add(out, "\"");
    text_add_hex(out, buffer_bytes(&data));
    text_add(out, "\"");
}

static void scene_answer(struct scene *scene, size_t slot, const char *error, size_t failed_from)
{
    struct round_sink sink = {scene, scene_result};
    uint64_t id = scene->round.ask[slot].id;
    TEXT result = {0};
    TEXT body = {0};
    struct observation observation;

    if (error != NULL) {
        node_error(&body, id, 0, -32000, error);
    } else {
        results(&result, scene->round.ask[slot].piece, failed_from);
        node_result(&body, id, 0, text_string(&result));
    }
    observation = node_answer(id, &body);
    cr_assert(round_answer(&scene->round, &observation, &scene->answers, &sink));
}

static void scene_drain(struct scene *scene, size_t cap)
{
    for (int turns = 0; turns < 4000 && scene->round.state == ROUND_RUNNING; turns++) {
        scene->asks->count = 0;
        round_ask(&scene->round, scene->asks, &multicall);
        for (size_t i = 0; i < ROUND_ASKS_MAX; i++) {
            if (scene->round.ask[i].id != 0)
                scene_answer(scene, i, scene->round.ask[i].piece.count > cap ? "out of gas" : NULL,
                             SIZE_MAX);
        }
    }
}

Test(round, of_nothing_is_done_at_once)
{
    struct scene scene;

    scene_begin(&scene, 0);
    cr_assert(eq(int, (int)scene.round.state, ROUND_DONE));
    scene_end(&scene);
}

Test(round, gives_each_read_its_own_answer_once)
{
    struct scene scene;

    scene_begin(&scene, 2000);
    scene_drain(&scene, SIZE_MAX);
    cr_assert(eq(int, (int)scene.round.state, ROUND_DONE));
    for (uint32_t i = 0; i < 2000; i++)
        cr_assert(eq(u32, scene.seen[i], 1));
    scene_end(&scene);
}

Test(round, learns_the_gas_cap_and_still_answers_all)
{
    struct scene scene;

    scene_begin(&scene, 1000);
    scene_drain(&scene, 37);
    cr_assert(eq(int, (int)scene.round.state, ROUND_DONE));
    for (uint32_t i = 0; i < 1000; i++)
        cr_assert(eq(u32, scene.seen[i], 1));
    cr_assert(scene.round.reads_max < 80, "the cap was not learned");
    scene_end(&scene);
}

Test(round, takes_silent_failures_up_to_the_last_read_for_gas)
{
    struct scene scene;

    scene_begin(&scene, 4);
    round_ask(&scene.round, scene.asks, &multicall);
    scene_answer(&scene, 0, NULL, 2);
    cr_assert(eq(u32, scene.results, 0), "reads that ran out of gas were taken as answers");
    scene_drain(&scene, SIZE_MAX);
    cr_assert(eq(u32, scene.results, 4));
    scene_end(&scene);
}

Test(round, says_that_the_node_does_not_know_the_block)
{
    struct scene scene;
    struct round_sink sink = {&scene, scene_result};
    TEXT body = {0};
    struct observation observation;

    scene_begin(&scene, 4);
    round_ask(&scene.round, scene.asks, &multicall);
    node_error(&body, scene.round.ask[0].id, 0, -32001, "Resource not found");
    observation = node_answer(scene.round.ask[0].id, &body);
    cr_assert(round_answer(&scene.round, &observation, &scene.answers, &sink));
    cr_assert(eq(int, (int)scene.round.state, ROUND_UNKNOWN_BLOCK));
    scene_end(&scene);
}

Test(round, fails_where_the_answer_has_another_shape)
{
    struct scene scene;
    struct round_sink sink = {&scene, scene_result};
    TEXT body = {0};
    struct observation observation;

    scene_begin(&scene, 4);
    round_ask(&scene.round, scene.asks, &multicall);
    node_result(&body, scene.round.ask[0].id, 0, "\"0x\"");
    observation = node_answer(scene.round.ask[0].id, &body);
    cr_assert(round_answer(&scene.round, &observation, &scene.answers, &sink));
    cr_assert(eq(int, (int)scene.round.state, ROUND_FAILED));
    cr_assert(eq(u32, scene.results, 0));
    scene_end(&scene);
}

Test(round, leaves_a_late_answer_of_an_abandoned_round_to_nobody)
{
    struct scene scene;
    struct round_sink sink = {&scene, scene_result};
    TEXT body = {0};
    struct observation observation;
    uint64_t id;

    scene_begin(&scene, 4);
    round_ask(&scene.round, scene.asks, &multicall);
    id = scene.round.ask[0].id;
    round_abandon(&scene.round);
    node_result(&body, id, 0, "\"0x\"");
    observation = node_answer(id, &body);
    cr_assert(not(round_answer(&scene.round, &observation, &scene.answers, &sink)));
    scene_end(&scene);
}
