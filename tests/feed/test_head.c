/* The head, as nodes show it: the same, the next, a gap, a fork, a lie. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/feed/node.h"

#define POOL "0x1111111111111111111111111111111111111111"

struct scene {
    struct head head;
    struct arena arena;
    struct ask_list *asks;
    struct log_filter filter;
    struct rpc_answers answers;
    uint32_t logs;
    uint64_t log_block[64];
};

static void scene_log(void *context, const struct log *log)
{
    struct scene *scene = context;

    scene->log_block[scene->logs++ % 64] = log->block.number;
}

static void scene_begin(struct scene *scene, uint64_t number)
{
    struct header header = {.number = number, .hash = node_hash(number, 0)};
    struct address pool;

    memset(scene, 0, sizeof(*scene));
    scene->asks = must_alloc(1, sizeof(*scene->asks));
    scene->asks->arena = &scene->arena;
    cr_assert(eq(int, address_parse(&pool, POOL, strlen(POOL)), ADDRESS_OK));
    log_filter_add_address(&scene->filter, &pool);
    log_filter_add_topic(&scene->filter, "Borrow()");
    head_set(&scene->head, &header);
}

static void scene_end(struct scene *scene)
{
    arena_release(&scene->arena);
    log_filter_release(&scene->filter);
    rpc_answers_release(&scene->answers);
    free(scene->asks);
}

static enum head_outcome scene_answer(struct scene *scene, const struct text *body, int64_t now_ms)
{
    struct log_sink_to sink = {scene, scene_log};
    struct head_context context = {&scene->filter, &sink, &scene->answers, scene->asks, now_ms};
    struct observation observation = node_answer(scene->head.ask, body);
    bool is_mine;
    enum head_outcome outcome = head_answer(&is_mine, &scene->head, &observation, &context);

    cr_assert(is_mine);
    return outcome;
}

/* Header and logs of one batch. */
static void batch(struct text *out, uint64_t id, const char *header, const char *logs)
{
    text_clear(out);
    text_add(out, "[");
    node_result(out, id, 0, header);
    text_add(out, ",");
    node_result(out, id, 1, logs);
    text_add(out, "]");
}

static enum head_outcome scene_show(struct scene *scene, uint64_t number, uint8_t branch,
                                    uint8_t parent_branch, int64_t now_ms)
{
    TEXT header = {0};
    TEXT logs = {0};
    TEXT body = {0};

    node_header(&header, number, branch, parent_branch);
    text_add(&logs, "[");
    node_log(&logs, POOL, number, branch);
    text_add(&logs, "]");
    batch(&body, scene->head.ask, text_string(&header), text_string(&logs));
    return scene_answer(scene, &body, now_ms);
}

Test(head, asks_for_header_and_logs_in_one_batch)
{
    struct scene scene;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(u32, scene.asks->count, 1));
    cr_assert(eq(u32, scene.asks->ask[0].calls, 2));
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(u32, scene.asks->count, 1), "a second question while one is under way");
    scene_end(&scene);
}

Test(head, is_nothing_new_where_the_hash_is_the_same)
{
    struct scene scene;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 10, 0, 0, 0), HEAD_NOTHING));
    cr_assert(eq(u32, scene.logs, 0));
    cr_assert(eq(u64, scene.head.calls_asked, 0), "an idle poll counted as a head");
    scene_end(&scene);
}

Test(head, takes_a_child_with_its_logs_in_one_round_trip)
{
    struct scene scene;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 11, 0, 0, 0), HEAD_NEW));
    cr_assert(eq(u32, scene.logs, 1));
    cr_assert(eq(u64, scene.head.header.number, 11));
    cr_assert(eq(u64, scene.head.calls_asked, 2));
    cr_assert(eq(u64, scene.head.trips, 1));
    scene_end(&scene);
}

Test(head, asks_again_by_hash_where_the_logs_are_of_another_block)
{
    struct scene scene;
    TEXT header = {0};
    TEXT body = {0};

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    node_header(&header, 11, 0, 0);
    {
        TEXT logs = {0};

        text_add(&logs, "[");
        node_log(&logs, POOL, 12, 0);
        text_add(&logs, "]");
        batch(&body, scene.head.ask, text_string(&header), text_string(&logs));
    }
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_NOTHING));
    cr_assert(eq(u32, scene.logs, 0), "a log of another block was believed");
    cr_assert(eq(u32, scene.asks->ask[1].calls, 1));
    text_clear(&body);
    node_result(&body, scene.head.ask, 0, "[]");
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_NEW));
    scene_end(&scene);
}

Test(head, asks_again_by_hash_where_the_bloom_contradicts_an_empty_list)
{
    struct scene scene;
    TEXT header = {0};
    TEXT body = {0};
    struct text patched = {0};
    const char *zero;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    node_header(&header, 11, 0, 0);
    zero = strstr(text_string(&header), "logsBloom\":\"0x");
    text_add_bytes(&patched, bytes_of(text_string(&header), (size_t)(zero - text_string(&header))));
    text_add(&patched, "logsBloom\":\"0x");
    for (size_t i = 0; i < 512; i++)
        text_add(&patched, "f");
    text_add(&patched, "\"}");
    batch(&body, scene.head.ask, text_string(&patched), "[]");
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_NOTHING));
    cr_assert(eq(int, (int)scene.head.state, HEAD_LOGS_ASKED));
    text_release(&patched);
    scene_end(&scene);
}

Test(head, walks_a_gap_back_by_hash)
{
    struct scene scene;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 13, 0, 0, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_show(&scene, 12, 0, 0, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_show(&scene, 11, 0, 0, 0), HEAD_NEW));
    cr_assert(eq(u64, scene.head.header.number, 13));
    cr_assert(eq(u32, scene.logs, 3));
    cr_assert(eq(u64, scene.head.missed, 2));
    scene_end(&scene);
}

Test(head, sees_a_reorg_of_the_same_height)
{
    struct scene scene;

    scene_begin(&scene, 10);
    for (uint64_t number = 11; number <= 12; number++) {
        head_ask(&scene.head, scene.asks, &scene.filter);
        cr_assert(eq(int, scene_show(&scene, number, 0, 0, 0), HEAD_NEW));
    }
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 12, 1, 1, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_show(&scene, 11, 1, 0, 0), HEAD_REORG));
    cr_assert(eq(u64, scene.head.fork_number, 10));
    cr_assert(eq(u64, scene.head.header.number, 12));
    scene_end(&scene);
}

Test(head, takes_a_node_that_is_behind_for_a_moment_as_nothing)
{
    struct scene scene;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 11, 0, 0, 1000), HEAD_NEW));
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 10, 0, 0, 1100), HEAD_NOTHING));
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 11, 0, 0, 1200), HEAD_NOTHING));
    cr_assert(eq(u64, scene.head.header.number, 11));
    scene_end(&scene);
}

Test(head, takes_a_chain_that_stays_set_back_as_a_reorg)
{
    struct scene scene;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 11, 0, 0, 1000), HEAD_NEW));
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 10, 0, 0, 1100), HEAD_NOTHING));
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 10, 0, 0, 1100 + HEAD_BEHIND_MS), HEAD_REORG));
    cr_assert(eq(u64, scene.head.header.number, 10));
    scene_end(&scene);
}

Test(head, asks_for_a_range_where_the_gap_is_wide)
{
    struct scene scene;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 10 + HEAD_WALK_MAX + 1, 0, 0, 0), HEAD_WIDE));
    cr_assert(eq(u64, scene.head.gap.from, 11));
    cr_assert(eq(u64, scene.head.gap.to, 10 + HEAD_WALK_MAX + 1));
    scene_end(&scene);
}

Test(head, refuses_a_header_by_hash_that_is_another_one)
{
    struct scene scene;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 13, 0, 0, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_show(&scene, 12, 2, 0, 0), HEAD_FAILED));
    cr_assert(eq(u64, scene.head.header.number, 10), "the head moved on a lie");
    scene_end(&scene);
}

Test(head, fails_with_a_reason_on_garbage)
{
    struct scene scene;
    TEXT body = {0};

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    text_add(&body, "<html>502 Bad Gateway</html>");
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_FAILED));
    cr_assert(ne(ptr, (void *)scene.head.why, NULL));
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 11, 0, 0, 0), HEAD_NEW), "it did not recover");
    scene_end(&scene);
}
