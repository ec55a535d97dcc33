/* Forks of every depth: where the branch left ours, and what is delivered of it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/feed/head_scene.h"

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

Test(head_fork, follows_forks_of_every_depth_even_onto_a_much_longer_branch)
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

Test(head_fork, is_lost_where_a_fork_leaves_before_the_oldest_block_at_which_it_stood)
{
    struct scene scene;

    scene_begin(&scene, 100);
    scene_walk(&scene, 101, 110);
    cr_assert(eq(int, scene_fork(&scene, 99, 110, 1), HEAD_LOST));
    cr_assert(ne(ptr, strstr(scene.head.why, "at most 64"), NULL));
    scene_end(&scene);
}

Test(head_fork, follows_a_node_that_flips_between_two_branches_head_by_head)
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

Test(head_fork, delivers_nothing_of_a_way_that_it_could_not_walk_to_its_end)
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

Test(head_fork, goes_back_past_blocks_at_which_it_never_stood)
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

Test(head_fork, follows_a_head_of_an_old_number_that_says_nothing_of_what_was_removed)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene_walk(&scene, 11, 20);
    cr_assert(eq(int, scene_fork(&scene, 14, 15, 1), HEAD_REORG));
    cr_assert(eq(u64, scene.head.fork.number, 14));
    cr_assert(eq(u64, scene.head.header.number, 15));
    scene_end(&scene);
}

Test(head_fork, goes_back_to_an_old_block_that_the_chain_was_set_back_to)
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

Test(head_fork, gives_up_a_way_with_more_logs_than_it_keeps)
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

/* hardhat_mine makes blocks whose parent it does not name. */
Test(head_fork, asks_by_number_where_the_node_names_no_parent)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene_walk(&scene, 11, 12);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 20, 0, 0, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_show(&scene, 19, 0, NODE_NO_PARENT, 0), HEAD_NOTHING));
    cr_assert(eq(int, scene_join(&scene, 12), HEAD_WIDE));
    cr_assert(not(scene.head.is_fork));
    cr_assert(eq(u64, scene.head.gap.from, 13));
    cr_assert(eq(u64, scene.head.gap.to, 20));
    cr_assert(eq(u32, scene.logs, 2), "logs of a way that was not walked to its end");
    scene_end(&scene);
}

Test(head_fork, goes_back_by_number_where_a_lower_branch_names_no_parent)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene_walk(&scene, 11, 40);
    head_ask(&scene.head, scene.asks, &scene.filter);
    cr_assert(eq(int, scene_show(&scene, 30, 3, NODE_NO_PARENT, 0), HEAD_NOTHING));
    cr_assert(eq(u64, scene.head.join[0].number, 29));
    cr_assert(eq(int, scene_join(&scene, 20), HEAD_WIDE));
    cr_assert(scene.head.is_fork);
    cr_assert(eq(u64, scene.head.fork.number, 20));
    cr_assert(eq(u64, scene.head.gap.from, 21));
    scene_end(&scene);
}
