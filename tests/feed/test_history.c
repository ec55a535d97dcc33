/* Ranges of logs: each block once, however the node balks. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/feed/node.h"

#define POOL "0x1111111111111111111111111111111111111111"
#define BLOCKS_MAX 5000

struct scene {
    struct history history;
    struct arena arena;
    struct ask_list *asks;
    struct log_filter filter;
    struct rpc_answers answers;
    uint32_t seen[BLOCKS_MAX];
};

static void scene_log(void *context, const struct log *log)
{
    struct scene *scene = context;

    cr_assert(log->block.number < BLOCKS_MAX);
    scene->seen[log->block.number]++;
}

static void scene_begin(struct scene *scene, uint64_t from, uint64_t to, uint64_t range)
{
    memset(scene, 0, sizeof(*scene));
    scene->asks = must_alloc(1, sizeof(*scene->asks));
    scene->asks->arena = &scene->arena;
    history_begin(&scene->history, from, to, range);
}

static void scene_end(struct scene *scene)
{
    arena_release(&scene->arena);
    log_filter_release(&scene->filter);
    rpc_answers_release(&scene->answers);
    ask_list_release(scene->asks);
    free(scene->asks);
}

/* One log a block, or what the node says instead. */
static void scene_answer(struct scene *scene, size_t slot, const char *error)
{
    struct log_sink_to sink = {scene, scene_log};
    struct history_ask ask = scene->history.ask[slot];
    struct observation observation;
    TEXT logs = {0};
    TEXT body = {0};

    text_add(&logs, "[");
    for (uint64_t i = ask.piece.from; i <= ask.piece.to && error == NULL; i++) {
        text_add(&logs, i > ask.piece.from ? "," : "");
        node_log(&logs, POOL, i, 0);
    }
    text_add(&logs, "]");
    if (error != NULL)
        node_error(&body, ask.id, 0, -32005, error);
    else
        node_result(&body, ask.id, 0, text_string(&logs));
    observation = node_answer(ask.id, &body);
    cr_assert(history_answer(&scene->history, &observation, &scene->answers, &sink));
}

static void scene_drain(struct scene *scene, uint64_t cap, const char *error)
{
    for (int turns = 0; turns < 20000 && scene->history.state == HISTORY_RUNNING; turns++) {
        scene->asks->count = 0;
        history_ask(&scene->history, scene->asks, &scene->filter);
        for (size_t i = 0; i < HISTORY_ASKS_MAX; i++) {
            struct history_piece piece = scene->history.ask[i].piece;

            if (scene->history.ask[i].id != 0)
                scene_answer(scene, i, piece.to - piece.from + 1 > cap ? error : NULL);
        }
    }
}

static void each_once(const struct scene *scene, uint64_t from, uint64_t to)
{
    for (uint64_t i = 0; i < BLOCKS_MAX; i++)
        cr_assert(eq(u32, scene->seen[i], i >= from && i <= to ? 1 : 0));
}

Test(history, covers_each_block_once)
{
    struct scene scene;

    scene_begin(&scene, 3, 4321, 100);
    scene_drain(&scene, UINT64_MAX, NULL);
    cr_assert(eq(int, (int)scene.history.state, HISTORY_DONE));
    each_once(&scene, 3, 4321);
    scene_end(&scene);
}

Test(history, halves_a_range_that_is_too_wide_until_it_fits)
{
    static const char *const words[] = {
        "query returned more than 10000 results",
        "exceed maximum block range: 500",
        "block range is too wide",
        /* of these, another method would mean something else */
        "query timeout",
        "response too large",
        "limit exceeded for this account",
    };

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        struct scene scene;

        scene_begin(&scene, 0, 4000, 4000);
        scene_drain(&scene, 7, words[i]);
        cr_assert(eq(int, (int)scene.history.state, HISTORY_DONE), "%s", words[i]);
        each_once(&scene, 0, 4000);
        scene_end(&scene);
    }
}

Test(history, is_cut_where_the_node_names_what_it_would_answer)
{
    struct scene scene;

    scene_begin(&scene, 10, 4000, 4000);
    history_ask(&scene.history, scene.asks, &scene.filter);
    scene_answer(&scene, 0, "query exceeds max results 20000, retry with the range 10-609");
    cr_assert(eq(u64, scene.history.range_max, 600));
    scene_drain(&scene, UINT64_MAX, NULL);
    cr_assert(eq(int, (int)scene.history.state, HISTORY_DONE));
    each_once(&scene, 10, 4000);
    scene_end(&scene);
}

Test(history, asks_again_for_one_block_that_took_too_long)
{
    struct scene scene;

    scene_begin(&scene, 9, 9, 100);
    history_ask(&scene.history, scene.asks, &scene.filter);
    scene_answer(&scene, 0, "query timeout");
    cr_assert(eq(int, (int)scene.history.state, HISTORY_RUNNING));
    scene_drain(&scene, UINT64_MAX, NULL);
    each_once(&scene, 9, 9);
    scene_end(&scene);
}

Test(history, of_an_empty_range_is_done_at_once)
{
    struct scene scene;

    scene_begin(&scene, 10, 9, 100);
    cr_assert(eq(int, (int)scene.history.state, HISTORY_DONE));
    scene_end(&scene);
}

Test(history, fails_with_a_reason_where_not_even_one_block_is_answered)
{
    struct scene scene;

    scene_begin(&scene, 0, 100, 100);
    scene_drain(&scene, 0, "query returned more than 10000 results");
    cr_assert(eq(int, (int)scene.history.state, HISTORY_FAILED));
    cr_assert(ne(ptr, (void *)scene.history.why, NULL));
    scene_end(&scene);
}

Test(history, asks_again_after_an_error_from_where_it_was)
{
    struct scene scene;

    scene_begin(&scene, 50, 90, 100);
    history_ask(&scene.history, scene.asks, &scene.filter);
    scene_answer(&scene, 0, "internal error");
    cr_assert(eq(int, (int)scene.history.state, HISTORY_RUNNING));
    scene_drain(&scene, UINT64_MAX, NULL);
    cr_assert(eq(int, (int)scene.history.state, HISTORY_DONE));
    each_once(&scene, 50, 90);
    scene_end(&scene);
}

static void scene_hears(struct scene *scene, size_t slot, enum observation_status status)
{
    struct log_sink_to sink = {scene, scene_log};
    struct observation observation = {
        .kind = OBSERVATION_ANSWER, .status = status, .id = scene->history.ask[slot].id};

    cr_assert(history_answer(&scene->history, &observation, &scene->answers, &sink));
}

/* Else a node that is back from an outage is asked for its whole past block by block. */
Test(history, keeps_its_range_where_nobody_answers)
{
    static const enum observation_status statuses[] = {OBSERVED_UNREACHABLE, OBSERVED_HTTP_ERROR,
                                                       OBSERVED_REFUSED, OBSERVED_UNRECORDED};

    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        struct scene scene;

        scene_begin(&scene, 0, 4000, 1000);
        for (int turns = 0; turns < 3; turns++) {
            history_ask(&scene.history, scene.asks, &scene.filter);
            scene_hears(&scene, 0, statuses[i]);
        }
        cr_assert(eq(int, (int)scene.history.state, HISTORY_RUNNING));
        cr_assert(eq(u64, scene.history.range_max, 1000));
        scene_drain(&scene, UINT64_MAX, NULL);
        each_once(&scene, 0, 4000);
        scene_end(&scene);
    }
}

/* Some cut the connection where others say that it is too much: in the end a smaller range is
 * tried. */
Test(history, tries_a_smaller_range_after_it_failed_for_good)
{
    struct scene scene;

    scene_begin(&scene, 0, 999, 1000);
    for (int turns = 0; turns < 100 && scene.history.state == HISTORY_RUNNING; turns++) {
        history_ask(&scene.history, scene.asks, &scene.filter);
        scene_hears(&scene, 0, OBSERVED_UNREACHABLE);
    }
    cr_assert(eq(int, (int)scene.history.state, HISTORY_FAILED));
    cr_assert(eq(u64, scene.history.range_max, 500));
    scene_end(&scene);
}

Test(history, halves_a_range_whose_answer_is_too_large_or_too_late)
{
    static const enum observation_status statuses[] = {OBSERVED_TOO_LARGE, OBSERVED_TIMED_OUT};

    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        struct scene scene;

        scene_begin(&scene, 0, 999, 1000);
        history_ask(&scene.history, scene.asks, &scene.filter);
        scene_hears(&scene, 0, statuses[i]);
        cr_assert(eq(u64, scene.history.range_max, 500));
        scene_end(&scene);
    }
}
