/* A head, and answers to whatever it asks. */
#include "tests/feed/head_scene.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static void scene_log(void *context, const struct log *log)
{
    struct scene *scene = context;

    scene->log_block[scene->logs++ % 256] = log->block.number;
}

void scene_begin(struct scene *scene, uint64_t number)
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
    head_stand(&scene->head);
    scene->stands = true;
}

void scene_end(struct scene *scene)
{
    arena_release(&scene->arena);
    head_release(&scene->head);
    log_filter_release(&scene->filter);
    rpc_answers_release(&scene->answers);
    ask_list_release(scene->asks);
    free(scene->asks);
}

enum head_outcome scene_answer(struct scene *scene, const struct text *body, int64_t now_ms)
{
    struct log_sink_to sink = {scene, scene_log};
    struct head_context context = {&scene->filter, &scene->answers, scene->asks, now_ms};
    struct observation observation = node_answer(scene->head.ask, body);
    bool is_mine;
    enum head_outcome outcome = head_answer(&is_mine, &scene->head, &observation, &context);

    cr_assert(is_mine);
    if (outcome == HEAD_NEW || outcome == HEAD_REORG)
        head_deliver(&scene->head, &sink);
    if (scene->stands && (outcome == HEAD_NEW || outcome == HEAD_REORG))
        head_stand(&scene->head);
    return outcome;
}

void scene_batch(struct text *out, uint64_t id, const char *header, const char *logs)
{
    text_clear(out);
    text_add(out, "[");
    node_result(out, id, 0, header);
    text_add(out, ",");
    node_result(out, id, 1, logs);
    text_add(out, "]");
}

enum head_outcome scene_show(struct scene *scene, uint64_t number, uint8_t branch,
                             uint8_t parent_branch, int64_t now_ms)
{
    TEXT header = {0};
    TEXT logs = {0};
    TEXT body = {0};

    node_header(&header, number, branch, parent_branch);
    text_add(&logs, "[");
    node_log(&logs, POOL, number, branch);
    text_add(&logs, "]");
    scene_batch(&body, scene->head.ask, text_string(&header), text_string(&logs));
    return scene_answer(scene, &body, now_ms);
}

enum head_outcome scene_join(struct scene *scene, uint64_t same)
{
    TEXT body = {0};
    TEXT header = {0};

    for (uint32_t i = 0; i < scene->head.calls; i++) {
        uint64_t number = scene->head.join[i].number;

        text_clear(&header);
        node_header(&header, number, number <= same ? 0 : 3, 0);
        text_add(&body, scene->head.calls == 1 ? "" : i == 0 ? "[" : ",");
        node_result(&body, scene->head.ask, i, text_string(&header));
    }
    text_add(&body, scene->head.calls == 1 ? "" : "]");
    return scene_answer(scene, &body, 0);
}

void scene_walk(struct scene *scene, uint64_t from, uint64_t to)
{
    for (uint64_t number = from; number <= to; number++) {
        head_ask(&scene->head, scene->asks, &scene->filter);
        cr_assert(eq(int, scene_show(scene, number, 0, 0, 0), HEAD_NEW));
    }
}
