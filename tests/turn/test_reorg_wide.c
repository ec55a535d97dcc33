/* Forks where the way is long, or where the node changes its mind while it is asked. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/walk.h"
#include "turn/inside.h"

TestSuite(reorg_wide, .timeout = 120);

Test(reorg_wide, a_gap_that_begins_with_a_fork_goes_back_and_takes_the_other_branch)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);
    uint32_t tip = chain_blocks(chain) - 1;

    chain_fork(chain, tip - 4);
    chain_extend(chain, HEAD_AHEAD_MAX + 10);
    chain_show(chain, chain_blocks(chain) - 1);
    stage_until(&stage, stands_at_the_head, 400);
    cr_assert(eq(u64, stage.state->counters.reorgs, 1));
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    cr_assert(eq(u64, stage.state->follow.gap.from, chain_number(chain, tip - 4)));
    bytes_equal_afresh(&stage);
    chain_free(chain);
}

Test(reorg_wide, a_node_that_flips_between_two_branches_head_by_head_is_followed)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);
    uint32_t tip = chain_blocks(chain) - 1;

    for (uint32_t i = 0; i < 12; i++) {
        chain_branch(chain, tip - 11, 100 + i % 2);
        chain_show(chain, tip - 11 + i);
        stage_until(&stage, stands_at_the_head, 400);
        cr_assert(eq(str, (char *)stage.state->not_ready, ""));
    }
    cr_assert(eq(u64, stage.state->counters.reorgs, 12));
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    bytes_equal_afresh(&stage);
    chain_free(chain);
}

static bool reads_history(const struct stage *stage)
{
    return stage->state->history.state == HISTORY_RUNNING;
}

static bool reads_headers(const struct stage *stage)
{
    return stage->state->pin.state == PIN_RUNNING && stage->state->pin.known == 1;
}

static bool reads_logs_by_hash(const struct stage *stage)
{
    return stage->state->pin.state == PIN_RUNNING && stage->state->pin.known > 1;
}

/* A keeper that starts while the chain forks at that moment. */
static void flips_while(bool (*is_so)(const struct stage *stage))
{
    struct settings settings;
    STAGE old;
    STAGE stage;
    struct chain *chain = a_long_walk(&old, &settings);

    stage_make(&stage, chain, &settings);
    stage.trusts = true;
    stage_until(&stage, is_so, 400);
    chain_fork(chain, chain_blocks(chain) - 5);
    stage_until(&stage, stands_at_the_head, 600);
    bytes_equal_afresh(&stage);
    chain_free(chain);
}

Test(reorg_wide, a_node_that_flips_while_its_history_is_read_misses_nobody)
{
    flips_while(reads_history);
}

Test(reorg_wide, a_node_that_flips_while_headers_are_read_misses_nobody)
{
    flips_while(reads_headers);
}

Test(reorg_wide, a_node_that_flips_while_logs_are_read_by_hash_misses_nobody)
{
    flips_while(reads_logs_by_hash);
}

/* The head leaps over blocks that were made at once. */
static void leaps(uint32_t blocks)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);

    chain_bulk(chain, blocks);
    chain_show(chain, chain_blocks(chain) - 1);
    stage_until(&stage, stands_at_the_head, 400);
    cr_assert(eq(u64, stage.state->counters.reorgs, 0));
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    bytes_equal_afresh(&stage);
    chain_free(chain);
}

Test(reorg_wide, a_few_blocks_that_name_no_parent_are_leapt_over)
{
    leaps(12);
}

Test(reorg_wide, many_blocks_that_name_no_parent_are_leapt_over)
{
    leaps(3 * PIN_BLOCKS);
}

Test(reorg_wide, a_fork_to_blocks_that_name_no_parent_goes_back_and_takes_them)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);
    uint32_t tip = chain_blocks(chain) - 1;

    chain_fork(chain, tip - 4);
    chain_bulk(chain, 12);
    chain_show(chain, chain_blocks(chain) - 1);
    stage_until(&stage, stands_at_the_head, 400);
    cr_assert(eq(u64, stage.state->counters.reorgs, 1));
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    bytes_equal_afresh(&stage);
    chain_free(chain);
}
