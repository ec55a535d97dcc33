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
    uint64_t log_block[256];
    bool stands; /* at each head at once, as if all of it had been read */
};

static void scene_log(void *context, const struct log *log)
{
    struct scene *scene = context;

    scene->log_block[scene->logs++ % 256] = log->block.number;
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
    head_stand(&scene->head);
    scene->stands = true;
}

static void scene_end(struct scene *scene)
{
    arena_release(&scene->arena);
    head_release(&scene->head);
    log_filter_release(&scene->filter);
    rpc_answers_release(&scene->answers);
    free(scene->asks);
}

static enum head_outcome scene_answer(struct scene *scene, const struct text *body, int64_t now_ms)
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

/* The headers that a wide gap asks for, by number: ours of `branch` up to `same`, else another's.
 */
static enum head_outcome scene_join(struct scene *scene, uint64_t same)
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

/* Head by head up to that block. */
static void scene_walk(struct scene *scene, uint64_t from, uint64_t to)
{
    for (uint64_t number = from; number <= to; number++) {
        head_ask(&scene->head, scene->asks, &scene->filter);
        cr_assert(eq(int, scene_show(scene, number, 0, 0, 0), HEAD_NEW));
    }
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
    cr_assert(eq(u64, scene.head.gap.to, 10 + HEAD_AHEAD_MAX + 1 - PIN_BLOCKS));
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

/* The newest of another branch, then its parents down to the block behind the fork. */
static enum head_outcome scene_fork(struct scene *scene, uint64_t fork, uint64_t newest,
                                    uint8_t branch)
{
    enum head_outcome outcome = HEAD_NOTHING;

    head_ask(&scene->head, scene->asks, &scene->filter);
    for (uint64_t number = newest; number > fork && outcome == HEAD_NOTHING; number--)
        outcome = scene_show(scene, number, branch, number == fork + 1 ? 0 : branch, 0);
    return outcome;
}

Test(head, follows_forks_of_every_depth_even_onto_a_much_longer_branch)
{
    for (uint64_t depth = 1; depth <= HEAD_FORK_MAX; depth++) {
        struct scene scene;
        const uint64_t tip = 200;
        const uint64_t ahead = depth % 3 == 0 ? HEAD_AHEAD_MAX : depth % 3;

        scene_begin(&scene, 100);
        scene_walk(&scene, 101, tip);
        scene.logs = 0;
        cr_assert(eq(int, scene_fork(&scene, tip - depth, tip + ahead, 1), HEAD_REORG), "depth %lu",
                  depth);
        cr_assert(eq(u64, scene.head.fork.number, tip - depth));
        cr_assert(eq(u32, scene.logs, (uint32_t)(depth + ahead)));
        for (uint32_t i = 0; i < scene.logs; i++)
            cr_assert(eq(u64, scene.log_block[i], tip - depth + 1 + i), "oldest first");
        scene_end(&scene);
    }
}

Test(head, is_lost_where_a_fork_leaves_before_the_oldest_block_at_which_it_stood)
{
    struct scene scene;

    scene_begin(&scene, 100);
    scene_walk(&scene, 101, 110);
    cr_assert(eq(int, scene_fork(&scene, 99, 110, 1), HEAD_LOST));
    cr_assert(ne(ptr, strstr(scene.head.why, "at most 64"), NULL));
    scene_end(&scene);
}

Test(head, follows_a_node_that_flips_between_two_branches_head_by_head)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene_walk(&scene, 11, 11);
    for (uint64_t number = 12; number < 40; number++) {
        uint8_t branch = (uint8_t)(number % 2);

        scene.logs = 0;
        cr_assert(eq(int, scene_fork(&scene, 10, number, branch == 0 ? 4 : 5), HEAD_REORG));
        cr_assert(eq(u64, scene.head.fork.number, 10));
        cr_assert(eq(u32, scene.logs, (uint32_t)(number - 10)));
    }
    scene_end(&scene);
}

Test(head, delivers_nothing_of_a_way_that_it_could_not_walk_to_its_end)
{
    struct scene scene;
    TEXT body = {0};

    scene_begin(&scene, 10);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 13, 0, 0, 0), HEAD_NOTHING));
    text_add(&body, "garbage");
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_FAILED));
    cr_assert(eq(u32, scene.logs, 0));
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 11, 0, 0, 0), HEAD_NEW));
    cr_assert(eq(u32, scene.logs, 1), "and nothing of it is left for later");
    scene_end(&scene);
}

Test(head, goes_back_past_blocks_at_which_it_never_stood)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene.stands = false;
    scene_walk(&scene, 11, 13);
    cr_assert(eq(int, scene_fork(&scene, 12, 13, 1), HEAD_NOTHING), "12 was ours, but never read");
    cr_assert(eq(int, scene_show(&scene, 12, 0, 0, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_show(&scene, 11, 0, 0, 0), HEAD_REORG));
    cr_assert(eq(u64, scene.head.fork.number, 10));
    scene_end(&scene);
}

Test(head, follows_a_head_of_an_old_number_that_says_nothing_of_what_was_removed)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene_walk(&scene, 11, 20);
    cr_assert(eq(int, scene_fork(&scene, 14, 15, 1), HEAD_REORG));
    cr_assert(eq(u64, scene.head.fork.number, 14));
    cr_assert(eq(u64, scene.head.header.number, 15));
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
    batch(&body, scene.head.ask, text_string(&header), text_string(&logs));
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
    batch(&body, scene->head.ask, text_string(&lie), "[]");
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
    batch(&body, scene.head.ask, text_string(&header), text_string(&logs));
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_NOTHING));
    text_clear(&body);
    node_result(&body, scene.head.ask, 0, text_string(&logs));
    cr_assert(eq(int, scene_answer(&scene, &body, 0), HEAD_FAILED));
    scene_end(&scene);
}

Test(head, goes_back_to_an_old_block_that_the_chain_was_set_back_to)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene_walk(&scene, 11, 15);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 12, 0, 0, 1000), HEAD_NOTHING));
    head_ask(&scene.head, scene.asks, &scene.filter);
    scene.logs = 0;
    cr_assert(eq(int, scene_show(&scene, 12, 0, 0, 1000 + HEAD_BEHIND_MS), HEAD_REORG));
    cr_assert(eq(u64, scene.head.fork.number, 12));
    cr_assert(eq(u32, scene.logs, 0), "what stood there knows its logs");
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 13, 6, 0, 9000), HEAD_NEW));
    scene_end(&scene);
}

Test(head, gives_up_a_way_with_more_logs_than_it_keeps)
{
    static struct log_store store;
    struct block_ref block = {1, node_hash(1, 0)};
    struct log log = {.block = block};
    uint8_t byte = 7;

    cr_assert(log_store_begin(&store, &block));
    log.data = bytes_of(&byte, 1);
    for (uint32_t i = 0; i < LOG_STORE_LOGS_MAX; i++)
        cr_assert(log_store_add(&store, &log));
    cr_assert(not(log_store_add(&store, &log)));
    log_store_clear(&store);
    for (uint32_t i = 0; i < LOG_STORE_BLOCKS_MAX; i++)
        cr_assert(log_store_begin(&store, &block));
    cr_assert(not(log_store_begin(&store, &block)));
    log_store_clear(&store);
    log.data = bytes_of(&byte, LOG_STORE_BYTES_MAX + 1);
    cr_assert(log_store_begin(&store, &block));
    cr_assert(not(log_store_add(&store, &log)));
    log_store_release(&store);
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
