/* The chain changes its mind: what was read of blocks that never were is read anew. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "tests/turn/walk.h"

TestSuite(reorg, .timeout = 120);

#define DEPTH_MAX 10

/* A fork of that depth in the midst of the crash, its tip one block higher than the old one. */
static void forks(uint32_t depth)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct settings settings = dry_settings(chain);
    uint32_t tip = chain_blocks(chain) / 2 + 1;
    char forked_at[64];
    STAGE stage;
    STAGE fresh;

    cr_assert(tip > DEPTH_MAX);
    stage_make(&stage, chain, &settings);
    stage.trusts = true;
    walk_to(&stage, tip);
    cr_assert(eq(u64, stage.state->counters.reorgs, 0));
    chain_fork(chain, tip - depth + 1);
    chain_show(chain, tip + 1);
    stage_until(&stage, stands_at_the_head, 400);
    stage_make(&fresh, chain, &settings);
    fresh.trusts = true;
    stage_until(&fresh, stands_at_the_head, 400);
    mirror_equals(stage.state, fresh.state);
    cr_assert(eq(u64, stage.state->counters.reorgs, 1));
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    snprintf(forked_at, sizeof(forked_at), "\"fork_block\":%lu,\"old_head\":%lu",
             chain_number(chain, tip - depth), chain_number(chain, tip));
    cr_assert(eq(sz, lines_with(&stage.events, "\"event\":\"reorg\"", forked_at), 1), "depth %u",
              depth);
    chain_free(chain);
}

Test(reorg, of_one_block_leaves_the_mirror_as_if_made_afresh)
{
    forks(1);
}

Test(reorg, of_three_blocks_leaves_the_mirror_as_if_made_afresh)
{
    forks(3);
}

Test(reorg, of_ten_blocks_leaves_the_mirror_as_if_made_afresh)
{
    forks(DEPTH_MAX);
}

Test(reorg, of_every_depth_that_is_followed_leaves_the_mirror_as_if_made_afresh)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);

    for (uint32_t depth = 1; depth <= HEAD_FORK_MAX; depth++) {
        fork_at_once(&stage, depth);
        cr_assert(eq(u64, stage.state->counters.reorgs, depth));
        cr_assert(eq(u64, stage.state->counters.resyncs, 0), "depth %u: %s", depth,
                  text_string(&stage.notes));
        if (depth < 4 || depth % 12 == 0 || depth == HEAD_FORK_MAX)
            bytes_equal_afresh(&stage);
    }
    chain_free(chain);
}

Test(reorg, that_goes_deeper_is_said_and_everything_is_read_again)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);

    fork_at_once(&stage, HEAD_FORK_MAX + 2);
    cr_assert(eq(u64, stage.state->counters.resyncs, 1));
    cr_assert(eq(sz, lines_with(&stage.events, "\"event\":\"resync\"", "deeper than the 64"), 1));
    cr_assert_not_null(strstr(text_string(&stage.notes), "deeper than the 64 blocks"));
    bytes_equal_afresh(&stage);
    chain_free(chain);
}

Test(reorg, after_reorg_at_every_head_costs_no_resynchronisation)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);

    for (uint32_t i = 1; i <= 20; i++)
        fork_at_once(&stage, 1 + i % 2);
    cr_assert(eq(u64, stage.state->counters.reorgs, 20));
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    bytes_equal_afresh(&stage);
    chain_free(chain);
}

Test(reorg, that_sets_the_chain_back_and_leaves_it_there_is_followed)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);

    chain_show(chain, chain_blocks(chain) - 30);
    stage_until(&stage, stands_at_the_head, 400);
    cr_assert(eq(u64, stage.state->counters.reorgs, 1));
    bytes_equal_afresh(&stage);
    walk_to(&stage, chain_blocks(chain) - 20);
    bytes_equal_afresh(&stage);
    chain_free(chain);
}

static bool says_why(const struct stage *stage)
{
    return !stage->state->is_ready &&
           strcmp(stage->state->not_ready, "the node does not know the newest block yet") == 0;
}

Test(reorg, or_a_node_that_lags_behind_the_one_that_told_the_head_is_said_and_outlived)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);

    chain_extend(chain, 1);
    chain_show(chain, chain_blocks(chain) - 1);
    chain_spoil(chain, CHAIN_TERMS, 1,
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,"
                "\"message\":\"header not found\"}}");
    stage_until(&stage, says_why, 400);
    stage_until(&stage, stands_at_the_head, 400);
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    bytes_equal_afresh(&stage);
    chain_free(chain);
}

static bool names_the_lie(const struct stage *stage)
{
    return !stage->state->is_ready &&
           strcmp(stage->state->not_ready, "a header whose number does not follow its parent's") ==
               0;
}

Test(reorg, or_a_head_that_lies_about_its_number_is_refused_with_the_reason)
{
    struct settings settings;
    STAGE stage;
    struct chain *chain = a_long_walk(&stage, &settings);

    chain_extend(chain, 1);
    chain_lie(chain, true);
    chain_show(chain, chain_blocks(chain) - 1);
    stage_until(&stage, names_the_lie, 400);
    cr_assert_not_null(
        strstr(text_string(&stage.notes), "no head: a header whose number does not follow"));
    chain_lie(chain, false);
    stage_until(&stage, stands_at_the_head, 400);
    chain_free(chain);
}

/* The control: without a fork too the mirror of many small steps is that of one large one. */
Test(reorg, or_none_the_mirror_is_as_if_made_afresh)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct settings settings = dry_settings(chain);
    STAGE stage;
    STAGE fresh;

    stage_make(&stage, chain, &settings);
    stage.trusts = true;
    walk_to(&stage, chain_blocks(chain) - 1);
    stage_make(&fresh, chain, &settings);
    fresh.trusts = true;
    stage_until(&fresh, stands_at_the_head, 400);
    mirror_equals(stage.state, fresh.state);
    chain_free(chain);
}
