/* The head, as nodes show it: the same, the next, a gap, a fork, a lie. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/feed/head_scene.h"

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
        scene_batch(&body, scene.head.ask, text_string(&header), text_string(&logs));
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
    scene_batch(&body, scene.head.ask, text_string(&patched), "[]");
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
    cr_assert(eq(u64, scene.head.fork.number, 10));
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
    cr_assert(eq(int, scene_show(&scene, 10 + HEAD_AHEAD_MAX + 1, 0, 0, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_join(&scene, 10), HEAD_WIDE));
    cr_assert(not(scene.head.is_fork));
    cr_assert(eq(u64, scene.head.gap.from, 11));
    cr_assert(eq(u64, scene.head.gap.to, 10 + HEAD_AHEAD_MAX + 1));
    scene_end(&scene);
}

Test(head, finds_where_a_wide_gap_left_our_chain)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene_walk(&scene, 11, 50);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 500, 0, 0, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_join(&scene, 20), HEAD_NOTHING), "beyond the first batch");
    cr_assert(eq(int, scene_join(&scene, 20), HEAD_WIDE));
    cr_assert(scene.head.is_fork);
    cr_assert(eq(u64, scene.head.fork.number, 20));
    cr_assert(eq(u64, scene.head.gap.from, 21));
    scene_end(&scene);
}

Test(head, is_lost_where_a_wide_gap_leads_to_none_of_our_blocks)
{
    struct scene scene;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 500, 0, 0, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_join(&scene, 9), HEAD_LOST));
    cr_assert(ne(ptr, strstr(scene.head.why, "depth unknown"), NULL));
    scene_end(&scene);
}

Test(head, asks_again_where_a_log_says_that_it_was_removed_and_then_refuses)
{
    struct scene scene;
    TEXT header = {0};
    TEXT logs = {0};
    TEXT body = {0};
    char *removed;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    node_header(&header, 11, 0, 0);
    text_add(&logs, "[");
    node_log(&logs, POOL, 11, 0);
    text_add(&logs, "]");
    removed = strstr((char *)logs.buffer.data, "\"removed\":false");
    memcpy(removed, "\"removed\": true", 15);
    scene_batch(&body, scene.head.ask, text_string(&header), text_string(&logs));
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_NOTHING));
    text_clear(&body);
    node_result(&body, scene.head.ask, 0, text_string(&logs));
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_FAILED));
    cr_assert(eq(str, (char *)scene.head.why, "the logs asked by hash are of another block"));
    cr_assert(eq(u64, scene.head.header.number, 10));
    scene_end(&scene);
}

/* A header of block `number` with the hash of block `hash` and the parent `parent`. */
static const char *lie_of(struct scene *scene, uint64_t number, uint64_t hash, uint64_t parent)
{
    TEXT header = {0};
    TEXT body = {0};
    TEXT lie = {0};
    char text[2][HASH32_TEXT_SIZE];
    struct hash32 its = node_hash(hash, 0);
    struct hash32 parents = node_hash(parent, 0);

    hash32_format(text[0], &its);
    hash32_format(text[1], &parents);
    node_header(&header, number, 9, 9);
    text_add(&lie, "{\"hash\":\"");
    text_add(&lie, text[0]);
    text_add(&lie, "\",\"parentHash\":\"");
    text_add(&lie, text[1]);
    text_add(&lie, strstr(text_string(&header), "\",\"number\""));
    head_ask(&scene->head, scene->asks, &scene->filter);
    scene_batch(&body, scene->head.ask, text_string(&lie), "[]");
    cr_assert(eq(int, scene_answer(scene, &body, 0), HEAD_FAILED));
    cr_assert(eq(u64, scene->head.header.number, 12), "the head moved on a lie");
    return scene->head.why;
}

Test(head, refuses_a_header_that_contradicts_itself_or_what_is_known)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene_walk(&scene, 11, 12);
    cr_assert(eq(str, (char *)lie_of(&scene, 13, 12, 11),
                 "a header whose hash is that of another number"));
    cr_assert(eq(str, (char *)lie_of(&scene, 13, 11, 10),
                 "a header whose hash is that of another number"));
    cr_assert(eq(str, (char *)lie_of(&scene, 13, 13, 13), "a header that is its own parent"));
    cr_assert(eq(str, (char *)lie_of(&scene, 14, 14, 12),
                 "a header whose number does not follow its parent's"));
    cr_assert(eq(str, (char *)lie_of(&scene, 12, 14, 12),
                 "a header whose number does not follow its parent's"));
    scene_end(&scene);
}

/* A node told a head's time wrong, once, and each honest block behind it was refused: 64 of them.
 */
Test(head, gives_way_where_all_say_that_its_child_is_older)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene_walk(&scene, 11, 12);
    scene.head.header.timestamp_s += 10000;
    for (int i = 1; i < HEAD_OLDER_MAX; i++) {
        head_ask(&scene.head, scene.asks, &scene.filter);
        cr_assert(eq(int, scene_show(&scene, 13, 0, 0, 0), HEAD_FAILED));
        cr_assert(eq(str, (char *)scene.head.why, "a header older than its parent"));
    }
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 13, 0, 0, 0), HEAD_NEW));
    scene_walk(&scene, 14, 15);
    scene_end(&scene);
}

Test(head, gives_way_at_the_end_of_a_walk_too)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene.head.header.timestamp_s += 10000;
    for (int i = 1; i <= HEAD_OLDER_MAX; i++) {
        head_ask(&scene.head, scene.asks, &scene.filter);
        cr_assert(eq(int, scene_show(&scene, 13, 0, 0, 0), HEAD_NOTHING));
        cr_assert(eq(int, scene_show(&scene, 12, 0, 0, 0), HEAD_NOTHING));
        cr_assert(
            eq(int, scene_show(&scene, 11, 0, 0, 0), i < HEAD_OLDER_MAX ? HEAD_FAILED : HEAD_NEW));
    }
    cr_assert(eq(u64, scene.head.header.number, 13));
    scene_end(&scene);
}

/* Bent times of single children, between honest ones, are refused for ever. */
Test(head, counts_children_that_are_older_anew_with_each_head)
{
    struct scene scene;

    scene_begin(&scene, 10);
    for (uint64_t number = 11; number < 30; number++) {
        uint64_t timestamp_s = scene.head.header.timestamp_s;

        for (int i = 1; i < HEAD_OLDER_MAX; i++) {
            scene.head.header.timestamp_s = timestamp_s + 10000;
            head_ask(&scene.head, scene.asks, &scene.filter);
            cr_assert(eq(int, scene_show(&scene, number, 0, 0, 0), HEAD_FAILED));
        }
        scene.head.header.timestamp_s = timestamp_s;
        scene_walk(&scene, number, number);
    }
    scene_end(&scene);
}

Test(head, refuses_logs_by_hash_that_name_another_number)
{
    struct scene scene;
    TEXT header = {0};
    TEXT logs = {0};
    TEXT body = {0};
    char *number;

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    node_header(&header, 11, 0, 0);
    text_add(&logs, "[");
    node_log(&logs, POOL, 11, 0);
    text_add(&logs, "]");
    number = strstr((char *)logs.buffer.data, "\"blockNumber\":\"0xb");
    memcpy(number, "\"blockNumber\":\"0xc", 18);
    scene_batch(&body, scene.head.ask, text_string(&header), text_string(&logs));
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_NOTHING));
    text_clear(&body);
    node_result(&body, scene.head.ask, 0, text_string(&logs));
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_FAILED));
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
