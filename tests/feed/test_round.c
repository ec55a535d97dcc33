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
    struct header executed; /* the block that the node answers from */
    bool is_dumb;           /* no Multicall3: it does not say */
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
    memset(scene, 0, sizeof(*scene));
    scene->executed = (struct header){.number = 1007,
                                      .hash = node_hash(1007, 0),
                                      .parent = node_hash(1006, 0),
                                      .timestamp_s = 84};
    scene->asks = must_alloc(1, sizeof(*scene->asks));
    scene->asks->arena = &scene->arena;
    for (uint32_t i = 0; i < reads; i++)
        read_list_add(&scene->reads)->account = i;
    round_begin(&scene->round, &scene->reads, &scene->executed, 3);
}

static void scene_end(struct scene *scene)
{
    round_release(&scene->round);
    read_list_release(&scene->reads);
    arena_release(&scene->arena);
    rpc_answers_release(&scene->answers);
    ask_list_release(scene->asks);
    free(scene->asks);
}

/* Number, timestamp and parent of the block that it is executed in. */
static void witnesses_add(struct buffer *data, size_t base, const struct scene *scene)
{
    const uint64_t numbers[] = {scene->executed.number, scene->executed.timestamp_s};

    for (size_t i = 0; i < MULTICALL_WITNESSES; i++) {
        abi_set_u64(data, base + i * ABI_WORD, data->size - base);
        abi_add_bool(data, !scene->is_dumb);
        abi_add_u64(data, 2 * ABI_WORD);
        abi_add_u64(data, scene->is_dumb ? 0 : ABI_WORD);
        if (!scene->is_dumb && i < ARRAY_LENGTH(numbers))
            abi_add_u64(data, numbers[i]);
        else if (!scene->is_dumb)
            buffer_add(data, scene->executed.parent.byte, ABI_WORD);
    }
}

/* What aggregate3 gives back for that piece. */
static void results(struct text *out, const struct scene *scene, struct round_piece piece,
                    size_t failed_from)
{
    BUFFER data = {0};
    size_t base;

    abi_add_u64(&data, ABI_WORD);
    abi_add_u64(&data, MULTICALL_WITNESSES + piece.count);
    base = data.size;
    for (size_t i = 0; i < MULTICALL_WITNESSES + piece.count; i++)
        abi_add_u64(&data, 0);
    witnesses_add(&data, base, scene);
    for (size_t i = 0; i < piece.count; i++) {
        uint8_t word[ABI_WORD] = {0};
        bool failed = piece.first + i >= failed_from;

        for (size_t k = 0; k < 8; k++)
            word[ABI_WORD - 1 - k] = (uint8_t)((piece.first + i) >> (8 * k));
        abi_set_u64(&data, base + (MULTICALL_WITNESSES + i) * ABI_WORD, data.size - base);
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
        results(&result, scene, scene->round.ask[slot].piece, failed_from);
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

/* Asks of block 1007, is answered from another. Out: the round's state. */
static enum round_state executed_in(struct scene *scene, uint64_t number, uint64_t timestamp_s,
                                    struct hash32 parent)
{
    scene_begin(scene, 4);
    round_ask(&scene->round, scene->asks, &multicall);
    scene->executed.number = number;
    scene->executed.timestamp_s = timestamp_s;
    scene->executed.parent = parent;
    scene_answer(scene, 0, NULL, SIZE_MAX);
    return scene->round.state;
}

Test(round, believes_nothing_that_another_block_answered)
{
    const struct {
        uint64_t number;
        uint64_t timestamp_s;
        struct hash32 parent;
    } others[] = {{1006, 72, node_hash(1005, 0)}, /* the one before */
                  {1008, 96, node_hash(1007, 0)}, /* the one behind */
                  {1007, 84, node_hash(1006, 1)}, /* of another branch, in the same second */
                  {1007, 85, node_hash(1006, 0)}, /* a sibling, a second later */
                  {1006, 84, node_hash(1005, 0)}, /* a chain of many blocks a second */
                  {2, 24, node_hash(1, 0)}};      /* a node that has long stood still */

    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        struct scene scene;

        cr_assert(
            eq(int,
               (int)executed_in(&scene, others[i].number, others[i].timestamp_s, others[i].parent),
               ROUND_FAILED),
            "row %zu", i);
        cr_assert(eq(str, (char *)scene.round.why, "an answer of another block"));
        cr_assert(eq(int, scene.round.strayed, 0), "who it was is not known");
        cr_assert(eq(u32, scene.results, 0), "row %zu", i);
        scene_end(&scene);
    }
}

Test(round, goes_by_time_alone_where_contracts_count_another_chain_s_blocks)
{
    struct scene scene;

    cr_assert(eq(int, (int)executed_in(&scene, 20000000, 84, node_hash(9, 9)), ROUND_DONE));
    cr_assert(eq(u32, scene.results, 4));
    scene_end(&scene);
    cr_assert(eq(int, (int)executed_in(&scene, 20000000, 83, node_hash(9, 9)), ROUND_FAILED));
    scene_end(&scene);
}

Test(round, fails_where_the_multicall_does_not_say_in_which_block_it_was_executed)
{
    struct scene scene;

    scene_begin(&scene, 4);
    scene.is_dumb = true;
    round_ask(&scene.round, scene.asks, &multicall);
    scene_answer(&scene, 0, NULL, SIZE_MAX);
    cr_assert(eq(int, (int)scene.round.state, ROUND_FAILED));
    cr_assert_not_null(strstr(scene.round.why, "does not say"));
    cr_assert(eq(int, scene.round.strayed, ENDPOINT_ANY));
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

/* What may be done without has a call of its own, and its failure is nobody else's. */
Test(round, goes_on_where_only_what_was_set_aside_is_not_answered)
{
    static const char *const errors[] = {"header not found", "internal error", "rate limited"};

    for (size_t i = 0; i < ARRAY_LENGTH(errors); i++) {
        struct scene scene;

        scene_begin(&scene, 30);
        round_set_aside(&scene.round, 20);
        round_ask(&scene.round, scene.asks, &multicall);
        cr_assert(eq(u32, scene.asks->count, 2));
        cr_assert(eq(sz, scene.round.ask[0].piece.count, 20));
        scene_answer(&scene, 1, errors[i], SIZE_MAX);
        cr_assert(eq(int, (int)scene.round.state, ROUND_RUNNING));
        scene_answer(&scene, 0, NULL, SIZE_MAX);
        cr_assert(eq(int, (int)scene.round.state, ROUND_DONE));
        cr_assert(eq(u32, scene.results, 30));
        cr_assert(eq(u32, scene.failed, 10));
        scene_end(&scene);
    }
}

Test(round, blames_nobody_who_strayed_in_what_may_be_done_without)
{
    struct scene scene;

    scene_begin(&scene, 30);
    round_set_aside(&scene.round, 20);
    round_ask(&scene.round, scene.asks, &multicall);
    scene.executed.timestamp_s++;
    scene_answer(&scene, 1, NULL, SIZE_MAX);
    cr_assert(eq(int, (int)scene.round.state, ROUND_RUNNING));
    scene_answer(&scene, 0, "internal error", SIZE_MAX);
    cr_assert(eq(int, (int)scene.round.state, ROUND_FAILED));
    cr_assert(eq(int, scene.round.strayed, ENDPOINT_ANY));
    scene_end(&scene);
}
